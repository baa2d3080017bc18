/** Adding an option is adding a row; where its setting is new, the setting is declared once besides. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyOfTree } from '../../copy-of-tree.ts';
import { startWorld } from '../../world/world.ts';

const ROWS = 'src/cli/options/check-options.ts';
const SETTINGS = 'src/check/settings.ts';

/** It sets what is a setting already. Its key is not that of an option which only programs have (`submissionPorts`). */
const oldSetting = `  submissionPort: {
    flags: '--submission-port <port>',
    help: 'submission port that is tested (repeatable)',
    takes: 'list',
    config: { key: 'testedPorts', help: 'Submission ports that are tested' },
    sets: (ports, { parsePort }) => ({ submissionPorts: ports.map(parsePort) }),
  },
`;

/** Its setting is new. */
const newSetting = `  addedClass: {
    flags: '--added-class <class>',
    help: 'a class that was added',
    takes: 'choice',
    choices: ['plain', 'fancy'],
    config: { help: 'A class that was added' },
    sets: (addedClass) => ({ addedClass }),
  },
  addedWait: {
    flags: '--added-wait <seconds>',
    help: 'a time that was added',
    takes: 'seconds',
    default: '1.5',
    config: { level: 'run', help: 'A time that was added' },
  },
`;

const setting = `  /** A class that was added. */
  addedClass: z.string().exactOptional(),
`;

const copy = copyOfTree();
const directory = mkdtempSync(join(tmpdir(), 'mailcheck-added-'));
const config = join(directory, 'mailcheck.config.json');

const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [copy.cli, ...args], { cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

beforeAll(() => {
  copy.insert(ROWS, '  timeout: timeout(', `${oldSetting}${newSetting}`);
  copy.change(SETTINGS, (text) => text.replace(/(recordedSettings = z\.\w+\(\{\n)/, `$1${setting}`));
  copy.build();
  writeFileSync(config, JSON.stringify({ testedPorts: ['2587'], addedClass: 'fancy', addedWait: 3 }));
}, 120_000);
afterAll(() => {
  copy.remove();
  rmSync(directory, { recursive: true, force: true });
});

describe('a row alone is an option', () => {
  test('of the help, the manual page and the completion of every shell', async () => {
    const { stdout } = await run('--help');
    const help = stdout.replace(/\s+/g, ' ');
    expect(help).toContain('--submission-port <port> submission port that is tested (repeatable)');
    expect(help).toContain('--added-class <class> a class that was added (choices: "plain", "fancy")');
    const page = readFileSync(join(copy.folder, 'dist/man/mailcheck.1'), 'utf8');
    expect(page).toContain('submission\\-port');
    expect(page).toContain('a time that was added');
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout: script } = await run('completion', shell);
      expect(script, shell).toContain('submission-port');
      expect(script, shell).toContain('fancy');
    }
  });

  test('of the configuration: its schema, what is read, and what --print-config shows', async () => {
    const schema = JSON.parse(readFileSync(join(copy.folder, 'dist/config.schema.json'), 'utf8'));
    const target = schema.properties.targets.items.properties;
    expect(target.testedPorts).toMatchObject({ type: 'array', description: 'Submission ports that are tested' });
    expect(target.addedClass).toMatchObject({ enum: ['plain', 'fancy'] });
    expect(target).not.toHaveProperty('addedWait');
    expect(schema.properties.addedWait).toMatchObject({ type: 'number', minimum: 0 });
    const { stdout } = await run('example.com', '203.0.113.5', '--added-class', 'plain', '--print-config');
    expect(JSON.parse(stdout)).toMatchObject({
      addedWait: { value: 3, source: 'file' },
      targets: [
        {
          testedPorts: { value: ['2587'], source: 'file' },
          addedClass: { value: 'plain', source: 'command line' },
        },
      ],
    });
  });

  test('whose wrong value is told with its place', async () => {
    const typed = await run('example.com', '203.0.113.5', '--no-config', '--submission-port', 'x');
    expect(typed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^mailcheck: --submission-port: "x" is not a/),
    });
    writeFileSync(join(directory, 'wrong.json'), '{"testedPorts": ["x"]}');
    const configured = await run('example.com', '203.0.113.5', '--config', 'wrong.json');
    expect(configured.stderr).toMatch(/^mailcheck: wrong\.json:1:17: testedPorts: "x" is not a port/);
  });
});

test('a setting that is declared once is in the settings of a run, and of its recording', async () => {
  const world = await startWorld({ dns: { zone: { 'example.com': { TXT: [] } } } });
  const file = join(directory, 'run.json');
  const { stderr } = await run('example.com', '203.0.113.5', '--only', 'spf', '--record', file, ...world.args);
  await world.close();
  expect(stderr).not.toMatch(/bug/);
  const { runs } = JSON.parse(readFileSync(file, 'utf8'));
  expect(runs[0].settings).toMatchObject({ submissionPorts: [2587], addedClass: 'fancy' });
});
