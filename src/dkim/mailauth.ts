/**
 * What `mailauth` makes of a message: who it is from, and which of its signatures verify.
 *
 * It is handed only what it reads as RFC 6376 does and in reasonable time. It would also list the seals of ARC as if
 * they were signatures, leave out those it cannot parse, and search a long field in quadratic time.
 */
import { keyName } from './lookup.ts';
import type { HeaderField, Mail } from './mail.ts';
import { isSignatureField, type Signature } from './signature.ts';

/** Characters; it searches fields and lists of addresses in quadratic time. A signature of 4096 bits has some 1500. */
const MAX_FIELD = 4096;
/** Octets; it keeps an object for every line that ends in white space. */
const MAX_BODY = 4 * 1024 * 1024;

export interface MailauthOpinion {
  /** Addresses in the From fields; none where one of them is too long. */
  readonly authors: readonly string[];
  readonly verified: ReadonlySet<Signature>;
}

/** @param keys name of a key record → its text, for each signature. */
export async function askMailauth(
  mail: Mail,
  signatures: readonly Signature[],
  keys: ReadonlyMap<string, string>,
  now: number,
): Promise<MailauthOpinion> {
  // A CommonJS module: bundled, it has nothing but a default export.
  const { default: verifier } = await import('mailauth/lib/dkim/verify.js');
  const withheld = new Set(mail.fields.filter((field) => !isShort(field)).map(({ name }) => name));
  const given = signatures.filter(
    ({ field, signedFields }) =>
      mail.body.length <= MAX_BODY && isShort(field) && !signedFields.some((name) => withheld.has(name)),
  );
  const { headerFrom, results } = await verifier.dkimVerify(messageFor(mail, given), {
    resolver: async (name: string) => {
      const text = keys.get(name.toLowerCase());
      if (text === undefined) throw Object.assign(new Error('no key'), { code: 'ENOTFOUND' });
      return [[text]];
    },
    curTime: new Date(now),
  });
  // It passes over what it cannot parse: where it did, nothing tells which result belongs to which signature.
  const isComplete = results.length === given.length;
  const verified = given.filter((_, index) => isComplete && results[index]?.status.result === 'pass');
  return { authors: withheld.has('from') ? [] : headerFrom, verified: new Set(verified) };
}

/** The message without long fields, and with no other signatures and seals than these unless they are signed themselves. */
function messageFor({ fields, body }: Mail, signatures: readonly Signature[]): Buffer {
  const given = new Set(signatures.map(({ field }) => field));
  const signed = new Set(signatures.flatMap(({ signedFields }) => signedFields));
  const kept = fields.filter(isShort).filter((field) => {
    if (isSignatureField(field)) return given.has(field) || signed.has(field.name);
    return !field.name.startsWith('arc-') || signed.has(field.name);
  });
  const header = kept.map(({ text }) => `${text}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${header}\r\n`, 'latin1'), given.size === 0 ? Buffer.alloc(0) : body]);
}

function isShort({ text }: HeaderField): boolean {
  return text.length <= MAX_FIELD;
}

/** @returns the name under which a signature's key is asked for. */
export function keyNameOf({ selector, domain }: Signature): string {
  return keyName(selector, domain);
}
