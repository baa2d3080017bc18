/**
 * SARIF 2.1.0 (OASIS), as code scanning reads it: one run over all targets, one result for each finding. GitHub refuses
 * a file with two runs of the same tool and category.
 */
import { adviceFor } from '../knowledge/guides/guide.ts';
import { fingerprint } from '../report/fingerprint.ts';
import { asFound, type FindingResult, isAccepted, type Report, type RuleResult } from '../report/status.ts';
import { page } from './explanation-page.ts';
import { fixLines, observationLines } from './finding-text.ts';
import { jsonText } from './json-text.ts';
import { printable } from './printable.ts';
import { proposedFile } from './proposed-file.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0-rtm.5.json';

/**
 * SARIF would have `kind: open` and level `none` for what could not be decided; code scanning does not show those, and a
 * check that could not be made must not vanish.
 */
const LEVELS = { error: 'error', warning: 'warning', info: 'note', inconclusive: 'warning' } as const;

/** How GitHub sorts alerts of rules that are no security queries. */
const PROBLEM_SEVERITIES = { error: 'error', warning: 'warning', info: 'recommendation', inconclusive: 'warning' };

export function sarif(reports: readonly Report[]): string {
  const found = reports.flatMap((report) =>
    report.rules.flatMap((rule) => rule.findings.map((finding) => ({ report, rule, finding }))),
  );
  const byCode = new Map(found.toReversed().map((one) => [one.finding.code, one]));
  const codes = [...byCode.keys()].sort();
  const fingerprints = numbered(found.map(({ report, finding }) => [report.target.domain, finding]));
  return jsonText({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'mailcheck',
            version: reports[0]?.tool.version,
            semanticVersion: reports[0]?.tool.version,
            rules: [...byCode.values()].sort(byCodeName).map(descriptor),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: reports.map(invocation),
        results: found.map(({ report, finding }, index) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          level: LEVELS[finding.severity],
          message: { text: messageText(finding) },
          locations: [location(report, finding)],
          partialFingerprints: {
            // The one that GitHub reads, and which its upload would else make of a line of a file.
            primaryLocationLineHash: fingerprints[index],
            'mailcheckFinding/v1': fingerprints[index],
          },
          ...(finding.baseline === undefined
            ? {}
            : { baselineState: finding.baseline === 'new' ? 'new' : 'unchanged' }),
          ...(isAccepted(finding) ? { suppressions: [suppression(finding)] } : {}),
          properties: {
            severity: finding.severity,
            domain: printable(report.target.domain),
            subject: printable(finding.subject),
            addresses: report.target.ips.map(printable),
          },
        })),
      },
    ],
  });
}

interface Found {
  readonly rule: RuleResult;
  readonly finding: FindingResult;
}

function byCodeName(a: Found, b: Found): number {
  return a.finding.code < b.finding.code ? -1 : 1;
}

function descriptor({ rule, finding }: Found) {
  const { code } = finding;
  const { severity } = asFound(finding);
  const title = printable(finding.title);
  const why = printable(finding.explanation);
  const reference = printable(finding.reference);
  const advice = adviceFor(rule.id, code);
  return {
    id: code,
    // SARIF wants a name that is one word; GitHub shows the short description.
    name: code.replace(/(?:^|[^a-z0-9]+)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: why === '' ? title : why },
    help: {
      text: `${advice.fix}\n\nReference: ${reference}`,
      markdown: page({
        code,
        rule: rule.id,
        ruleTitle: printable(rule.title),
        severity,
        title,
        why,
        reference,
        ...advice,
      }),
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ['email', rule.id, ...(rule.security ? ['security'] : [])],
      precision: severity === 'inconclusive' ? 'low' : 'high',
      'problem.severity': PROBLEM_SEVERITIES[severity],
    },
  };
}

/**
 * GitHub refuses the whole file if one result has no physical location, though a finding is about a name in the DNS. So
 * it is the zone file where the finding rests on one, else a path that is the domain: stable, and told apart from files
 * at a glance. The logical location says what it is really about.
 */
function location(report: Report, finding: FindingResult) {
  const path = proposedFile(report, finding)?.split(/[\\/]/) ?? [report.target.domain || 'mailcheck'];
  const domain = printable(report.target.domain);
  return {
    physicalLocation: {
      artifactLocation: { uri: path.map(uriSegment).join('/'), uriBaseId: '%SRCROOT%' },
      region: { startLine: 1 },
    },
    logicalLocations: [
      {
        name: printable(finding.subject),
        fullyQualifiedName: `${domain}/${finding.code}/${printable(finding.subject)}`,
        kind: 'resource',
      },
    ],
  };
}

function uriSegment(text: string): string {
  return encodeURIComponent(printable(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

function messageText(finding: FindingResult): string {
  const [fix, ...typed] = fixLines(finding);
  const lines = [...observationLines(finding), ...(fix === undefined ? [] : ['', `Fix: ${fix}`, ...typed])];
  return lines.map(plainMessage).join('\n');
}

/**
 * Keeps the text from being read as more than text: `[words](1)` is a link in SARIF (§3.11.6), `{0}` a placeholder
 * (§3.11.5). Only what would be read so is changed, for readers show the escapes too.
 */
function plainMessage(line: string): string {
  return line.replace(/\](?=\()/g, '\\]').replace(/\{(\d+)\}/g, '{{$1}}');
}

function suppression({ deviation }: FindingResult) {
  const justification = deviation === undefined ? '' : `${deviation.reason} (until ${deviation.until})`;
  return { kind: 'external', status: 'accepted', justification: printable(justification) };
}

/** The same finding twice gets `:1` and `:2`, by what it says rather than by where it stands. */
function numbered(findings: readonly (readonly [domain: string, finding: FindingResult])[]): string[] {
  const keyed = findings.map(([domain, finding], index) => ({
    hash: fingerprint(domain, finding),
    words: finding.message,
    index,
  }));
  return keyed.map(({ hash, words, index }) => {
    const before = keyed.filter(
      (other) => other.hash === hash && (other.words < words || (other.words === words && other.index < index)),
    );
    return `${hash}:${before.length + 1}`;
  });
}

function invocation({ target, timing, rules }: Report) {
  const ended = Date.parse(timing.startedAt) + timing.durationMs;
  const note = (level: string, text: string) => ({ level, message: { text: plainMessage(printable(text)) } });
  return {
    // A check that could not be made has a result of its own; the run itself ended as it should, unless time was up.
    executionSuccessful: !timing.deadlineReached,
    startTimeUtc: timing.startedAt,
    endTimeUtc: new Date(ended).toISOString(),
    toolExecutionNotifications: [
      ...(timing.deadlineReached ? [note('error', `${target.domain}: the time limit was reached`)] : []),
      ...rules.flatMap(({ id, title, status, findings, skipReason }) => {
        if (status === 'skipped')
          return [note('note', `${target.domain}: ${id} was not run: ${skipReason ?? 'not asked for'}`)];
        return findings
          .filter((finding) => finding.severity === 'inconclusive' && !isAccepted(finding))
          .map((finding) => note('warning', `${target.domain}: ${title} could not be checked: ${finding.message}`));
      }),
    ],
  };
}
