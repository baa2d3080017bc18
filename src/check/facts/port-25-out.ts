/**
 * Tells whether the network of this machine lets port 25 out. It makes one try to one mail server that always runs, and
 * only when a host is silent: a silent host and a network that closes the port look the same otherwise. On the mail host
 * itself, the outbound test tells more, and its result counts.
 */
import { type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { type IpAddress, type IpFamily, ipFamily, parseIp, specialPurpose } from '../../network/ip.ts';
import type { SmtpFailureStatus } from '../../network/smtp/types.ts';
import { egress } from './egress.ts';
import { ANCHORS, anchorOf } from './egress-anchors.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Whether port 25 is let out, with the name of a mail server that shows it. */
export type Port25Out =
  | { readonly kind: 'open' | 'closed'; readonly shownBy: string }
  /** No mail server could be tried, or none is meant to be. */
  | { readonly kind: 'unknown' };

/** The failures of a connection that a network which closes the port causes. */
const UNANSWERED: readonly SmtpFailureStatus[] = ['timeout', 'refused', 'unreachable', 'reset', 'closed'];

export type Port25Needs = Needs<'dns' | 'isNeeded' | 'own' | 'settings' | 'smtp' | 'target'>;

/** Tells whether the network of this machine lets port 25 out over one address family. */
export const port25Out = fact(async (needs: Port25Needs, family: IpFamily): Promise<Port25Out> => {
  const tested = await needs.facts(egress);
  if (tested.kind === 'tested') {
    const found = tested.families.find((one) => one.family === family);
    const [first] = found?.anchors ?? [];
    if (found === undefined || first === undefined) return { kind: 'unknown' };
    const shownBy = first.anchor.host;
    if (found.decision.kind === 'open' || found.decision.kind === 'one-answer') return { kind: 'open', shownBy };
    return found.decision.kind === 'blocked' ? { kind: 'closed', shownBy } : { kind: 'unknown' };
  }
  // A host without a public address is in a lab or an internal network, and no connection may leave that.
  const isInner = needs.target.ips.every((ip) => specialPurpose(ip) !== undefined);
  return needs.facts(anchorAnswer, family, isInner);
});

/** Tries a mail server that always runs. It is one of this network, and the same for all targets. */
const anchorAnswer = fact(tryAnchor, {
  name: 'port 25 out',
  key: (_, family, isInner) => JSON.stringify([family, isInner]),
  complete: async ({ kind }) => (kind === 'open' ? 'sure' : 'unsure'),
  at: () => null,
});

/** @returns whether a network that closes the port causes such a failure. */
export function isUnanswered(status: SmtpFailureStatus): boolean {
  return UNANSWERED.includes(status);
}

async function tryAnchor(
  { dns, settings, smtp }: Needs<'dns' | 'settings' | 'smtp'>,
  family: IpFamily,
  isInner: boolean,
): Promise<Port25Out> {
  const [named] = settings.egressTargets ?? [];
  const anchor = named === undefined ? (isInner ? undefined : ANCHORS[0]) : anchorOf(named);
  if (anchor === undefined) return { kind: 'unknown' };
  const lookup = unwatched(dns);
  // A network that closes the port over one family does so over the other, but an open one may be open over one alone.
  const other = family === 4 ? 6 : 4;
  const own = await addressOf(anchor.host, family, lookup);
  const ip = own ?? (await addressOf(anchor.host, other, lookup));
  if (ip === undefined) return { kind: 'unknown' };
  const connection = await smtp.connect(ip, anchor.port, { purpose: 'port 25 out' });
  if (connection.status === 'connected') {
    await connection.session.quit();
    return own === undefined ? { kind: 'unknown' } : { kind: 'open', shownBy: anchor.host };
  }
  // A connection that was made and then ended shows no closed port.
  const isClosed = connection.connected !== true && isUnanswered(connection.status);
  return isClosed ? { kind: 'closed', shownBy: anchor.host } : { kind: 'unknown' };
}

/** @returns an address of the host. Without one, it is not known whether the port is open, and the caller says so. */
async function addressOf(host: string, family: IpFamily, dns: Resolver): Promise<IpAddress | undefined> {
  const literal = parseIp(host);
  if (literal !== undefined) return ipFamily(literal) === family ? literal : undefined;
  const [first] = recordsOf<'A' | 'AAAA'>(await dns.query(host, family === 4 ? 'A' : 'AAAA'));
  return first === undefined ? undefined : parseIp(first);
}
