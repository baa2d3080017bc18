/** Judges servers whose STARTTLS a firewall overwrites, and tells a firewall before the server from one before this machine. */
import { type IpAddress, ipFamily } from '../../../network/ip.ts';
import { smtpEvidence } from '../../../network/smtp/types.ts';
import { egress } from '../../facts/egress.ts';
import { editedAnchors } from '../../facts/egress-results.ts';
import type { Facts } from '../../facts/fact.ts';
import { overwrittenIn } from '../../facts/greeting.ts';
import type { TlsObservation } from '../../facts/tls-endpoints.ts';
import type { Emit, Finding } from '../finding.ts';
import type { findings } from './findings.ts';
import { grouped } from './grouped.ts';

type Emitter = Emit<typeof findings>;
type Seen = Pick<TlsObservation, 'tls' | 'greeting'>;

/** @returns whether STARTTLS is missing or declined, and the dialogue has the marks of a firewall that overwrites it. */
export function isOverwrittenAt(seen: Seen): boolean {
  return partsOf(seen).length > 0;
}

function partsOf({ tls, greeting }: Seen) {
  if (tls.kind === 'not-offered') return overwrittenIn(greeting);
  return tls.kind === 'declined' ? overwrittenIn(greeting, tls.reply.lines) : [];
}

/**
 * @returns a function that tells whether a firewall of this network edits SMTP on the way to an address, as far as the
 *   outbound test was made. Such a firewall edits the dialogue with every mail server. A connection to an address of this
 *   machine passes none.
 */
export async function editedOnTheWay(facts: Facts): Promise<(ip: IpAddress) => boolean> {
  const fact = await facts(egress);
  if (fact.kind === 'untested') return () => false;
  const edited = fact.families.filter(({ anchors }) => editedAnchors(anchors).length > 0).map(({ family }) => family);
  return (ip) => edited.includes(ipFamily(ip)) && !fact.here.includes(ip);
}

/**
 * Reports servers whose STARTTLS is overwritten.
 *
 * @param isEditedHere tells whether a firewall of this network does it.
 */
export function* overwritten(
  observations: readonly TlsObservation[],
  isEditedHere: (ip: IpAddress) => boolean,
  finding: Emitter,
): Generator<Finding> {
  const evidenceOf = (seen: TlsObservation) => {
    const parts = partsOf(seen);
    if (parts.length === 0) return null;
    const { tls } = seen;
    const [command, reply] = tls.kind === 'declined' ? ['STARTTLS', tls.reply] : ['EHLO', ehloOf(seen)];
    return reply === null ? null : { parts, smtp: smtpEvidence(command, { status: 'reply', reply }) };
  };
  const isHere = ({ endpoint }: TlsObservation) => isEditedHere(endpoint.ip);
  for (const { evidence, detail } of grouped(observations, (seen) => (isHere(seen) ? null : evidenceOf(seen)))) {
    yield finding('tls/starttls-overwritten', evidence, detail);
  }
  const hidden = (seen: TlsObservation) =>
    isHere(seen) && evidenceOf(seen) !== null ? { reason: 'overwritten-here' as const, detail: '' } : null;
  for (const { evidence, detail } of grouped(observations, hidden, 'overwritten')) {
    yield finding('tls/inconclusive', evidence, detail);
  }
}

function ehloOf({ greeting }: TlsObservation) {
  return greeting.kind === 'greeted' && greeting.hello.status === 'reply' ? greeting.hello.reply : null;
}
