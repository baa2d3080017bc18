/** Verifies one signature: computes the hashes of the message (RFC 6376 §3.7) and compares them (§6.1.3). */
import { createHash, verify } from 'node:crypto';
import { findTag } from '../tag-list.ts';
import { canonicalField } from './canonical.ts';
import { defect, type SignatureDefect } from './defect.ts';
import type { HeaderField } from './mail.ts';
import { type Signature, tagsOf } from './signature.ts';
import type { VerifyingKey } from './signing-record.ts';

/**
 * Verifies a signature with its key (RFC 6376 §6.1.3).
 *
 * @param fields all header fields of the message, from the top.
 * @param body the body of the message in the canonical form that the signature names.
 * @returns the defect, or `null` when the signature verifies.
 */
export function checkSignature(
  fields: readonly HeaderField[],
  body: Buffer,
  signature: Signature,
  { key }: VerifyingKey,
): SignatureDefect | null {
  const signedLength = signature.bodyLength ?? body.length;
  // §3.5: l= must not be larger than the canonical body.
  if (signedLength > body.length) return defect('body-shorter');
  const hash = createHash('sha256').update(body.subarray(0, signedLength));
  if (!hash.digest().equals(signature.bodyHash)) return defect('body-changed');
  const signed = Buffer.from(signedHeader(fields, signature), 'latin1');
  try {
    // RFC 8463 §3: Ed25519 signs the SHA-256 hash of the header instead of the header.
    const verifies =
      signature.keyType === 'rsa'
        ? verify('sha256', signed, key, signature.value)
        : verify(null, createHash('sha256').update(signed).digest(), key, signature.value);
    return verifies ? null : defect('signature-wrong');
  } catch {
    // OpenSSL throws for keys of a size that it does not support.
    return defect('signature-wrong');
  }
}

function signedHeader(fields: readonly HeaderField[], signature: Signature): string {
  // §3.5: "DKIM-Signature" in h= means other signatures, never the one that is verified.
  const left = new Map<string, HeaderField[]>();
  for (const field of fields) {
    if (field === signature.field) continue;
    const same = left.get(field.name);
    if (same) same.push(field);
    else left.set(field.name, [field]);
  }
  // §5.4.2: fields with the same name are signed from the bottom up, and a name without a field adds nothing.
  const signed = signature.signedFields.flatMap((name) => left.get(name)?.pop() ?? []);
  const texts = signed.map((field) => `${canonicalField(field, signature.headerForm)}\r\n`);
  return texts.join('') + canonicalField(withoutValue(signature.field), signature.headerForm);
}

/** @returns the field with an empty value of b=, also without the white space around the value (§3.7). */
function withoutValue(field: HeaderField): HeaderField {
  const tags = tagsOf(field);
  const start = field.text.indexOf(':') + 1;
  const from = field.text.indexOf('=', start + (findTag(tags, 'b')?.offset ?? 0)) + 1;
  const to = field.text.indexOf(';', from);
  return { ...field, text: field.text.slice(0, from) + (to < 0 ? '' : field.text.slice(to)) };
}
