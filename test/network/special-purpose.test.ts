/** Tests which addresses are public: every block of the registries at its ends, and the blocks by name. */
import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type IpAddress, ipFamily, ipOfBytes, parseIp, specialPurpose } from '../../src/network/ip.ts';
import {
  type AddressBlock,
  IPV4_REGISTRY,
  IPV6_REGISTRY,
  OTHER_BLOCKS,
  REGISTRIES_CHANGED_ON,
} from '../../src/network/special-purpose.ts';

const BLOCKS = [...IPV4_REGISTRY, ...IPV6_REGISTRY, ...OTHER_BLOCKS];

function theIp(text: string): IpAddress {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
}

/** The addresses of a block as numbers. */
interface Span {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

function numberOf(text: string): { bits: 32 | 128; value: bigint } {
  if (!text.includes(':')) {
    const value = text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { bits: 32, value };
  }
  const [left = '', right = ''] = text.split('::');
  const groupsOf = (part: string): string[] => part.split(':').filter((group) => group !== '');
  const fill = text.includes('::') ? 8 - groupsOf(left).length - groupsOf(right).length : 0;
  const groups = [...groupsOf(left), ...new Array<string>(fill).fill('0'), ...groupsOf(right)];
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
}

function textOf(value: bigint, bits: 32 | 128): string {
  const bytes = Array.from({ length: bits / 8 }, (_, index) => Number((value >> BigInt(bits - 8 - 8 * index)) & 255n));
  const ip = ipOfBytes(Uint8Array.from(bytes));
  if (ip === undefined) throw new Error(`no address: ${value}`);
  return ip;
}

function spanOf({ prefix }: AddressBlock): Span {
  const [network = '', length] = prefix.split('/');
  const { bits, value } = numberOf(network);
  return { bits, first: value, last: value + (1n << BigInt(bits - Number(length))) - 1n };
}

const SPANS = BLOCKS.map((block) => ({ block, span: spanOf(block) }));

/** The name of the smallest block around a number, by comparing numbers. */
function expectedAt(value: bigint, bits: 32 | 128): string | undefined {
  const around = SPANS.filter(({ span }) => span.bits === bits && span.first <= value && value <= span.last);
  const size = ({ first, last }: Span): bigint => last - first;
  const [smallest] = around.sort((one, other) => (size(one.span) < size(other.span) ? -1 : 1));
  if (smallest === undefined) return undefined;
  const { name, reference, isGloballyReachable, hasNoHosts } = smallest.block;
  return isGloballyReachable && !hasNoHosts ? undefined : `${name} (${reference})`;
}

test('special-purpose blocks: the table is dated, complete, and names each block once', () => {
  expect(REGISTRIES_CHANGED_ON).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect([IPV4_REGISTRY.length, IPV6_REGISTRY.length]).toEqual([26, 25]);
  expect(new Set(BLOCKS.map(({ prefix }) => prefix)).size).toBe(BLOCKS.length);
  for (const { block, span } of SPANS) {
    const size = span.last - span.first + 1n;
    expect(span.first % size, `${block.prefix} has bits behind its prefix`).toBe(0n);
    expect(block.reference).toMatch(/\bRFC \d+$/);
  }
});

describe.each(SPANS.map(({ block, span }) => [block.prefix, span] as const))(
  'special-purpose blocks: %s',
  (_, span) => {
    const { bits, first, last } = span;
    const places = [
      ['first', first],
      ['last', last],
      ['one before', first - 1n],
      ['one after', last + 1n],
    ] as const;
    test.each(places)('%s', (_place, value) => {
      if (value < 0n || value >= 1n << BigInt(bits)) return;
      const text = textOf(value, bits);
      const ip = theIp(text);
      // An IPv4-mapped address is judged as the IPv4 address in it.
      const judged = ipFamily(ip) === 4 && bits === 128 ? numberOf(ip) : { bits, value };
      expect(specialPurpose(ip), text).toBe(expectedAt(judged.value, judged.bits));
    });
  },
);

/** Written by hand, besides the table. */
const NOT_PUBLIC: readonly (readonly [address: string, block: string])[] = [
  ['0.0.0.0', '"this host on this network" (RFC 1122)'],
  ['0.1.2.3', '"this network" (RFC 791)'],
  ['100.64.0.0', 'shared address space for carrier-grade NAT (RFC 6598)'],
  ['100.127.255.255', 'shared address space for carrier-grade NAT (RFC 6598)'],
  ['192.0.0.11', 'IETF protocol assignments (RFC 6890)'],
  ['192.88.99.1', 'deprecated 6to4 relay anycast (RFC 7526)'],
  ['192.88.99.2', '6a44 relay anycast (RFC 6751)'],
  ['198.19.255.255', 'benchmarking (RFC 2544)'],
  ['239.255.255.255', 'multicast (RFC 5771)'],
  ['240.0.0.1', 'reserved or broadcast (RFC 1112)'],
  ['255.255.255.255', 'broadcast (RFC 919)'],
  ['::ffff:10.0.0.1', 'private use (RFC 1918)'],
  ['::', 'unspecified address (RFC 4291)'],
  ['::2', 'IPv4-compatible (RFC 4291)'],
  ['::8.8.8.8', 'IPv4-compatible (RFC 4291)'],
  ['::127.0.0.1', 'IPv4-compatible (RFC 4291)'],
  ['::ffff:0:127.0.0.1', 'IPv4-translated (RFC 2765)'],
  ['::ffff:0:8.8.8.8', 'IPv4-translated (RFC 2765)'],
  ['::fffe:8.8.8.8', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['64:ff9b::8.8.8.8', 'IPv4 translation (RFC 6052)'],
  ['64:ff9b::169.254.169.254', 'IPv4 translation (RFC 6052)'],
  ['64:ff9b:0:1::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['64:ff9b:1:ffff::7f00:1', 'local IPv4 translation (RFC 8215)'],
  ['64:ff9b:2::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['100::1', 'discard only (RFC 6666)'],
  ['100:0:0:1::1', 'dummy prefix (RFC 9780)'],
  ['200::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo (RFC 4380)'],
  ['2001:1::', 'IETF protocol assignments (RFC 2928)'],
  ['2001:1::4', 'IETF protocol assignments (RFC 2928)'],
  ['2001:2::1', 'benchmarking (RFC 5180)'],
  ['2001:2:1::1', 'IETF protocol assignments (RFC 2928)'],
  ['2001:1ff:ffff::1', 'IETF protocol assignments (RFC 2928)'],
  ['2001:20::1', 'ORCHIDv2 (RFC 7343)'],
  ['2001:30::1', 'drone remote ID tags (RFC 9374)'],
  ['2002:808:808::1', '6to4 (RFC 3056)'],
  ['3fff:fff:ffff::1', 'documentation (RFC 9637)'],
  ['4000::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['5f00::1', 'segment routing SIDs (RFC 9602)'],
  ['e000::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['fd00:ec2::254', 'unique local (RFC 4193)'],
  ['fe00::1', 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
  ['febf::1', 'link local (RFC 4291)'],
  ['fec0::1', 'deprecated site local (RFC 3879)'],
  ['ff02::1', 'multicast (RFC 4291)'],
];

test.each(NOT_PUBLIC)('special-purpose blocks: %s is %s', (address, block) => {
  expect(specialPurpose(theIp(address))).toBe(block);
});

test.each([
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ...['172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.0.9', '192.0.0.10', '192.0.1.0', '192.31.196.1'],
  ...[
    '192.52.193.1',
    '192.88.98.255',
    '192.88.100.0',
    '192.175.48.1',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
  ],
  ...[
    '2000::1',
    '2001:1::1',
    '2001:1::2',
    '2001:1::3',
    '2001:3::1',
    '2001:4:112::1',
    '2001:200::1',
    '2001:4860:4860::8888',
  ],
  ...['2003::1', '2620:4f:8000::1', '2a01:4f8::1', '3ffe:ffff::1', '3fff:1000::1', '::ffff:8.8.8.8'],
])('special-purpose blocks: %s is public', (address) => {
  expect(specialPurpose(theIp(address))).toBeUndefined();
});

test.each([
  ['10.0.0.0', 8, 'private use (RFC 1918)'],
  ['10.1.0.0', 16, 'private use (RFC 1918)'],
  ['10.0.0.0', 7, undefined],
  ['192.0.0.0', 16, undefined],
  // Two addresses of the block are public.
  ['192.0.0.0', 24, undefined],
  ['192.0.0.0', 29, 'IPv4 service continuity (RFC 7335)'],
  ['0.0.0.0', 0, undefined],
  ['::', 0, undefined],
  ['2001:db8::', 32, 'documentation (RFC 3849)'],
  ['2001:db8:1::', 48, 'documentation (RFC 3849)'],
  ['2001::', 16, undefined],
  ['4000::', 2, 'outside the global unicast addresses, 2000::/3 (RFC 4291)'],
] as const)('special-purpose blocks: the network %s/%d is %s', (address, length, block) => {
  expect(specialPurpose(theIp(address), length)).toBe(block);
});

test('special-purpose blocks: an implementation of Node.js agrees at a thousand places of each block', () => {
  const [local, reachable] = [new BlockList(), new BlockList()];
  for (const { prefix, isGloballyReachable, hasNoHosts } of [...IPV4_REGISTRY, ...IPV6_REGISTRY, ...OTHER_BLOCKS]) {
    const [network = '', length] = prefix.split('/');
    // Node.js reads the block of mapped addresses as all of IPv4; and the two widest blocks are the rule, not exceptions.
    if (['::ffff:0:0/96', '::/0', '2000::/3'].includes(prefix)) continue;
    const list = isGloballyReachable && !hasNoHosts ? reachable : local;
    list.addSubnet(network, Number(length), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  for (const { span } of SPANS) {
    const step = (span.last - span.first) / 1000n || 1n;
    for (let value = span.first; value <= span.last; value += step) {
      const ip = theIp(textOf(value, span.bits));
      const family = ipFamily(ip) === 4 ? 'ipv4' : 'ipv6';
      const isUnicast = family === 'ipv4' || /^[23][0-9a-f]{3}:/.test(ip);
      const isPublic = reachable.check(ip, family) || (isUnicast && !local.check(ip, family));
      expect(specialPurpose(ip) === undefined, ip).toBe(isPublic);
    }
  }
});
