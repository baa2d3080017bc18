/** Collects the findings of one rule, and says which of them one told cause explains. */
import { type DnsAnswer, type DnsFailure, isCutOff, isFailure, queryEvidence } from '../network/dns/answer.ts';
import { isSameOrSubdomain, sameName } from '../network/domain.ts';
import type { FindingResult } from '../report/status.ts';
import { findingResult } from './conclusion/conclude.ts';
import type { Gaps } from './facts/gaps.ts';
import { isPartial, type ResolverFault } from './facts/resolver.ts';
import { explainedBy, type Finding } from './rules/finding.ts';
import { specOf } from './rules/index.ts';
import {
  failingZone,
  localData,
  type Obstacle,
  resolverObstacle,
  TIME_LIMIT,
  undetermined,
} from './rules/obstacles.ts';
import type { Proxied, Target } from './target.ts';

/** The causes beside the check that may explain its findings. */
export interface Causes {
  /** What is wrong with the resolver. */
  readonly fault: ResolverFault | null;
  /** The addresses of web proxies. What was found about them is left out: it is not about the mail host. */
  readonly proxied: readonly Proxied[];
  /** A failed lookup of the domain under test, if every lookup of its records fails. */
  readonly failing: DnsFailure | null;
  /** The DNS servers that were asked. */
  readonly servers: readonly string[];
  /** The failed lookups of the search for addresses to test. */
  readonly ofAddresses: readonly DnsFailure[];
  /** Gives every answer of the run so far. */
  log(): readonly DnsAnswer[];
}

/**
 * Collects the findings of one rule. It holds them back until the preflight has told whether answers of the DNS can be
 * relied on, so that nobody sees a finding that a lying resolver made.
 */
export class FoundByRule {
  readonly results: FindingResult[] = [];
  #made: Finding[] = [];
  #causes: Causes | undefined;
  readonly #gaps: Gaps;
  readonly #target: Target;
  readonly #told: (finding: Finding, result: FindingResult) => void;

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
    if (this.#causes !== undefined) this.#tell(finding, this.#causes);
  }

  /** Drops the findings that are held back and were not seen in a connection to the host. */
  keepOfHost(): void {
    this.#made = this.#made.filter(({ isOfHost, severity }) => isOfHost && severity !== 'inconclusive');
  }

  /**
   * Takes out the findings that something could not be looked up.
   *
   * @returns whether there were any.
   */
  dropGaps(): boolean {
    const kept = this.results.filter(({ severity }) => severity !== 'inconclusive');
    const isGap = kept.length < this.results.length;
    this.results.splice(0, this.results.length, ...kept);
    return isGap;
  }

  /** Drops all findings that are held back. */
  drop(): void {
    this.#made = [];
  }

  /**
   * Drops the findings that are held back and rest on names of the domain under test, which does not exist.
   *
   * @returns whether any of them was to be fixed.
   */
  dropOfDomain(): boolean {
    const { domain } = this.#target;
    const isOfDomain = ({ rests }: Finding): boolean => rests.some(({ name }) => isSameOrSubdomain(name, domain));
    const dropped = this.#made.filter(isOfDomain);
    this.#made = this.#made.filter((finding) => !isOfDomain(finding));
    return dropped.some(({ severity }) => severity !== 'info');
  }

  /**
   * Gives the findings that were held back, and from now on each one as it comes.
   *
   * @param causes what explains some of them.
   */
  release(causes: Causes): void {
    if (this.#causes !== undefined) return;
    this.#causes = causes;
    for (const finding of this.#made) this.#tell(finding, causes);
  }

  #tell(made: Finding, causes: Causes): void {
    const { code, about } = made;
    if (!specOf(code)?.tellsProxy && causes.proxied.some(({ ip }) => ip === about.ip)) return;
    const obstacle = obstacleOf(made, this.#gaps, this.#target, causes);
    const finding = obstacle === null ? made : explainedBy(made, obstacle, this.#target);
    const result = findingResult(finding);
    this.results.push(result);
    this.#told(finding, result);
  }
}

/**
 * @returns the obstacle that explains the finding: it rests on questions that the DNS did not answer. `null` when nothing
 *   explains it, or when it says itself what does.
 */
function obstacleOf(
  { severity, obstacle, rests }: Finding,
  gaps: Gaps,
  { domain }: Target,
  { fault, failing, servers, ofAddresses, log }: Causes,
): Obstacle | null {
  if (severity !== 'inconclusive') return null;
  const zone = failing === null ? null : failingZone(domain, queryEvidence(failing), servers);
  // Nothing can be told of the MX hosts, so the search for addresses found none.
  if (obstacle?.kind === 'no-address') return zone ?? undeterminedAmong(ofAddresses);
  if (obstacle !== undefined) return null;
  const failures = [...gaps.failures(), ...lostIn(log())].filter((failure) =>
    rests.some(({ name, type }) => type === failure.type && namesOf(failure).some((asked) => sameName(asked, name))),
  );
  const [first] = failures;
  if (first === undefined) return null;
  if (failures.every(isCutOff)) return TIME_LIMIT;
  if (failures.every(({ status }) => status === 'local-data')) return localData(first.server);
  if (failures.every(({ status }) => status === 'undetermined')) return undeterminedAmong(failures);
  // A resolver that answers in part explains its refusals alone.
  const isExplained = fault !== null && (!isPartial(fault) || failures.every(({ status }) => status === 'refused'));
  if (isExplained) return resolverObstacle(fault);
  const isOfDomain = (failure: DnsFailure): boolean => namesOf(failure).some((name) => isSameOrSubdomain(name, domain));
  return failures.every((failure) => isOfDomain(failure) || isCutOff(failure)) ? zone : null;
}

/** @returns the obstacle that proposed records are not known yet, if some of the failed lookups are for them. */
function undeterminedAmong(failures: readonly DnsFailure[]): Obstacle | null {
  const whys = failures.filter(({ status }) => status === 'undetermined').map(({ detail }) => detail);
  return whys.length > 0 ? undetermined(whys) : null;
}

const namesOf = ({ name, chain }: DnsAnswer): string[] => [name, ...chain];

/** @returns the failed lookups of the questions that never got an answer. A check may report such a question itself. */
function lostIn(log: readonly DnsAnswer[]): DnsFailure[] {
  const keyOf = ({ name, type }: DnsAnswer): string => `${type} ${name}`;
  const answered = new Set(log.filter((answer) => !isFailure(answer)).map(keyOf));
  return log.filter((answer) => isFailure(answer)).filter((failure) => !answered.has(keyOf(failure)));
}
