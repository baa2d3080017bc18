/** Collects the findings of one rule, and says which of them an obstacle at the place of the check explains. */
import type { DnsFailure } from '../network/dns/answer.ts';
import { sameName } from '../network/domain.ts';
import type { FindingResult } from '../report/status.ts';
import { findingResult } from './conclusion/conclude.ts';
import type { Gaps } from './facts/gaps.ts';
import { isPartial, type ResolverFault } from './facts/resolver.ts';
import { explainedBy, type Finding } from './rules/finding.ts';
import { specOf } from './rules/index.ts';
import { localData, resolverObstacle } from './rules/obstacles.ts';
import type { Proxied, Target } from './target.ts';

/**
 * Collects the findings of one rule. It holds them back until the preflight has told whether answers of the DNS can be
 * relied on, so that nobody sees a finding that a lying resolver made.
 */
export class FoundByRule {
  readonly results: FindingResult[] = [];
  #made: Finding[] = [];
  #isHeld = true;
  readonly #gaps: Gaps;
  readonly #target: Target;
  readonly #told: (finding: Finding, result: FindingResult) => void;
  #fault: ResolverFault | null = null;
  #proxied: readonly Proxied[] = [];

  /**
   * @param gaps what the rule does not get to see.
   * @param told receives each finding that goes into the report, and its result.
   */
  constructor(gaps: Gaps, target: Target, told: (finding: Finding, result: FindingResult) => void) {
    this.#gaps = gaps;
    this.#target = target;
    this.#told = told;
  }

  /** All findings so far, in the order in which the rule made them. */
  get made(): readonly Finding[] {
    return this.#made;
  }

  add(finding: Finding): void {
    this.#made.push(finding);
    if (!this.#isHeld) this.#tell(finding);
  }

  /** Drops the findings that are held back and were not seen in a connection to the host. */
  keepOfHost(): void {
    this.#made = this.#made.filter(({ isOfHost, severity }) => isOfHost && severity !== 'inconclusive');
  }

  /** Drops all findings that are held back. */
  drop(): void {
    this.#made = [];
  }

  /**
   * Gives the findings that were held back, and from now on each one as it comes.
   *
   * @param fault what is wrong with the resolver, which explains some of them.
   * @param proxied the addresses of web proxies. What was found about them is left out: it is not about the mail host.
   */
  release(fault: ResolverFault | null, proxied: readonly Proxied[] = []): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#fault = fault;
    this.#proxied = proxied;
    for (const finding of this.#made) this.#tell(finding);
  }

  #tell(made: Finding): void {
    const { code, about } = made;
    if (!specOf(code)?.tellsProxy && this.#proxied.some(({ ip }) => ip === about.ip)) return;
    const finding = withObstacle(made, this.#gaps, this.#target, this.#fault);
    const result = findingResult(finding);
    this.results.push(result);
    this.#told(finding, result);
  }
}

/**
 * @param fault what is wrong with the resolver, if anything is.
 * @returns the finding. It is explained by the resolver if it rests on questions that the resolver did not answer, or
 *   answered from data of its own.
 */
function withObstacle(finding: Finding, gaps: Gaps, target: Target, fault: ResolverFault | null): Finding {
  if (finding.severity !== 'inconclusive' || finding.obstacle !== undefined) return finding;
  const isBehind = ({ name, type, chain }: DnsFailure): boolean =>
    finding.rests.some((rest) => rest.type === type && [name, ...chain].some((asked) => sameName(asked, rest.name)));
  const failures = gaps.failures().filter(isBehind);
  const [first] = failures;
  if (first === undefined) return finding;
  if (failures.every(({ status }) => status === 'local-data')) {
    return explainedBy(finding, localData(first.server), target);
  }
  // A resolver that answers in part explains its refusals alone.
  const isExplained = fault !== null && (!isPartial(fault) || failures.every(({ status }) => status === 'refused'));
  return isExplained ? explainedBy(finding, resolverObstacle(fault), target) : finding;
}
