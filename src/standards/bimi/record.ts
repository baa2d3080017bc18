/**
 * Brand Indicators for Message Identification (BIMI, draft-brand-indicators-for-message-identification): which logo may a
 * mailbox provider show beside the mail of a domain?
 *
 * The owner of a domain publishes an assertion record, a TXT record at `<selector>._bimi.<domain>`, such as
 * `v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/mark.pem`. `l=` is the address of the logo, an SVG
 * file of a restricted profile. `a=` is the address of a mark certificate, in which a certification authority confirms
 * that the logo belongs to the owner. Providers show the logo only beside mail that passes DMARC under a policy that is
 * enforced, and large ones only with a certificate.
 *
 * A provider looks at `default._bimi.<domain>`, and then at the organizational domain. This file parses the records
 * (§5.3 of the draft). It follows the draft of November 2025.
 */
import { isHostName, parseDomain } from '../../network/domain.ts';
import type { OctetString } from '../../network/octet-string.ts';
import { findTag, parseTagList, type TagListDefectKind } from '../tag-list.ts';

export type LocationFault =
  /** The value is not one URI. */
  | 'not-a-uri'
  /** There are several URIs. Commas inside a URI must be encoded. */
  | 'several'
  /** The scheme is not `https`. */
  | 'not-https'
  /** The URI has no fully qualified domain name. */
  | 'no-host'
  /** The path of the logo ends like an image of another format. */
  | 'other-format';

/** The address of a file. */
export interface FileLocation {
  /** The URI as published, without surrounding whitespace. */
  readonly uri: string;
  /** The host in canonical form, the port, and the path with the query. `null` when the URI cannot be used. */
  readonly place: { readonly host: string; readonly port: number; readonly path: string } | null;
  readonly fault: LocationFault | null;
}

export type BimiDefect =
  /** The syntax of the tag list (RFC 6376 §3.2). */
  | { readonly kind: TagListDefectKind; readonly text: string }
  /** The tag `l` is missing. */
  | { readonly kind: 'no-location' }
  /** The tag `l` is empty although `a` has an address. Without a location, no logo is shown. */
  | { readonly kind: 'empty-location' }
  | { readonly kind: 'location'; readonly tag: 'l' | 'a'; readonly text: string; readonly fault: LocationFault }
  /** A prefix of `lps` is not 1 to 63 letters, digits and hyphens. */
  | { readonly kind: 'prefix'; readonly text: string }
  /** The value of `avp` is neither `brand` nor `personal`. */
  | { readonly kind: 'preference'; readonly text: string };

export interface BimiRecord {
  readonly text: OctetString;
  /** `null` when the tag is missing or empty. */
  readonly logo: FileLocation | null;
  /** `null` when the tag is missing or empty. */
  readonly evidence: FileLocation | null;
  /** Whether the tags `l` and `a` are both empty: the domain says that it has no logo. */
  readonly declines: boolean;
  /** Whether mail with some local parts has other records (`lps`). */
  readonly hasLocalParts: boolean;
  readonly defects: readonly BimiDefect[];
}

/**
 * Tells an assertion record from other TXT records. The tag `v` must be the first one, and its value "MUST match
 * precisely" (§5.3). Spaces and tabs may stand around its equals sign.
 */
export function isBimiRecord(text: OctetString): boolean {
  return /^v[ \t]*=[ \t]*BIMI1[ \t]*(?:;|$)/.test(text);
}

/**
 * Parses an assertion record (§5.3). Unknown tags are ignored. Never throws.
 *
 * @param text the joined strings of a TXT record.
 * @returns the record with its faults, or `undefined` when the text is not an assertion record.
 */
export function parseBimiRecord(text: OctetString): BimiRecord | undefined {
  if (!isBimiRecord(text)) return undefined;
  const list = parseTagList(text);
  const defects: BimiDefect[] = list.defects.map(({ kind, text: piece }) => ({ kind, text: piece }));
  const l = findTag(list, 'l')?.value;
  const a = findTag(list, 'a')?.value ?? '';
  const declines = l === '' && a === '';
  if (l === undefined) defects.push({ kind: 'no-location' });
  else if (l === '' && a !== '') defects.push({ kind: 'empty-location' });
  const logo = l === undefined || l === '' ? null : parseLocation(l, 'logo');
  const evidence = a === '' ? null : parseLocation(a, 'evidence');
  for (const [tag, location] of [
    ['l', logo],
    ['a', evidence],
  ] as const) {
    const fault = location?.fault ?? null;
    if (location !== null && fault !== null) defects.push({ kind: 'location', tag, text: location.uri, fault });
  }
  const lps = findTag(list, 'lps')?.value;
  for (const prefix of lps === undefined || lps === '' ? [] : lps.split(',').map((piece) => piece.trim())) {
    if (!/^[A-Za-z0-9-]{1,63}$/.test(prefix)) defects.push({ kind: 'prefix', text: prefix });
  }
  const avp = findTag(list, 'avp')?.value;
  if (avp !== undefined && avp !== 'brand' && avp !== 'personal') defects.push({ kind: 'preference', text: avp });
  return { text, logo, evidence, declines, hasLocalParts: lps !== undefined, defects };
}

/** The suffixes of images that are no SVG. */
const OTHER_IMAGE = /\.(?:png|jpe?g|gif|webp|avif|bmp|ico|pdf|eps|ai|tiff?)$/i;

const HTTPS_PORT = 443;

/** Parses the address of a file: one `https` URI with a fully qualified domain name (§5.3). */
function parseLocation(uri: string, of: 'logo' | 'evidence'): FileLocation {
  const faulty = (fault: LocationFault): FileLocation => ({ uri, place: null, fault });
  if (/,\s*[A-Za-z]+:\/\//.test(uri)) return faulty('several');
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(uri)) return faulty('not-a-uri');
  if (!/^https:/i.test(uri)) return faulty('not-https');
  if (!/^https:\/\/[^/]/i.test(uri) || !URL.canParse(uri)) return faulty('no-host');
  const { hostname, port, pathname, search } = new URL(uri);
  const host = parseDomain(hostname);
  if (host === undefined || !isHostName(host)) return faulty('no-host');
  if (of === 'logo' && OTHER_IMAGE.test(pathname)) return faulty('other-format');
  const place = { host, port: port === '' ? HTTPS_PORT : Number(port), path: `${pathname}${search}` };
  return { uri, place, fault: null };
}

/** @returns whether a text that is no assertion record was meant as one. */
export function isMeantAsBimi(text: OctetString): boolean {
  if (isBimiRecord(text) || text.length > 4096) return false;
  return (
    /^[\s"'(\\]{0,9}v\s{0,9}[=:]\s{0,9}["']?\s{0,9}bimi/i.test(text) ||
    /^[\s"'(\\]{0,9}[al]\s{0,9}=\s{0,9}https:\/\/[^\s;]{1,400}\.(?:svgz?|pem)\b/i.test(text)
  );
}
