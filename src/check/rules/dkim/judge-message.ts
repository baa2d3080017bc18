/**
 * Judges a real message of the host: it is signed, a signature verifies, and the signature is aligned with the From
 * domain.
 */

import { sameName } from '../../../network/domain.ts';
import type { Question, Severity } from '../../../report/status.ts';
import { keyName } from '../../../standards/dkim/lookup.ts';
import { MAX_SIGNATURES } from '../../../standards/dkim/message.ts';
import { walkedQuestions } from '../../../standards/dmarc/tree-walk.ts';
import type { JudgedSignature, MessageFact } from '../../facts/message.ts';
import type { Target } from '../../target.ts';
import type { Emit, Finding } from '../finding.ts';
import { numbered } from '../numbered.ts';
import type { findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

/** Reports what the message that the user gave shows about the signatures of the host. */
export function* judgeMessage(
  message: MessageFact,
  { domain }: Target,
  finding: Emitter,
): Generator<Finding, void, undefined> {
  const { fromDomain: from, isFromTarget, signatures, leftOut, mode, isVerified } = message;
  if (from === null || !isFromTarget) {
    const reason = 'message-of-another-domain';
    yield finding('dkim/inconclusive', { reason, domain, from }, { about: { name: from ?? domain, item: reason } });
    return;
  }
  if (signatures.length === 0) {
    yield finding('dkim/message-unsigned', { from }, { about: { name: from } });
    return;
  }
  yield* judgeSignatures(message, from, finding);

  const passing = signatures.filter(({ result }) => result === 'pass');
  const signers = signersOf(passing);
  const rests = [...keyQuestions(passing), ...alignmentQuestions(message, from, signers)];
  if (passing.length === 0) {
    if (leftOut === 0) return;
    const reason = 'signatures-left-out';
    const evidence = { reason, signatures: MAX_SIGNATURES + leftOut, verified: MAX_SIGNATURES } as const;
    yield finding('dkim/inconclusive', evidence, {
      about: { name: from, item: reason },
      rests: keyQuestions(signatures),
    });
  } else if (isVerified) {
    const aligned = passing.filter(({ alignment }) => alignment === 'aligned');
    const isTesting = aligned.every((signature) => signature.isTesting);
    const evidence = { from, signers: signersOf(aligned), isTesting, unsignedOctets: leastUnsigned(aligned), leftOut };
    const severity = isTesting ? 'warning' : 'info';
    yield finding('dkim/message-verified', evidence, { about: { name: from }, rests, severity });
  } else if (passing.some(({ alignment }) => alignment === 'unknown')) {
    const reason = 'alignment-lookup-failed';
    yield finding('dkim/inconclusive', { reason, from, signers }, { about: { name: from, item: reason }, rests });
  } else {
    const severity = mayBeVerified(message) ? 'warning' : 'error';
    const evidence = { from, signers, mode, leftOut };
    // A warning says that another signature may be aligned.
    const faults = severity === 'error' ? {} : { faults: [] };
    yield finding('dkim/message-not-aligned', evidence, { about: { name: from }, rests, severity, ...faults });
  }
}

/** Reports each signature that does not pass. */
function* judgeSignatures(message: MessageFact, from: string, finding: Emitter): Generator<Finding> {
  const { signatures, leftOut, isVerified } = message;
  // A message may have two signatures with the same domain and selector.
  const items = numbered(signatures.map(({ domain, selector }) => `d=${domain} s=${selector}`));
  for (const [index, signature] of signatures.entries()) {
    const { domain, selector, result, defect } = signature;
    if (result === 'pass') continue;
    const about = { name: from, item: items[index] ?? domain };
    const detail = { about, rests: keyQuestions([signature]) };
    const reason = isVerified ? null : whyUnknown(signature);
    if (reason === 'signature-key-lookup-failed') {
      yield finding('dkim/inconclusive', { reason, domain, selector }, detail);
    } else if (reason === 'signature-expired') {
      yield finding('dkim/inconclusive', { reason, domain, selector, expiredOn: defect?.detail ?? '' }, detail);
    } else {
      const evidence = { domain, selector, result, defect: defect ?? null, leftOut };
      const severity = weightOf(signature, message);
      // The mail counts as unsigned only if no signature passes or may pass.
      const isUnsigned = severity === 'error' && signatures.every((other) => other.result !== 'pass');
      yield finding('dkim/message-signature-fails', evidence, {
        ...detail,
        severity,
        ...(isUnsigned ? {} : { faults: [] }),
      });
    }
  }
}

/** @returns the questions for the key records of the signatures that name one. */
function keyQuestions(signatures: readonly JudgedSignature[]): Question[] {
  const named = signatures.filter(({ domain, selector }) => domain !== '' && selector !== '');
  return named.map(({ domain, selector }) => ({ name: keyName(selector, domain), type: 'TXT' }));
}

/**
 * @returns the questions that tell which policy the From domain has, and to which organization the signers belong. A
 * signer has none where its name alone decides (RFC 9989 §4.4), or the suffix list.
 */
function alignmentQuestions({ mode, isWalked }: MessageFact, from: string, signers: readonly string[]): Question[] {
  const others = isWalked && mode === 'relaxed' ? signers.filter((signer) => !sameName(signer, from)) : [];
  return [from, ...others].flatMap(walkedQuestions);
}

/** @returns why a failed signature proves nothing about the signing of the host, or `null` when it proves a fault. */
function whyUnknown({ result, defect }: JudgedSignature): 'signature-key-lookup-failed' | 'signature-expired' | null {
  if (result === 'temperror') return 'signature-key-lookup-failed';
  // Signatures expire by design. An expired one shows only that the message is old.
  return defect?.kind === 'expired' ? 'signature-expired' : null;
}

/**
 * Weighs a signature that does not pass. Receivers need one signature that passes and is aligned, whatever the others
 * are (RFC 6376 §6.1, RFC 9989 §4.4).
 *
 * @returns the severity of the finding about the signature.
 */
function weightOf(signature: JudgedSignature, message: MessageFact): Severity {
  // A mailing list or another service may break its own signature, or its name servers may be slow. The host needs no
  // fix.
  if (message.isVerified) return signature.isOwn && whyUnknown(signature) === null ? 'warning' : 'info';
  return mayBeVerified(message) ? 'warning' : 'error';
}

/** @returns whether the message may have a valid and aligned signature that could not be verified. */
function mayBeVerified({ signatures, leftOut }: MessageFact): boolean {
  return (
    signatures.some(
      (signature) => signature.alignment === 'unknown' || (signature.isOwn && whyUnknown(signature) !== null),
    ) ||
    // Signatures of the From domain's organization are verified first. If another signature passes, none of those was
    // left out.
    (leftOut > 0 && signatures.every(({ result }) => result !== 'pass'))
  );
}

/**
 * @returns the number of body octets that no signature covers. `null` when one signature has no l= and covers
 *   everything.
 */
function leastUnsigned(signatures: readonly JudgedSignature[]): number | null {
  const unsigned = signatures.map(({ unsignedOctets }) => unsignedOctets);
  const limited = unsigned.filter((octets) => octets !== undefined);
  return limited.length < unsigned.length ? null : Math.min(...limited);
}

function signersOf(signatures: readonly JudgedSignature[]): string[] {
  return [...new Set(signatures.map(({ domain }) => domain))];
}
