/** A real message of the host: it is signed, a signature verifies, and its domain speaks for the From domain. */

import type { Severity } from '../../../report/status.ts';
import { MAX_SIGNATURES } from '../../../standards/dkim/message.ts';
import type { JudgedSignature, MessageFact } from '../../facts/message.ts';
import type { Target } from '../../target.ts';
import type { Emit, Finding } from '../finding.ts';
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
    yield finding('dkim/inconclusive', { reason, needs: 'new-message' }, about);
    return;
  }
  if (signatures.length === 0) {
    yield finding('dkim/message-unsigned', { from }, about);
    return;
  }
  for (const signature of signatures) {
    const { domain, selector, result, defect } = signature;
    if (result === 'pass') continue;
    const reason = isVerified ? null : whyUnknown(signature);
    if (reason !== null) {
      const evidence = result === 'temperror' ? { reason } : { reason, needs: 'new-message' as const };
      yield finding('dkim/inconclusive', evidence, about);
    } else {
      const comment = defect ? describeDefect(defect) : null;
      const evidence = { domain, selector, result, defect: defect ?? null, comment, leftOut };
      yield finding('dkim/message-signature-fails', evidence, { ...about, severity: weightOf(signature, message) });
    }
  }
  const passing = signatures.filter(({ result }) => result === 'pass');
  if (passing.length === 0) {
    if (leftOut === 0) return;
    const reason = `the message has ${MAX_SIGNATURES + leftOut} signatures, and only ${MAX_SIGNATURES} were verified: none of those is valid`;
    yield finding('dkim/inconclusive', { reason, needs: 'new-message' }, about);
    return;
  }
  const signers = signersOf(passing);
  if (isVerified) {
    const aligned = passing.filter(({ alignment }) => alignment === 'aligned');
    const isTesting = aligned.every((signature) => signature.isTesting);
    const evidence = {
      from,
      signers: signersOf(aligned),
      isTesting,
      unsignedOctets: leastUnsigned(aligned),
      leftOut,
    };
    yield finding('dkim/message-verified', evidence, { ...about, severity: isTesting ? 'warning' : 'info' });
  } else if (passing.some(({ alignment }) => alignment === 'unknown')) {
    const reason = `whether ${signers.join(', ')} belongs to ${from} could not be looked up`;
    yield finding('dkim/inconclusive', { reason }, about);
  } else {
    const severity = mayBeVerified(message) ? 'warning' : 'error';
    yield finding('dkim/message-not-aligned', { from, signers, mode, leftOut }, { ...about, severity });
  }
}

/** @returns why the signature shows neither that the host signs well nor that it does not, or `null` where it does. */
function whyUnknown({ domain, selector, result, defect }: JudgedSignature): string | null {
  if (result === 'temperror')
    return `the key of the signature by ${domain} (selector ${selector}) could not be fetched`;
  // Signatures are made to expire: an old one shows only that the sample is old.
  if (defect?.kind !== 'expired') return null;
  return `the signature of this message by ${domain} (selector ${selector}) expired on ${defect.detail}: send a new message and try with that`;
}

/** Receivers need one signature that passes and is aligned, whatever others are worth (RFC 6376 §6.1, RFC 9989 §4.4). */
function weightOf(signature: JudgedSignature, message: MessageFact): Severity {
  // A mailing list or another service broke a signature of its own, or its name servers are slow: nothing to mend here.
  if (message.isVerified) return signature.isOwn && whyUnknown(signature) === null ? 'warning' : 'info';
  return mayBeVerified(message) ? 'warning' : 'error';
}

/** Whether a signature that is not known to be valid and aligned may be so all the same. */
function mayBeVerified({ signatures, leftOut }: MessageFact): boolean {
  return (
    signatures.some(
      (signature) => signature.alignment === 'unknown' || (signature.isOwn && whyUnknown(signature) !== null),
    ) ||
    // Signatures by the From domain's organization are verified first: where another passes, none of them is left out.
    (leftOut > 0 && signatures.every(({ result }) => result !== 'pass'))
  );
}

/** @returns the octets that no signature covers, or `null` where one of them covers the whole body, whatever is appended. */
function leastUnsigned(signatures: readonly JudgedSignature[]): number | null {
  const unsigned = signatures.map(({ unsignedOctets }) => unsignedOctets);
  const limited = unsigned.filter((octets) => octets !== undefined);
  return limited.length < unsigned.length ? null : Math.min(...limited);
}

function signersOf(signatures: readonly JudgedSignature[]): string[] {
  return [...new Set(signatures.map(({ domain }) => domain))];
}
