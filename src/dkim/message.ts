/**
 * The DKIM signatures of a real message (RFC 6376 §6), verified with `mailauth`: what the keys alone cannot show is
 * whether the host signs with them, and for which domain.
 */
import type { Resolver } from '../dns/answer.ts';
import { canonicalName } from '../domain.ts';
import { findTag, parseTagList } from '../tag-list.ts';

export interface MessageSignature {
  /** `d=`, canonical. */
  readonly domain: string;
  /** `s=`. */
  readonly selector: string;
  /** `pass`, `temperror` (the key could not be fetched), or what RFC 8601 §2.7.1 calls everything else. */
  readonly result: string;
  /** Why it is not `pass`. */
  readonly comment: string | null;
}

export interface MessageVerification {
  /** Domain of the From field, canonical; `null` where there is none, or not exactly one author domain (RFC 9989 §4.3). */
  readonly fromDomain: string | null;
  readonly signatures: readonly MessageSignature[];
}

/** How many signatures of one message are verified; a mailing list's worth. */
const MAX_SIGNATURES = 10;

/** Octets; Postfix takes 100 KB (`header_size_limit`), and honest messages have a tenth. */
export const MAX_MESSAGE_HEADER = 100 * 1024;
/** Lines of one field, which is folded after some 78 characters (RFC 5322 §2.2.3); `mailauth` joins them one by one. */
const MAX_FIELD_LINES = 1000;

/** @returns whether the header is of a size that mail servers take and that can be read in reasonable time. */
export function isHeaderReadable(message: Uint8Array): boolean {
  const head = headOf(message.subarray(0, MAX_MESSAGE_HEADER + 4));
  if (head.length > MAX_MESSAGE_HEADER) return false;
  let folded = 0;
  return head.split(/\r?\n/).every((line) => {
    folded = /^[ \t]|^$/.test(line) ? folded + 1 : 0;
    return folded < MAX_FIELD_LINES;
  });
}

/**
 * @returns what the message's signatures are worth now, with keys fetched through `resolver`. Rejects with a RangeError
 *   for a header that is not readable, and for nothing else.
 */
export async function verifyMessage(
  message: Uint8Array,
  resolver: Resolver,
  now: number,
): Promise<MessageVerification> {
  if (!isHeaderReadable(message)) throw new RangeError('the header of the message is too long');
  // A CommonJS module: bundled, it has nothing but a default export.
  const { default: verifier } = await import('mailauth/lib/dkim/verify.js');
  const verified = await verifier.dkimVerify(Buffer.from(message), {
    resolver: async (name: string) => keyRecord(await resolver.query(name, 'TXT')),
    curTime: new Date(now),
  });
  const authors = new Set(
    (verified.headerFrom ?? []).map((address: string) => canonicalName(address.split('@').at(-1) ?? '')),
  );
  const [fromDomain = ''] = authors;
  return {
    fromDomain: authors.size === 1 && fromDomain !== '' ? fromDomain : null,
    signatures: verified.results.slice(0, MAX_SIGNATURES).flatMap(({ signingDomain, selector, status }) => {
      if (!signingDomain || !selector) return [];
      const { result, comment, policy } = status;
      const reason = comment || policy?.['dkim-rules'] || null;
      return [{ domain: canonicalName(signingDomain), selector, result, comment: result === 'pass' ? null : reason }];
    }),
  };
}

/** As `node:dns` would answer: `mailauth` reads "no key" off these codes, and any other as a temporary error. */
function keyRecord(answer: Awaited<ReturnType<Resolver['query']>>): string[][] {
  if (answer.status === 'answer') return answer.records.map((record) => (Array.isArray(record) ? [...record] : []));
  const code = { nxdomain: 'ENOTFOUND', nodata: 'ENODATA' }[String(answer.status)] ?? 'ESERVFAIL';
  throw Object.assign(new Error(answer.status), { code });
}

/** @returns the selectors (`s=`) of the message's signatures by `domain`, without verifying them. */
export function selectorsOf(message: Uint8Array, domain: string): string[] {
  if (!isHeaderReadable(message)) return [];
  const lines = headOf(message)
    .replace(/\r?\n(?=[ \t])/g, '')
    .split(/\r?\n/);
  const fields = lines.flatMap((line) => /^DKIM-Signature[ \t]*:(.*)$/i.exec(line)?.[1] ?? []);
  const selectors = fields.slice(0, MAX_SIGNATURES).flatMap((field) => {
    const signature = parseTagList(field.trim());
    const signer = canonicalName(findTag(signature, 'd')?.value ?? '');
    const selector = (findTag(signature, 's')?.value ?? '').toLowerCase();
    return signer === domain && /^[a-z0-9_][a-z0-9_.-]*$/.test(selector) ? [selector] : [];
  });
  return [...new Set(selectors)];
}

/** What stands before the first empty line. */
function headOf(message: Uint8Array): string {
  const [head = ''] = Buffer.from(message)
    .toString('latin1')
    .split(/\r?\n\r?\n/, 1);
  return head;
}
