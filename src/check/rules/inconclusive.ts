/**
 * Defines the reasons why a check could not be made. Each rule has one code for this, `<rule>/inconclusive`, with a
 * table of reasons. A reason gives the message and what makes the check possible. Some reasons are common to all
 * rules.
 */
import type { QueryEvidence } from '../../network/dns/answer.ts';
import { confirmationMark } from '../../report/confirmation.ts';
import type { LeftOut } from '../facts/gaps.ts';
import type { HostObstacle } from '../facts/host-obstacle.ts';
import type { ResolverFault } from '../facts/resolver.ts';
import type { Proxied, Target } from '../target.ts';
import { type FindingSpec, findingSpec } from './finding.ts';
import type { Fix } from './fix.ts';
import { hostObstacleWords } from './host-obstacle.ts';
import { type Obstacle, resolverObstacle, TIME_LIMIT } from './obstacles.ts';
import { ownCommand } from './own-command.ts';
import type { Phase } from './phases.ts';

/** One reason why a check could not be made. `E` is the shape of its evidence. */
export interface Reason<E> {
  /** Gives what could not be checked, and why, in one sentence. */
  readonly says: (evidence: E) => string;
  /** Gives what makes the check possible. */
  readonly fix: (evidence: E, target: Target) => string | Fix;
  /** Gives the obstacle that explains it, if one does. What to do about that is then told instead. */
  readonly obstacle?: (evidence: E, target: Target) => Obstacle | null;
}

/** The evidence of a reason that one cause may explain, which keeps the mail server from being tested by any check. */
export interface Obstructed {
  readonly obstacle?: HostObstacle | null;
}

/** Declares one reason. `E` is the shape of its evidence. */
export function reason<E extends object = object>(declared: Reason<E>): Reason<E> {
  return declared;
}

/** The number of failed lookups that a message names. A resolver that is down fails them all. */
export const MAX_SHOWN = 5;

const NO_ADDRESS = 'There is no address to test: you gave none, and the MX hosts have none.';

function giveAddress(target: Target): Fix {
  return {
    summary: 'Pass the mail server’s IP address after the domain.',
    commands: ownCommand({ ...target, ips: [] }, 'check', 'ADDRESS'),
  };
}

/** @returns what to do about a domain that does not exist. */
export function registerDomain(domain: string): string {
  return `Register or delegate ${domain}, or correct the spelling. Do this first: every other record depends on it.`;
}

/** Evidence: the addresses that are those of a web proxy. */
export interface BehindProxies {
  readonly proxied: readonly Proxied[];
}

function proxiedText({ proxied }: BehindProxies): string {
  const [first] = proxied;
  const addresses = proxied.map(({ ip }) => ip).join(', ');
  const where = first?.name ?? null;
  const isOne = proxied.length === 1;
  const found = where === null ? `${addresses} ${isOne ? 'is' : 'are'}` : `${where} resolves to ${addresses},`;
  return `There is no address to test: ${found} ${isOne ? 'an address' : 'addresses'} of ${first === undefined ? 'a' : `${first.proxy}’s`} web proxy${confirmationMark(first?.confirmed ?? true)}, which sends no mail.`;
}

function giveOwnAddress({ proxied }: BehindProxies, target: Target): Fix {
  return {
    summary:
      `${outOfProxy(proxied[0])} Pass the mail server’s own address, the one behind the proxy, after the domain.`.trim(),
    commands: ownCommand({ ...target, ips: [] }, 'check', 'ADDRESS'),
  };
}

/** The reasons that every rule may have. */
export const commonReasons = {
  'no-address': reason({
    says: () => NO_ADDRESS,
    fix: (_evidence, target) => giveAddress(target),
    obstacle: (_evidence, target) => ({ kind: 'no-address', says: NO_ADDRESS, fix: giveAddress(target) }),
  }),
  'behind-proxy': reason<BehindProxies>({
    says: proxiedText,
    fix: giveOwnAddress,
    obstacle: (evidence, target) => ({
      kind: 'web-proxy',
      says: proxiedText(evidence),
      fix: giveOwnAddress(evidence, target),
    }),
  }),
  resolver: reason<ResolverFault>({
    says: (evidence) => `Not checked: ${resolverObstacle(evidence).says}`,
    fix: (evidence) => resolverObstacle(evidence).fix,
    obstacle: resolverObstacle,
  }),
  'no-domain': reason<{ readonly domain: string }>({
    says: ({ domain }) => `Not fully checked, because ${domain} does not exist.`,
    fix: ({ domain }) => registerDomain(domain),
  }),
  deadline: reason({
    says: () => 'The time limit of the run was reached before this check finished.',
    fix: () => TIME_LIMIT.fix,
    obstacle: () => TIME_LIMIT,
  }),
  unseen: reason<{
    /** The lookups that failed, at most `MAX_SHOWN` of them. */
    readonly queries: readonly QueryEvidence[];
    /** The number of lookups that failed. */
    readonly failed: number;
    readonly leftOut: readonly Omit<LeftOut, 'rests'>[];
  }>({
    says: ({ queries, failed, leftOut }) => {
      const shown = queries.map(({ name, type, rcode, detail }) => `${type} of ${name} (${detail ?? rcode})`);
      const more = failed > shown.length ? [`${failed - shown.length} more`] : [];
      const lookups = `DNS lookups failed: ${[...shown, ...more].join(', ')}`;
      const limits = leftOut.map(({ what, looked, of }) => `only ${looked} of ${of} ${what} were checked`);
      return `Not fully checked: ${[...(failed > 0 ? [lookups] : []), ...limits].join('; ')}.`;
    },
    fix: ({ failed, leftOut }) => {
      const again =
        'Run the check again. If the same lookup still fails, use another resolver (--dns) or contact whoever runs the name servers of that name.';
      const less = `Delete the ${leftOut.map(({ what }) => what).join(' and ')} that you do not need, then run the check again.`;
      return [...(failed > 0 ? [again] : []), ...(leftOut.length > 0 ? [less] : [])].join(' ');
    },
  }),
  fault: reason<{ readonly fault: string }>({
    says: ({ fault }) => `This check stopped because of a bug in mailcheck (${fault}).`,
    fix: () => 'Run the check again. If it happens again, report the bug.',
  }),
};

/** @returns why a rule that needs an address has none. */
export function noAddress({
  proxied = [],
}: Pick<Target, 'proxied'>): { readonly reason: 'no-address' } | ({ readonly reason: 'behind-proxy' } & BehindProxies) {
  return proxied.length === 0 ? { reason: 'no-address' } : { reason: 'behind-proxy', proxied };
}

/**
 * @returns what takes the mail host’s name out of the proxy, so that mail reaches the host. Empty when the MX host is known
 *   that leads there: the mx rule says how it leaves the proxy.
 */
export function outOfProxy(proxied: Pick<Proxied, 'bypass' | 'name'> | undefined): string {
  if (proxied === undefined || proxied.name !== null) return '';
  return `${proxied.bypass.replaceAll('{name}', 'the mail server’s name')} Its address record must hold the mail server’s own address.`;
}

type Reasons = Readonly<Record<string, Reason<never>>>;

type EvidenceOfReason<R> = R extends Reason<infer E> ? ([E] extends [never] ? object : E) : never;

/** The evidence of an inconclusive finding: the code of the reason, and the evidence of that reason. */
export type InconclusiveEvidence<R extends Reasons> = {
  [K in keyof R & string]: { readonly reason: K } & EvidenceOfReason<R[K]>;
}[keyof R & string];

/** The evidence of a reason may have more members than its type says here. */
function ofHost(evidence: object & Obstructed, target: Target): Obstacle | null {
  const { obstacle = null } = evidence;
  return obstacle === null ? null : hostObstacleWords(obstacle, target);
}

/** @returns the catalogue entry for the inconclusive code of a rule. It also accepts the common reasons. */
export function inconclusiveSpec<const R extends Reasons>(spec: {
  readonly title: string;
  /** Why a check that could not be made does not count as passed. */
  readonly explanation: string;
  readonly reference: string;
  /** The phase in which its remediation is due. The phase of the rule when absent. */
  readonly step?: Phase;
  readonly reasons: R;
}): FindingSpec<InconclusiveEvidence<R & typeof commonReasons>> {
  const reasons: Reasons = { ...commonReasons, ...spec.reasons };
  // The evidence names its reason, and its type guarantees that the two belong together.
  const reasonOf = (evidence: { readonly reason: string }) => reasons[evidence.reason] as Reason<object>;
  return findingSpec({
    severity: 'inconclusive',
    title: spec.title,
    message: (evidence) => reasonOf(evidence).says(evidence),
    explanation: spec.explanation,
    remediation: (evidence, target) => {
      const fix = reasonOf(evidence).fix(evidence, target);
      return typeof fix === 'string' ? { summary: fix } : fix;
    },
    obstacle: (evidence, target) => reasonOf(evidence).obstacle?.(evidence, target) ?? ofHost(evidence, target),
    reference: spec.reference,
    ...(spec.step ? { step: spec.step } : {}),
  });
}
