/** Says in words what a provider does to outbound port 25. The findings and the reporters use the same words. */
import { confirmationClause } from './confirmation.ts';
import { listed } from './listed.ts';

/** A provider's policy on outbound mail, as the report holds it. */
export interface Port25Policy {
  readonly egress: string;
  readonly unblock: string;
  /** The mail ports that it closes for outbound connections. */
  readonly portsClosed: readonly number[];
}

/**
 * @returns what the provider does, as what follows its name: `blocks outbound ports 25 and 465 until you ask`. The words
 *   for a policy that is not known are a clause of their own.
 */
export function policyWords({ egress, unblock, portsClosed }: Port25Policy): string {
  const ports = portsText(portsClosed);
  switch (egress) {
    case 'open':
      return 'leaves outbound port 25 open';
    case 'not-needed':
      return 'needs no outbound port 25';
    case 'throttled':
      return 'limits or blocks outbound port 25';
    case 'blocked':
      return `blocks outbound ${ports}`;
    case 'blocked-new-accounts':
      return `blocks outbound ${ports} for new accounts`;
    case 'blocked-by-default':
      return `blocks outbound ${ports} ${UNTIL.get(unblock) ?? 'until you ask'}`;
    default:
      return 'not known whether it blocks outbound port 25';
  }
}

/** What a test on the host saw of outbound port 25. It counts more than what the provider publishes. */
export const PORT25_TESTED = {
  open: 'port 25 is open, tested here',
  blocked: 'port 25 is blocked, tested here',
} as const;

/** @returns whether a provider with this policy may keep a customer from sending on port 25, as far as is known. */
export function mayClosePort25({ egress }: Pick<Port25Policy, 'egress'>): boolean {
  return egress !== 'open' && egress !== 'not-needed';
}

/** When a provider opens the ports that it closes by default. */
const UNTIL: ReadonlyMap<string, string> = new Map([
  ['automatic', 'until you unblock them'],
  ['never', 'for most customers'],
]);

function portsText(ports: readonly number[]): string {
  return ports.length < 2 ? `port ${ports[0] ?? 25}` : `ports ${listed(ports.map(String))}`;
}

/** A provider that an address may belong to, as the report holds it. */
export interface NamedPolicy extends Port25Policy {
  readonly name: string;
  /** Whether the data is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
}

/** @returns the provider with its policy: `Vultr (blocks outbound port 25 until you ask)`. */
export function nameWithPolicy({ name, confirmed, ...policy }: NamedPolicy): string {
  const mark = policy.egress === 'unknown' ? '' : confirmationClause(confirmed);
  return `${name} (${policyWords(policy)}${mark})`;
}
