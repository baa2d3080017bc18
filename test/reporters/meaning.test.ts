/** What each format makes of failures, of what could not be checked, and of what the configuration accepts. */
import { beforeAll, expect, test } from 'vitest';
import type { FindingResult, Report } from '../../src/report/status.ts';
import { github } from '../../src/reporters/github.ts';
import { junit } from '../../src/reporters/junit.ts';
import { markdown, markdownWithin } from '../../src/reporters/markdown.ts';
import { link } from '../../src/reporters/markdown-text.ts';
import { printable } from '../../src/reporters/printable.ts';
import { sarif } from '../../src/reporters/sarif.ts';
import { judgedReport, mixedReport } from './reports.ts';
import { workflowCommands } from './workflow-commands.ts';

let mixed: Report;
let judged: Report;

beforeAll(async () => {
  mixed = await mixedReport();
  judged = await judgedReport();
});

const plain = { color: false, verbose: false };

/** The test case of a rule, whole. */
function testCase(xml: string, id: string): string {
  return (
    new RegExp(`<testcase [^>]*classname="mailcheck\\.${id}"[^>]*(?:/>|>[\\s\\S]*?</testcase>)`).exec(xml)?.[0] ?? ''
  );
}

function results(reports: readonly Report[], code: string) {
  const [run] = JSON.parse(sarif(reports)).runs;
  return run.results.filter(({ ruleId }: { ruleId: string }) => ruleId === code);
}

/** The report with one finding of a rule many times over, each about another subject. */
function multiplied(report: Report, code: string, times: number): Report {
  const repeated = (finding: FindingResult): FindingResult[] =>
    finding.code === code
      ? Array.from({ length: times }, (_, index) => ({ ...finding, subject: `${finding.subject} ${index}` }))
      : [finding];
  return { ...report, rules: report.rules.map((rule) => ({ ...rule, findings: rule.findings.flatMap(repeated) })) };
}

test('junit: failures fail, what could not be checked is an error, what was not run is skipped', () => {
  const xml = junit([mixed]);
  const elements = { fail: '<failure ', inconclusive: '<error ', skipped: '<skipped>', warn: '<system-out>', pass: '' };
  for (const { id, status } of mixed.rules) expect(testCase(xml, id), id).toContain(elements[status]);
  for (const status of ['fail', 'inconclusive', 'skipped'] as const) {
    const number = mixed.rules.filter((rule) => rule.status === status).length;
    expect(number, `the report has ${status}`).toBeGreaterThan(0);
    expect(xml.split(elements[status]).length - 1).toBe(number);
  }
  expect(testCase(xml, 'ptr')).toContain('type="ptr/inconclusive"');
});

test('junit: what is accepted does not fail, and its reason can be read', () => {
  const ptr = testCase(junit([judged]), 'ptr');
  expect(ptr).not.toContain('<failure');
  expect(ptr).toMatch(/<system-out>[\s\S]*ptr\/missing[\s\S]*Accepted until 2099-05-31: the provider sets it in May/);
  expect(testCase(junit([judged]), 'spf')).toMatch(
    /<failure [\s\S]*The exception expired on 2020-01-31: until the move/,
  );
});

test('junit and sarif: what was seen stands beside each check, also where it passed', () => {
  const seen = { ...mixed, rules: mixed.rules.map((rule) => ({ ...rule, note: `seen by ${rule.id}` })) };
  const xml = junit([seen]);
  const [run] = JSON.parse(sarif([seen])).runs;
  for (const { id, status } of seen.rules) {
    if (status !== 'skipped') expect(testCase(xml, id), id).toContain(`seen by ${id}`);
    expect(run.invocations[0].properties.checks).toContainEqual({ id, status, seen: `seen by ${id}` });
  }
});

test('sarif: no rule has a help address, because none is known', () => {
  const [run] = JSON.parse(sarif([judged])).runs;
  expect(run.tool.driver.rules.length).toBeGreaterThan(0);
  expect(JSON.stringify(run.tool.driver)).not.toContain('helpUri');
});

test('junit and sarif: evidence is lines of a key and its value, indented below what they are in', () => {
  const evidence = { query: { name: 'example.com', ms: 5 }, list: ['a', 'b'], nothing: null };
  const rules = judged.rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) =>
      finding.code === 'spf/ip-not-authorized' ? { ...finding, evidence } : finding,
    ),
  }));
  const lines = ['  query:', '    name: example.com', '    ms: 5', '  list: a, b', '  nothing: none'].join('\n');
  expect(testCase(junit([{ ...judged, rules }]), 'spf')).toContain(lines);
  expect(results([{ ...judged, rules }], 'spf/ip-not-authorized')[0].message.text).toContain(lines);
});

test('sarif: levels, suppressions, the baseline, and the same fingerprints in another run', async () => {
  const justification = 'the provider sets it in May (until 2099-05-31)';
  expect(results([judged], 'ptr/missing')).toMatchObject([
    { level: 'error', suppressions: [{ kind: 'external', status: 'accepted', justification }] },
  ]);
  expect(results([judged], 'spf/ip-not-authorized')).toMatchObject([{ level: 'error', baselineState: 'unchanged' }]);
  expect(results([judged], 'spf/ip-not-authorized')[0].suppressions).toBeUndefined();
  expect(results([judged], 'rbl/listed-policy')).toMatchObject([{ baselineState: 'new' }]);
  expect(results([mixed], 'ptr/inconclusive')).toMatchObject([{ level: 'warning' }]);
  const fingerprints = (report: Report): string[] =>
    JSON.parse(sarif([report])).runs[0].results.map(
      ({ partialFingerprints }: { partialFingerprints: Record<string, string> }) =>
        partialFingerprints.primaryLocationLineHash,
    );
  expect(fingerprints(await judgedReport())).toEqual(fingerprints(judged));
});

test('sarif: what could not be checked is a notification of the run, and twice the same finding is told apart', () => {
  const [run] = JSON.parse(sarif([mixed])).runs;
  const notes = run.invocations[0].toolExecutionNotifications;
  expect(notes.some(({ level }: { level: string }) => level === 'warning')).toBe(true);
  expect(JSON.stringify(notes)).toContain('egress was not run');
  const twice = results([judged, judged], 'ptr/missing').map(
    ({ partialFingerprints }: { partialFingerprints: Record<string, string> }) =>
      partialFingerprints.primaryLocationLineHash?.split(':')[1],
  );
  expect(twice).toEqual(['1', '2']);
});

test('sarif and github: a finding that rests on a proposed zone file is shown in that file', () => {
  const rules = judged.rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) =>
      finding.code.startsWith('spf/') ? { ...finding, proposed: true as const } : finding,
    ),
  }));
  const [result] = results([{ ...judged, rules }], 'spf/ip-not-authorized');
  expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe('zones/example.net.zone');
  expect(results([judged], 'ptr/missing')[0].locations[0].physicalLocation.artifactLocation.uri).toBe('example.net');
  const shown = workflowCommands(github([{ ...judged, rules }], plain)).filter(({ properties }) =>
    properties.has('file'),
  );
  expect(shown.map(({ properties }) => properties.get('file'))).toContain('zones/example.net.zone');
});

test('github: an annotation for each finding, notices for what is accepted, the first steps first', () => {
  const commands = workflowCommands(github([judged], plain));
  const titles = (kind: string): (string | undefined)[] =>
    commands.filter(({ name }) => name === kind).map(({ properties }) => properties.get('title'));
  expect(titles('notice')).toEqual(['example.net: ptr/missing']);
  expect(titles('error')[0]).toBe('example.net: spf/ip-not-authorized');
  const [first] = commands.filter(({ name }) => name === 'error');
  expect(first?.data.split('\n')).toContain(
    '  example.net. IN TXT "v=spf1 include:_spf.example.com ip4:198.51.100.7 ~all"',
  );
  expect(workflowCommands(github([mixed], plain)).filter(({ name }) => name === 'warning').length).toBeGreaterThan(0);
});

test('github: the tenth annotation of a kind says how many more there are', () => {
  const many = multiplied(judged, 'spf/ip-not-authorized', 30);
  const errors = workflowCommands(github([many], plain)).filter(({ name }) => name === 'error');
  expect(errors.length).toBe(10);
  const total = many.rules
    .filter(({ id }) => id !== 'receiver')
    .flatMap(({ findings }) => findings)
    .filter(({ severity, deviation }) => severity === 'error' && deviation?.state !== 'accepted').length;
  expect(errors.at(-1)?.properties.get('title')).toBe(`${total - 9} more`);
});

test('markdown: the verdict is an alert, what is accepted is folded, and a cut says so', () => {
  const text = markdown([judged]);
  expect(text).toContain('\n> [!CAUTION]\n> FAIL: ');
  expect(text).toMatch(/<details>\n<summary>Accepted by the configuration: ptr\/missing<\/summary>/);
  expect(text).not.toContain('This report was cut');
  const cut = markdownWithin([judged], 3000);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(3000);
  expect(cut).toMatch(/This report was cut to fit: \d+ parts left out/);
  expect(markdownWithin([judged], 100)).toBe('');
});

test.each([
  ['fail', 'CAUTION'],
  ['warn', 'WARNING'],
  ['inconclusive', 'WARNING'],
  ['pass', 'NOTE'],
] as const)('markdown: the alert of the verdict %s', (verdict, alert) => {
  expect(markdown([{ ...judged, verdict }]).match(/\[!\w+\]/g)).toEqual([`[!${alert}]`]);
});

test('markdown: steps, then what is wrong with failures first, then what passed, folded with what was seen', () => {
  const seen = { ...judged, rules: judged.rules.map((rule) => ({ ...rule, note: `seen by ${rule.id}` })) };
  const text = markdown([seen]);
  const places = [
    '### What to do next',
    '### Findings',
    '#### ✖ FAIL: SPF',
    '#### ! warn: ',
    ' checks passed</summary>',
  ];
  const found = places.map((place) => text.indexOf(place));
  expect(found.every((place) => place > 0)).toBe(true);
  expect(found).toEqual(found.toSorted((a, b) => a - b));
  const passed = /<summary>\d+ checks? passed<\/summary>\n([\s\S]*?)<\/details>/.exec(text)?.[1] ?? '';
  for (const { id, kind, status, title, unused } of seen.rules) {
    // What the domain does not use has one line for all of it.
    if (unused) expect(passed).toContain(title);
    const where = status === 'pass' ? passed : text.slice(0, text.indexOf(passed));
    if (kind === 'check' && status !== 'skipped' && !unused)
      expect(where, id).toMatch(new RegExp(`seen by \`?${id}\\b`));
  }
});

test('markdown: a fix that is a step is told there alone', () => {
  const text = markdown([judged]);
  const [first] = judged.advice.steps;
  if (first === undefined) throw new Error('no steps');
  expect(judged.advice.steps.length).toBeGreaterThan(2);
  for (const { records, commands } of judged.advice.steps) {
    for (const line of [...records.map((record) => record.line), ...commands]) {
      // What is accepted has no step, so its own fix is shown.
      const accepted = /<summary>Accepted[\s\S]*?<\/details>/.exec(text)?.[0] ?? '';
      expect(text.replace(accepted, '').split(line), line).toHaveLength(2);
    }
  }
  expect(text).toMatch(/^Fix: step \d\.$/m);
});

test('markdown: addresses of our data are links, and an address from the network is none', () => {
  const network = 'https://evil.example/';
  const poisoned = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return /^(?:message|text|title|note|reply|reason|when|name)$/.test(key) ? network : value;
    if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, name)]));
  };
  const text = markdown([poisoned({ ...judged, transcript: undefined }) as Report]);
  const targets = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target);
  expect(text).toContain(network);
  expect([...new Set(targets)].sort()).toEqual([...new Set(judged.advice.steps.flatMap(({ links }) => links))].sort());
});

test.each([
  ['https://example.com/a?b=c', '[`example.com/a?b=c`](https://example.com/a?b=c)'],
  ['http://example.com/', '`http://example.com/`'],
  ['https://a@example.com/', '`https://a@example.com/`'],
  ['https://example.com/)](x', '`https://example.com/)](x`'],
  ['https://example.com/ x', '`https://example.com/ x`'],
  ['https://example.com/<b>', '`https://example.com/<b>`'],
  ['javascript:alert(1)', '`javascript:alert(1)`'],
])('markdown: link %j', (address, expected) => {
  expect(link(address)).toBe(expected);
});

test('markdown: a report with very many findings stays below the limit of a comment', () => {
  const text = markdown([multiplied(judged, 'spf/ip-not-authorized', 2000)]);
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain('This report was cut to fit');
});

test.each([
  ['::error::x', '\\x3a:error::x'],
  ['a ::add-mask::b', 'a \\x3a:add-mask::b'],
  ['##[error]x', '\\x23#[error]x'],
  ['::1, ::ffff:192.0.2.1 and 2001:db8::', '::1, ::ffff:192.0.2.1 and 2001:db8::'],
  ['## a heading', '## a heading'],
])('printable: %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});
