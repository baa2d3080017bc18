/**
 * Writes SARIF 2.1.0 (OASIS) for GitHub's code scanning. The file has one run for all targets and one result for each
 * finding. GitHub rejects a file with two runs of the same tool and category.
 */
import { exampleOf } from '../knowledge/guides/example.ts';
import { adviceFor } from '../knowledge/guides/guide.ts';
import { fingerprint } from '../report/fingerprint.ts';
import {
  asFound,
  type FindingResult,
  isAccepted,
  isAllowedGap,
  type Report,
  type RuleResult,
} from '../report/status.ts';
import { page } from './explanation-page.ts';
import { fixLines, observationLines } from './finding-text.ts';
import { jsonText } from './json-text.ts';
import { printable } from './printable.ts';
import { proposedPlace } from './proposed-place.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0-rtm.5.json';

/**
 * The SARIF level of each severity. SARIF has `kind: open` and level `none` for an undecided result, but code scanning
 * does not show those. A check that could not be made must be visible, so it is a warning.
 */
const LEVELS = { error: 'error', warning: 'warning', info: 'note', inconclusive: 'warning' } as const;

/** The severities by which GitHub sorts alerts that do not concern security. */
const PROBLEM_SEVERITIES = { error: 'error', warning: 'warning', info: 'recommendation', inconclusive: 'warning' };

/** @returns the SARIF document as JSON with a final newline. All text from the network is made safe to print. */
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
        results: found.map(({ report, rule, finding }, index) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          level: LEVELS[finding.severity],
          message: { text: messageText(finding) },
          locations: [location(report, finding)],
          partialFingerprints: {
            // GitHub reads this fingerprint. Without it, GitHub's upload action computes one from a line of a file.
            primaryLocationLineHash: fingerprints[index],
            'mailcheckFinding/v1': fingerprints[index],
          },
          ...baselineState(finding),
          ...(isAccepted(finding) ? { suppressions: [suppression(finding)] } : {}),
          ...(isAllowedGap(rule, finding) ? { suppressions: [ALLOWED] } : {}),
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

/**
 * Returns whether the finding is new (§3.27.24): since the baseline report, or else by the change. What a change ends has no
 * result, since code scanning would open an alert for it.
 */
function baselineState({ baseline, change }: FindingResult) {
  const isNew = baseline === undefined ? change === 'worse' : baseline === 'new';
  return baseline === undefined && change === undefined ? {} : { baselineState: isNew ? 'new' : 'unchanged' };
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
    // A name in SARIF should be one word. GitHub shows the short description instead.
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
        example: exampleOf(rule.id, code),
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
 * Returns the location of a finding. GitHub rejects the whole file if one result has no physical location, although a
 * finding is about a DNS name or an address. The physical location is the place of the proposed record, if the finding
 * depends on one. Otherwise its path is the domain, which does not change and does not look like a file. The logical location
 * names the real subject.
 */
function location(report: Report, finding: FindingResult) {
  const place = proposedPlace(report, finding);
  const path = place?.path.split(/[\\/]/) ?? [report.target.domain || 'mailcheck'];
  const domain = printable(report.target.domain);
  return {
    physicalLocation: {
      artifactLocation: { uri: path.map(uriSegment).join('/'), uriBaseId: '%SRCROOT%' },
      region: { startLine: place?.line ?? 1 },
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
 * Escapes the text of a message. In SARIF `[words](1)` is a link (§3.11.6) and `{0}` is a placeholder (§3.11.5). Only
 * these are escaped, because viewers show the escapes too.
 */
function plainMessage(line: string): string {
  return line.replace(/\](?=\()/g, '\\]').replace(/\{(\d+)\}/g, '{{$1}}');
}

/** The suppression of a check that could not be made, as the user allows. */
const ALLOWED = { kind: 'external', status: 'accepted', justification: 'known and allowed (--allow-inconclusive)' };

function suppression({ deviation }: FindingResult) {
  const justification = deviation === undefined ? '' : `${deviation.reason} (until ${deviation.until})`;
  return { kind: 'external', status: 'accepted', justification: printable(justification) };
}

/**
 * Returns the fingerprints. Findings with the same hash get `:1`, `:2` and so on, in the order of their messages, so
 * that the numbers do not depend on the order of the report.
 */
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
    // A check that could not be made has its own result. The run as a whole fails only if it reached the time limit.
    executionSuccessful: !timing.deadlineReached,
    startTimeUtc: timing.startedAt,
    endTimeUtc: new Date(ended).toISOString(),
    // Code scanning shows no passed check. The values that were seen are here for other readers.
    properties: {
      checks: rules.map(({ id, status, note: seen }) => ({
        id: printable(id),
        status,
        ...(seen === undefined ? {} : { seen: printable(seen) }),
      })),
    },
    toolExecutionNotifications: [
      ...(timing.deadlineReached ? [note('error', `${target.domain}: the time limit was reached`)] : []),
      ...rules.flatMap(({ id, title, status, findings, skipReason, allowed }) => {
        if (status === 'skipped')
          return [note('note', `${target.domain}: ${id} was not run: ${skipReason ?? 'not asked for'}`)];
        return findings
          .filter((finding) => finding.severity === 'inconclusive' && !isAccepted(finding))
          .map((finding) =>
            note(allowed ? 'note' : 'warning', `${target.domain}: ${title} could not be checked: ${finding.message}`),
          );
      }),
    ],
  };
}
