/**
 * SMTP TLS Reporting (TLS-RPT, RFC 8460): where do senders report that they could not encrypt mail to a domain?
 *
 * A domain that asks senders for encryption, by MTA-STS (RFC 8461) or DANE (RFC 7672), does not see mail that a sender
 * holds back because of it. With TLS-RPT, senders report once a day how many connections were encrypted and why others
 * were not. The domain publishes a TXT record at `_smtp._tls.<domain>`, such as
 * `v=TLSRPTv1; rua=mailto:tls-reports@example.com`. Reports go to `mailto:` and `https:` addresses.
 *
 * This file parses the records (§3). Its file `correct.ts` reads what the owner of a faulty record meant.
 */
import { isHostName, parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import type { OctetString } from '../../network/octet-string.ts';

export type DestinationFault =
  /** There is no text between two commas. */
  | 'empty'
  /** The address has no `mailto:` before it. */
  | 'missing-mailto'
  /** The text is not a URI. */
  | 'not-a-uri'
  /** The URI has a scheme other than `mailto` and `https`. */
  | 'unsupported-scheme'
  /** The text contains whitespace. Most likely a comma or semicolon is missing. */
  | 'whitespace'
  /** The text has an exclamation mark, which "MUST be encoded" (§3), such as the size limit of an old DMARC record. */
  | 'exclamation-mark'
  /** The `mailto:` URI has no address that can receive mail. */
  | 'bad-address'
  /** The `https:` URI has no host. */
  | 'bad-host';

/** One address for reports. */
export interface ReportDestination {
  /** The URI as published, without surrounding whitespace. */
  readonly uri: string;
  readonly scheme: 'mailto' | 'https' | null;
  /** The domain of the mailbox, or the host of the web address, in canonical form. `null` if there is none. */
  readonly host: string | null;
  readonly fault: DestinationFault | null;
}

export type FieldDefect =
  /** There is no text between two semicolons. Only the last semicolon may end the record. */
  | { readonly kind: 'empty-field' }
  /** The field has no equals sign. */
  | { readonly kind: 'no-equals'; readonly text: string }
  /** The name is not 1 to 32 letters, digits, `_`, `-` and `.`, the first one a letter or digit. */
  | { readonly kind: 'bad-name'; readonly text: string }
  /** The value of an extension is empty, or has a character that it must not have: a space, an equals sign. */
  | { readonly kind: 'bad-value'; readonly text: string }
  /** The record has no `rua` field. */
  | { readonly kind: 'no-rua' };

export interface TlsRptRecord {
  readonly text: OctetString;
  /** The addresses of all `rua` fields in order, the faulty ones included. */
  readonly destinations: readonly ReportDestination[];
  /** The names of the fields that RFC 8460 does not define. Senders ignore them. */
  readonly extensions: readonly string[];
  /** What does not follow the grammar besides the addresses. */
  readonly defects: readonly FieldDefect[];
}

/** Whitespace of the grammar (RFC 5234): space and tab. */
const TRIMMED = /^[ \t]+|[ \t]+$/g;

/**
 * Tells a TLS-RPT record from other TXT records: "records that do not begin with 'v=TLSRPTv1;' are discarded" (§3). The
 * version is case-sensitive, and whitespace may stand before the semicolon.
 *
 * @returns whether the text is a TLS-RPT record. A version with nothing behind it is one too, with a fault.
 */
export function isTlsRptRecord(text: OctetString): boolean {
  return /^v=TLSRPTv1[ \t]*(?:;|$)/.test(text);
}

/**
 * Parses a TLS-RPT record (§3). Never throws, and takes time linear in the length of the text.
 *
 * @param text the joined strings of a TXT record.
 * @returns the record with its faults, or `undefined` when the text is not a TLS-RPT record.
 */
export function parseTlsRptRecord(text: OctetString): TlsRptRecord | undefined {
  if (!isTlsRptRecord(text)) return undefined;
  const destinations: ReportDestination[] = [];
  const extensions: string[] = [];
  const defects: FieldDefect[] = [];
  let hasRua = false;
  const [, ...fields] = text.split(';').map((field) => field.replace(TRIMMED, ''));
  for (const [index, field] of fields.entries()) {
    if (field === '') {
      if (index < fields.length - 1) defects.push({ kind: 'empty-field' });
      continue;
    }
    const equals = field.indexOf('=');
    const name = field.slice(0, equals);
    const value = field.slice(equals + 1);
    if (equals < 0) defects.push({ kind: 'no-equals', text: field });
    else if (name === 'rua') {
      hasRua = true;
      destinations.push(...value.split(',').map((uri) => parseDestination(uri.replace(TRIMMED, ''))));
    } else if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(name)) defects.push({ kind: 'bad-name', text: name });
    else {
      extensions.push(name);
      if (!/^[\x21-\x3a\x3c\x3e-\x7e]+$/.test(value)) defects.push({ kind: 'bad-value', text: name });
    }
  }
  if (!hasRua) defects.push({ kind: 'no-rua' });
  return { text, destinations, extensions, defects };
}

/** Parses one address for reports: a URI (RFC 3986) in which commas, semicolons and exclamation marks are encoded. */
export function parseDestination(uri: string): ReportDestination {
  const faulty = (fault: DestinationFault): ReportDestination => ({ uri, scheme: null, host: null, fault });
  if (uri === '') return faulty('empty');
  if (/\s/.test(uri)) return faulty('whitespace');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return faulty(uri.includes('@') ? 'missing-mailto' : 'not-a-uri');
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+;=%]+$/.test(uri)) return faulty('not-a-uri');
  if (scheme !== 'mailto' && scheme !== 'https') return faulty('unsupported-scheme');
  if (uri.includes('!')) return faulty('exclamation-mark');
  const host = scheme === 'mailto' ? mailboxHost(uri) : webHost(uri);
  if (host === undefined) return faulty(scheme === 'mailto' ? 'bad-address' : 'bad-host');
  return { uri, scheme, host, fault: null };
}

/** @returns the domain of the mailbox (RFC 6068 §2), or `undefined` when there is none. */
function mailboxHost(uri: string): string | undefined {
  const to = decoded(uri.slice('mailto:'.length).split('?')[0] ?? '');
  const at = to.lastIndexOf('@');
  if (at <= 0 || /^(?:mailto:|\/)/i.test(to)) return undefined;
  const host = parseDomain(to.slice(at + 1));
  return host !== undefined && isHostName(host) ? host : undefined;
}

/** @returns the host of the web address, or `undefined` when there is none. */
function webHost(uri: string): string | undefined {
  const [, written = ''] = /^https:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:@]*)(?::\d{0,5})?(?:[/?#]|$)/i.exec(uri) ?? [];
  const ip = parseIp(written.replace(/^\[|\]$/g, ''));
  if (ip !== undefined) return ip;
  const host = parseDomain(written);
  return host !== undefined && isHostName(host) ? host : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
