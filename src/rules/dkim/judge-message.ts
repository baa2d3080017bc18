/** A real message of the host: it is signed, a signature verifies, and its domain speaks for the From domain. */
import type { JudgedSignature, MessageFact } from '../../facts/message.ts';
import type { Target } from '../../target.ts';
import type { Emit, Finding, Severity } from '../rule.ts';
import type { findings } from './findings.ts';
import { describeDefect } from './signature-words.ts';

type Emitter = Emit<typeof findings>;

export function* judgeMessage(
  message: MessageFact,
  target: Target,
  finding: Emitter,
): Generator<Finding, void, undefined> {
  const { fromDomain: from, isFromTarget, signatures, leftOut, mode, isVerified } = message;
  const about = { subject: from ?? target.domain };
  if (from === null || !isFromTarget) {
    const reason = `the message you gave is not from ${target.domain}: its From field names ${from ?? 'no single domain'}`;
    yield finding('dkim/inconclusive', { reason }, about);
    return;
  }
  if (signatures.length === 0) {
    yield finding('dkim/message-unsigned', { from }, about);
    return;
  }
  for (const signature of signatures) {
    const { domain, selector, result, defect } = signature;
    if (result === 'pass') continue;
    if (result === 'temperror' && !isVerified) {
      const reason = `the key of the signature by ${domain} (selector ${selector}) could not be fetched`;
      yield finding('dkim/inconclusive', { reason }, about);
    } else {
      const comment = defect ? describeDefect(defect) : null;
      const evidence = { domain, selector, result, defect: defect ?? null, comment, leftOut };
      yield finding('dkim/message-signature-fails', evidence, { ...about, severity: weightOf(signature, message) });
    }
  }
  const passing = signatures.filter(({ result }) => result === 'pass');
  if (passing.length === 0) return;
  const signers = signersOf(passing);
  if (isVerified) {
    const aligned = passing.filter(({ alignment }) => alignment === 'aligned');
    const isTesting = aligned.every((signature) => signature.isTesting);
    const unsignedOctets = Math.min(...aligned.map((signature) => signature.unsignedOctets ?? 0));
    const evidence = { from, signers: signersOf(aligned), isTesting, unsignedOctets, leftOut };
    yield finding('dkim/message-verified', evidence, { ...about, severity: isTesting ? 'warning' : 'info' });
  } else if (passing.some(({ alignment }) => alignment === 'unknown')) {
    const reason = `whether ${signers.join(', ')} belongs to ${from} could not be looked up`;
    yield finding('dkim/inconclusive', { reason }, about);
  } else {
    yield finding('dkim/message-not-aligned', { from, signers, mode, leftOut }, about);
  }
}

/** Receivers need one signature that passes and is aligned, whatever others are worth (RFC 6376 §6.1, RFC 9989 §4.4). */
function weightOf({ isOwn, result }: JudgedSignature, { isVerified, signatures }: MessageFact): Severity {
  // A mailing list or another service broke a signature of its own, or its name servers are slow: nothing to mend here.
  if (isVerified) return isOwn && result !== 'temperror' ? 'warning' : 'info';
  const mayPass = signatures.some(
    (other) => other.alignment === 'unknown' || (other.isOwn && other.result === 'temperror'),
  );
  return mayPass ? 'warning' : 'error';
}

function signersOf(signatures: readonly JudgedSignature[]): string[] {
  return [...new Set(signatures.map(({ domain }) => domain))];
}
