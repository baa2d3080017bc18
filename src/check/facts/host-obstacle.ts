/**
 * Tells what keeps the mail server at an address from being tested. Every check that needs a dialogue with the server
 * then fails for this one cause.
 */
import { type Decoy, recogniseDecoy } from '../../knowledge/mail-servers/decoys.ts';
import { type IpAddress, type IpFamily, ipFamily } from '../../network/ip.ts';
import type { SmtpReply } from '../../network/smtp/types.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { type DialogueSources, type Greeting, greeting, greetingText, wasReached } from './greeting.ts';
import { mailRoute } from './mx.ts';
import { type NoGreeting, noGreetingOf } from './no-greeting.ts';
import { isUnanswered, type Port25Out, port25Out } from './port-25-out.ts';

/** The cause, and the tested addresses that share it. */
export type HostObstacle = {
  /** The address that was asked about, and every other tested address with the same cause. */
  readonly ips: readonly IpAddress[];
  readonly port: number;
} & Cause;

type Cause =
  /** This network closes the port. `closedBy` is the mail server that shows it. */
  | { readonly why: 'port-25'; readonly closedBy: string }
  /** This machine cannot connect to the address. */
  | { readonly why: 'no-route'; readonly family: IpFamily; readonly detail: string }
  /** The time limit of the run ended the dialogue. */
  | { readonly why: 'time-limit' }
  /** No connection was made. `out` tells whether this network lets the port out, as far as that is known. */
  | {
      readonly why: 'silent';
      readonly detail: string;
      readonly out: Exclude<Port25Out['kind'], 'closed'>;
      /** Whether an MX record leads to the address, so that a mail server must listen there. */
      readonly isExchange: boolean;
    }
  /** The port takes the connection and does not greet. */
  | { readonly why: 'no-greeting'; readonly seen: NoGreeting }
  /** The server refuses this client in its greeting. */
  | { readonly why: 'turned-away'; readonly reply: SmtpReply }
  /** What answers is no mail server. */
  | { readonly why: 'decoy'; readonly decoy: Decoy };

type ObstacleNeeds = HostNeeds<DialogueSources | 'own'>;

/** Tells what keeps the mail server at an address from being tested. `null` when it answers EHLO. */
export const hostObstacle = hostFact(async (needs: ObstacleNeeds, ip: IpAddress): Promise<HostObstacle | null> => {
  const { facts, settings, target } = needs;
  const cause = await facts(causeAt, ip);
  if (cause === null) return null;
  const tested = target.ips.includes(ip) ? target.ips : [ip];
  const causes = await Promise.all(tested.map(async (other) => ({ other, cause: await facts(causeAt, other) })));
  const isSame = (other: Cause | null): boolean => JSON.stringify(other) === JSON.stringify(cause);
  const ips = causes.filter((one) => isSame(one.cause)).map(({ other }) => other);
  return { ips, port: settings.smtpPort, ...cause };
});

const causeAt = hostFact(async (needs: ObstacleNeeds, ip: IpAddress): Promise<Cause | null> => {
  const { facts } = needs;
  const greeted = await facts(greeting, ip);
  switch (greeted.kind) {
    case 'greeted': {
      const decoy = recogniseDecoy(greetingText(greeted));
      return decoy === null ? null : { why: 'decoy', decoy };
    }
    case 'rejected':
      return { why: 'turned-away', reply: greeted.reply };
    case 'failed':
      return causeOf(greeted, ip, needs);
  }
});

async function causeOf(
  failed: Extract<Greeting, { kind: 'failed' }>,
  ip: IpAddress,
  { facts, settings }: ObstacleNeeds,
): Promise<Cause | null> {
  const { failure } = failed;
  const { status, detail } = failure;
  if (status === 'aborted') return { why: 'time-limit' };
  if (status === 'no-route') return { why: 'no-route', family: ipFamily(ip), detail };
  const seen = noGreetingOf(failure);
  if (seen !== null) return { why: 'no-greeting', seen };
  if (wasReached(failed) || !isUnanswered(status)) return null;
  const out = await facts(port25Out, ipFamily(ip));
  if (out.kind === 'closed') return { why: 'port-25', closedBy: out.shownBy };
  // No mail server has to answer on a host that only sends.
  if (settings.sendOnly) return null;
  const { hosts } = await facts(mailRoute);
  const isExchange = hosts.some(({ addresses }) => addresses.includes(ip));
  return { why: 'silent', detail, out: out.kind, isExchange };
}
