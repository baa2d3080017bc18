/** Picks the findings of a report that monitoring counts. */
import { type FindingResult, isAccepted, isAllowedGap, type Report, type RuleResult } from './status.ts';

/**
 * @returns the errors, the warnings and what could not be checked. Notes, what the configuration accepts or allows, and
 *   the predicted answers of receivers are not among them.
 */
export function openFindings({ rules }: Pick<Report, 'rules'>): FindingResult[] {
  const isOpen = (rule: RuleResult, finding: FindingResult): boolean =>
    finding.severity !== 'info' && !isAccepted(finding) && !isAllowedGap(rule, finding);
  return rules
    .filter(({ kind }) => kind === 'check')
    .flatMap((rule) => rule.findings.filter((finding) => isOpen(rule, finding)));
}

/** @returns the ids of the rules that could not check everything, without those of which the user allows that. */
export function incompleteRules({ rules }: Pick<Report, 'rules'>): string[] {
  return rules
    .filter((rule) => rule.kind === 'check' && rule.allowed !== true)
    .filter(({ findings }) => findings.some(({ severity }) => severity === 'inconclusive'))
    .map(({ id }) => id);
}

/** @returns the zones of the block lists that list an address or a name of the target, each once. */
export function listedZones({ rules }: Pick<Report, 'rules'>): string[] {
  const listings = rules
    .filter(({ id }) => id === 'rbl')
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity === 'error' || severity === 'warning');
  return [...new Set(listings.flatMap(({ about }) => about.zone ?? []))];
}
