/**
 * Trust anchors: the keys, or the digests of keys, from which validation starts (RFC 4033 §2). They are read from the
 * forms that `dig DNSKEY`, `dnssec-dsfromkey` and the `trust-anchor-file` of Unbound share: DS and DNSKEY records as
 * lines of a master file.
 */
import { UsageError } from '../../usage-error.ts';
import { type Entry, readEntries, type Token } from '../zone-file/tokens.ts';
import { isWithin, type Labels, labelsOf, nameText } from './names.ts';
import { type Dnskey, type Ds, readDnskey, readDs } from './rdata.ts';

/** What is trusted at one name. A zone is trusted when one of them fits a key that signs its keys. */
export interface TrustAnchor {
  readonly zone: Labels;
  readonly ds: readonly Ds[];
  readonly keys: readonly Dnskey[];
}

/** The most records in a file of trust anchors. */
const MAX_RECORDS = 1000;

/** Bit 7 of the flags: the key is one of a zone (RFC 4034 §2.1.1). */
const ZONE_KEY = 0x0100;

/**
 * @returns the anchor that judges a name: all that is given for the zone that is the longest suffix of it. `undefined` when
 *   none fits.
 */
export function anchorFor(anchors: readonly TrustAnchor[], name: Labels): TrustAnchor | undefined {
  const fitting = anchors.filter(({ zone }) => isWithin(name, zone));
  const longest = Math.max(...fitting.map(({ zone }) => zone.length));
  const [first, ...others] = fitting.filter(({ zone }) => zone.length === longest);
  if (first === undefined || others.length === 0) return first;
  const all = [first, ...others];
  return { ...first, ds: all.flatMap(({ ds }) => ds), keys: all.flatMap(({ keys }) => keys) };
}

/**
 * Reads trust anchors from a file with DS and DNSKEY records, one a line. Names are absolute, with or without the final
 * dot. RRSIG records are ignored, so that the output of `dig +dnssec DNSKEY` can be used as it is.
 *
 * @param file the path for error messages.
 * @throws UsageError with file and line for a line that is no such record, and for a file without any.
 */
export function readAnchors(text: string, file: string): TrustAnchor[] {
  const found = new Map<string, { readonly zone: Labels; readonly ds: Ds[]; readonly keys: Dnskey[] }>();
  const entries = readEntries(text, file);
  if (entries.length > MAX_RECORDS) throw new UsageError(`${file}: more than ${MAX_RECORDS} records`);
  for (const entry of entries) {
    const { zone, type, data } = readRecord(entry, file);
    if (type === 'RRSIG') continue;
    const name = nameText(zone);
    const anchor = found.get(name) ?? { zone, ds: [], keys: [] };
    found.set(name, anchor);
    if (type === 'DS') anchor.ds.push(readDsData(data) ?? refused(entry, file, 'the DS record is not complete'));
    else anchor.keys.push(readKeyData(data) ?? refused(entry, file, 'the DNSKEY record is not one of a zone key'));
  }
  if (found.size === 0) throw new UsageError(`${file}: no DS and no DNSKEY record`);
  return [...found.values()];
}

interface AnchorRecord {
  readonly zone: Labels;
  readonly type: 'DS' | 'DNSKEY' | 'RRSIG';
  readonly data: readonly string[];
}

/** Reads `owner [TTL] [class] type data`. The TTL and the class may be in either order (RFC 1035 §5.1). */
function readRecord(entry: Entry, file: string): AnchorRecord {
  const [owner, ...rest] = entry.tokens;
  if (owner?.text === 'trust-anchors' || owner?.text === 'managed-keys' || owner?.text === 'trusted-keys') {
    return refused(entry, file, `"${owner.text}" of named.conf is not read: write DS or DNSKEY records, one a line`);
  }
  if (entry.indented) return refused(entry, file, 'the line has no name at its beginning');
  const zone = owner && labelsOf(owner.written ?? owner.text);
  if (zone === undefined) return refused(entry, file, 'the line does not begin with a name');
  let at = 0;
  while (at < 2 && /^(?:\d+|IN)$/i.test(rest[at]?.text ?? '')) at += 1;
  const type = rest[at]?.text.toUpperCase();
  if (type !== 'DS' && type !== 'DNSKEY' && type !== 'RRSIG') {
    return refused(entry, file, 'only DS and DNSKEY records are trust anchors');
  }
  return { zone, type, data: rest.slice(at + 1).map(({ text }: Token) => text) };
}

function refused(entry: Entry, file: string, what: string): never {
  throw new UsageError(`${file}:${entry.line}: ${what}`);
}

const DIGEST_OCTETS: Readonly<Record<number, number>> = { 1: 20, 2: 32, 4: 48 };

function readDsData([tag = '', algorithm = '', type = '', ...rest]: readonly string[]): Ds | undefined {
  const hex = rest.join('');
  if (![tag, algorithm, type].every((text) => /^\d{1,5}$/.test(text)) || !/^(?:[0-9a-f]{2})+$/i.test(hex))
    return undefined;
  const digest = Buffer.from(hex, 'hex');
  const size = DIGEST_OCTETS[Number(type)];
  if (Number(tag) > 0xffff || Number(algorithm) > 255 || Number(type) > 255) return undefined;
  if (size !== undefined && size !== digest.length) return undefined;
  const head = Buffer.from([Number(tag) >> 8, Number(tag) & 0xff, Number(algorithm), Number(type)]);
  return readDs({ data: Buffer.concat([head, digest]) });
}

function readKeyData([flags = '', protocol = '', algorithm = '', ...rest]: readonly string[]): Dnskey | undefined {
  const base64 = rest.join('');
  const key = Buffer.from(base64, 'base64');
  if (!/^\d{1,5}$/.test(flags) || protocol !== '3' || !/^\d{1,3}$/.test(algorithm)) return undefined;
  if (key.length === 0 || key.toString('base64') !== base64) return undefined;
  if (Number(flags) > 0xffff || Number(algorithm) > 255 || (Number(flags) & ZONE_KEY) === 0) return undefined;
  const head = Buffer.from([Number(flags) >> 8, Number(flags) & 0xff, 3, Number(algorithm)]);
  return readDnskey({ data: Buffer.concat([head, key]) });
}
