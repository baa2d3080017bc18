/** Parses DKIM key records (RFC 6376 §3.6.1, updated by RFC 8301 and RFC 8463). */
import { findTag, parseTagList, type Tag, type TagListDefect } from '../tag-list.ts';

export interface KeyRecord {
  readonly tags: readonly Tag[];
  /** `k=`: the type of the key, `rsa` by default. */
  readonly keyType: string;
  /** `h=`: the allowed hash algorithms in lower case, or `null` for all. */
  readonly hashes: readonly string[] | null;
  /** `s=`: the services for which the key is valid, in lower case. `*` means all. */
  readonly services: readonly string[];
  /** `t=`: `y` means testing, and `s` forbids subdomains in `i=`. */
  readonly flags: readonly string[];
  /** `g=` of RFC 4871, which RFC 6376 removed. `null` when absent. */
  readonly granularity: string | null;
  /** `p=` without whitespace. The empty string means that the key is revoked. */
  readonly publicKey: string;
}

export type KeySyntaxDefect =
  | TagListDefect
  /** `v=` is not the first tag, or its value is not exactly `DKIM1`. */
  | { readonly kind: 'version-not-first' | 'version-unknown'; readonly offset: number; readonly text: string }
  /** There is no `p=`. */
  | { readonly kind: 'no-public-key'; readonly offset: number; readonly text: string };

export type KeyRecordReading =
  | { readonly kind: 'record'; readonly record: KeyRecord }
  | { readonly kind: 'syntax'; readonly defects: readonly [KeySyntaxDefect, ...KeySyntaxDefect[]] };

/**
 * Parses a key record (RFC 6376 §3.6.1). Never throws.
 *
 * @param text the joined strings of a TXT record.
 * @returns the record, or all its syntax defects in their order.
 */
export function parseKeyRecord(text: string): KeyRecordReading {
  const list = parseTagList(text);
  const defects: KeySyntaxDefect[] = [...list.defects];
  const version = findTag(list, 'v');
  if (version && version !== list.tags[0]) {
    defects.push({ kind: 'version-not-first', offset: version.offset, text: version.value });
  }
  // "This tag MUST have the value DKIM1 (without the quotes)": a plain string comparison (§3.6.1).
  if (version && version.value !== 'DKIM1') {
    defects.push({ kind: 'version-unknown', offset: version.valueOffset, text: version.value });
  }
  const publicKey = findTag(list, 'p');
  if (!publicKey) defects.push({ kind: 'no-public-key', offset: text.length, text: '' });
  const [first, ...rest] = defects.sort((a, b) => a.offset - b.offset);
  if (first) return { kind: 'syntax', defects: [first, ...rest] };
  return {
    kind: 'record',
    record: {
      tags: list.tags,
      keyType: findTag(list, 'k')?.value ?? 'rsa',
      hashes: findTag(list, 'h') ? colonList(findTag(list, 'h')) : null,
      services: findTag(list, 's') ? colonList(findTag(list, 's')) : ['*'],
      flags: colonList(findTag(list, 't')),
      granularity: findTag(list, 'g')?.value ?? null,
      publicKey: (publicKey?.value ?? '').replace(/[ \t\r\n]+/g, ''),
    },
  };
}

/** @returns whether a TXT record is intended as a key record, broken or not. The SPF record of a wildcard is not. */
export function looksLikeKeyRecord(text: string): boolean {
  return /dkim1|(?:^|[;\s"])p[ \t]*=|(?:^|[;\s"])k[ \t]*=[ \t]*(?:rsa|ed25519)\b|-----BEGIN|^MI[GIH]/i.test(text);
}

function colonList(tag: Tag | undefined): string[] {
  if (!tag) return [];
  // RFC 5234 §2.3: the literals of the grammar ("sha256", "email", "y") are case-insensitive.
  return tag.value.split(':').map((item) => item.trim().toLowerCase());
}
