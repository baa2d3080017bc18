/** DKIM key records (RFC 6376 §3.6.1, updated by RFC 8301 and RFC 8463). */
import { findTag, parseTagList, type Tag, type TagListDefect } from '../tag-list.ts';

export interface KeyRecord {
  readonly tags: readonly Tag[];
  /** `k=`, `rsa` when absent. */
  readonly keyType: string;
  /** `h=`: the hash algorithms accepted, or `null` for all. */
  readonly hashes: readonly string[] | null;
  /** `s=`: the services the key is for, `*` for all. */
  readonly services: readonly string[];
  /** `t=`: `y` testing, `s` no subdomains in `i=`. */
  readonly flags: readonly string[];
  /** `g=` of RFC 4871, gone since RFC 6376; `null` when absent. */
  readonly granularity: string | null;
  /** `p=` without whitespace; empty means revoked. */
  readonly publicKey: string;
}

export type KeySyntaxDefect =
  | TagListDefect
  /** `v=` is there but not first, or not exactly `DKIM1`. */
  | { readonly kind: 'version-not-first' | 'version-unknown'; readonly offset: number; readonly text: string }
  /** No `p=` at all. */
  | { readonly kind: 'no-public-key'; readonly offset: number; readonly text: string };

export type KeyRecordReading =
  | { readonly kind: 'record'; readonly record: KeyRecord }
  | { readonly kind: 'syntax'; readonly defects: readonly [KeySyntaxDefect, ...KeySyntaxDefect[]] };

/** Parses the joined strings of a key record; never throws. */
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

/** @returns whether a TXT record is meant as a key: what tells a key from the SPF text of a wildcard. */
export function looksLikeKeyRecord(text: string): boolean {
  return /dkim1|(?:^|[;\s"])p[ \t]*=|(?:^|[;\s"])k[ \t]*=[ \t]*(?:rsa|ed25519)\b|-----BEGIN|^MI[GIH]/i.test(text);
}

function colonList(tag: Tag | undefined): string[] {
  if (!tag) return [];
  // The grammar's literals ("sha256", "email", "y") are case-insensitive (RFC 5234 §2.3).
  return tag.value.split(':').map((item) => item.trim().toLowerCase());
}
