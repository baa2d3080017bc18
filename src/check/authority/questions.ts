/** Chooses the questions that the name servers are asked. */
import type { DnsAnswer, RecordType } from '../../network/dns/answer.ts';
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import { reverseName } from '../../network/ip.ts';
import { type FindingResult, isFault, type Question } from '../../report/status.ts';
import { isCompared } from '../facts/authority/view.ts';
import { checks, ruleIdOf } from '../rules/index.ts';
import type { Target } from '../target.ts';

/** One RRset. */
export interface Wanted {
  readonly name: string;
  readonly type: RecordType;
}

/** The most RRsets that one finding may rest on to be asked for. A search through many names rests on all of them. */
const MAX_OF_FINDING = 8;
/** The most RRsets that are asked for the findings of one rule: whoever owns the domain chooses their names. */
const MAX_OF_RULE = 8;
/** The most RRsets that are asked for besides those of findings. */
const MAX_OTHERS = 40;

/** The ids of the rules whose findings may be over when the resolver's answers are. */
export const JUDGING_DNS: ReadonlySet<string> = new Set(
  checks.filter(({ restsOnDns, judgesResolver }) => restsOnDns || judgesResolver).map(({ id }) => id),
);

/** @returns a text that is the same for the same RRset. */
export function wantedKey({ name, type }: Question): string {
  return `${type} ${canonicalName(name)}`;
}

/** @returns the questions about RRsets that can be compared, each once. */
export function wantedOf(questions: readonly Question[]): Wanted[] {
  const found = new Map<string, Wanted>();
  for (const { name, type } of questions) {
    if (isCompared(type)) found.set(wantedKey({ name, type }), { name: canonicalName(name), type });
  }
  return [...found.values()];
}

/** @returns the RRsets behind a finding, or none if its rule does not rest on the DNS or it rests on too many. */
export function behind(finding: FindingResult): Wanted[] {
  const wanted = JUDGING_DNS.has(ruleIdOf(finding.code) ?? '') ? wantedOf(finding.rests) : [];
  return wanted.length > MAX_OF_FINDING ? [] : wanted;
}

/** @returns the RRsets that the errors and warnings of one rule rest on. */
export function behindFaults(findings: readonly FindingResult[]): Wanted[] {
  return wantedOf(findings.filter(isFault).flatMap(behind)).slice(0, MAX_OF_RULE);
}

/**
 * @param log the answers of the run.
 * @returns every RRset that the run used and that is of the target: records at names of the domain, at the reverse names of
 *   the addresses, and where these lead.
 */
export function used(log: readonly DnsAnswer[], { domain, ips }: Target): Wanted[] {
  const answers = log.filter((answer) => answer.status === 'answer');
  const reverse = ips.map(reverseName);
  const named = answers.flatMap((answer) =>
    answer.type === 'PTR' && reverse.includes(canonicalName(answer.name))
      ? answer.records.flatMap((record) => (typeof record === 'string' ? canonicalName(record) : []))
      : [],
  );
  const isOfTarget = (name: string): boolean =>
    isSameOrSubdomain(name, domain) || reverse.includes(name) || named.includes(name);
  const questions = answers.map(({ name, type }) => ({ name: canonicalName(name), type }));
  const wanted = wantedOf(questions.filter(({ name }) => isOfTarget(name)));
  return wanted.sort((a, b) => (wantedKey(a) < wantedKey(b) ? -1 : 1)).slice(0, MAX_OTHERS);
}
