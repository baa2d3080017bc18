/**
 * The advice on what a change takes away: the record set that is published now is to be kept, before anything new is made. The
 * change stops mail where it takes away the records that lead mail to the domain.
 */
import { canonicalName } from '../../network/domain.ts';
import { findingKey } from '../../report/fingerprint.ts';
import { listed } from '../../report/listed.ts';
import type { FindingResult, Question, RuleResult } from '../../report/status.ts';
import type { Settings } from '../settings.ts';
import { type PublishedState, questionKey } from './gate.ts';

/** The results with the advice to keep what is published. */
export interface Kept {
  readonly results: RuleResult[];
  /** The advice of each finding that has it, by the key of the finding. */
  readonly advice: ReadonlyMap<string, string>;
  /** The keys of the findings that go if the sets are kept. No other change is asked for them. */
  readonly settled: ReadonlySet<string>;
}

/**
 * @param results the results with `change` on the findings.
 * @returns the results in which each finding that a removal makes worse says first what to keep. If nothing else changes that it
 *   rests on, that is all it says.
 */
export function withKept(results: readonly RuleResult[], { removed, changed }: PublishedState): Kept {
  const advice = new Map<string, string>();
  const settled = new Set<string>();
  const advised = (finding: FindingResult): FindingResult => {
    const { change, obstacle, rests, remediation } = finding;
    const keys = [...new Set(rests.map(questionKey))];
    const gone = new Map(keys.flatMap((key) => removed.get(key) ?? []).map((set) => [questionKey(set), set]));
    if (change !== 'worse' || obstacle !== undefined || gone.size === 0) return finding;
    const keep = keepWords([...gone.values()]);
    advice.set(findingKey(finding), keep);
    if (keys.some((key) => changed.has(key) && !removed.has(key))) {
      return { ...finding, remediation: { ...remediation, summary: `${keep} ${remediation.summary}`.trim() } };
    }
    settled.add(findingKey(finding));
    return { ...finding, remediation: { summary: keep } };
  };
  return { results: results.map((rule) => ({ ...rule, findings: rule.findings.map(advised) })), advice, settled };
}

/** @returns the results of a run in which nothing is taken away. */
export function unremoved(results: RuleResult[]): Kept {
  return { results, advice: new Map(), settled: new Set() };
}

function keepWords(sets: readonly Question[]): string {
  const names = listed(sets.map(({ name, type }) => `${canonicalName(name)} ${type}`));
  return sets.length === 1
    ? `The change removes ${names}, which is published now: keep it, unless you mean to remove it.`
    : `The change removes ${names}, which are published now: keep them, unless you mean to remove them.`;
}

/**
 * Makes it an error that a change ends the mail to the MX hosts of the domain. In a domain that never had any, it is a warning.
 *
 * @param results the results before the configuration, which may still give them another severity.
 */
export function withStoppedMail(
  results: readonly RuleResult[],
  { receiving }: PublishedState,
  { sendOnly = false }: Pick<Settings, 'sendOnly'>,
): readonly RuleResult[] {
  if (sendOnly || receiving.length === 0) return results;
  const raised = (finding: FindingResult): FindingResult => {
    const words = stopWords(finding, receiving);
    return words === null ? finding : { ...finding, severity: 'error', message: `${words}: ${finding.message}` };
  };
  return results.map((rule) => ({ ...rule, findings: rule.findings.map(raised) }));
}

/** @returns what the change does to the mail of the domain; `null` for any other finding. */
function stopWords({ code, subject, evidence }: FindingResult, receiving: readonly string[]): string | null {
  if (code === 'mx/null-mx' || code === 'mx/no-address') return `The change stops mail to ${subject}`;
  if (code !== 'mx/none') return null;
  const { addresses } = evidence;
  const isStillThere = Array.isArray(addresses) && addresses.some((ip) => receiving.includes(String(ip)));
  return isStillThere ? null : `The change leads mail to ${subject} away from its MX hosts`;
}
