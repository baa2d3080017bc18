/** Reads the networks that people type in SPF terms: netmasks, wildcards, ranges, ports, prefix lengths. */
import { ADDRESS_BITS, parseIp4Octets, parseIp6Octets } from './network.ts';
import type { SpfSlipKind } from './slip.ts';

/** Largest number of blocks that a range is written as. */
const MAX_RANGE_BLOCKS = 8;

/** Networks as the grammar has them (RFC 7208 §12), and the slips of the text that they were read from. */
export interface NetworkReading {
  readonly family: 4 | 6;
  /** Each as `ip4-network` or `ip6-network`, with its prefix length if the text has one. */
  readonly networks: readonly string[];
  readonly kinds: readonly SpfSlipKind[];
}

/** @returns the networks that a text means, or `null` when it is not plainly one address or network. */
export function readNetwork(text: string): NetworkReading | null {
  const bare = text
    .replace(/^[[(<]+|[\])>]+$/g, '')
    .replace(/(?<!:):::(?!:)/, '::')
    .replace(/(\/\d{1,3})\1$/, '$1');
  const kinds: SpfSlipKind[] = bare === text ? [] : ['punctuation'];
  const reading = readBlock(bare) ?? readPort(bare) ?? readRange(bare) ?? readWildcard(bare);
  return reading && { ...reading, kinds: [...kinds, ...reading.kinds] };
}

/** Reads `192.0.2.0/24`, `2001:db8::/032`, `192.0.2.0/255.255.255.0` and `192.0.2/24`. */
function readBlock(text: string): NetworkReading | null {
  const [, written = '', , length] = /^([^/\\]*)([/\\]+(.*))?$/s.exec(text) ?? [];
  const address = fullAddress(written, length);
  const family = parseIp4Octets(address) ? 4 : parseIp6Octets(address) ? 6 : null;
  if (family === null) return null;
  const kinds: SpfSlipKind[] = address === written ? [] : ['wildcard'];
  if (length === undefined) return { family, networks: [address], kinds };
  const bits = prefixLength(length, family);
  if (bits === null) return null;
  if (text !== `${written}/${bits}`) kinds.push(length.includes('.') ? 'netmask' : 'prefix-length');
  return { family, networks: [`${address}/${bits}`], kinds };
}

/** Completes an address without its last octets. They are zero if the prefix length does not reach them. */
function fullAddress(written: string, length: string | undefined): string {
  const octets = written.split('.');
  if (length === undefined || !/^\d+$/.test(length) || octets.length > 3 || !/^[\d.]+$/.test(written)) return written;
  if (octets.includes('') || Number(length) > 8 * octets.length || Number(length) === 0) return written;
  return [...octets, '0', '0', '0'].slice(0, 4).join('.');
}

/** Reads a prefix length with leading zeros, or a netmask. A length of zero with leading zeros is not certain. */
function prefixLength(text: string, family: 4 | 6): number | null {
  const mask = family === 4 && text.includes('.') ? parseIp4Octets(text) : undefined;
  if (mask) {
    const bits = [...mask].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
  }
  if (text === '0') return 0;
  const digits = /^0{0,3}([1-9]\d{0,2})$/.exec(text)?.[1];
  return digits === undefined || Number(digits) > ADDRESS_BITS[family] ? null : Number(digits);
}

/** Reads `192.0.2.1:25` and `[2001:db8::1]:25` without the port. */
function readPort(text: string): NetworkReading | null {
  const host = /^(\d+\.\d+\.\d+\.\d+|[0-9a-f:.]+(?=\]))\]?:\d{1,5}$/i.exec(text)?.[1];
  const reading = host === undefined ? null : readBlock(host);
  return reading && { ...reading, kinds: [...reading.kinds, 'port'] };
}

/** Reads `192.0.2.*` and `192.0.x.x`. */
function readWildcard(text: string): NetworkReading | null {
  const octets = text.split('.');
  if (octets.length !== 4) return null;
  const first = octets.findIndex((octet) => /^[*x]$/i.test(octet));
  if (first < 1 || octets.slice(first).some((octet) => !/^[*x]$/i.test(octet))) return null;
  const address = octets.map((octet, index) => (index < first ? octet : '0')).join('.');
  if (!parseIp4Octets(address)) return null;
  return { family: 4, networks: [`${address}/${8 * first}`], kinds: ['wildcard'] };
}

/** Reads `192.0.2.1-192.0.2.6` and `192.0.2.1-60` as the networks that hold these addresses and no others. */
function readRange(text: string): NetworkReading | null {
  const [, from = '', net = '', end = ''] = /^((\d+\.\d+\.\d+\.)\d+)-(\d+(?:\.\d+\.\d+\.\d+)?)$/.exec(text) ?? [];
  // A number up to 32 may be a prefix length.
  const to = end.includes('.') ? end : Number(end) > ADDRESS_BITS[4] ? net + end : '';
  const [first, last] = [addressNumber(from), addressNumber(to)];
  if (first === null || last === null || first > last) return null;
  const networks: string[] = [];
  for (let start = first; start <= last; ) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= last) size *= 2;
    networks.push(`${addressText(start)}${size === 1 ? '' : `/${32 - Math.log2(size)}`}`);
    start += size;
    if (networks.length > MAX_RANGE_BLOCKS) return null;
  }
  return { family: 4, networks, kinds: ['range'] };
}

function addressNumber(text: string): number | null {
  const octets = parseIp4Octets(text);
  return octets ? octets.reduce((value, octet) => value * 256 + octet, 0) : null;
}

function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
