/** What is written: whole or not at all, never through a link, and readable by whom it concerns. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readOptionFile } from '../../src/cli/options/files.ts';
import { writeFileAtomically } from '../../src/cli/terminal/output.ts';
import { refusalOfSpecial } from '../../src/cli/terminal/special-file.ts';
import { UsageError } from '../../src/usage-error.ts';
import { CLI, mailcheck } from '../world/world.ts';

const execFileAsync = promisify(execFile);

let directory = '';
let umask = 0;
const at = (name: string): string => join(directory, name);
const modeOf = (name: string): string => (statSync(at(name)).mode & 0o7777).toString(8);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailcheck-files-'));
  umask = process.umask(0o022);
});
afterEach(() => {
  process.umask(umask);
  rmSync(directory, { recursive: true, force: true });
});

describe('a report', () => {
  test('is readable by all, as far as the umask lets it', async () => {
    await writeFileAtomically(at('report'), 'text');
    expect(modeOf('report')).toBe('644');
    process.umask(0o077);
    await writeFileAtomically(at('private'), 'text');
    expect(modeOf('private')).toBe('600');
    expect(readdirSync(directory).sort()).toEqual(['private', 'report']);
  });

  test('replaces a link, and leaves alone what the link leads to', async () => {
    writeFileSync(at('precious'), 'precious');
    symlinkSync(at('precious'), at('report'));
    symlinkSync(at('nothing'), at('dangling'));
    await writeFileAtomically(at('report'), 'text');
    await writeFileAtomically(at('dangling'), 'text');
    expect(readFileSync(at('precious'), 'utf8')).toBe('precious');
    for (const name of ['report', 'dangling']) {
      expect(lstatSync(at(name)).isSymbolicLink()).toBe(false);
      expect(readFileSync(at(name), 'utf8')).toBe('text');
    }
    expect(readdirSync(directory)).not.toContain('nothing');
  });

  test('can be written in a directory that everybody writes to', async () => {
    chmodSync(directory, 0o1777);
    await writeFileAtomically(at('report'), 'text');
    expect(readdirSync(directory)).toEqual(['report']);
  });

  test('goes to a pipe as it is, and nothing is put beside it', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reading = new Promise<string>((resolve) => {
      import('node:fs/promises').then(({ readFile }) => readFile(at('pipe'), 'utf8')).then(resolve);
    });
    await writeFileAtomically(at('pipe'), 'text');
    expect(await reading).toBe('text');
    expect(readdirSync(directory)).toEqual(['pipe']);
  });

  test('replaces a link to a pipe, whose reader gets nothing', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync(at('pipe'), at('report'));
    symlinkSync('/dev/null', at('null'));
    for (const name of ['report', 'null']) {
      await writeFileAtomically(at(name), 'text', { mode: 0o600 });
      expect(lstatSync(at(name)).isFile()).toBe(true);
      expect(readFileSync(at(name), 'utf8')).toBe('text');
    }
  });

  test('goes to no pipe or device of another user, and to /dev/null', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const { uid } = statSync(at('pipe'));
    const pipe = statSync(at('pipe'));
    expect(refusalOfSpecial(pipe, uid)).toBeUndefined();
    expect(refusalOfSpecial(Object.assign(statSync(at('pipe')), { uid: uid + 1 }), uid)).toMatch(
      /^it is a pipe of another/,
    );
    expect(refusalOfSpecial(Object.assign(statSync(at('pipe')), { uid: 0 }), uid + 1)).toBeUndefined();
    expect(refusalOfSpecial(Object.assign(statSync('/dev/null'), { uid: 65_534 }), uid)).toBeUndefined();
    expect(refusalOfSpecial(Object.assign(statSync('/dev/ptmx'), { uid: uid + 1 }), uid)).toMatch(/^it is a device of/);
    await writeFileAtomically('/dev/null', 'text');
  });

  test.runIf(process.getuid?.() === 0)('goes to no pipe that a user left for root', async () => {
    execFileSync('mkfifo', ['-m', '666', at('pipe')]);
    chownSync(at('pipe'), 54_321, 54_321);
    await expect(writeFileAtomically(at('pipe'), 'text')).rejects.toThrow(
      /^cannot write ".*pipe": it is a pipe of another user \(number 54321\)$/,
    );
  });

  test('waits for the reader of a pipe, and ends at once when it is interrupted', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const interrupt = new AbortController();
    const waiting = writeFileAtomically(at('pipe'), 'text', { signal: interrupt.signal });
    interrupt.abort(new Error('ended by SIGTERM'));
    await expect(waiting).rejects.toThrow('ended by SIGTERM');
    expect(readdirSync(directory)).toEqual(['pipe']);
  });

  test('larger than a pipe arrives whole', async () => {
    const text = 'x'.repeat(300_000);
    execFileSync('mkfifo', [at('pipe')]);
    const copied = execFileAsync('cat', [at('pipe')], { maxBuffer: 1_000_000 });
    await writeFileAtomically(at('pipe'), text);
    expect((await copied).stdout).toBe(text);
  });

  test('that cannot be put in its place leaves nothing behind', async () => {
    await expect(writeFileAtomically(at('no/such/folder'), 'text')).rejects.toThrow(UsageError);
    await expect(writeFileAtomically(directory, 'text')).rejects.toThrow(UsageError);
    await expect(writeFileAtomically(at('x'.repeat(300)), 'text')).rejects.toThrow(UsageError);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a write that blocks ends at the first signal, with the exit code of the signal', () => {
  const args = [
    'example.com',
    '203.0.113.5',
    '--dns',
    '127.0.0.1:1',
    '--only',
    'dns',
    '--timeout',
    '1',
    '--no-config',
    '-q',
  ];
  const cases: [name: string, options: (pipe: string) => string[]][] = [
    ['a report to a pipe without a reader', (pipe) => ['-f', `json=${pipe}`]],
    ['a recording to a pipe without a reader', (pipe) => ['-f', 'json=/dev/null', '--record', pipe]],
  ];
  test.each(cases)('%s', async (_, options) => {
    execFileSync('mkfifo', [at('pipe')]);
    const child = spawn(process.execPath, [CLI, ...args, '-f', `junit=${at('first')}`, ...options(at('pipe'))], {
      stdio: 'ignore',
    });
    // The first report is written before the one that blocks.
    for await (const { filename } of watch(directory)) if (filename === 'first' && existsSync(at('first'))) break;
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([143, null]);
  });

  test('a report to a pipe that is full', async () => {
    const many = at('many.json');
    const targets = Array.from({ length: 60 }, (_, index) => ({
      domain: `d${index}.example.com`,
      ips: ['203.0.113.5'],
    }));
    writeFileSync(many, JSON.stringify({ targets, dns: ['127.0.0.1:1'], timeout: 1, only: ['dns'] }));
    const child = spawn(process.execPath, [CLI, '--config', many, '-q', '-f', 'json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Nothing more is read after the first octets, so that the pipe fills.
    child.stdout.once('readable', () => child.kill('SIGTERM'));
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([143, null]);
  });
});

describe.runIf(existsSync('/proc/self/fd'))('an open file of the process', () => {
  const command = (options: string): string =>
    `'${process.execPath}' '${CLI}' example.com 203.0.113.5 --dns 127.0.0.1:1 --only dns --timeout 1 --no-config -q ${options}`;
  /** Runs a command line of bash. What is wrong ends it with one line on stderr, and not with the time limit. */
  const run = async (line: string): Promise<{ code: unknown; stderr: string }> =>
    execFileAsync('bash', ['-c', line], { timeout: 60_000 }).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }: { code: unknown; stderr: string }) => ({ code, stderr }),
    );
  const reportsIn = (name: string): number => (readFileSync(at(name), 'utf8').match(/^\{$/gm) ?? []).length;

  test('is written to if the shell passed it', async () => {
    const [report, twice] = [at('report'), at('twice')];
    await run(command(`-f json=/dev/fd/3 3>'${report}'`));
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ verdict: expect.any(String) });
    await run(`{ ${command('-f json=/proc/self/fd/7')} 7>&1 >/dev/null; } | cat >'${twice}'`);
    await run(command(`-f json=/dev/fd/8 8>>'${twice}'`));
    expect(reportsIn('twice')).toBe(2);
    execFileSync('mkfifo', [at('pipe')]);
    await run(`cat '${at('pipe')}' >'${at('piped')}' & ${command(`-f json=/dev/fd/9 9>'${at('pipe')}'`)}; wait`);
    expect(reportsIn('piped')).toBe(1);
  });

  test('is neither written to nor read if Node.js or mailcheck opened it, or nobody', async () => {
    const numbers = [3, 4, 5, 6, 8, 12, 18, 20, 999, '99999999999'];
    const wrong: string[] = [];
    for (const number of numbers) {
      for (const option of [`-f json=/dev/fd/${number}`, `--zone /proc/self/fd/${number}`]) {
        const closed = numbers
          .filter((one) => Number(one) < 999)
          .map((one) => `${one}>&-`)
          .join(' ');
        const { code, stderr } = await run(`${command(option)} </dev/null ${closed}`);
        const isRefused = /^mailcheck: [^\n]*no open file was passed as number \d+\n$/.test(stderr);
        if (code !== 2 || !isRefused) wrong.push(`${option}: ${code} ${stderr}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  test('and the terminal are refused at once where there is none', async () => {
    const { code, stderr } = await run(`setsid -w ${command('-f json=/dev/tty')}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mailcheck: cannot write "\/dev\/tty": nothing is connected to it\n$/);
  });
});

describe('a file that is read', () => {
  test('is no pipe, device or socket, and is refused at once', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync(at('pipe'), at('link'));
    for (const [name, what] of [
      [at('pipe'), 'a pipe'],
      [at('link'), 'a pipe'],
      ['/dev/zero', 'a device'],
    ] as const) {
      await expect(readOptionFile(name)).rejects.toThrow(`is ${what}, not a regular file`);
    }
    await expect(readOptionFile(directory)).rejects.toThrow(UsageError);
    await expect(readOptionFile(at('none'))).rejects.toThrow('there is no such file');
  });

  test('has a largest size', async () => {
    writeFileSync(at('file'), 'x'.repeat(1001));
    await expect(readOptionFile(at('file'), 1000)).rejects.toThrow('is larger than');
    expect((await readOptionFile(at('file'), 1001)).length).toBe(1001);
  });

  test('may be an open file of the process, as a shell passes it', () => {
    const command = `'${process.execPath}' '${CLI}' example.com 203.0.113.5 --dns 127.0.0.1:1 --print-config --no-config`;
    const run = (rest: string) => execFileSync('bash', ['-c', `${command} ${rest}`], { encoding: 'utf8' });
    const record = `echo '@ TXT "v=spf1 -all"'`;
    expect(JSON.parse(run(`--zone <(${record})`)).targets).toHaveLength(1);
    expect(JSON.parse(run(`--zone <(${record}) --zone <(echo 'a A 203.0.113.5')`)).targets).toHaveLength(1);
    expect(
      JSON.parse(execFileSync('bash', ['-c', `${record} | ${command} --zone /dev/stdin`], { encoding: 'utf8' }))
        .targets,
    ).toHaveLength(1);
  });
});

test('a recording is readable by its owner alone, and has no key of a block list in it', async () => {
  const key = 'SpamhausKeyabcdef0123456789';
  const { code } = await mailcheck(
    [
      'example.com',
      '203.0.113.5',
      '--dns',
      '127.0.0.1:1',
      '--only',
      'rbl',
      '--timeout',
      '2',
      '--record',
      at('run.json'),
    ],
    { env: { SPAMHAUS_DQS_KEY: key } },
  );
  expect(code).toBe(3);
  expect(modeOf('run.json')).toBe('600');
  expect(readFileSync(at('run.json'), 'utf8').toLowerCase()).not.toContain(key.toLowerCase());
});
