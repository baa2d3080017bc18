/** Judges servers whose STARTTLS a firewall overwrites, and tells a firewall before the server from one before this machine. */
import type { IpAddress } from '../../../network/ip.ts';
import { smtpEvidence } from '../../../network/smtp/types.ts';
import { overwrittenPartsOf } from '../../facts/overwritten.ts';
import type { TlsObservation } from '../../facts/tls-endpoints.ts';
import type { Emit, Finding } from '../finding.ts';
import type { findings } from './findings.ts';
import { grouped } from './grouped.ts';

type Emitter = Emit<typeof findings>;
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
    const parts = overwrittenPartsOf(seen);
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
