/** Recognises a firewall that overwrites STARTTLS, and tells one before the server from one before this machine. */
import type { OverwrittenPart } from '../../knowledge/mail-servers/smtp-inspection.ts';
import { type IpAddress, ipFamily } from '../../network/ip.ts';
import { egress } from './egress.ts';
import { editedAnchors } from './egress-results.ts';
import type { Facts } from './fact.ts';
import { type Greeting, overwrittenIn, type TlsFact } from './greeting.ts';

/** The dialogue with a mail server as far as TLS. */
export interface DialogueToTls {
  readonly greeting: Greeting;
  readonly tls: TlsFact;
}

/** @returns the parts that a firewall has overwritten. None unless STARTTLS is missing or declined. */
export function overwrittenPartsOf({ tls, greeting }: DialogueToTls): OverwrittenPart[] {
  if (tls.kind === 'not-offered') return overwrittenIn(greeting);
  return tls.kind === 'declined' ? overwrittenIn(greeting, tls.reply.lines) : [];
}

/** @returns whether STARTTLS is missing or declined, and the dialogue has the marks of a firewall that overwrites it. */
export function isOverwrittenAt(seen: DialogueToTls): boolean {
  return overwrittenPartsOf(seen).length > 0;
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
