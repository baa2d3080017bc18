/** Reads the addresses for reports as their owner meant them (RFC 9989 §4.6, RFC 6068). */
import { isHostName, parseDomain } from '../../network/domain.ts';
import { slipsBetween } from './nearness.ts';
import { parseReportUris, type ReportUri, type UriFault } from './report-uri.ts';
import type { DmarcSlip } from './slip.ts';

export interface ReadAddresses {
  /** The URIs in their order. One with nothing to correct is as published. */
  readonly uris: readonly string[];
  readonly slips: readonly DmarcSlip[];
  /** The pieces that are no address. */
  readonly unread: readonly string[];
}

/** Words between two addresses. */
const JOINERS = new Set(['', 'and', 'und', '&', '+', '/', '-', '.', '|', ';']);

/** `mailto` or a word that is near to it, and what separates it from the address. */
const SCHEME = /^([a-z]{3,8})(?:[:=;.]|\/\/|%3a)[:=;/]{0,4}(.*)$/is;

const AT_IN_WORDS = /[ \t]{0,3}(?:\(at\)|\[at\])[ \t]{0,3}/gi;

/** The characters of a local part that a URI may have as they are (RFC 6068 §2, but for `!` and `,` of DMARC). */
const PLAIN_LOCAL_PART = /^[A-Za-z0-9\-._~$'()*+:]$/;

/** @returns whether the word is `mailto` or a slip of it. */
function isMailto(word: string): boolean {
  const lower = word.toLowerCase();
  return lower === 'mail' || slipsBetween(lower, 'mailto') <= (lower.length < 5 ? 1 : 2);
}

/** @returns whether there is nothing to correct in a URI. */
function isRight({ uri, fault }: ReportUri): boolean {
  return fault === null || isOtherScheme(uri, fault);
}

/** @returns whether a URI is valid and has another scheme on purpose, and not one that is misspelt for mailto. */
export function isOtherScheme(uri: string, fault: UriFault): boolean {
  return fault === 'unsupported-scheme' && !isMailto(uri.slice(0, uri.indexOf(':')));
}

/** @returns whether the text begins with an address or with a scheme for one, and so is no tag. */
export function startsWithAddress(text: string): boolean {
  const start = /^[\s;,<"']{0,20}([^\s;,]{0,320})/.exec(text)?.[1] ?? '';
  const word = /^[a-z]{3,8}/i.exec(start)?.[0] ?? '';
  if (word.length >= 5 && isMailto(word) && !start.slice(word.length).startsWith('=')) return true;
  if (/^(?:mailto\b|https?:)/i.test(start)) return true;
  return /^[^=]{1,64}@/.test(start) || start.startsWith('@');
}

/**
 * Reads a list of report addresses. Takes time linear in the length of the text.
 *
 * @param region the value of `rua=` or `ruf=`, with whatever separates its addresses.
 */
export function readAddresses(tag: string, region: string): ReadAddresses {
  const published = parseReportUris(region.trim());
  if (published.every(isRight)) {
    const uris = published.map(({ uri }) => uri.replace(/^([^?]+@[^?@]*[a-z0-9])\.+$/i, '$1'));
    const slips = published.flatMap(({ uri }, index): DmarcSlip[] => {
      const meant = uris[index] ?? uri;
      return meant === uri ? [] : [{ kind: 'address-form', tag, found: uri, meant }];
    });
    return { uris, slips, unread: [] };
  }
  const slips: DmarcSlip[] = [];
  const unread: string[] = [];
  const uris: string[] = [];
  const items = itemsIn(region, tag, slips);
  for (const item of items) {
    if (parseReportUris(item).every(isRight)) {
      uris.push(item);
      continue;
    }
    if (isOnlyScheme(item)) continue;
    const { uri, slip } = readAddress(item);
    if (uri === undefined) unread.push(item);
    else uris.push(uri);
    if (uri !== undefined && slip) slips.push({ kind: slip, tag, found: item, meant: uri });
  }
  const isEmpty = region.trim() === '' || /(?:^|,)\s{0,20}(?:,|$)/.test(region) || items.some(isOnlyScheme);
  if (isEmpty && unread.length === 0) slips.push({ kind: 'empty-address', tag });
  else if (slips.length === 0) slips.push({ kind: 'address-form', tag, found: region.trim() });
  return { uris, slips, unread };
}

/** Tells whether an item is a scheme without an address: `mailto:`. */
function isOnlyScheme(item: string): boolean {
  return isMailto(/^([a-z]{3,8})[:=;/]{1,4}$/i.exec(item)?.[1] ?? '');
}

/** Splits a list into its addresses. Puts an address together that spaces or a comma have split. */
function itemsIn(region: string, tag: string, slips: DmarcSlip[]): string[] {
  const inner = region
    // `Reports <a@example.com>` is an address with the name of its owner.
    .replace(/(?:\b(?!mailto)[\w .-]{1,60}|\s)<([^<>]{1,320})>/gi, ' $1')
    .replace(/<([^<>]*@[^<>]*)>/g, '$1')
    // People write `a(at)b` where programs look for addresses.
    .replace(AT_IN_WORDS, '@')
    .replace(/[ \t]{1,20}@[ \t]{0,20}|@[ \t]{1,20}/g, '@')
    .replace(/([^\s,;|])(mailto:)(?!mailto:)/gi, (glued, before: string, scheme: string) =>
      before === ':' || before === '/' ? glued : `${before}\x00${scheme}`,
    );
  if (/<[^<>]*@[^<>]*>|\s@|@\s/.test(region) || region.search(AT_IN_WORDS) >= 0)
    slips.push({ kind: 'address-form', tag, found: region.trim() });
  const items: string[] = [];
  let separator = '';
  let isOpen = false;
  for (const token of inner.split(/([\s,;|\0]+)/)) {
    if (/^[\s,;|\0]+$/.test(token)) {
      separator = token;
      continue;
    }
    if (JOINERS.has(token.toLowerCase())) continue;
    const last = items.at(-1);
    const joined = last === undefined ? undefined : continued(last, token, separator, isOpen);
    if (joined === undefined) {
      if (last !== undefined && !separator.includes(',')) {
        slips.push({ kind: 'address-separator', tag, found: separator.replace(/\0/g, '').trim() });
      }
      items.push(token);
    } else {
      slips.push({ kind: 'address-form', tag, found: `${last}${separator}${token}`, meant: joined });
      items[items.length - 1] = joined;
    }
    isOpen = isMailto(/^([a-z]{3,8})(?:[:=/.]{1,4}mailto)?[:=/.]{0,4}$/i.exec(token)?.[1] ?? '');
  }
  return items;
}

/** @returns the address of which `token` is the rest, or `undefined` when it begins an address of its own. */
function continued(last: string, token: string, separator: string, isOpen: boolean): string | undefined {
  if (isOpen && token.includes('@')) return `mailto:${token}`;
  const isSpace = /^\s+$/.test(separator);
  const startsAnew = token.includes('@', 1) || /^[a-z]{3,8}:/i.test(token);
  if (startsAnew) return undefined;
  const at = last.lastIndexOf('@');
  if (at < 1 || token.includes('@')) return undefined;
  const host = last.slice(at + 1);
  const isLabels = /^\.?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.?$/i.test(token);
  if (!isLabels) return undefined;
  if (isSpace && (host.endsWith('.') || token.startsWith('.'))) return last + token;
  const whole = `${host}.${token}`;
  return separator.trim() === ',' && !host.includes('.') && isHostName(whole) ? `${last}.${token}` : undefined;
}

/** Reads one address. */
function readAddress(item: string): { readonly uri?: string; readonly slip?: DmarcSlip['kind'] } {
  const whole = item.replace(/[.>)]+$/, '');
  let rest = whole;
  for (let scheme = SCHEME.exec(rest); scheme && isMailto(scheme[1] ?? ''); scheme = SCHEME.exec(rest)) {
    rest = scheme[2] ?? '';
  }
  const isPrefixRight = whole.slice(0, whole.length - rest.length).toLowerCase() === 'mailto:';
  const [, address = '', query = ''] = /^([^?]{0,400})(\?.*)?$/s.exec(rest) ?? [];
  const size = /!\d{1,20}[kmgt]?$/i.exec(address)?.[0] ?? '';
  const [local, host, ...others] = address
    .slice(0, address.length - size.length)
    .split('@')
    .filter((part) => part !== '');
  if (local === undefined || host === undefined || others.length > 0 || /[/\\\s<>"]/.test(local)) return {};
  const bare = host.replace(/^\.+|[./]+$/g, '').replace(/\.{2,}/g, '.');
  const domain = parseDomain(bare);
  if (!domain || !isHostName(domain)) return {};
  const written = bare.toLowerCase() === domain ? bare : domain;
  const encoded = encodeLocalPart(local);
  const isAscii = written === bare && encoded === local;
  const slip = isPrefixRight ? (isAscii ? 'address-form' : 'address-characters') : 'mailto';
  return { uri: `mailto:${encoded}@${written}${size}${encodeQuery(query)}`, slip };
}

/** @returns the local part with every character percent-encoded that a URI may not have (RFC 6068 §2). */
function encodeLocalPart(local: string): string {
  return [...local.replace(/%(?![0-9a-f]{2})/gi, '%25')]
    .map((character) =>
      PLAIN_LOCAL_PART.test(character) || character === '%' ? character : encodeCharacter(character),
    )
    .join('');
}

function encodeCharacter(character: string): string {
  if (character === '!') return '%21';
  // Half a surrogate pair has no encoding.
  return /^[\ud800-\udfff]$/.test(character) ? '%EF%BF%BD' : encodeURIComponent(character);
}

function encodeQuery(query: string): string {
  return query.replace(/[^\x21-\x7e]|[<>"\\^`{|}]/gu, encodeCharacter);
}
