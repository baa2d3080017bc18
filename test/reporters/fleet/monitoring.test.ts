/** What monitoring reads of a fleet: metrics, the line of a plugin, and the pages. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { knownCodes, knownRules } from '../../../src/knowledge/guides/guide.ts';
import { knownZones } from '../../../src/knowledge/lists/zones.ts';
import type { FleetEntry } from '../../../src/report/fleet.ts';
import { fileNameOf, overviewFoot, overviewHead, overviewRow, targetPage } from '../../../src/reporters/fleet/html.ts';
import { FILTER } from '../../../src/reporters/fleet/html-parts.ts';
import { nagios, nagiosExit, nagiosExitOf, nagiosFleet, nagiosUnknown } from '../../../src/reporters/fleet/nagios.ts';
import { METRIC_NAMES, prometheus, prometheusText } from '../../../src/reporters/fleet/prometheus.ts';
import { HOSTILE, harmless } from '../hostile-strings.ts';
import { attribute, type Document, readDocument, textOf } from '../html-document.ts';
import { entry, finding, report, summary } from './entries.ts';

const WHOLE = { endedBy: null, notJudged: 0, wrongLines: { count: 0, first: [] } } as const;
const OPTIONS = { color: false, verbose: false };

/** A target with the text in every place that comes from outside. */
function hostileEntry(text: string): FleetEntry {
  const findings = [finding('ptr/missing', 'error', text), finding(`ptr/${text}`, 'warning', text)];
  return {
    ...entry(1, report(text, 'fail', findings, [text]), [text, text]),
    place: text,
    change: { state: 'worse', worse: [], better: [] },
  };
}

/** What the parser had to put right. Characters that no text should have are text all the same. */
const wrongIn = ({ errors }: Document): string[] => errors.filter((code) => code !== 'noncharacter-in-input-stream');

function overview(text: string, entries: readonly FleetEntry[]): string {
  const sums = summary(text);
  return [overviewHead(sums), ...entries.map(overviewRow), overviewFoot(sums)].join('');
}

describe.each(Object.entries(HOSTILE))('%s', (_, text) => {
  test('in metrics: the series are those of harmless words', () => {
    const metrics = prometheusText(summary(text));
    expect(metrics).toBe(prometheusText(summary('harmless')));
    harmless(metrics, text);
  });

  test('in the line of a plugin: one line, with one bar and nothing that a shell acts on', () => {
    const lines = [
      nagiosFleet.end?.(summary(text), OPTIONS) ?? '',
      nagios([hostileEntry(text).report], OPTIONS),
      nagiosUnknown(text),
    ];
    for (const line of lines) {
      expect(line).toMatch(/^MAILCHECK (?:CRITICAL|UNKNOWN) - [A-Za-z0-9 .,:;/@+()=_%-]*(?:\|[\w .;=-]+)?\n$/);
      expect(line.length).toBeLessThan(1024);
    }
  });

  test('in the pages: the elements are those of harmless words, and each link is to a file of the folder', () => {
    const page = overview(text, [hostileEntry(text)]);
    const read = readDocument(page);
    expect(wrongIn(read)).toEqual([]);
    const plain = readDocument(overview('harmless', [hostileEntry('harmless')]));
    expect(read.elements.map(({ tagName }) => tagName)).toEqual(plain.elements.map(({ tagName }) => tagName));
    harmless(page, text);
    const links = read.elements.flatMap((element) => attribute(element, 'href') ?? []);
    expect(links.filter((link) => !/^(?:#targets|[a-z0-9][a-z0-9-]*\.html)$/.test(link))).toEqual([]);
    const own = targetPage(hostileEntry(text));
    expect(wrongIn(readDocument(own))).toEqual([]);
    expect(own).toContain('<a href="index.html">All targets</a>');
    expect(fileNameOf(hostileEntry(text))).toMatch(/^[a-z0-9](?:[a-z0-9-]*)\.html$/);
  });
});

describe('metrics', () => {
  test('the labels are of closed sets, and the rest is one', () => {
    const text = prometheusText(summary('unknown'));
    expect(text).toContain('mailcheck_targets{verdict="fail"} 17\n');
    expect(text).toContain('mailcheck_finding_targets{code="ptr/missing",severity="error"} 24\n');
    expect(text).toContain('mailcheck_finding_targets{code="other",severity="warning"} 5\n');
    expect(text).toContain('mailcheck_list_targets{list="zen.spamhaus.org"} 6\n');
    expect(text).toContain('mailcheck_list_targets{list="other"} 3\n');
    expect(text).toContain('mailcheck_rule_unknown_targets{rule="other"} 1\n');
    expect(text).toContain('mailcheck_run_complete 0\n');
    expect(text).toContain('mailcheck_expiry_within{kind="certificate",days="14"} 2\n');
    expect(text).toContain('mailcheck_expiry_first_timestamp_seconds{kind="certificate"} 1796428800\n');
    expect(text).toContain('mailcheck_run_duration_seconds 3600\n');
    expect(prometheusText(summary('', WHOLE))).toContain('mailcheck_run_complete 1\n');
    expect([knownCodes().has('ptr/missing'), knownRules().has('tls'), knownZones().has('zen.spamhaus.org')]).toEqual([
      ...[true, true, true],
    ]);
  });

  test('of reports are those of a fleet of them', () => {
    const listed = { ...finding('rbl/listed', 'error'), about: { ip: '203.0.113.5', zone: 'zen.spamhaus.org' } };
    const unseen = finding('tls/inconclusive', 'inconclusive');
    const until = '2026-12-10T00:00:00.000Z';
    const one = {
      ...report('example.com', 'fail', [listed, listed, unseen]),
      expiries: [{ kind: 'certificate' as const, name: 'mail.example.com', until }],
    };
    const text = prometheus([one, report('example.net', 'pass')], OPTIONS);
    expect(text).toContain('mailcheck_targets{verdict="pass"} 1\n');
    expect(text).toContain('mailcheck_finding_targets{code="rbl/listed",severity="error"} 1\n');
    expect(text).toContain('mailcheck_list_targets{list="zen.spamhaus.org"} 1\n');
    expect(text).toContain('mailcheck_rule_unknown_targets{rule="tls"} 1\n');
    expect(text).toContain('mailcheck_expiry_within{kind="certificate",days="7"} 0\n');
    expect(text).toContain('mailcheck_expiry_within{kind="certificate",days="14"} 1\n');
  });

  test('the alert rules, the dashboard and their page use no other metric', () => {
    const docs = new URL('../../../docs/monitoring/', import.meta.url);
    for (const file of ['mailcheck.rules.yml', 'mailcheck.rules.test.yml', 'grafana-dashboard.json', 'README.md']) {
      const text = readFileSync(new URL(file, docs), 'utf8');
      const used = text.match(/\bmailcheck_[a-z_]+\b/g) ?? [];
      expect(used.length, file).toBeGreaterThan(0);
      expect(
        [...new Set(used)].filter((name) => !METRIC_NAMES.includes(name)),
        file,
      ).toEqual([]);
    }
  });
});

describe('the line of a plugin', () => {
  const only = (verdict: 'pass' | 'warn' | 'fail' | 'inconclusive', code: number) => ({
    ...WHOLE,
    verdicts: { pass: 0, warn: 0, fail: 0, inconclusive: 0, [verdict]: 2 },
    exitCodes: { [code]: 2 },
  });

  test.each([
    ['all pass', only('pass', 0), 0],
    ['some warn', only('warn', 0), 1],
    ['warnings that fail the run', only('warn', 1), 2],
    ['some fail', only('fail', 1), 2],
    ['failures that the baseline knows', only('fail', 0), 1],
    ['some could not be checked', only('inconclusive', 3), 3],
    ['gaps that are allowed', only('inconclusive', 0), 0],
    ['a fault in mailcheck', only('pass', 70), 3],
    ['the run ended before', { ...only('pass', 0), notJudged: 1, endedBy: 'SIGTERM' }, 3],
    ['lines that are no targets', { ...only('pass', 0), wrongLines: { count: 1, first: [] } }, 3],
    ['no target', { ...only('pass', 0), verdicts: { pass: 0, warn: 0, fail: 0, inconclusive: 0 } }, 3],
  ])('%s', (_, more, code) => {
    expect(nagiosExit(summary('', more))).toBe(code);
  });

  test('of one target names its findings, of a fleet the number of targets', () => {
    const one = report('example.com', 'warn', [finding('dmarc/policy-none', 'warning')]);
    expect(nagios([one], OPTIONS)).toBe(
      'MAILCHECK WARNING - example.com 203.0.113.5: dmarc/policy-none|targets=1;;;0 pass=0;;;0;1 warn=1;0;;0;1 fail=0;;0;0;1 unknown=0;;;0;1 duration=1.5s;;;0\n',
    );
    expect(nagiosExitOf([one], {})).toBe(1);
    expect(nagiosExitOf([one], { failOn: 'warning' })).toBe(2);
    expect(nagiosFleet.end?.(summary('x', WHOLE), OPTIONS)).toMatch(
      /^MAILCHECK CRITICAL - 89 targets: 17 fail, 2 not fully checked, 9 warn, 61 pass; ptr\/missing \(24\), x \(2\), xx \(3\); since the runs before 2 worse, 3 better\|targets=89.* certificate_days=5\n$/,
    );
    expect(nagios([report('example.com', 'pass')], OPTIONS)).toContain(
      'OK - example.com 203.0.113.5: no problem found|',
    );
  });
});

describe('the overview', () => {
  test('has one script, which its policy names by the hash, and no handler', () => {
    const { elements } = readDocument(overview('x', [hostileEntry('example.com')]));
    const scripts = elements.filter(({ tagName }) => tagName === 'script');
    expect(scripts.map(textOf)).toEqual([FILTER]);
    const policy = elements
      .flatMap((element) => attribute(element, 'content') ?? [])
      .find((text) => /default-src/.test(text));
    const hash = createHash('sha256').update(FILTER).digest('base64');
    expect(policy).toContain(`default-src 'none'; `);
    expect(policy).toContain(`script-src 'sha256-${hash}'; `);
    expect(elements.flatMap(({ attrs }) => attrs).filter(({ name }) => /^on|^style$/.test(name))).toEqual([]);
  });

  test('a target of any size has a small row, and two targets never share a file', () => {
    const codes = Array.from({ length: 200 }, (_, index) => finding(`ptr/code-${index}`, 'error'));
    const ips = Array.from({ length: 500 }, (_, index) => `2001:db8::${index}`);
    const tags = Array.from({ length: 500 }, () => 't'.repeat(10_000));
    const big = entry(1, report('d'.repeat(100_000), 'fail', codes, ips), tags);
    expect(overviewRow(big).length).toBeLessThan(8_000);
    expect(fileNameOf(big).length).toBeLessThan(150);
    expect(fileNameOf(entry(1, report('a.b', 'pass')))).not.toBe(fileNameOf(entry(2, report('a.b', 'pass'))));
  });
});
