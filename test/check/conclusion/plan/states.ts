/**
 * Makes states of a domain: what its owner meant to publish, and what stands in the DNS after slips of every kind at
 * random places. The same seed makes the same states.
 */
import { generateKeyPairSync } from 'node:crypto';
import fc from '../../../fast-check.ts';
import type { ZoneScript } from '../../../world/zone.ts';
import { DMARC_SLIPS, KEY_SLIPS, SPF_SLIPS, slipped } from './slips.ts';

/** What the owner meant, and what is published instead. */
export interface State {
  readonly ips: readonly string[];
  readonly helo: string;
  /** The slips that were made, for the message of a failure. */
  readonly slips: readonly string[];
  readonly zone: Zone;
  readonly meant: {
    /** The SPF record. `null` where the owner published none. */
    readonly spf: string | null;
    /** `null` where the owner published none. */
    readonly dmarc: { readonly p: Policy; readonly addresses: readonly string[] } | null;
    /** The public key at the selector. `null` where the owner published none. */
    readonly key: string | null;
  };
}

export type Policy = 'none' | 'quarantine' | 'reject';

/** Records by `name TYPE`. A TXT record is its character strings. */
export type Zone = ReadonlyMap<string, readonly (string | readonly string[])[]>;

export const DOMAIN = 'example.com';
export const SELECTOR = 'mail';

/** The public halves of two keys. Keys take long to make, so all states share them. */
const KEYS = [1024, 2048].map((modulusLength) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
);

/** The names that records refer to. */
const SURROUNDINGS: Zone = new Map<string, readonly (string | readonly string[])[]>([
  ['example.com SOA', []],
  ['example.com NS', ['ns.example.net']],
  ['example.com A', ['192.0.2.80']],
  ['out.example.com A', ['192.0.2.25']],
  ['mx.example.net A', ['203.0.113.25']],
  ['spf.example.net TXT', ['v=spf1 ip4:198.51.100.0/28 -all']],
  ['_spf.example.org TXT', ['v=spf1 ip4:203.0.113.64/28 a:out.example.org ~all']],
  ['out.example.org A', ['203.0.113.9']],
  ['example.net TXT', []],
  ['example.org TXT', []],
  ['web.example.net A', ['198.51.100.80']],
]);

interface Texts {
  readonly texts: readonly (string | readonly string[])[];
  readonly slips: readonly string[];
}

const SENDERS = [
  'mx',
  'a',
  'ip4:198.51.100.33',
  'ip4:192.0.2.10',
  'ip4:203.0.113.128/29',
  'ip6:2001:db8:1::/48',
  'a:out.example.com',
  'include:spf.example.net',
  'include:_spf.example.org',
] as const;

const spf: fc.Arbitrary<{ meant: string | null } & Texts> = fc
  .record({
    senders: fc.subarray([...SENDERS]),
    ending: fc.constantFrom('~all', '-all', '-all', '?all'),
    how: fc.constantFrom('one', 'one', 'one', 'two', 'strings', 'none'),
    slip: slipped(SPF_SLIPS, 2),
    other: slipped(SPF_SLIPS, 1),
  })
  .map(({ senders, ending, how, slip, other }) => {
    const meant = ['v=spf1', ...senders, ending].join(' ');
    if (how === 'none') return { meant: null, texts: [], slips: [] };
    if (how === 'two' && senders.length > 1) {
      const first = slip(['v=spf1', ...senders.slice(0, 1), ending].join(' '));
      const second = other(['v=spf1', ...senders.slice(1), ending].join(' '));
      return { meant, texts: [first.text, second.text], slips: ['two SPF records', ...first.slips, ...second.slips] };
    }
    if (how === 'strings' && senders.length > 1) {
      // A zone file without quotation marks: each word is a string, and they are joined without spaces.
      return { meant, texts: [meant.split(' ')], slips: ['strings without spaces'] };
    }
    const { text, slips } = slip(meant);
    return { meant, texts: [text], slips };
  });

const ADDRESSES = ['reports@example.com', 'dmarc@example.com'] as const;

const dmarc: fc.Arbitrary<{ meant: State['meant']['dmarc']; place: string } & Texts> = fc
  .record({
    p: fc.constantFrom<Policy>('none', 'quarantine', 'reject'),
    addresses: fc.subarray([...ADDRESSES]),
    strict: fc.boolean(),
    how: fc.constantFrom('one', 'one', 'one', 'two', 'none'),
    place: fc.constantFrom('_dmarc.example.com', '_dmarc.example.com', '_dmarc.example.com.example.com'),
    slip: slipped(DMARC_SLIPS, 2),
  })
  .map(({ p, addresses, strict, how, place, slip }) => {
    if (how === 'none') return { meant: null, place, texts: [], slips: [] };
    const rua = addresses.length > 0 ? [`rua=${addresses.map((address) => `mailto:${address}`).join(',')}`] : [];
    const text = ['v=DMARC1', `p=${p}`, ...rua, ...(strict ? ['adkim=s'] : [])].join('; ');
    const made = slip(text);
    const moved = place === '_dmarc.example.com' ? [] : ['DMARC at a doubled name'];
    const meant = { p, addresses };
    if (how === 'two' && moved.length === 0) {
      const texts = [made.text, `v=DMARC1; p=${p}`];
      return { meant, place, texts, slips: ['two DMARC records', ...made.slips] };
    }
    return { meant, place, texts: [made.text], slips: [...moved, ...made.slips] };
  });

const dkim: fc.Arbitrary<{ meant: string | null; place: string } & Texts> = fc
  .record({
    key: fc.constantFrom(...KEYS),
    how: fc.constantFrom('one', 'one', 'halves', 'none'),
    place: fc.constantFrom(
      'mail._domainkey.example.com',
      'mail._domainkey.example.com',
      'mail._domainkey.example.com.example.com',
    ),
    slip: slipped(KEY_SLIPS, 1),
    turned: fc.boolean(),
  })
  .map(({ key, how, place, slip, turned }) => {
    if (how === 'none') return { meant: null, place, texts: [], slips: [] };
    const text = `v=DKIM1; k=rsa; p=${key}`;
    const moved = place === 'mail._domainkey.example.com' ? [] : ['key at a doubled name'];
    if (how === 'halves' && moved.length === 0) {
      const halves = [text.slice(0, 120), text.slice(120)];
      return { meant: key, place, texts: turned ? halves.reverse() : halves, slips: ['key in two records'] };
    }
    const made = slip(text);
    return { meant: key, place, texts: [made.text], slips: [...moved, ...made.slips] };
  });

const hosts = fc.record({
  helo: fc.constantFrom('mail.example.com', 'mail.example.com', 'example.com'),
  hasIpv6: fc.boolean(),
  mx: fc.constantFrom<readonly string[]>(
    ['10 mail.example.com'],
    ['10 mx.example.net'],
    ['10 mail.example.com.example.com'],
    ['10 192.0.2.10'],
    ['10 localhost'],
    ['0 .', '10 mail.example.com'],
    [],
  ),
  address: fc.constantFrom('right', 'right', 'missing', 'other'),
  ptr: fc.constantFrom<readonly string[]>(
    ['mail.example.com'],
    ['mail.example.com'],
    [],
    ['host10.example.net'],
    ['mail.example.com', 'old.example.com'],
  ),
  heloSpf: fc.constantFrom<readonly string[]>([], ['v=spf1 a -all'], ['v=spf1 ip4:192.0.2.99 -all']),
  alias: fc.constantFrom('none', 'none', 'none', 'dmarc', 'ptr'),
  token: fc.boolean(),
});

/** States of a domain. */
export const states: fc.Arbitrary<State> = fc.record({ spf, dmarc, dkim, hosts }).map(({ spf, dmarc, dkim, hosts }) => {
  const zone = new Map<string, readonly (string | readonly string[])[]>(SURROUNDINGS);
  const { helo, hasIpv6, mx, address, ptr, heloSpf, alias, token } = hosts;
  const ips = ['192.0.2.10', ...(hasIpv6 ? ['2001:db8::10'] : [])];
  const put = (key: string, values: readonly (string | readonly string[])[]): void => {
    if (values.length > 0) zone.set(key, [...(zone.get(key) ?? []), ...values]);
  };
  put('example.com TXT', [...spf.texts, ...(token ? ['site-verification=abcdef0123456789'] : [])]);
  const isAlias = alias === 'dmarc' && dmarc.place === '_dmarc.example.com';
  if (isAlias) put('_dmarc.example.com CNAME', ['example.com']);
  else put(`${dmarc.place} TXT`, dmarc.texts);
  put(`${dkim.place} TXT`, dkim.texts);
  put('example.com MX', mx);
  if (address !== 'missing' && helo !== 'example.com') {
    put(`${helo} A`, [address === 'right' ? '192.0.2.10' : '192.0.2.77']);
    if (hasIpv6) put(`${helo} AAAA`, ['2001:db8::10']);
  }
  if (helo === 'example.com') put('example.com A', ['192.0.2.10']);
  const reverse = '10.2.0.192.in-addr.arpa';
  if (alias === 'ptr') put(`${reverse} CNAME`, ['10.0-31.2.0.192.in-addr.arpa']);
  put(`${alias === 'ptr' ? '10.0-31.2.0.192.in-addr.arpa' : reverse} PTR`, ptr);
  if (hasIpv6)
    put('0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR', ['mail.example.com']);
  if (helo !== 'example.com') put(`${helo} TXT`, heloSpf);
  return {
    ips,
    helo,
    slips: [...spf.slips, ...(isAlias ? ['_dmarc is an alias'] : dmarc.slips), ...dkim.slips],
    zone,
    meant: { spf: spf.meant, dmarc: isAlias ? null : dmarc.meant, key: dkim.meant },
  };
});

/** @returns the zone in the syntax of the test worlds. */
export function scriptOf(zone: Zone): ZoneScript {
  const names: Record<string, Record<string, readonly (string | readonly string[])[]>> = {};
  for (const [key, values] of zone) {
    const [name = '', type = ''] = key.split(' ');
    names[name] = { ...names[name], [type]: values };
  }
  return names;
}
