/** What each format makes of failures, of what could not be checked, and of what the configuration accepts. */
import { beforeAll, expect, test } from 'vitest';
import type { FindingResult, Report } from '../../src/report/status.ts';
import { github } from '../../src/reporters/github.ts';
import { junit } from '../../src/reporters/junit.ts';
import { markdown, markdownWithin } from '../../src/reporters/markdown.ts';
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
  expect(testCase(junit([judged]), 'spf')).toMatch(/<failure [\s\S]*Was accepted until 2020-01-31: until the move/);
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

test('markdown: steps come before findings, what is accepted is folded, and a cut says so', () => {
  const text = markdown([judged]);
  expect(text.indexOf('### What to do next')).toBeLessThan(text.indexOf('### Findings'));
  expect(text).toMatch(/<details>\n<summary>Accepted by the configuration: ptr\/missing<\/summary>/);
  expect(text).not.toContain('This report was cut');
  const cut = markdownWithin([judged], 3000);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(3000);
  expect(cut).toMatch(/This report was cut to fit: \d+ parts left out/);
  expect(markdownWithin([judged], 100)).toBe('');
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
