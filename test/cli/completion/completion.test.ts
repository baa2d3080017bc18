/** What the shells really offer, and that they offer what the program takes. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ruleIds } from '../../../src/check/rules/index.ts';
import { type CommandTree, commandTree } from '../../../src/cli/command-tree.ts';
import { bash } from '../../../src/cli/completion/bash.ts';
import { fish } from '../../../src/cli/completion/fish.ts';
import { SHELLS, valuesOfOption } from '../../../src/cli/completion/values.ts';
import { zsh } from '../../../src/cli/completion/zsh.ts';
import { explanations } from '../../../src/cli/explain/explanations.ts';
import { PLAN_FORMAT_IDS } from '../../../src/cli/plan-file/formats.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { providers } from '../../../src/knowledge/providers/catalogue.ts';
import { formats } from '../../../src/reporters/formats.ts';
import { mailcheck } from '../../world/world.ts';
import { offersOf, shellsHere } from './shells.ts';

const scripts = { bash, zsh, fish };
const tree = commandTree(buildProgram());
const commands = tree.commands.map(({ name }) => name);
const longOptions = (command: CommandTree | undefined): string[] =>
  (command?.options ?? []).map(({ names }) => names.at(-1) ?? '');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailcheck-files-'));
  for (const name of ['new.zone', 'report.json', 'my key.pem']) writeFileSync(join(directory, name), '');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const planFormats = PLAN_FORMAT_IDS.map((id) => `${id}=`);
const spf = tree.commands.find(({ name }) => name === 'spf');

const cases: [line: string, offers: readonly string[]][] = [
  ['mailcheck ', commands],
  ['mailcheck re', ['records']],
  ['mailcheck in', ['init']],
  ['mailcheck init example.com --ci ', ['github', 'gitlab', 'none']],
  ['mailcheck --js', ['--json']],
  ['mailcheck --no-c', ['--no-color', '--no-config']],
  ['mailcheck --', longOptions(tree)],
  ['mailcheck --on', ['--on-host', '--only']],
  ['mailcheck example.com --on', ['--on-host', '--only']],
  ['mailcheck example.com 203.0.113.5 --dkim', ['--dkim-key']],
  // The second word is an address by then, whatever it is named.
  ['mailcheck example.com sp', []],
  ['mailcheck example.com spf --vol', ['--volume']],
  ['mailcheck example.com 2001:db8::5 --vol', ['--volume']],
  ['mailcheck --helo mail.example.com s', ['spf']],
  ['mailcheck --helo spf --prov', ['--provider']],
  ['mailcheck --helo=mail.example.com s', ['spf']],
  ['mailcheck --allow-inconclusive spf --prov', ['--provider']],
  ['mailcheck --helo ', []],
  ['mailcheck -- --', []],
  ['mailcheck spf --', longOptions(spf)],
  ['mailcheck spf 203.0.113.5 --he', ['--helo', '--help']],
  ['mailcheck spf 203.0.113.5 user@example.com -f ', ['json', 'pretty']],
  ['mailcheck records example.com 203.0.113.5 --format ', [...new Set(['json', 'table', ...PLAN_FORMAT_IDS])]],
  ['mailcheck --only ', ruleIds],
  ['mailcheck --skip=', ruleIds.map((id) => `--skip=${id}`)],
  ['mailcheck --only spf,p', ['spf,provider', 'spf,ptr']],
  ['mailcheck --only=spf,p', ['--only=spf,provider', '--only=spf,ptr']],
  ['mailcheck --only spf,ptr,zz', []],
  ['mailcheck --volume ', ['bulk', 'low']],
  ['mailcheck --vantage=s', ['--vantage=same-network', '--vantage=self']],
  ['mailcheck --provider hetzner-', ['hetzner-cloud', 'hetzner-robot']],
  ['mailcheck --provider ', providers.map(({ id }) => id)],
  ['mailcheck providers hetzner-c', ['hetzner-cloud']],
  ['mailcheck explain ', explanations.map(({ code }) => code)],
  ['mailcheck explain ptr/m', ['ptr/malformed-name', 'ptr/missing', 'ptr/multiple']],
  ['mailcheck --format ', formats],
  ['mailcheck -f js', ['json']],
  ['mailcheck --format=js', ['--format=json']],
  ['mailcheck -f json=rep', ['json=report.json']],
  ['mailcheck --format=json=rep', ['--format=json=report.json']],
  ['mailcheck -f pretty -f json=rep', ['json=report.json']],
  ['mailcheck --plan zo', ['zone=']],
  ['mailcheck --plan n', ['new.zone', ...planFormats.filter((value) => value.startsWith('n'))]],
  [
    'mailcheck --plan=n',
    ['new.zone', ...planFormats.filter((value) => value.startsWith('n'))].map((offer) => `--plan=${offer}`),
  ],
  ['mailcheck --plan zone=n', ['zone=new.zone']],
  ['mailcheck --zone n', ['new.zone']],
  ['mailcheck --zone=n', ['--zone=new.zone']],
  ['mailcheck -o rep', ['report.json']],
  ['mailcheck completion ', SHELLS],
  ['mailcheck help pro', ['providers']],
];

/** Short options too are offered where only dashes are typed; the long ones must all be there. */
const longOnes = (offers: readonly string[], line: string): readonly string[] =>
  line.endsWith(' --') ? offers.filter((offer) => offer.startsWith('--')) : offers;

describe.each(shellsHere)('%s', (shell) => {
  test('offers what may come next', async () => {
    const { code, stdout: script } = await mailcheck(['completion', shell]);
    expect(code).toBe(0);
    const lines = cases.map(([line]) => line);
    const offered = offersOf(shell, script, lines, directory);
    expect(Object.fromEntries(lines.map((line, index) => [line, longOnes(offered[index] ?? [], line)]))).toEqual(
      Object.fromEntries(cases.map(([line, offers]) => [line, [...offers].sort()])),
    );
  }, 120_000);

  test('reads nothing in a description or value as its own language', () => {
    const evil = "$(touch pwned) `touch pwned` '; touch pwned; ' \" ] [ : \\ \n touch pwned \n {a,b} ~ * %s \u001b[31m";
    const choices = ['plain', '$(touch>pwned)', "qu'ote", 'col:on'];
    const hostile: CommandTree = {
      name: 'mailcheck',
      description: evil,
      usage: evil,
      operands: [{ name: 'word', description: evil, required: false, repeatable: false }],
      options: [
        {
          names: ['-e', '--evil'],
          description: evil,
          group: evil,
          value: { placeholder: evil, optional: false, choices },
          repeatable: false,
        },
        { names: ['--flag'], description: evil, group: evil, value: null, repeatable: false },
      ],
      commands: [{ name: 'sub', description: evil, usage: evil, operands: [], options: [], commands: [] }],
    };
    const before = readdirSync(directory);
    const script = scripts[shell](hostile);
    const lines = ['mailcheck --', 'mailcheck --evil pl', 'mailcheck --evil ', 'mailcheck s'];
    const [options, one, all, command] = offersOf(shell, script, lines, directory);
    expect(options).toEqual(['--evil', '--flag']);
    expect(one).toEqual(['plain']);
    expect(all).toHaveLength(choices.length);
    expect(command).toEqual(['sub']);
    expect(readdirSync(directory)).toEqual(before);
    expect(script).not.toContain('\u001b');
  }, 60_000);
});

test('every option that takes a value offers some, but for those whose value only the user knows', () => {
  const known = new Set(
    [
      'domain',
      'name',
      'ip',
      'server[:port]',
      'zone',
      'port',
      'mailbox',
      'seconds',
      'time',
      'host[:port]',
      'host:port',
      'n',
      'rates',
      'address',
      'i/n',
      'tag',
      'text',
      'url',
    ].concat('ip:port:ip:port'),
  );
  const silent = [tree, ...tree.commands].flatMap(({ name, options }) =>
    options
      .filter((option) => option.value !== null && valuesOfOption(option).kind === 'free')
      .filter(({ value }) => !known.has(value?.placeholder ?? ''))
      .map(({ names }) => `${name} ${names.at(-1)}`),
  );
  expect(silent).toEqual([]);
});

test.each(tree.commands.filter(({ options }) => options.some(({ names }) => names.includes('--format'))))(
  'the formats of $name are those it takes',
  async ({ name, operands, options }) => {
    const words = operands.filter(({ required }) => required).map(({ name: operand }) => EXAMPLES[operand] ?? 'x');
    const { code, stderr } = await mailcheck([name, ...words, ...(NEEDED[name] ?? []), '--format', 'nonsense']);
    const taken = /Type one of: (.+)/.exec(stderr)?.[1]?.split(', ');
    const format = options.find(({ names }) => names.includes('--format'));
    const offered = format === undefined ? undefined : valuesOfOption(format);
    expect(taken).toEqual(
      offered !== undefined && 'choices' in offered ? offered.choices.map(({ value }) => value) : null,
    );
    expect(code).toBe(2);
  },
);

/** Operands that stand before the format is looked at. */
const EXAMPLES: Readonly<Record<string, string>> = {
  domain: 'example.com',
  ip: '203.0.113.5',
  'ip|network': '203.0.113.5',
  sender: 'example.com',
};

/** Options without which a command says that they are missing. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { watch: ['--state', 'not-made'] };

test('an unknown shell is named with the nearest one', async () => {
  const { code, stdout, stderr } = await mailcheck(['completion', 'fihs']);
  expect(stderr).toBe(
    'mailcheck: there is no completion for "fihs" (did you mean fish?). Type one of: bash, zsh, fish\n',
  );
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('help prints the help of a command, and names what it does not know', async () => {
  const [whole, asOption, own, unknown] = await Promise.all([
    mailcheck(['help']),
    mailcheck(['--help']),
    mailcheck(['help', 'records']),
    mailcheck(['help', 'nope']),
  ]);
  expect(whole).toEqual(asOption);
  expect(own).toEqual(await mailcheck(['records', '--help']));
  expect(own.stdout).toMatch(/^Usage: mailcheck records/);
  expect(unknown).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^mailcheck: there is no command "nope"/),
  });
});
