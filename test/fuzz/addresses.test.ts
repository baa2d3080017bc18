/** Any address, however it is written, is judged by the numbers in it, as another implementation judges it. */
import { BlockList, isIP } from 'node:net';
import { describe, expect } from 'vitest';
import { refusal } from '../../src/network/gate.ts';
import { ipBytes, ipOfBytes, parseIp, specialPurpose } from '../../src/network/ip.ts';
import { embeddings } from '../../src/network/nat64.ts';
import fc from '../fast-check.ts';
import { fuzz } from './fuzz.ts';

/** Networks with hosts that a stranger must not reach by the name of a mail host, whatever else the table holds. */
const inner = new BlockList();
for (const [network, length] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
  ['0.0.0.0', 8],
] as const) {
  inner.addSubnet(network, length, 'ipv4');
}

const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 10, 32, 100, 127, 169, 172, 192, 254, 255));
const ipv4 = fc.array(octet, { minLength: 4, maxLength: 4 });
/** The first octets of an IPv6 address: those of a block with IPv4 addresses inside, or any. */
const start = fc.oneof(
  fc.constantFrom(
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255],
    [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0],
    [0, 100, 255, 155, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 100, 255, 155, 0, 1, 0, 0, 0, 0, 0, 0],
    [0x2a, 1, 13, 184, 0, 100, 0, 0, 0, 0, 0, 0],
  ),
  fc.array(octet, { minLength: 12, maxLength: 12 }),
);
const ipv6 = fc.tuple(start, ipv4).map(([left, right]) => [...left, ...right]);

/** The ways to write sixteen octets (RFC 4291 §2.2). */
function spellings(octets: readonly number[]): string[] {
  const groups = Array.from({ length: 8 }, (_, index) => (octets[2 * index] ?? 0) * 256 + (octets[2 * index + 1] ?? 0));
  const short = groups.map((group) => group.toString(16));
  const long = short.map((group) => group.padStart(4, '0'));
  const dotted = [...short.slice(0, 6), octets.slice(12).join('.')];
  const shortened = short.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::');
  return [short.join(':'), long.join(':').toUpperCase(), dotted.join(':'), shortened];
}

describe('addresses', () => {
  fuzz('IPv4: what is inside is refused', 20_000, ipv4, async (octets) => {
    const ip = parseIp(octets.join('.'));
    if (ip === undefined) throw new Error(`${octets} is an address`);
    expect([...ipBytes(ip)]).toEqual(octets);
    if (inner.check(ip, 'ipv4')) expect(await refusal(ip, { allowPrivate: false })).toBeDefined();
    expect(await refusal(ip, { allowPrivate: true })).toBeUndefined();
  });

  fuzz(
    'IPv6: every spelling is the same address, and one outside of 2000::/3 is refused',
    20_000,
    ipv6,
    async (octets) => {
      const read = spellings(octets).map((text) => (isIP(text) === 6 ? parseIp(text) : undefined));
      const [ip, ...others] = read;
      if (ip === undefined) throw new Error(`${octets} is an address`);
      expect(new Set(others)).toEqual(new Set([ip]));
      expect(ipOfBytes(Uint8Array.from(octets))).toBe(ip);
      if (isIP(ip) === 4) {
        expect(octets.slice(0, 12).join()).toBe('0,0,0,0,0,0,0,0,0,0,255,255');
        if (inner.check(ip, 'ipv4')) expect(specialPurpose(ip)).toBeDefined();
        return;
      }
      expect([...ipBytes(ip)]).toEqual(octets);
      const isUnicast = ((octets[0] ?? 0) & 0xe0) === 0x20;
      if (!isUnicast) expect(specialPurpose(ip)).toBeDefined();
    },
  );

  fuzz(
    'NAT64: behind the prefix that this network translates, what is inside is refused',
    20_000,
    ipv6,
    async (octets) => {
      const ip = ipOfBytes(Uint8Array.from([0x2a, 1, 13, 184, 0, 100, 0, 0, 0, ...octets.slice(9)]));
      if (ip === undefined) throw new Error(`${octets} is an address`);
      const ending = octets.slice(12).join('.');
      const here = embeddings(ip).filter(({ prefixLength }) => prefixLength === 96);
      expect(here.map((one) => one.ipv4)).toEqual([ending]);
      const refused = await refusal(ip, { allowPrivate: false, translators: async () => here });
      if (inner.check(ending, 'ipv4') && !ending.startsWith('0.')) expect(refused).toContain(ending);
      if (specialPurpose(here[0]?.ipv4 ?? ip) === undefined) expect(refused).toBeUndefined();
    },
  );
});
