/** Address blocks as terms name them: read, compared, written (RFC 7208 §5.6, §12). */
import { describe, expect, test } from 'vitest';
import { contains, firstAddress, type Network, networkText } from '../../../src/standards/spf/index.ts';
import { networkOf, parseIp4Octets, parseIp6Octets } from '../../../src/standards/spf/network.ts';
import { address } from './check.ts';

/** The block of an address and the length after it. */
function block(text: string): Network {
  const [ip = '', length = ''] = text.split('/');
  const network = networkOf(ip, { 4: Number(length), 6: Number(length) });
  if (network === undefined) throw new Error(`${text} is no block`);
  return network;
}

describe('SPF: parsing addresses, RFC 7208 §12', () => {
  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['192.0.2.255', [192, 0, 2, 255]],
    ['192.0.2.256', undefined],
    ['192.0.2.01', undefined],
    ['192.0.2.00', undefined],
    ['192.0.2', undefined],
    ['192.0.2.1.1', undefined],
    ['192.0.2.', undefined],
    ['192.0.2.1000', undefined],
    ['192.0.2.1x', undefined],
    ['192.0.2.x1', undefined],
    ['', undefined],
  ])('ip4 %j → %j', (text, octets) => {
    expect(parseIp4Octets(text)).toEqual(octets && Uint8Array.from(octets));
  });

  test.each([
    ['2001:db8::1', [0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 1]],
    ['::ffff:192.0.2.1', [...Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 1]],
    ['2001:0DB8:0000:0000:0000:0000:203.000.113.001', undefined],
    ['2001:0db8:ffff:ffff:ffff:ffff:203.100.113.105', [0x20, 1, 0xd, 0xb8, ...Array(8).fill(0xff), 203, 100, 113, 105]],
    ['fe80::1%eth0', undefined],
    ['192.0.2.1', undefined],
    ['2001:db8', undefined],
    ['', undefined],
  ])('ip6 %j → %j', (text, octets) => {
    expect(parseIp6Octets(text)).toEqual(octets && Uint8Array.from(octets));
  });

  test.each([
    ['192.0.2.1', { family: 4, octets: Uint8Array.of(192, 0, 2, 1), prefixLength: 24 }],
    ['::ffff:192.0.2.1', { family: 4, octets: Uint8Array.of(192, 0, 2, 1), prefixLength: 24 }],
    [
      '2001:db8::',
      { family: 6, octets: Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array(12).fill(0)]), prefixLength: 64 },
    ],
    ['x.example', undefined],
  ])('networkOf: %s has the prefix length of its IP version', (text, network) => {
    expect(networkOf(text, { 4: 24, 6: 64 })).toEqual(network);
  });
});

describe('SPF: contains, RFC 7208 §5', () => {
  test.each([
    ['192.0.2.1/32', ['192.0.2.1'], ['192.0.2.0', '192.0.2.3', '192.0.3.1', '193.0.2.1', '2001:db8::1']],
    ['192.0.2.5/31', ['192.0.2.4', '192.0.2.5'], ['192.0.2.3', '192.0.2.6']],
    ['192.0.2.77/24', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
    ['192.0.2.0/23', ['192.0.2.0', '192.0.3.255'], ['192.0.1.255', '192.0.4.0']],
    ['192.0.2.0/25', ['192.0.2.0', '192.0.2.127'], ['192.0.2.128']],
    ['192.0.2.0/8', ['192.0.0.0', '192.255.255.255'], ['191.255.255.255', '193.0.0.0']],
    ['192.0.2.0/7', ['192.0.0.0', '193.255.255.255'], ['191.255.255.255', '194.0.0.0']],
    ['192.0.2.0/1', ['128.0.0.0', '255.255.255.255'], ['127.255.255.255']],
    ['192.0.2.0/0', ['0.0.0.0', '255.255.255.255'], ['::']],
    ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'], ['2001:db7:ffff::', '2001:db9::']],
    ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::']],
    ['2001:db8::/127', ['2001:db8::', '2001:db8::1'], ['2001:db8::2']],
    ['2001:db8::1/128', ['2001:db8::1'], ['2001:db8::', '2001:db8::3', '192.0.2.1']],
    ['2001:db8::/0', ['::', 'ffff::'], ['192.0.2.1']],
  ])('%s contains %j, but not %j', (text, inside, outside) => {
    const holds = (ip: string) => contains(block(text), address(ip));
    expect({ inside: inside.filter(holds), outside: outside.filter(holds) }).toEqual({ inside, outside: [] });
  });
});

describe('SPF: networkText and firstAddress', () => {
  test.each([
    ['192.0.2.1/32', '192.0.2.1', '192.0.2.1'],
    ['192.0.2.1/24', '192.0.2.1', '192.0.2.1/24'],
    ['192.0.2.1/0', '192.0.2.1', '192.0.2.1/0'],
    ['2001:0DB8:0:0::1/128', '2001:db8::1', '2001:db8::1'],
    ['2001:db8::/32', '2001:db8::', '2001:db8::/32'],
  ])('%s', (text, first, written) => {
    expect([firstAddress(block(text)), networkText(block(text))]).toEqual([first, written]);
  });
});
