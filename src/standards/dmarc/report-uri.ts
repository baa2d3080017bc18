/** The addresses reports are sent to: `rua=` and `ruf=` (RFC 9989 §4.6, RFC 3986, RFC 6068). */
import { isHostName, parseDomain } from '../../network/domain.ts';

export type UriFault =
  /** Nothing between two commas. */
  | 'empty'
  /** An address without `mailto:` before it. */
  | 'missing-mailto'
  /** Not a URI at all. */
  | 'not-a-uri'
  /** A URI of another scheme; receivers need to support `mailto:` only. */
  | 'unsupported-scheme'
  /** Whitespace inside: most likely two addresses without a comma. */
  | 'whitespace'
  /** `mailto:` without an address that could receive mail. */
  | 'bad-address';

export interface ReportUri {
  /** As published, without the whitespace around it. */
  readonly uri: string;
  /** The address of a usable `mailto:`; `null` otherwise. */
  readonly address: string | null;
  /** Its host, canonical. */
  readonly host: string | null;
  /** The `!10m` of RFC 7489, which RFC 9989 removed. */
  readonly sizeLimit: string | null;
  readonly fault: UriFault | null;
  /** Whether it is a URI by its syntax, whatever its scheme: what RFC 9989 §4.10.1 asks for. */
  readonly isUri: boolean;
}

/** Reads a comma-separated list of URIs; never throws. */
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
  // Characters RFC 3986 §2 allows; anything else would have to be percent-encoded.
  if (!/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(uri)) return unusable('not-a-uri');
  if (scheme !== 'mailto') return unusable('unsupported-scheme', true);
  const address = decoded(uri.slice('mailto:'.length).split('?')[0] ?? '');
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
