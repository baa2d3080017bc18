/** Tests which addresses may be connected to, also behind a translator (NAT64) with a prefix of its own. */
import { describe, expect, test } from 'vitest';
import { findTranslators } from '../../src/network/dns/translators.ts';
import { refusal } from '../../src/network/gate.ts';
import { type IpAddress, parseIp } from '../../src/network/ip.ts';
import { embeddings } from '../../src/network/nat64.ts';
import type { NameScript } from '../world/dns.ts';
import { zoneResolver } from '../world/zone-resolver.ts';

const theIp = (text: string): IpAddress => {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
};

/** The addresses of 192.0.2.33 under the prefixes of RFC 6052 §2.4, with a prefix that is not for documentation. */
const EXAMPLES = [
  ['2a01:db8:c000:221::', 32, '2a01:db8::'],
  ['2a01:db8:1c0:2:21::', 40, '2a01:db8:100::'],
  ['2a01:db8:122:c000:2:2100::', 48, '2a01:db8:122::'],
  ['2a01:db8:122:3c0:0:221::', 56, '2a01:db8:122:300::'],
  ['2a01:db8:122:344:c0:2:2100::', 64, '2a01:db8:122:344::'],
  ['2a01:db8:122:344::192.0.2.33', 96, '2a01:db8:122:344::'],
] as const;

test.each(EXAMPLES)(
  'NAT64: %s holds 192.0.2.33 behind a prefix of %d bits (RFC 6052 §2.4)',
  (address, prefixLength, network) => {
    expect(embeddings(theIp(address))).toContainEqual({ ipv4: '192.0.2.33', network: theIp(network), prefixLength });
  },
);

test.each([
  ['IPv4', '192.0.2.33'],
  ['an address with bits 64 to 71 set', '2a01:db8:122:344:ff00:0:192.0.2.33'],
])('NAT64: %s holds no IPv4 address', (_, address) => {
  expect(embeddings(theIp(address))).toEqual([]);
});

const DISCOVERY: readonly (readonly [when: string, script: NameScript, found: unknown])[] = [
  ['no IPv6 address', { AAAA: [] }, []],
  ['no such name', {}, []],
  ['no answer', { AAAA: 'servfail' }, null],
  ['a refusal', { AAAA: 'refused' }, null],
  ['an address that is not one of them', { AAAA: ['2a01:db8:122:344::192.0.2.1'] }, []],
  ...EXAMPLES.map(([, prefixLength, network]) => {
    const made = embedded('192.0.0.170', network, prefixLength);
    return [
      `a prefix of ${prefixLength} bits`,
      { AAAA: [made] },
      [{ ipv4: '192.0.0.170', network: theIp(network), prefixLength }],
    ] as const;
  }),
];

/** @returns the address under the prefix that stands for an IPv4 address, written without the code under test. */
function embedded(ipv4: string, network: string, prefixLength: number): string {
  const [left = '', right = ''] = network.split('::');
  const groups = [...left.split(':'), ...new Array<string>(8).fill('0')].slice(0, 8);
  if (right !== '') throw new Error(network);
  const hex = groups
    .map((group) => group.padStart(4, '0'))
    .join('')
    .slice(0, prefixLength / 4);
  const inner = ipv4.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const octets = [...(hex.match(/../g) ?? []), ...inner];
  if (prefixLength < 96) octets.splice(8, 0, '00');
  const all = [...octets, ...new Array<string>(16).fill('00')].slice(0, 16).join('');
  return (all.match(/.{4}/g) ?? []).join(':');
}

test.each(DISCOVERY)(
  'NAT64: with %s for ipv4only.arpa, the translators are %j (RFC 7050)',
  async (_, script, found) => {
    const resolver = zoneResolver({ zone: { 'ipv4only.arpa': script } });
    expect(await findTranslators(resolver)).toEqual(found);
  },
);

describe('the gate', () => {
  const NETWORK = '2a01:db8:122:344::';
  const here = [{ network: theIp(NETWORK), prefixLength: 96 }];
  const lan = `${NETWORK}10.1.2.3`;
  const says = '10.1.2.3 by NAT64, private use (RFC 1918)';
  const cases: readonly (readonly [
    when: string,
    address: string,
    found: typeof here | null,
    refused: string | undefined,
  ])[] = [
    ['a public address', '8.8.8.8', here, undefined],
    ['a private address', '10.1.2.3', here, 'private use (RFC 1918)'],
    ['a public IPv6 address', '2a01:db8:122:344::25', here, undefined],
    ['the translation of a private address', lan, here, says],
    [
      'the translation of the metadata service',
      `${NETWORK}169.254.169.254`,
      here,
      '169.254.169.254 by NAT64, link local (RFC 3927)',
    ],
    ['the translation of this machine', `${NETWORK}127.0.0.1`, here, '127.0.0.1 by NAT64, loopback (RFC 1122)'],
    ['the translation of a public address', `${NETWORK}8.8.8.8`, here, undefined],
    ['the same ending under another prefix', '2a01:db8:122:345::10.1.2.3', here, undefined],
    ['the same ending where nothing is translated', lan, [], undefined],
    [
      'such an ending where translators are unknown',
      lan,
      null,
      `perhaps ${says}: whether this network translates addresses is not known`,
    ],
  ];
  test.each(cases)('judges %s: %s', async (_, address, found, refused) => {
    const translators = async () => found;
    expect(await refusal(theIp(address), { allowPrivate: false, translators })).toBe(refused);
    expect(await refusal(theIp(address), { allowPrivate: true, translators })).toBeUndefined();
  });

  test('looks for translators only if an address may lead inside through one', async () => {
    let asked = 0;
    const translators = async () => {
      asked += 1;
      return [];
    };
    for (const address of ['8.8.8.8', '10.0.0.1', '2001:4860:4860::8888', '2a01:db8::25', '2001:db8::1']) {
      await refusal(theIp(address), { allowPrivate: false, translators });
    }
    expect(asked).toBe(0);
    await refusal(theIp(lan), { allowPrivate: false, translators });
    expect(asked).toBe(1);
  });
});
