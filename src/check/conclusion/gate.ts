/**
 * Compares what the rules find with proposed records and with the published ones: which findings the change makes worse.
 *
 * Worse is a finding that is more severe than before, or new. A new one is no worse where a fault that goes explains it: it
 * takes the place of one about the same object that is at least as severe, or it is a lesser one that a graver fault hid. A
 * record that nobody could read before and that only warns now is a gain. Nothing excuses a check that could be made before
 * and cannot be made now. What takes the place of a fault that goes is left of it, and not as before.
 */
import { canonicalName } from '../../network/domain.ts';
import { brief, openWeight } from '../../report/baseline.ts';
import { findingKey } from '../../report/fingerprint.ts';
import {
  type About,
  type FindingResult,
  isAllowedGap,
  isConclusive,
  type Question,
  type Report,
  type RuleResult,
  weightOf,
} from '../../report/status.ts';
import { specOf } from '../rules/index.ts';
import { TARGET_OBSTACLES } from '../rules/obstacles.ts';

/** What is known of the published records. */
export interface PublishedState {
  /** The results of the rules that ran over the published records, with the configuration applied. */
  readonly results: readonly RuleResult[];
  /** The addresses that the published records lead to: the tested ones, and those of the MX hosts. */
  readonly ips: readonly string[];
  /** The names that only the proposed records bring in, in canonical form. */
  readonly newNames: ReadonlySet<string>;
  /** The questions that the proposed records answer in another way, as `questionKey` gives them. */
  readonly changed: ReadonlySet<string>;
  /** The published record set behind each question of which the proposed records take it away, by `questionKey`. */
  readonly removed: ReadonlyMap<string, Question>;
  /** The addresses of the published MX hosts. Empty where no MX record leads mail to any. */
  readonly receiving: readonly string[];
}

/** @returns a text that is the same for the same question, however its name is written. */
export function questionKey({ name, type }: Question): string {
  return `${canonicalName(name)} ${type}`;
}

type Change = NonNullable<FindingResult['change']>;

/** The results with the proposed records, compared with the published state. */
export interface Gated {
  readonly rules: RuleResult[];
  readonly gate: NonNullable<Report['gate']>;
}

/**
 * @param results the results with the proposed records, of the checks alone.
 * @param published `null` where nothing is known of it. Then every finding counts as worse.
 * @returns the results with `change` on each error, warning and inconclusive finding that counts, and the section `gate`
 *   of the Report.
 */
export function gated(results: readonly RuleResult[], published: PublishedState | null): Gated {
  const rules = results.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding): FindingResult => {
      if (!isCounted(rule, finding)) return finding;
      return { ...finding, change: published === null ? 'worse' : changeOf(finding, rule, published) };
    }),
  }));
  const changes = rules.flatMap(({ findings }) => findings.flatMap(({ change }) => change ?? []));
  const having = (wanted: Change): number => changes.filter((change) => change === wanted).length;
  return {
    rules,
    gate: {
      policy: 'change',
      worse: having('worse'),
      better: published === null ? [] : betterIn(rules, published),
      left: having('left'),
      same: having('same'),
      notCompared:
        published === null
          ? results.filter(({ status }) => status !== 'skipped').map(({ id }) => id)
          : published.results.filter(({ findings }) => findings.some(isOfThisRun)).map(({ id }) => id),
    },
  };
}

/**
 * @param consequences findings that name the codes of their `causes`.
 * @param rules the results that hold the causes, with `change` set.
 * @returns the findings with `change`. A consequence is worse if one of its causes is.
 */
export function gatedConsequences(consequences: readonly FindingResult[], rules: readonly RuleResult[]) {
  const found = rules.flatMap(({ findings }) => findings);
  const worse = new Set(found.filter(({ change }) => change === 'worse').map(({ code }) => code));
  return consequences.map((finding): FindingResult => {
    if (openWeight(finding) === 0) return finding;
    const isWorse = finding.causes?.some((code) => worse.has(code)) ?? true;
    return { ...finding, change: isWorse ? 'worse' : 'same' };
  });
}

function isCounted(rule: RuleResult, finding: FindingResult): boolean {
  return openWeight(finding) > 0 && !isAllowedGap(rule, finding);
}

const AT_TARGET: readonly string[] = TARGET_OBSTACLES;

/**
 * Tells whether something could not be seen because of the place or the time of this run, or by a fault of mailcheck. That
 * says nothing of either state, so it never passes for one that is as before.
 */
function isOfThisRun({ severity, obstacle, about, rests }: FindingResult): boolean {
  if (severity !== 'inconclusive') return false;
  if (obstacle !== undefined) return !AT_TARGET.includes(obstacle.kind);
  return rests.length === 0 && Object.values(about).every((part) => part === undefined);
}

function changeOf(finding: FindingResult, { id, findings }: RuleResult, published: PublishedState): Change {
  if (isOfThisRun(finding)) return 'worse';
  const before = published.results.find((rule) => rule.id === id);
  // Such a rule did not run again. What it looks at is as before, unless the records lead it elsewhere.
  if (before === undefined) return isLedElsewhere(finding, published) ? 'worse' : 'same';
  const weight = openWeight(finding);
  const was = weightIn(before.findings, finding);
  if (was !== null) return was < weight ? 'worse' : 'same';
  if (isUnknownEverywhere(finding, before, published)) return 'same';
  const isExplained = before.findings
    .filter((one) => openWeight(one) > (weightIn(findings, one) ?? 0))
    .some((gone) => explains(gone, finding));
  if (!isExplained) return 'worse';
  // Nobody knows whether what could not be seen is another fault.
  return finding.severity === 'inconclusive' ? 'same' : 'left';
}

/** Tells whether nobody could see, at a new address, what could not be seen at any of the old ones either. */
function isUnknownEverywhere(
  { code, severity, about }: FindingResult,
  before: RuleResult,
  { ips }: PublishedState,
): boolean {
  if (severity !== 'inconclusive' || about.ip === undefined || ips.includes(about.ip) || ips.length === 0) return false;
  return ips.every((ip) =>
    before.findings.some(
      (one) => one.code === code && one.severity === 'inconclusive' && isSameObject(one.about, { ...about, ip }),
    ),
  );
}

/** Tells whether a finding is about an address or a name that was not there before, or rests on an answer that changes. */
function isLedElsewhere({ about: { ip, name }, rests }: FindingResult, published: PublishedState): boolean {
  const { ips, newNames, changed } = published;
  return (
    (ip !== undefined && !ips.includes(ip)) ||
    (name !== undefined && newNames.has(canonicalName(name))) ||
    rests.some((question) => changed.has(questionKey(question)))
  );
}

/** @returns the greatest weight of the same finding among these, or `null` if it is not among them. */
function weightIn(findings: readonly FindingResult[], finding: FindingResult): number | null {
  const key = findingKey(finding);
  const weights = findings.filter((one) => findingKey(one) === key).map(openWeight);
  return weights.length === 0 ? null : Math.max(...weights);
}

/** Tells whether a fault that goes explains that another one shows. */
function explains(gone: FindingResult, shown: FindingResult): boolean {
  if (isSameObject(gone.about, shown.about)) {
    if (shown.severity === 'inconclusive') return gone.severity === 'inconclusive';
    return openWeight(gone) >= openWeight(shown);
  }
  const isHiding = gone.severity === 'error' || specOf(gone.code)?.hides === true;
  return isHiding && shown.severity !== 'inconclusive' && openWeight(gone) > openWeight(shown);
}

/** Tells whether two findings are about the same object, whatever they say of it. */
function isSameObject({ item: _, ...one }: About, { item: __, ...other }: About): boolean {
  const keys = Object.keys({ ...one, ...other }) as (keyof typeof one)[];
  return keys.every((key) => one[key] === other[key]);
}

/** @returns the errors and warnings that the change ends or makes milder, the worst first. */
function betterIn(rules: readonly RuleResult[], published: PublishedState) {
  return published.results
    .flatMap((before) => {
      const now = rules.find(({ id }) => id === before.id);
      return before.findings
        .filter((finding) => isCounted(before, finding) && finding.severity !== 'inconclusive')
        .filter((finding) => now !== undefined && isBetter(finding, before, now, published));
    })
    .sort((a, b) => weightOf(b.severity) - weightOf(a.severity))
    .map(brief);
}

function isBetter(finding: FindingResult, before: RuleResult, now: RuleResult, { ips }: PublishedState): boolean {
  const weight = weightIn(now.findings, finding);
  if (weight !== null) return weight < openWeight(finding);
  const shown = now.findings.filter((one) => weightIn(before.findings, one) === null);
  const isMoved = shown.some(
    ({ code, about }) => code === finding.code && about.ip !== undefined && !ips.includes(about.ip),
  );
  return isConclusive(now) && !(isMoved && finding.about.ip !== undefined) && !shown.some((one) => masks(one, finding));
}

/**
 * Tells whether a fault that shows keeps the check from coming to another one, so that nobody knows whether that is gone: the
 * fault of a record is graver than what the record says, or the record is judged for an address no more.
 */
function masks(shown: FindingResult, gone: FindingResult): boolean {
  if (shown.severity !== 'error' && specOf(shown.code)?.hides !== true) return false;
  const isOfRecord = shown.about.ip === undefined && gone.about.ip !== undefined;
  return openWeight(shown) > openWeight(gone) || (isOfRecord && openWeight(shown) === openWeight(gone));
}
