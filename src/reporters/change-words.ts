/** Says what proposed records change: the counts, and which findings get worse. */
import { count } from '../report/count.ts';
import {
  type FindingResult,
  isAccepted,
  isNoWorse,
  type Report,
  type RuleResult,
  type Status,
  statusOf,
  weightOf,
} from '../report/status.ts';

type Gate = NonNullable<Report['gate']>;

/** @returns the counts, as a clause: `2 worse, 1 better, 1 left in its place, 7 as before`. */
export function changeCounts({ worse, better, left, same }: Gate): string {
  const instead = left === 0 ? '' : `, ${left} left in ${better.length === 1 ? 'its' : 'their'} place`;
  return `${worse} worse, ${better.length} better${instead}, ${same} as before`;
}

/**
 * @returns the findings that the change ends or makes milder, each with the word for it: one that is still there is milder.
 */
export function betterFindings({ gate, rules }: Pick<Report, 'gate' | 'rules'>) {
  const now = new Set(rules.flatMap(({ findings }) => findings.map(({ code, subject }) => `${code} ${subject}`)));
  return (gate?.better ?? []).map((finding) => ({
    ...finding,
    word: now.has(`${finding.code} ${finding.subject}`) ? ('milder' as const) : ('fixed' as const),
  }));
}

/**
 * @returns the findings that take the place of faults that go, each with the words for it: `now only` where a graver fault of
 *   the same check is better.
 */
export function leftFindings({ gate, rules }: Pick<Report, 'gate' | 'rules'>) {
  const better = gate?.better ?? [];
  return rules.flatMap(({ findings }) => {
    const left = findings.filter(({ change }) => change === 'left');
    return left.map(({ code, subject, title, severity }) => {
      const isLess = better.some(
        (gone) => checkOf(gone.code) === checkOf(code) && weightOf(gone.severity) > weightOf(severity),
      );
      return { code, subject, title, word: isLess ? ('now only' as const) : ('now' as const) };
    });
  });
}

/** @returns the id of the check in a code: `dmarc` of `dmarc/missing`. */
function checkOf(code: string): string {
  return code.replace(/\/.*$/, '');
}

/** The words for what the change does to a finding. */
export const STANDING: Readonly<Record<NonNullable<FindingResult['change']>, string>> = {
  worse: 'Worse with the change',
  left: 'Left in the place of a fault that goes',
  same: 'As before the change',
};

/** @returns whether the change makes the finding worse. Without a comparison, every finding counts as the report's own. */
export function isOfChange(finding: FindingResult): boolean {
  return !isNoWorse(finding);
}

/** @returns the rules with findings that the change makes worse. */
export function worseRules({ rules }: Pick<Report, 'rules'>): RuleResult[] {
  return rules.filter(({ findings }) => findings.some(({ change }) => change === 'worse'));
}

/** @returns the status of a rule by the findings that the change does not leave as they are. */
export function changedStatus(rule: RuleResult): Status {
  if (rule.findings.every(isOfChange)) return rule.status;
  return statusOf(rule.findings.filter(isOfChange));
}

/**
 * @returns the rule with the findings that the change makes worse, and with the status that follows from them. `null` when
 *   there are none.
 */
export function onlyWorse(rule: RuleResult): RuleResult | null {
  const findings = rule.findings.filter(({ change }) => change === 'worse');
  return findings.length === 0 ? null : { ...rule, status: statusOf(findings), findings };
}

/** @returns the number of steps that fix something that the change makes worse. They come first. All without a comparison. */
export function stepsOfChange({ gate, advice, rules }: Pick<Report, 'gate' | 'advice' | 'rules'>): number {
  if (gate === undefined) return advice.steps.length;
  const worse = rules.flatMap(({ findings }) => findings.filter(({ change }) => change === 'worse'));
  return (
    advice.steps.findLastIndex(({ codes, subjects }) =>
      worse.some(({ code, subject }) => codes.includes(code) && subjects.includes(subject)),
    ) + 1
  );
}

/** @returns the checks whose findings stay as they are, in words: `DMARC (2), HELO name`. Empty if there are none. */
export function asBeforeWords({ rules }: Pick<Report, 'rules'>): string {
  return rules
    .filter(({ kind }) => kind === 'check')
    .flatMap(({ title, findings }) => {
      const same = findings.filter((finding) => finding.change === 'same' && !isAccepted(finding)).length;
      return same === 0 ? [] : [same === 1 ? title : `${title} (${same})`];
    })
    .join(', ');
}

/** @returns the number of steps that are left out, in words. */
export function stepsLeftWords(left: number): string {
  return `${count(left, 'more step')} for what is as before`;
}
