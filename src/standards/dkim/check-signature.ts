/** Computes what a signature was made over and checks it, by the letter of RFC 6376 §3.7 and §6.1.3. */
import { createHash, verify } from 'node:crypto';
import { findTag } from '../tag-list.ts';
import { canonicalField } from './canonical.ts';
import { defect, type SignatureDefect } from './defect.ts';
import type { HeaderField } from './mail.ts';
import { type Signature, tagsOf } from './signature.ts';
import type { VerifyingKey } from './signing-record.ts';

/**
 * @param body the canonical form of the message's body.
 * @returns what does not fit, or `null` where the signature verifies.
 */
export function checkSignature(
  fields: readonly HeaderField[],
  body: Buffer,
  signature: Signature,
  { key }: VerifyingKey,
): SignatureDefect | null {
  const signedLength = signature.bodyLength ?? body.length;
  // l= must not be larger than the canonical body (§3.5).
  if (signedLength > body.length) return defect('body-shorter');
  const hash = createHash('sha256').update(body.subarray(0, signedLength));
  if (!hash.digest().equals(signature.bodyHash)) return defect('body-changed');
  const signed = Buffer.from(signedHeader(fields, signature), 'latin1');
  try {
    // Ed25519 signs the hash of the header, not the header (RFC 8463 §3).
    const verifies =
      signature.keyType === 'rsa'
        ? verify('sha256', signed, key, signature.value)
        : verify(null, createHash('sha256').update(signed).digest(), key, signature.value);
    return verifies ? null : defect('signature-wrong');
  } catch {
    // A key of a size that OpenSSL does not compute with.
    return defect('signature-wrong');
  }
}

function signedHeader(fields: readonly HeaderField[], signature: Signature): string {
  // Of DKIM-Signature fields, h= means the others, never the one that is verified (§3.5).
  const left = new Map<string, HeaderField[]>();
  for (const field of fields) {
    if (field === signature.field) continue;
    const same = left.get(field.name);
    if (same) same.push(field);
    else left.set(field.name, [field]);
  }
  // Of several fields of one name, the last is signed first; a name without a field stands for nothing (§5.4.2).
  const signed = signature.signedFields.flatMap((name) => left.get(name)?.pop() ?? []);
  const texts = signed.map((field) => `${canonicalField(field, signature.headerForm)}\r\n`);
  return texts.join('') + canonicalField(withoutValue(signature.field), signature.headerForm);
}

/** The field with an empty b=, white space and all (§3.7). */
function withoutValue(field: HeaderField): HeaderField {
  const tags = tagsOf(field);
  const start = field.text.indexOf(':') + 1;
  const from = field.text.indexOf('=', start + (findTag(tags, 'b')?.offset ?? 0)) + 1;
  const to = field.text.indexOf(';', from);
  return { ...field, text: field.text.slice(0, from) + (to < 0 ? '' : field.text.slice(to)) };
}
