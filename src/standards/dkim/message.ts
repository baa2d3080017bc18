/**
 * DomainKeys Identified Mail (DKIM, RFC 6376, with RFC 8301 and RFC 8463): which domain takes responsibility for a
 * message?
 *
 * The owner of a domain publishes a public key as a TXT record at `<selector>._domainkey.<domain>`. The mail server
 * signs each message with the private key and adds a DKIM-Signature field. The field names the domain (`d=`), the
 * selector (`s=`), the signed header fields (`h=`), the hash of the body (`bh=`) and the signature (`b=`).
 *
 * A receiver fetches the key and checks the signature after it has received the message. The result of each signature
 * is `pass`, `fail`, `policy`, `temperror` or `permerror` (RFC 8601 §2.7.1). Receivers treat a message whose signature
 * fails like an unsigned one (RFC 6376 §6.1). DMARC requires one passing signature by a domain that is aligned with the
 * From field. In contrast to SPF, a signature survives forwarding as long as no one changes the signed parts.
 *
 * Receivers differ. Many cannot verify Ed25519 (RFC 8463). They need not accept RSA keys of more than 4096 bits (RFC
 * 8301 §3.2). A receiver may ignore a signature by a test key (`t=y`), a signature of only a part of the body (`l=`), or
 * a signature after its end of validity (`x=`).
 *
 * This file verifies the signatures of a real message (RFC 6376 §6). Keys in the DNS alone do not show whether the host
 * signs with them. The tests compare the results with two other implementations.
 */
import type { Resolver } from '../../network/dns/answer.ts';
import { organizationalDomain } from '../organizational-domain.ts';
import { type Canonicalization, canonicalBody } from './canonical.ts';
import { checkSignature } from './check-signature.ts';
import { defect, resultOf, type SignatureDefect } from './defect.ts';
import { authorDomain } from './from-field.ts';
import { lookUpSelector } from './lookup.ts';
import { type HeaderField, MAX_MESSAGE_HEADER, readMail } from './mail.ts';
import { receivedAt } from './received.ts';
import { isSignatureField, readSignature, type Signature, signerOf, tagsOf } from './signature.ts';
import { keyFor, type VerifyingKey } from './signing-record.ts';

export interface MessageSignature {
  /** `d=` in canonical form. Empty when the value is not a domain. */
  readonly domain: string;
  /** `s=` in canonical form. Empty when the value is not a selector. */
  readonly selector: string;
  /** A result of RFC 8601 §2.7.1: `pass`, `fail`, `policy`, `temperror` (the key lookup failed) or `permerror`. */
  readonly result: string;
  /** The reason, when the result is not `pass`. */
  readonly defect?: SignatureDefect;
  /** Whether the key is marked as a test (`t=y`), so that a verifier may treat the message as unsigned. */
  readonly isTesting?: boolean;
  /** Octets of the body that `l=` leaves unsigned, possibly 0. Absent when the signature has no `l=`. */
  readonly unsignedOctets?: number;
  /** Fingerprint of the key that verified the signature. */
  readonly keyFingerprint?: string;
}

export interface MessageVerification {
  /** Domain of the From field in canonical form, or `null` without exactly one author domain (RFC 9989 §4.3). */
  readonly fromDomain: string | null;
  /** The verified signatures in the order of the header. */
  readonly signatures: readonly MessageSignature[];
  /** Number of further signatures that were not verified. */
  readonly leftOut?: number;
}

/** Largest number of signatures to verify. RFC 6376 §6.1 allows a limit, and messages of mailing lists have fewer. */
export const MAX_SIGNATURES = 10;

/** Milliseconds by which the signer's clock may be ahead. OpenDKIM has the same default. */
const CLOCK_DRIFT = 300_000;

/**
 * Verifies the signatures of a message (RFC 6376 §6). Accepts any octets. A header that is too long counts as empty.
 *
 * @param resolver fetches the keys.
 * @param now the time of verification in milliseconds since the epoch.
 * @returns the author domain, and the result of at most `MAX_SIGNATURES` signatures. Never rejects.
 */
export async function verifyMessage(
  message: Uint8Array,
  resolver: Resolver,
  now: number,
): Promise<MessageVerification> {
  const mail = readMail(message);
  if (!mail) return { fromDomain: null, signatures: [] };
  const fromDomain = authorDomain(mail.fields);
  const fields = mail.fields.filter(isSignatureField);
  const bodyIn = canonicalForms(mail.body);
  const signatures = await Promise.all(
    mostRelevant(fields, fromDomain).map(async (field) => {
      const reading = readSignature(field);
      if (reading.kind === 'defect') return defective(reading, reading.defect);
      const { signature } = reading;
      const key = keyFor(signature, await lookUpSelector(resolver, signature.domain, signature.selector));
      return 'kind' in key
        ? defective(signature, key)
        : judge(mail.fields, bodyIn(signature.bodyForm), { signature, key, now });
    }),
  );
  const leftOut = fields.length - signatures.length;
  return { fromDomain, signatures, ...(leftOut > 0 ? { leftOut } : {}) };
}

/**
 * Selects the signatures to verify. Prefers those by the organization of the author, which can be aligned.
 *
 * @returns at most `MAX_SIGNATURES` fields in the order of the header.
 */
function mostRelevant(fields: readonly HeaderField[], fromDomain: string | null): HeaderField[] {
  if (fields.length <= MAX_SIGNATURES) return [...fields];
  const organization = fromDomain === null ? null : organizationalDomain(fromDomain);
  const own = fields.filter((field) => organizationalDomain(signerOf(tagsOf(field)).domain) === organization);
  const chosen = new Set([...new Set([...own, ...fields])].slice(0, MAX_SIGNATURES));
  return fields.filter((field) => chosen.has(field));
}

/** @returns a function that returns the body in a canonical form. It computes each of the two forms at most once. */
function canonicalForms(body: Buffer): (form: Canonicalization) => Buffer {
  const made = new Map<Canonicalization, Buffer>();
  return (form) => {
    const canonical = made.get(form) ?? canonicalBody(body, form);
    made.set(form, canonical);
    return canonical;
  };
}

/**
 * Verifies one signature with its key.
 *
 * @param body the body in the canonical form that the signature names.
 */
function judge(
  fields: readonly HeaderField[],
  body: Buffer,
  { signature, key, now }: { signature: Signature; key: VerifyingKey; now: number },
): MessageSignature {
  const found = checkSignature(fields, body, signature, key) ?? timeDefect(fields, signature, now);
  if (found) return defective(signature, found);
  return {
    domain: signature.domain,
    selector: signature.selector,
    result: 'pass',
    keyFingerprint: key.fingerprint,
    ...(key.isTesting ? { isTesting: true } : {}),
    ...(signature.bodyLength === null ? {} : { unsignedOctets: body.length - signature.bodyLength }),
  };
}

function defective(
  { domain, selector }: { domain: string; selector: string },
  found: SignatureDefect,
): MessageSignature {
  return { domain, selector, result: resultOf(found), defect: found };
}

/**
 * Checks the times of a signature (§3.5). This check is the last one, because other defects tell more about the host.
 */
function timeDefect(
  fields: readonly HeaderField[],
  { signedAt, expiresAt }: Signature,
  now: number,
): SignatureDefect | null {
  if (signedAt !== null && signedAt > now + CLOCK_DRIFT) return defect('from-future', isoTime(signedAt));
  // "The verification time should be the time that the message was first received …; otherwise, the current time should
  // be used."
  const verifiedAt = Math.min(receivedAt(fields) ?? now, now);
  if (expiresAt !== null && expiresAt < verifiedAt) return defect('expired', isoTime(expiresAt));
  return null;
}

/**
 * Formats a time in ISO 8601. A tag may have twelve digits of seconds, which is too late for a Date, so 9999 is the
 * limit.
 */
function isoTime(milliseconds: number): string {
  return new Date(Math.min(milliseconds, Date.UTC(9999, 11, 31))).toISOString().replace('.000Z', 'Z');
}

/** @returns the selectors (`s=`) of the signatures by `domain`, each once. The signatures are not verified. */
export function selectorsOf(message: Uint8Array, domain: string): string[] {
  // Only the header matters, and the body may be long.
  const { fields } = readMail(message.subarray(0, MAX_MESSAGE_HEADER + 4)) ?? { fields: [] };
  const signers = fields.filter(isSignatureField).map((field) => signerOf(tagsOf(field)));
  const own = signers.filter((signer) => signer.domain === domain && signer.selector !== '');
  return [...new Set(own.slice(0, MAX_SIGNATURES).map(({ selector }) => selector))];
}
