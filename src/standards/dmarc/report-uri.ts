/** Parses the addresses for reports: the URIs in `rua=` and `ruf=` (RFC 9989 §4.6, RFC 3986, RFC 6068). */
import { isHostName, parseDomain } from '../../network/domain.ts';

export type UriFault =
  /** There is no text between two commas. */
  | 'empty'
  /** The address has no `mailto:` before it. */
  | 'missing-mailto'
  /** The address has `mailto:` before it twice, or slashes behind it. */
  | 'wrong-mailto'
  /** The text is not a URI. */
  | 'not-a-uri'
  /** The URI has another scheme. Receivers must support only `mailto:`. */
  | 'unsupported-scheme'
  /** The text contains whitespace. Most likely a comma is missing between two addresses. */
  | 'whitespace'
  /** The `mailto:` URI has no address that can receive mail. */
  | 'bad-address';

export interface ReportUri {
  /** The URI as published, without surrounding whitespace. */
  readonly uri: string;
  /** The address of a valid `mailto:` URI, or `null`. */
  readonly address: string | null;
  /** The domain of the address in canonical form, or `null`. */
  readonly host: string | null;
  /** The size limit of RFC 7489 §6.2 without its `!`, such as `10m`, or `null`. RFC 9989 removed it. */
  readonly sizeLimit: string | null;
  readonly fault: UriFault | null;
  /** Whether the text has the syntax of a URI of any scheme, as RFC 9989 §4.10.1 requires. */
  readonly isUri: boolean;
}

/**
 * Parses a comma-separated list of URIs. Never throws.
 *
 * @param value the value of `rua=` or `ruf=`, or `undefined` when the record lacks the tag.
 * @returns one entry for each item of the list, invalid ones included.
 */
export function parseReportUris(value: string | undefined): ReportUri[] {
  if (value === undefined) return [];
  return value.split(',').map((item) => parseReportUri(item.trim()));
}

function parseReportUri(text: string): ReportUri {
  const size = /!(\d{1,20}[kmgt]?)$/i.exec(text);
  const uri = size ? text.slice(0, size.index) : text;
  const sizeLimit = size?.[1] ?? null;
  const unusable = (fault: UriFault, isUri = false): ReportUri => {
    return { uri: text, address: null, host: null, sizeLimit, fault, isUri };
  };
  if (uri === '') return unusable('empty');
  if (/\s/.test(uri)) return unusable('whitespace');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return unusable(uri.includes('@') ? 'missing-mailto' : 'not-a-uri');
  // RFC 3986 §2 allows only these characters. All others must be percent-encoded.
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(uri)) return unusable('not-a-uri');
  if (scheme !== 'mailto') return unusable('unsupported-scheme', true);
  const to = uri.slice('mailto:'.length).split('?')[0] ?? '';
  if (/^(?:mailto:|\/)/i.test(to)) return unusable('wrong-mailto', true);
  // A second "@" is part of a quoted local part or has to be encoded (RFC 6068 §2).
  if (/@[^"]*@/.test(to)) return unusable('bad-address', true);
  const address = decoded(to);
  const at = address.lastIndexOf('@');
  const host = at > 0 ? parseDomain(address.slice(at + 1)) : undefined;
  if (!host || !isHostName(host)) return unusable('bad-address');
  return { uri: text, address, host, sizeLimit, fault: null, isUri: true };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
