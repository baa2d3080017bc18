/**
 * The DKIM signatures of a real message (RFC 6376 §6): what the keys alone cannot show is whether the host signs with
 * them, and for which domain.
 *
 * `mailauth` verifies. What a verified signature means is decided here, by the tags of the signature and of its key: it
 * knows nothing of the limits of RFC 8301 on hashes, and little of the limits a key record sets. A signature that it
 * refuses is computed once more: it takes octets of UTF-8 text for white space, and quotes in a tag for more than that.
 */
import type { Resolver } from '../dns/answer.ts';
import { canonicalName, parseDomain } from '../domain.ts';
import { canonicalBody } from './canonical.ts';
import { checkSignature } from './check-signature.ts';
import { defect, resultOf, type SignatureDefect } from './defect.ts';
import { lookUpSelector, type SelectorLookup } from './lookup.ts';
import { isHeaderReadable, MAX_MESSAGE_HEADER, type Mail, readMail } from './mail.ts';
import { askMailauth, keyNameOf } from './mailauth.ts';
import { isSignatureField, readSignature, type Signature, signerOf, tagsOf } from './signature.ts';
import { keyFor, type VerifyingKey } from './signing-record.ts';

export interface MessageSignature {
  /** `d=`, canonical; empty where it is no domain. */
  readonly domain: string;
  /** `s=`, canonical; empty where it is no selector. */
  readonly selector: string;
  /** One of RFC 8601 §2.7.1: `pass`, `fail`, `policy`, `temperror` (the key could not be fetched) or `permerror`. */
  readonly result: string;
  /** Why it is not `pass`. */
  readonly defect?: SignatureDefect;
  /** The key is marked as a test (`t=y`): a verifier may treat the message as unsigned. */
  readonly isTesting?: boolean;
  /** Octets of the body that `l=` leaves unsigned: anyone can append as much, or more. */
  readonly unsignedOctets?: number;
  /** Of the key that it was verified with. */
  readonly keyFingerprint?: string;
}

export interface MessageVerification {
  /** Domain of the From field, canonical; `null` where there is none, or not exactly one author domain (RFC 9989 §4.3). */
  readonly fromDomain: string | null;
  /** In the order of the header. */
  readonly signatures: readonly MessageSignature[];
  /** Signatures beyond the first ten, which nobody verified. */
  readonly leftOut?: number;
}

/** A verifier may limit how many signatures it tries (RFC 6376 §6.1); a mailing list's worth. */
export const MAX_SIGNATURES = 10;

/** Milliseconds that the clock of a host may be ahead; OpenDKIM allows as much by default. */
const CLOCK_DRIFT = 300_000;

/**
 * @returns what the message's signatures are worth now, with keys fetched through `resolver`. Rejects with a RangeError
 *   for a header that is not readable, and for nothing else.
 */
export async function verifyMessage(
  message: Uint8Array,
  resolver: Resolver,
  now: number,
): Promise<MessageVerification> {
  const mail = readMail(message);
  const fields = mail.fields.filter(isSignatureField);
  const candidates = await Promise.all(
    fields.slice(0, MAX_SIGNATURES).map(async (field) => {
      const reading = readSignature(field);
      if (reading.kind === 'defect') return reading;
      const { signature } = reading;
      const lookup = await lookUpSelector(resolver, signature.domain, signature.selector);
      const key = keyFor(signature, lookup);
      return 'kind' in key ? { kind: 'defect' as const, ...signature, defect: key } : { signature, key, lookup };
    }),
  );
  const keyed = candidates.filter((candidate) => 'lookup' in candidate);
  const keys = new Map(keyed.map(({ signature, lookup }) => [keyNameOf(signature), recordText(lookup)]));
  const signatures = keyed.map(({ signature }) => signature);
  const { authors, verified } = await askMailauth(mail, signatures, keys, now);
  const leftOut = Math.max(0, fields.length - MAX_SIGNATURES);
  return {
    fromDomain: onlyDomain(authors),
    signatures: candidates.map((candidate) =>
      'defect' in candidate
        ? defective(candidate, candidate.defect)
        : judge(mail, candidate.signature, candidate.key, verified.has(candidate.signature), now),
    ),
    ...(leftOut > 0 ? { leftOut } : {}),
  };
}

function judge(
  mail: Mail,
  signature: Signature,
  key: VerifyingKey,
  isVerified: boolean,
  now: number,
): MessageSignature {
  const unsigned = unsignedOctets(mail, signature);
  const found =
    (isVerified ? null : checkSignature(mail, signature, key)) ??
    // l= must not be larger than the canonical body (§3.5).
    (unsigned < 0 ? defect('body-shorter') : null) ??
    timeDefect(signature, now);
  if (found) return defective(signature, found);
  return {
    domain: signature.domain,
    selector: signature.selector,
    result: 'pass',
    keyFingerprint: key.fingerprint,
    ...(key.isTesting ? { isTesting: true } : {}),
    ...(unsigned > 0 ? { unsignedOctets: unsigned } : {}),
  };
}

function defective(
  { domain, selector }: { domain: string; selector: string },
  found: SignatureDefect,
): MessageSignature {
  return { domain, selector, result: resultOf(found), defect: found };
}

/** @returns below 0 where more is said to be signed than there is. */
function unsignedOctets({ body }: Mail, { bodyForm, bodyLength }: Signature): number {
  return bodyLength === null ? 0 : canonicalBody(body, bodyForm).length - bodyLength;
}

/** Both come last: they say nothing of the host where the sample is old, or its clock wrong (§3.5). */
function timeDefect({ signedAt, expiresAt }: Signature, now: number): SignatureDefect | null {
  if (expiresAt !== null && expiresAt < now) return defect('expired', isoTime(expiresAt));
  if (signedAt !== null && signedAt > now + CLOCK_DRIFT) return defect('from-future', isoTime(signedAt));
  return null;
}

/** Twelve digits of seconds go beyond what a date can be; the year 9999 says as much. */
function isoTime(milliseconds: number): string {
  return new Date(Math.min(milliseconds, Date.UTC(9999, 11, 31))).toISOString().replace('.000Z', 'Z');
}

function recordText({ records }: SelectorLookup): string {
  return (records[0]?.strings ?? []).join('');
}

function onlyDomain(authors: readonly string[]): string | null {
  const domains = authors.map((address) => address.split('@').at(-1) ?? '');
  const [domain = '', ...others] = new Set(domains.map((name) => parseDomain(name) ?? canonicalName(name)));
  return others.length === 0 && domain !== '' ? domain : null;
}

/** @returns the selectors (`s=`) of the message's signatures by `domain`, without verifying them. */
export function selectorsOf(message: Uint8Array, domain: string): string[] {
  if (!isHeaderReadable(message)) return [];
  const { fields: all } = readMail(message.subarray(0, MAX_MESSAGE_HEADER + 4));
  const fields = all.filter(isSignatureField);
  const signers = fields.slice(0, MAX_SIGNATURES).map((field) => signerOf(tagsOf(field)));
  return [...new Set(signers.flatMap((signer) => (signer.domain === domain ? signer.selector || [] : [])))];
}
