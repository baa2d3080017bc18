/** Tests what a fleet says of its earlier runs, with reports made by hand: no run asks anybody. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openHistory } from '../../src/fleet/history/history.ts';
import { firstMemory, type Memory, recall, settleByTwo } from '../../src/fleet/history/memory.ts';
import { readLine, textOfLine } from '../../src/fleet/history/memory-text.ts';
import type { TargetChange } from '../../src/report/fleet.ts';
import { exitCode, type Report } from '../../src/report/status.ts';
import fc from '../fast-check.ts';
import { runs } from '../sample.ts';
import { findingOf, type GivenFinding, reportOf, resultOf } from '../world/results.ts';

const root = mkdtempSync(join(tmpdir(), 'mailcheck-history-'));
afterAll(() => rmSync(root, { recursive: true }));

const folder = (): string => mkdtempSync(join(root, 'state-'));

/** What one run sees of one finding. */
const SIGHTS = ['none', 'warning', 'error', 'accepted', 'blind', 'seen in part', 'skipped'] as const;
type Sight = (typeof SIGHTS)[number];

const listed = (given: Omit<GivenFinding, 'code'> = {}): ReturnType<typeof findingOf> =>
  findingOf({ code: 'rbl/listed', about: { zone: 'zen.example.com' }, subject: '192.0.2.1', ...given });
const gap = findingOf({ code: 'rbl/inconclusive', severity: 'inconclusive' });
const accepted = { deviation: { reason: 'known', until: '2030-01-01', state: 'accepted' } } as const;

function reportSeeing(sight: Sight, domain = 'example.com', ips: readonly string[] = []): Report {
  const findings = {
    none: [],
    warning: [listed({ severity: 'warning' })],
    error: [listed()],
    accepted: [listed(accepted)],
    blind: [gap],
    'seen in part': [listed(), gap],
    skipped: null,
  }[sight];
  const report = reportOf([resultOf('rbl', findings), resultOf('ptr', [])]);
  return { ...report, target: { ...report.target, domain, ips: [...ips] } };
}

/** Makes one whole run over the reports, by the ids of their targets. */
async function runOver(
  state: string,
  runId: string,
  reports: Readonly<Record<string, Report>>,
  { left = [], isComplete = true }: { readonly left?: readonly string[]; readonly isComplete?: boolean } = {},
) {
  const history = await openHistory({ state, runId });
  try {
    const changes = Object.entries(reports).map(([id, report]) => [id, history.changeOf({ id, report })] as const);
    for (const id of left) history.leave({ id, domain: 'example.com' as never, ips: [] });
    const end = history.end(isComplete);
    if (isComplete) history.keep();
    return { changes: Object.fromEntries(changes), end };
  } finally {
    history.close();
  }
}

const codes = (change: TargetChange | undefined) => ({
  state: change?.state,
  worse: change?.worse.map(({ code, severity }) => `${code} ${severity}`),
  better: change?.better.map(({ code, severity }) => `${code} ${severity}`),
});

test('of what was held, the last run and this run, two decide, whatever the runs see', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...SIGHTS), { minLength: 1, maxLength: 9 }), (sights) => {
      let memory: Memory | undefined;
      const levels = { none: 0, warning: 1, error: 2, 'seen in part': 2, accepted: 0 } as const;
      // The model counts voices for each severity: is the finding at least a warning, is it an error.
      let model: { held: number; last: number } | undefined;
      for (const [index, sight] of sights.entries()) {
        const report = reportSeeing(sight);
        const told =
          memory === undefined
            ? { memory: firstMemory(report), change: undefined }
            : recall(memory, report, settleByTwo);
        memory = readLine(textOfLine({ id: 't', domain: 'example.com', memory: told.memory }))?.memory;
        const isSilent = sight === 'blind' || sight === 'skipped';
        const now = isSilent ? undefined : levels[sight];
        const before = model?.held ?? now;
        if (now !== undefined) {
          const { held, last } = model ?? { held: now, last: now };
          const atLeast = (level: number) => [held, last, now].filter((voice) => voice >= level).length >= 2;
          model = { held: atLeast(2) ? 2 : atLeast(1) ? 1 : 0, last: now };
        }
        const after = model?.held;
        const severities = ['', 'warning', 'error'];
        const isWorse = after !== undefined && before !== undefined && after > before;
        const isBetter = after !== undefined && before !== undefined && after < before && sight !== 'accepted';
        const expected = {
          state: isWorse ? 'worse' : isBetter ? 'better' : 'same',
          worse: isWorse ? [`rbl/listed ${severities[after]}`] : [],
          better: isBetter ? [`rbl/listed ${severities[before]}`] : [],
        };
        if (index > 0) expect(codes(told.change), sights.slice(0, index + 1).join()).toEqual(expected);
      }
    }),
    { numRuns: runs(400) },
  );
});

test('a list that lists a host every other time is never told, and one that stays is told once', async () => {
  const told = async (sights: readonly Sight[]) => {
    const state = folder();
    const all: (string | undefined)[] = [];
    for (const [index, sight] of sights.entries())
      all.push((await runOver(state, String(index), { t: reportSeeing(sight) })).changes.t?.state);
    return all.slice(1).join(' ');
  };
  expect(await told(['none', 'error', 'none', 'error', 'none', 'error'])).toBe('same same same same same');
  expect(await told(['none', 'error', 'error', 'none', 'error', 'none', 'none'])).toBe(
    'same worse same same same better',
  );
  // A run that could not see the list does not count, and does not take the place of one that could.
  expect(await told(['none', 'error', 'blind', 'blind', 'blind', 'error'])).toBe('same same same same worse');
});

test('targets that come and go are counted, and those that the run leaves out are not gone', async () => {
  const state = folder();
  const clean = (domain: string): Report => reportSeeing('none', domain);
  const first = { a: clean('a.example.com'), b: clean('b.example.com'), c: clean('c.example.com') };
  expect((await runOver(state, '1', first)).end).toBeUndefined();
  const cut = await runOver(state, '2', { a: first.a }, { isComplete: false });
  expect(cut.end).toEqual({ new: 0, worse: 0, better: 0, gone: { count: 0, first: [] } });
  const next = { a: first.a, d: reportSeeing('error', 'd.example.com') };
  const whole = await runOver(state, '2', next, { left: ['b'] });
  expect(whole.end).toEqual({ new: 1, worse: 0, better: 0, gone: { count: 1, first: ['c.example.com'] } });
  expect(whole.changes.d).toEqual({ state: 'new', worse: [], better: [] });
  // A run that was interrupted at its very end says the same again.
  expect(await runOver(state, '2', next, { left: ['b'] })).toEqual(whole);
  // What the run left out is remembered still.
  const third = { a: first.a, b: first.b, d: next.d };
  expect((await runOver(state, '3', third)).end).toEqual({
    new: 0,
    worse: 0,
    better: 0,
    gone: { count: 0, first: [] },
  });
});

test('faults of an address that is not tested any more are forgotten without a word', async () => {
  const state = folder();
  const at = (ip: string, sight: Sight): Report => {
    const report = reportSeeing(sight, 'example.com', [ip]);
    const about = { ip: '192.0.2.1' };
    const rules = report.rules.map((rule) => ({ ...rule, findings: rule.findings.map((one) => ({ ...one, about })) }));
    return { ...report, rules };
  };
  await runOver(state, '1', { t: at('192.0.2.1', 'error') });
  for (const run of ['2', '3', '4']) {
    expect(readFileSync(join(state, 'history.ndjson'), 'utf8')).toContain('rbl/listed');
    const { changes } = await runOver(state, run, { t: at('192.0.2.2', 'none') });
    expect(changes.t?.state).toBe('same');
  }
  expect(readFileSync(join(state, 'history.ndjson'), 'utf8')).not.toContain('rbl/listed');
});

test('a damaged history is refused in one line', async () => {
  const state = folder();
  await runOver(state, '1', { t: reportSeeing('error') });
  const file = join(state, 'history.ndjson');
  const text = readFileSync(file, 'utf8');
  const damages = [
    ['no header', text.split('\n').slice(1).join('\n')],
    ['another version', text.replace('"history":1', '"history":2')],
    ['a torn line', text.slice(0, -9)],
    ['a wrong weight', text.replace(/2,2,0\]/, '7,2,0]')],
    ['empty', ''],
  ] as const;
  for (const [name, damaged] of damages) {
    expect(damaged, name).not.toBe(text);
    writeFileSync(file, damaged);
    await expect(runOver(state, '2', { t: reportSeeing('error') }), name).rejects.toThrow(
      /^".*" is damaged\. Remove it/,
    );
  }
});

const baselineOf = async (text: string) => {
  const file = join(folder(), 'last.ndjson');
  writeFileSync(file, text);
  return openHistory({ baseline: file, runId: '2' });
};

test('a baseline of NDJSON or JSON: what it knows does not fail, and every change counts at once', async () => {
  const known = reportSeeing('error', 'a.example.com');
  const other = reportSeeing('error', 'b.example.com', ['192.0.2.1']);
  const same = reportSeeing('none', 'b.example.com', ['192.0.2.2']);
  const gone = reportSeeing('none', 'z.example.com');
  const lines = [known, other, same, gone];
  const texts = {
    'reports alone': lines.map((report) => `${JSON.stringify(report)}\n`).join(''),
    'with more around each, and a torn end': `${lines.map((report) => `${JSON.stringify({ place: 'x:1', report })}\n`).join('')}{"schemaVer`,
    'a JSON report of several': JSON.stringify({ schemaVersion: known.schemaVersion, reports: lines }, undefined, 2),
  };
  for (const [name, text] of Object.entries(texts)) {
    const history = await baselineOf(text);
    const code = (id: string, report: Report) => exitCode(history.marked({ id, report }));
    expect(code('a', known), name).toBe(0);
    expect(codes(history.changeOf({ id: 'a', report: known }))).toEqual({ state: 'same', worse: [], better: [] });
    const listedNow = reportSeeing('error', 'b.example.com', ['192.0.2.2']);
    expect(code('b2', listedNow), name).toBe(1);
    expect(codes(history.changeOf({ id: 'b2', report: history.marked({ id: 'b2', report: listedNow }) }))).toEqual({
      state: 'worse',
      worse: ['rbl/listed error'],
      better: [],
    });
    const clean = reportSeeing('none', 'b.example.com', ['192.0.2.1']);
    expect(codes(history.changeOf({ id: 'b1', report: clean })).better).toEqual(['rbl/listed error']);
    const blind = reportSeeing('blind', 'b.example.com', ['192.0.2.1']);
    expect(history.changeOf({ id: 'again', report: blind })?.state).toBe('same');
    const fresh = reportSeeing('error', 'new.example.com');
    expect(code('n', fresh), name).toBe(1);
    expect(history.changeOf({ id: 'n', report: fresh })?.state).toBe('new');
    expect(history.end(true)).toEqual({ new: 1, worse: 1, better: 1, gone: { count: 1, first: ['z.example.com'] } });
    history.close();
  }
});

test('a baseline that is none is refused in one line', async () => {
  const good = JSON.stringify(reportSeeing('none'));
  const cases: [text: string, message: RegExp][] = [
    ['', /is not a report\. Type the file of an earlier run/],
    ['domain,ips\nexample.com,192.0.2.1\n', /is not a report/],
    [`${good}\nnonsense\n${good}\n`, /^line 2 of ".*" is not a report$/],
    [
      good.replace('"schemaVersion":2', '"schemaVersion":"\\u001b[2J"'),
      /has schema version \\u001b\[2J, and this mailcheck/,
    ],
  ];
  for (const [text, message] of cases) await expect(baselineOf(text), text).rejects.toThrow(message);
  const broken = await baselineOf(`${good.replace('"rules":[', '"rules":[7,')}\n`);
  expect(() => broken.changeOf({ id: 't', report: reportSeeing('none') })).toThrow(
    /has a report that is not whole: rules\.0/,
  );
  broken.close();
});

test('with a baseline and a state folder, the folder remembers, and the baseline decides what changed', async () => {
  const state = folder();
  const file = join(state, 'last.ndjson');
  writeFileSync(file, `${JSON.stringify(reportSeeing('none'))}\n`);
  const history = await openHistory({ state, baseline: file, runId: '1' });
  expect(history.changeOf({ id: 't', report: reportSeeing('error') })?.state).toBe('worse');
  expect(history.end(true)?.worse).toBe(1);
  history.keep();
  history.close();
  expect((await runOver(state, '2', { t: reportSeeing('error') })).changes.t?.state).toBe('same');
});
