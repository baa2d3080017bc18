/** `mailcheck init`: it writes what the DNS says, overwrites nothing, and lets no text of the network into a file. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/cli/config/schema.ts';
import { CLI, mailcheck, startWorld, type World } from '../world/world.ts';

const KEY = 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld({
    dns: {
      apexes: ['example.com', 'example.net', 'example.org', 'example.edu'],
      zone: {
        'example.com': { MX: ['10 mail.example.com'], NS: ['ns.example.com'] },
        'mail.example.com': { A: ['192.0.2.25'], AAAA: ['2001:db8::25'] },
        '25.2.0.192.in-addr.arpa': { PTR: ['mail.example.com'] },
        'default._domainkey.example.com': { TXT: [KEY] },
        // The mail of this domain is received by somebody else.
        'example.net': { MX: ['10 mx.example.com'], NS: ['ns.example.net'] },
        'mx.example.com': { A: ['192.0.2.26'] },
        // One name server of the addresses is broken.
        'example.edu': { MX: ['10 mail.example.edu'], NS: ['ns.example.edu'] },
        'mail.example.edu': 'servfail',
        // What a hostile zone may hold.
        'example.org': { MX: ['10 a: {b}\n#.example.org', '20 mail.example.org'], NS: ['ns.example.org'] },
        'mail.example.org': { A: ['192.0.2.27'] },
        '27.2.0.192.in-addr.arpa': { PTR: ['x"\n  - evil: [\u001b[31m.example.org'] },
      },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailcheck-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const init = (...args: string[]) => mailcheck(['init', ...args, '--dns', world.dns.server, '--output-dir', folder]);
const configFile = (): string => join(folder, 'mailcheck.config.yaml');
const written = (): unknown => parse(readFileSync(configFile(), 'utf8'));

describe('without a terminal', () => {
  test('it writes what the DNS says, which is a configuration that the check takes', async () => {
    const { code, stdout, stderr } = await init('example.com');
    expect([code, stderr]).toEqual([0, '']);
    expect(written()).toEqual({
      targets: [
        {
          domain: 'example.com',
          ips: ['192.0.2.25', '2001:db8::25'],
          helo: 'mail.example.com',
          selectors: ['default'],
        },
      ],
      failOn: 'error',
    });
    expect(configSchema.safeParse(written()).success).toBe(true);
    expect(readFileSync(configFile(), 'utf8')).toContain('# The HELO name that the server announces.\n    helo:');
    expect(stdout).toContain(`Wrote ${configFile()}\n`);
    expect(stdout).toContain(`  mailcheck --config ${configFile()}\n`);
    expect(stdout).toContain('  mailcheck records example.com 192.0.2.25 2001:db8::25\n');
    const plan = await mailcheck(['--config', configFile(), '--print-config']);
    expect(JSON.parse(plan.stdout)).toMatchObject({ targets: [{ domain: 'example.com', helo: { source: 'file' } }] });
  });

  test('what is given takes the place of what is found', async () => {
    const given = ['--ip', '192.0.2.9', '--helo', 'out.example.com', '--selector', 's1,s2'];
    const { code } = await init('example.com', ...given);
    expect(code).toBe(0);
    expect(written()).toMatchObject({
      targets: [{ domain: 'example.com', ips: ['192.0.2.9'], helo: 'out.example.com', selectors: ['s1', 's2'] }],
    });
  });

  test('the addresses of a mailbox provider are not taken for those that send', async () => {
    const { stderr } = await init('example.net');
    expect(written()).toEqual({ targets: [{ domain: 'example.net' }], failOn: 'error' });
    expect(stderr).toContain('the MX host mx.example.com is not below example.net');
    expect(stderr).toContain('no address (--ip)');
  });

  test('a hostile zone puts nothing into the file', async () => {
    const { stdout, stderr } = await init('example.org');
    expect(written()).toEqual({
      targets: [{ domain: 'example.org', ips: ['192.0.2.27'], helo: 'mail.example.org' }],
      failOn: 'error',
    });
    expect(stdout + stderr + readFileSync(configFile(), 'utf8')).not.toMatch(/evil|\u001b/);
  });

  test('without a resolver it says so, and writes what was given', async () => {
    const { code, stderr } = await mailcheck([
      ...['init', 'example.com', '--ip', '192.0.2.9', '--dns', '127.0.0.1:1', '--output-dir', folder],
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^mailcheck: No DNS server can be reached: 127\.0\.0\.1#1 /);
    expect(stderr).toContain('some DNS questions got no answer');
    expect(written()).toEqual({ targets: [{ domain: 'example.com', ips: ['192.0.2.9'] }], failOn: 'error' });
  });

  test('an MX host whose addresses cannot be looked up leaves the file incomplete, which is said', async () => {
    const { code, stderr } = await init('example.edu');
    expect(code).toBe(3);
    expect(stderr).toContain('some DNS questions got no answer');
    expect(written()).toMatchObject({ targets: [{ domain: 'example.edu' }] });
  });

  test.each([
    ['github', '.github/workflows/mailcheck.yml', 'jobs'],
    ['gitlab', '.gitlab-ci.yml', 'mail'],
  ])('--ci %s writes %s', async (kind, file, key) => {
    const { code, stdout } = await init('example.com', '--ci', kind);
    expect(code).toBe(0);
    const text = readFileSync(join(folder, file), 'utf8');
    expect(parse(text)).toHaveProperty(key);
    expect(text).toContain('--config mailcheck.config.yaml');
    expect(stdout).toMatch(/MAILCHECK_REPOSITORY and MAILCHECK_COMMIT/);
  });
});

test('a configuration that exists is kept, and --ci adds the file for CI', async () => {
  writeFileSync(configFile(), 'mine');
  const { code, stdout, stderr } = await init('example.com', '--ci', 'gitlab');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`Kept ${configFile()} as it is\nWrote ${join(folder, '.gitlab-ci.yml')}\n`);
  expect(readFileSync(configFile(), 'utf8')).toBe('mine');
  expect(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8')).toContain('--config mailcheck.config.yaml');
});

describe('a file is never overwritten', () => {
  test.each([
    ['mailcheck.config.yaml', []],
    ['mailcheck.config.json', []],
    ['.gitlab-ci.yml', ['--ci', 'gitlab']],
  ])('%s', async (name, args) => {
    writeFileSync(join(folder, name), 'mine');
    const { code, stdout, stderr } = await init('example.com', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `mailcheck: "${join(folder, name)}" exists already, and is never overwritten. Rename it, or use --output-dir\n`,
    );
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
  });
});

test.each([
  [[], 'which domain? Type: mailcheck init example.com'],
  [['example'], 'is not a domain name'],
  [['example.com', '--ip', '192.0.2'], 'is not an IP address'],
  [['example.com', '--ci', 'jenkins'], 'Type one of: github, gitlab, none'],
  [['example.com', '--selector', '-x-'], '"-x-" is not a DKIM selector'],
])('%j is wrong usage, in one line', async (args, words) => {
  const { code, stdout, stderr } = await init(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(existsSync(configFile())).toBe(false);
});

/**
 * Runs the command on a terminal (util-linux' script), and types each answer once its question is shown. It
 * ends when the command does.
 */
function onTerminal(answers: readonly (readonly [question: string, answer: string])[]) {
  const command = `"${process.execPath}" "${CLI}" init --dns ${world.dns.server} --output-dir ${folder}; echo "code $?"`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise<string>((resolve) => {
    let output = '';
    let seen = 0;
    const open = [...answers];
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const [next] = open;
      if (next === undefined || output.indexOf(next[0], seen) < 0) return;
      seen = output.length;
      open.shift();
      child.stdin.write(next[1]);
    });
    child.on('close', () => resolve(output));
  });
}

describe('on a terminal', () => {
  test('it asks, proposes what was found, and asks again after a wrong answer', async () => {
    const output = await onTerminal([
      ['Domain that mail is sent for: ', 'nonsense\n'],
      ['Domain that mail is sent for: ', 'example.com\n'],
      ['[192.0.2.25, 2001:db8::25]: ', '192.0.2.25\n'],
      ['[mail.example.com]: ', '\n'],
      ['DKIM selectors [default]: ', '\n'],
      ['[none]: ', 'github\n'],
    ]);
    expect(output).toContain('"nonsense" is not a domain name');
    expect(output).toContain('code 0');
    expect(written()).toMatchObject({
      targets: [{ domain: 'example.com', ips: ['192.0.2.25'], helo: 'mail.example.com', selectors: ['default'] }],
    });
    expect(existsSync(join(folder, '.github/workflows/mailcheck.yml'))).toBe(true);
  });

  test('Ctrl-C ends with 130 and leaves no file', async () => {
    const output = await onTerminal([
      ['Domain that mail is sent for: ', 'example.com\n'],
      ['[192.0.2.25, 2001:db8::25]: ', '\u0003'],
    ]);
    expect(output).toContain('code 130');
    expect(readdirSync(folder)).toEqual([]);
  });
});
