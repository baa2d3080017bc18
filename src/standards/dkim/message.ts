/**
 * The DKIM signatures of a real message (RFC 6376 §6): what the keys alone cannot show is whether the host signs with
 * them, and for which domain.
 *
 * Everything is computed here, by the letter of the standards. The tests hold it against two other implementations.
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
  /** Octets of the body that `l=` leaves unsigned, which may be none. Where it is absent, the whole body is signed. */
  readonly unsignedOctets?: number;
  /** Of the key that it was verified with. */
  readonly keyFingerprint?: string;
}

export interface MessageVerification {
  /** Domain of the From field, canonical; `null` where there is none, or not exactly one author domain (RFC 9989 §4.3). */
  readonly fromDomain: string | null;
  /** In the order of the header. */
  readonly signatures: readonly MessageSignature[];
  /** Signatures beyond ten, which nobody verified. */
  readonly leftOut?: number;
}

/** A verifier may limit how many signatures it tries (RFC 6376 §6.1); a mailing list's worth. */
export const MAX_SIGNATURES = 10;

/** Milliseconds that the clock of a host may be ahead; OpenDKIM allows as much by default. */
const CLOCK_DRIFT = 300_000;

/**
 * @returns what the message's signatures are worth now, with keys fetched through `resolver`. No octets make it reject; a
 *   header that is not readable counts as an empty one.
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

/** @returns the signatures to verify, in the order of the header: those that can be aligned, then as many others. */
function mostRelevant(fields: readonly HeaderField[], fromDomain: string | null): HeaderField[] {
  if (fields.length <= MAX_SIGNATURES) return [...fields];
  const organization = fromDomain === null ? null : organizationalDomain(fromDomain);
  const own = fields.filter((field) => organizationalDomain(signerOf(tagsOf(field)).domain) === organization);
  const chosen = new Set([...new Set([...own, ...fields])].slice(0, MAX_SIGNATURES));
  return fields.filter((field) => chosen.has(field));
}

/** @returns the function that gives the body in a form. There are two, whatever the number of signatures. */
function canonicalForms(body: Buffer): (form: Canonicalization) => Buffer {
  const made = new Map<Canonicalization, Buffer>();
  return (form) => {
    const canonical = made.get(form) ?? canonicalBody(body, form);
    made.set(form, canonical);
    return canonical;
  };
}

/** @param body in the form that the signature was made over. */
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

/** The time comes last: a signature that fails in another way says more of the host (§3.5). */
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

/** Twelve digits of seconds go beyond what a date can be; the year 9999 says as much. */
function isoTime(milliseconds: number): string {
  return new Date(Math.min(milliseconds, Date.UTC(9999, 11, 31))).toISOString().replace('.000Z', 'Z');
}

/** @returns the selectors (`s=`) of the message's signatures by `domain`, without verifying them. */
export function selectorsOf(message: Uint8Array, domain: string): string[] {
  // What is behind the header does not matter, and may be long.
  const { fields } = readMail(message.subarray(0, MAX_MESSAGE_HEADER + 4)) ?? { fields: [] };
  const signers = fields.filter(isSignatureField).map((field) => signerOf(tagsOf(field)));
  const own = signers.filter((signer) => signer.domain === domain && signer.selector !== '');
  return [...new Set(own.slice(0, MAX_SIGNATURES).map(({ selector }) => selector))];
}
