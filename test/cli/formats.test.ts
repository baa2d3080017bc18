import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPlugin } from '../../src/cli/terminal/plugin.ts';
import { formats } from '../../src/reporters/formats.ts';
import { HOSTILE, harmless } from '../reporters/hostile-strings.ts';
import { proofs } from '../reporters/proofs.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones, type Finished, mailcheck, reversed, startWorld, type World } from '../world/world.ts';

let world: World;
let directory = '';

beforeAll(async () => {
  world = await startWorld(scenes.fresh.world);
  directory = await mkdtemp(join(tmpdir(), 'mailcheck-formats-'));
});

afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

/** A short run that fails. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return mailcheck([...scenes.fresh.args, ...world.args, '--only', 'ptr,spf', '--quiet', ...args], { env });
}

const inDirectory = (name: string): string => join(directory, name);
const content = (name: string): Promise<string> => readFile(inDirectory(name), 'utf8');

describe('where reports go', () => {
  test('several formats at once: one to stdout, the others to their files', async () => {
    const others = formats.filter((format) => format !== 'pretty');
    const finished = await run([
      ...['-f', 'pretty'],
      ...others.flatMap((format) => ['-f', `${format}=${inDirectory(`report.${format}`)}`]),
    ]);
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 1, stderr: '' });
    expect(finished.stdout).toMatch(/^FAIL: 2 of 2 checks failed \(ptr, spf\)\./);
    for (const format of others) await proofs[format]?.(await content(`report.${format}`));
    expect((await readdir(directory)).sort()).toEqual(others.map((format) => `report.${format}`).sort());
  });

  test('nagios on stdout: one line and the exit codes of a plugin, also for wrong options', async () => {
    const finished = await run(['-f', `json=${inDirectory('beside.json')}`, '--format=nagios']);
    expect(finished.code).toBe(2);
    expect(finished.stdout).toMatch(
      /^MAILCHECK CRITICAL - example\.net 198\.51\.100\.7: [^|\n]*ptr\/missing[^|\n]*\|targets=1;[^\n]*\n$/,
    );
    for (const [wrong, why] of [
      [['--no-such-option'], 'there is no option --no-such-option'],
      [['--fail-on', 'never', '--wait', '1m'], '--wait and --fail-on never contradict each other'],
      [['-f', `json=${inDirectory('missing/x.json')}`], 'cannot write'],
      [['--record', inDirectory('missing/x.json')], 'cannot write'],
      [['--plan', `zone=${inDirectory('missing/x.zone')}`], 'cannot write'],
    ] as const) {
      const { code, stdout } = await run(['-f', 'nagios', ...wrong]);
      expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 3, lines: 2 });
      expect(stdout).toContain(`MAILCHECK UNKNOWN - ${why}`);
    }
  });

  test.each([
    [['-f', 'nagios'], true],
    [['-fnagios', 'example.com'], true],
    [['--format=nagios'], true],
    [['-qf', 'nagios'], true],
    [['-f', 'nagios=a.txt'], false],
    [['-f', 'nagios', '-o', 'a.txt'], false],
    [['-f', 'json', '--', '-f', 'nagios'], false],
    [['nagios', '-f'], false],
  ])('%j asks for a plugin: %j', (args, expected) => {
    expect(isPlugin(args)).toBe(expected);
  });

  test('a format with a file alone leaves stdout empty', async () => {
    const { code, stdout, stderr } = await run(['-f', `sarif=${inDirectory('alone.sarif')}`]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: '' });
    await proofs.sarif?.(await content('alone.sarif'));
  });

  test('--output names the file of the format that has none', async () => {
    const { stdout } = await run(['-f', 'junit', '-f', `json=${inDirectory('o.json')}`, '-o', inDirectory('o.xml')]);
    expect(stdout).toBe('');
    await proofs.junit?.(await content('o.xml'));
    await proofs.json?.(await content('o.json'));
  });

  test.each([
    [['-f', 'json', '-f', 'pretty'], 'two formats for stdout. Give one of them a file of its own: --format '],
    [['-f', 'json=a.txt', '-f', 'pretty=./a.txt'], 'two formats for '],
    [['-f', 'json=a.txt', '-o', 'b.txt'], 'every --format has its own file, so --output is not needed'],
    [['-f', 'json='], '--format json= has no file name. Type one: --format json=report.txt'],
    [['-f', 'sarfi'], 'unknown format "sarfi" (did you mean sarif?). Type one of: pretty, json, junit, '],
    [['-f', 'git\u001b[2Jhub'], 'unknown format "git\\u001b[2Jhub"'],
  ])('%j is refused before anything is asked', async (args, message) => {
    const before = world.dns.asked.length;
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mailcheck: .*\n$/);
    expect(stderr).toContain(message);
    expect(world.dns.asked.length).toBe(before);
  });

  test('a file that cannot be written is exit code 2, in one line', async () => {
    const { code, stderr } = await run(['-f', `junit=${inDirectory('missing/report.xml')}`]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: cannot write ".*missing\/report\.xml": there is no such folder\n$/);
  });

  test('--help names every format', async () => {
    const { stdout } = await mailcheck(['--help']);
    const line = /--format <format\[=file\]>([\s\S]*?)\n +-/.exec(stdout)?.[1] ?? '';
    expect(formats.filter((format) => !line.includes(format))).toEqual([]);
  });
});

describe('the job summary of a GitHub Actions step', () => {
  const MEBIBYTE = 1024 * 1024;

  async function summarised(before: string, args: readonly string[]): Promise<Finished & { summary: string }> {
    const file = inDirectory(`summary-${before.length}-${args.length}.md`);
    await writeFile(file, before);
    const finished = await run(args, { GITHUB_STEP_SUMMARY: file });
    return { ...finished, summary: await readFile(file, 'utf8') };
  }

  test('gets the Markdown report after what is there already', async () => {
    const { code, stdout, summary } = await summarised('# Before\n', ['-f', 'github']);
    expect(code).toBe(1);
    await proofs.github?.(stdout);
    expect(summary).toMatch(/^# Before\n\n<!-- mailcheck -->\n/);
    await proofs.markdown?.(summary.slice('# Before\n\n'.length));
  });

  test('is left alone by other formats', async () => {
    expect(await summarised('# Before\n', ['-f', 'junit', '-q'])).toMatchObject({ summary: '# Before\n' });
  });

  test('is cut to what GitHub takes, and says so', async () => {
    const { summary } = await summarised('x'.repeat(MEBIBYTE - 2000), ['-f', 'github']);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(MEBIBYTE);
    expect(summary).toMatch(/x\n<!-- mailcheck -->\n[\s\S]*This report was cut to fit: \d+ parts left out\./);
  });

  test('that is full is left as it is, and stderr says so', async () => {
    const full = 'x'.repeat(MEBIBYTE - 20);
    const { code, stderr, summary } = await summarised(full, ['-f', 'github']);
    expect(code).toBe(1);
    expect(stderr).toBe('mailcheck: the job summary of this step is full (1 MiB), so it does not contain the report\n');
    expect(summary.length).toBe(full.length);
  });

  test('that cannot be written is exit code 2, as any report', async () => {
    const folder = inDirectory('a-folder');
    await mkdir(folder);
    const { code, stderr } = await run(['-f', 'github'], { GITHUB_STEP_SUMMARY: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^mailcheck: cannot write ".*a-folder" \(GITHUB_STEP_SUMMARY\): it is not a regular file\n$/,
    );
  });
});

describe('a host that answers in hostile strings', () => {
  const ip = '203.0.113.5';
  /** As bytes of UTF-8, as many as a string of a TXT record has. */
  const strings = Object.values(HOSTILE).map((string) => Buffer.from(string).toString('latin1').slice(0, 200));
  const names = ['::error::x', '##[error]x', '<script>x', '![](x)', '`|`', '@everyone', '\u202ex', '%0A::x::', ']]>'];
  const files = Object.fromEntries(formats.map((format) => [format, `hostile.${format}`]));
  let hostile: World;
  let finished: Finished;

  beforeAll(async () => {
    hostile = await startWorld({
      dns: {
        zone: {
          ...defaultListZones({ 'zen.spamhaus.org': { [reversed(ip)]: { A: ['127.0.0.2'], TXT: strings } } }),
          'example.com': {
            MX: names.map((name) => `10 ${name}.example.com`),
            TXT: [[`v=spf1 include:${names.join('.example.com include:')}.example.com -all`], ...strings],
          },
          '_dmarc.example.com': { TXT: [`v=DMARC1; p=none; x=${strings[3]}; rua=mailto:${strings[12]}@example.com`] },
          's1._domainkey.example.com': { TXT: [`v=DKIM1; k=${strings[13]}; n=${strings[14]}; p=${strings[15]}`] },
          [`${reversed(ip)}.in-addr.arpa`]: { PTR: names.map((name) => `${name}.example.com`) },
        },
        apexes: ['example.com', '113.0.203.in-addr.arpa'],
      },
      hosts: {
        [ip]: { greeting: `220 mail.example.com ${strings.join(' ')} ${'A'.repeat(1_000_000)}` },
      },
    });
    finished = await mailcheck([
      'example.com',
      ip,
      ...hostile.args,
      ...['--selector', 's1', '--verbose', '--quiet', '--timeout', '20'],
      ...formats.flatMap((format) => ['-f', `${format}=${inDirectory(files[format] ?? '')}`]),
    ]);
  });

  afterAll(() => hostile.close());

  test('is judged', async () => {
    expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code: 1, stdout: '' });
    const report = await content('hostile.json');
    for (const trace of ['::error::x', '##[error]x', '<script>', '\\u001b', '@everyone']) {
      expect(report, 'the strings have arrived').toContain(trace);
    }
  });

  test.each(formats)('%s', async (format) => {
    const text = await content(files[format] ?? '');
    for (const string of strings) harmless(text, string);
    await proofs[format]?.(text);
  });
});
