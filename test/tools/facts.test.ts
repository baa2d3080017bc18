/** Tests `npm run facts`: it lists every fact with its day, and stops a release that would print a stale one as confirmed. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closingLines, MTAS } from '../../src/knowledge/mail-servers/mta.ts';
import { sendingNameLines } from '../../src/knowledge/mail-servers/sending-name.ts';
import { INSPECTION_OFF } from '../../src/knowledge/mail-servers/smtp-inspection.ts';
import { tlsLines, tlsLinesOfVersions } from '../../src/knowledge/mail-servers/tls-lines.ts';
import { CODE_FACTS } from '../../tools/facts/code-facts.ts';
import { collectFacts, factsIn, KINDS, WITHOUT_FACTS } from '../../tools/facts/collect.ts';
import type { Fact } from '../../tools/facts/fact.ts';
import { faultsOf, lastDayOf, oldestFirst, stateOf } from '../../tools/facts/judge.ts';
import { faultText, listText } from '../../tools/facts/text.ts';
import { filesBelow } from '../files-below.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = join(root, 'src');
const filesEndingWith = (folder: string, ending: string): string[] =>
  filesBelow(folder).filter((path) => path.endsWith(ending));

const DAY = '2026-11-29';
const fact = (change: Partial<Fact> = {}): Fact => ({
  kind: 'provider',
  id: 'example',
  verifiedOn: '2026-06-01',
  confidence: 'high',
  provenance: 'vendor-page',
  sources: ['https://www.example.net/mail'],
  isMarked: true,
  ...change,
});

describe('what is listed', () => {
  const knowledge = join(source, 'knowledge');
  const rows = filesEndingWith(knowledge, '.json');
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

  test('every folder of data', () => {
    const folders = new Set(rows.map(folderOf));
    expect([...folders].sort()).toEqual([...Object.keys(KINDS), ...WITHOUT_FACTS].sort());
  });

  test('every date in the data, once', () => {
    const texts = rows
      .filter((path) => !WITHOUT_FACTS.includes(folderOf(path)))
      .map((path) => readFileSync(join(knowledge, path), 'utf8'));
    const dates = texts.flatMap((text) => text.match(/"verifiedOn"/g) ?? []);
    expect(dates.length).toBeGreaterThan(200);
    expect(collectFacts()).toHaveLength(dates.length + CODE_FACTS.length);
  });

  test('no advice of a guide has a date, which nobody would list', () => {
    const advice = rows.filter((path) => WITHOUT_FACTS.includes(folderOf(path)));
    expect(advice.filter((path) => readFileSync(join(knowledge, path), 'utf8').includes('verifiedOn'))).toEqual([]);
  });

  test('every table in code: a new source file of the knowledge is listed, or states nothing about others', () => {
    const withoutFacts = [
      'data-folder.ts',
      'dns-hosts/catalogue.ts',
      'dns-hosts/detect.ts',
      'dns-hosts/placeholders.ts',
      'dns-hosts/schema.ts',
      'guides/example.ts',
      'guides/guide.ts',
      'lists/catalogue.ts',
      // Our own limit; those of the operators are in the rows of the lists.
      'lists/rates.ts',
      'lists/schema.ts',
      'lists/shared-resolvers.ts',
      'lists/verdict.ts',
      'lists/zones.ts',
      'mail-servers/configuration-line.ts',
      'providers/catalogue.ts',
      'providers/detect.ts',
      'providers/placeholders.ts',
      'providers/reverse-name.ts',
      'providers/schema.ts',
      'receivers/catalogue.ts',
      'receivers/causes.ts',
      // Says what standards say, and cites them.
      'receivers/enhanced-codes.ts',
      'receivers/schema.ts',
      'verification-schema.ts',
      'verification.ts',
      'web-proxies/catalogue.ts',
      'web-proxies/schema.ts',
    ];
    const listed = CODE_FACTS.flatMap(({ files }) => files);
    expect(listed.filter((path) => !existsSync(join(source, path)))).toEqual([]);
    const tables = filesEndingWith(knowledge, '.ts').filter((path) => !withoutFacts.includes(path));
    expect(tables.filter((path) => !listed.includes(`knowledge/${path}`))).toEqual([]);
  });

  test('no source file dates a fact where it is not listed', () => {
    const dated = filesEndingWith(source, '.ts').filter((path) =>
      /verifiedOn: ['"`]/.test(readFileSync(join(source, path), 'utf8')),
    );
    expect(dated).toEqual([]);
  });

  test('the dated parts of a row, each with its place', () => {
    const part = { verifiedOn: null, provenance: 'none' };
    const row = {
      id: 'example',
      rules: [{ reply: null }, { reply: part }],
      verifiedOn: DAY,
      provenance: 'vendor-page',
    };
    expect(factsIn(row, 'receiver', 'example').map(({ id, verifiedOn }) => [id, verifiedOn])).toEqual([
      ['example', DAY],
      ['example.rules[1].reply', null],
    ]);
  });
});

describe('lines for mail servers', () => {
  const faults = ['relay', 'rewrite', 'submission'] as const;
  const tlsFaults = ['enable', 'certificate', 'default-certificate', 'versions', 'auth'] as const;
  const blocks = MTAS.flatMap(({ id }) =>
    [
      ...faults.map((fault) => closingLines(id, fault)),
      ...tlsFaults.map((fault) => tlsLines(id, fault)),
      ...tlsFaults.flatMap((fault) => tlsLinesOfVersions(id, fault).map(({ lines }) => lines)),
      sendingNameLines(id),
    ]
      .filter((block) => block.length > 0)
      .map((block): [id: string, block: readonly string[]] => [id, block]),
  );

  test.each([...blocks, ['cisco-inspection', INSPECTION_OFF]] as const)(
    '%s: the lines are listed, and say so when nobody has confirmed them',
    (id, block) => {
      const row = CODE_FACTS.find((candidate) => candidate.id === id);
      expect(row).toBeDefined();
      expect(block[0]?.startsWith('# not confirmed: ')).toBe(row?.confidence === 'low');
      expect(row?.isMarked).toBe(row?.confidence === 'low');
    },
  );

  test('most mail servers that are recognised have lines', () => {
    expect(new Set(blocks.map(([id]) => id)).size).toBeGreaterThan(10);
  });
});

describe('the state of a fact', () => {
  test.each<[string, Partial<Fact>, string, string | null]>([
    ['checked half a year ago', {}, 'confirmed', '2028-05-31'],
    ['checked two years ago', { verifiedOn: '2024-11-29' }, 'confirmed', '2026-11-29'],
    ['checked two years and a day ago', { verifiedOn: '2024-11-28' }, 'stale', '2026-11-28'],
    ['without a date', { verifiedOn: null }, 'unconfirmed', null],
    ['of low confidence, however old', { verifiedOn: '2011-01-01', confidence: 'low' }, 'unconfirmed', null],
  ])('%s', (_, change, state, lastDay) => {
    expect(stateOf(fact(change), DAY)).toBe(state);
    expect(lastDayOf(fact(change))).toBe(lastDay);
  });

  test('a fact without a confidence of its own counts by its date', () => {
    const { confidence: _, ...reply } = fact();
    expect(stateOf(reply, DAY)).toBe('confirmed');
    expect(stateOf({ ...reply, verifiedOn: '2020-01-01' }, DAY)).toBe('stale');
  });
});

describe('what stops a release', () => {
  test.each<[string, Partial<Fact>, string[]]>([
    ['a confirmed fact', {}, []],
    ['a fact without a date, which is printed as not confirmed', { verifiedOn: null }, []],
    ['a stale fact of low confidence', { verifiedOn: '2011-01-01', confidence: 'low' }, []],
    ['a stale fact', { verifiedOn: '2024-11-28' }, ['was last checked on 2024-11-28, which is more than 730 days ago']],
    ['a date in the future', { verifiedOn: '2026-12-01' }, ['is dated 2026-12-01, which is in the future']],
    [
      'a date before the source was written',
      { sources: ['https://www.example.net/2026/07/mail'] },
      ['is dated 2026-06-01, before its oldest source was written (2026-07)'],
    ],
    ['a source of the month', { sources: ['https://www.example.net/2026/06/mail'] }, []],
    ['one dated source among others', { sources: ['https://www.example.net/2026/07/a', 'https://b.example.net/'] }, []],
    [
      'a fact that is printed without a mark, and that nobody has confirmed',
      { verifiedOn: null, isMarked: false },
      ['is printed as confirmed, and nobody has confirmed it'],
    ],
  ])('%s', (_, change, faults) => {
    expect(faultsOf(fact(change), DAY)).toEqual(faults);
  });

  test('a fact that is confirmed today may stop a later release', () => {
    expect(faultsOf(fact(), DAY)).toEqual([]);
    expect(faultsOf(fact(), '2028-06-01')).toHaveLength(1);
  });
});

describe('the text', () => {
  const facts = [fact(), fact({ id: 'old', verifiedOn: '2019-08-01' }), fact({ id: 'undated', verifiedOn: null })];

  test('no date first, then the oldest', () => {
    expect(oldestFirst(facts).map(({ id }) => id)).toEqual(['undated', 'old', 'example']);
  });

  test('a line for each fact, and a summary', () => {
    expect(listText([...facts, fact({ id: 'lines', isMarked: false })], DAY)).toBe(
      [
        'Date        Prints as             Confidence  Provenance   Kind      Id',
        'no date     not confirmed         high        vendor-page  provider  undated',
        '2019-08-01  not confirmed: stale  high        vendor-page  provider  old',
        '2026-06-01  confirmed             high        vendor-page  provider  example',
        '2026-06-01  confirmed             high        vendor-page  provider  lines',
        '',
        '4 facts on 2026-11-29: 2 confirmed, 1 stale, 1 not confirmed. The next goes stale after 2028-05-31: provider example.',
        '',
      ].join('\n'),
    );
  });

  test('a stale fact that no report marks', () => {
    expect(listText([fact({ verifiedOn: '2019-08-01', isMarked: false })], DAY)).toContain('confirmed, without a mark');
  });

  test('what stops a release names each fact, and says how to go on', () => {
    const text = faultText(facts, DAY);
    expect(text).toMatch(/^provider old was last checked on 2019-08-01, .*\n {2}https:\/\/www\.example\.net\/mail\n/);
    expect(text).toContain('1 fault stops a release on 2026-11-29. Read the sources of each fact again');
    expect(text).not.toContain('undated');
    expect(faultText([fact()], DAY)).toMatch(/^1 fact on 2026-11-29: 1 confirmed/);
  });
});

describe('npm run facts', () => {
  const copy = mkdtempSync(join(root, 'node_modules', '.facts-'));
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  function facts(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const [program, ...flags] = scripts.facts?.split(' ') ?? [];
    expect(program).toBe('node');
    return spawnSync(process.execPath, [...flags, ...args], { cwd: copy, encoding: 'utf8' });
  }

  /** Writes the only row of the copy. */
  function writeRow(verifiedOn: string, confidence: string): void {
    const row = { ...fact({ id: 'only', verifiedOn }), confidence };
    writeFileSync(join(copy, 'src/knowledge/providers/data/only.json'), JSON.stringify(row));
  }

  beforeAll(() => {
    for (const name of ['src/knowledge', 'tools']) cpSync(join(root, name), join(copy, name), { recursive: true });
    for (const path of filesEndingWith(join(copy, 'src/knowledge'), '.json')) rmSync(join(copy, 'src/knowledge', path));
    writeFileSync(join(copy, 'tools/facts/code-facts.ts'), 'export const CODE_FACTS = [];\n');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('lists the facts, and --release lets a fresh one pass', () => {
    writeRow('2026-06-01', 'high');
    expect(facts('--on', DAY)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('only') });
    expect(facts('--release', '--on', DAY)).toMatchObject({ status: 0, stderr: '' });
  });

  test('--release fails for a stale fact, which the list only shows', () => {
    writeRow('2024-06-01', 'medium');
    expect(facts('--on', DAY)).toMatchObject({ status: 0, stdout: expect.stringContaining('not confirmed: stale') });
    expect(facts('--release', '--on', DAY)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('provider only was last checked on 2024-06-01'),
    });
  });

  test('--release passes once the confidence is low', () => {
    writeRow('2024-06-01', 'low');
    expect(facts('--release', '--on', DAY)).toMatchObject({ status: 0 });
  });

  test('without --on it judges by today', () => {
    writeRow('1999-01-01', 'high');
    expect(facts('--release').status).toBe(1);
  });

  test('a row that cannot be read is told as such, and not as a wrong argument', () => {
    writeFileSync(join(copy, 'src/knowledge/providers/data/only.json'), 'null');
    const { status, stderr } = facts('--release', '--on', DAY);
    expect(status).toBe(1);
    expect(stderr).not.toContain('usage: ');
    expect(stderr).toContain('collectFacts');
  });

  test.each([['--on', 'soon'], ['--on', '2026-02-30'], ['--relaese'], ['now']])(
    'a wrong argument: %s %s',
    (...args) => {
      expect(facts(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('usage: ') });
    },
  );
});
