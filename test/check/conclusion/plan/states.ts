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
  readonly domain: string;
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

/** The organizational domain of every state. */
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
  ['four.example.net A', ['198.51.100.44']],
  // Records of others that no receiver can use, and names that do not lead to any.
  ['twice.example.net TXT', ['v=spf1 ip4:198.51.100.99 -all', 'v=spf1 -all']],
  ['wrong.example.net TXT', ['v=spf1 ip4:198.51.100.300 -all']],
  ['empty.example.net TXT', ['site-verification=1']],
  // A service of many lookups.
  ['big.example.net TXT', ['v=spf1 include:n1.example.net include:n2.example.net include:n3.example.net -all']],
  ...[1, 2, 3].map((n): [string, readonly string[]] => [
    `n${n}.example.net TXT`,
    [`v=spf1 ip4:198.51.100.${160 + n} a:web.example.net a:four.example.net -all`],
  ]),
  ['key.example.net TXT', [`v=DKIM1; k=rsa; p=${KEYS[0]}`]],
  ['bad-key.example.net TXT', ['v=DKIM1; k=rsa; p=MIGfMA0GCSq']],
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

/** Terms that let nobody pass, or whose record somebody else has to mend. */
const IDLE = [
  'a:gone.example.com',
  'a:old.example.net',
  'mx:gone.example.org',
  'include:gone.example.net',
  'include:empty.example.net',
  'include:twice.example.net',
  'include:wrong.example.net',
  'ptr',
] as const;

/** Senders of which all together need more lookups than are allowed, each with its addresses. */
const MANY = ['include:big.example.net', 'a:out.example.com', 'include:_spf.example.org', 'mx', 'a'] as const;

const spf: fc.Arbitrary<{ meant: string | null } & Texts> = fc
  .record({
    senders: fc.subarray([...SENDERS]),
    idle: fc.oneof(
      { weight: 3, arbitrary: fc.constant<(typeof IDLE)[number][]>([]) },
      { weight: 1, arbitrary: fc.subarray([...IDLE], { maxLength: 3 }) },
    ),
    ending: fc.constantFrom('~all', '-all', '-all', '?all'),
    how: fc.constantFrom('one', 'one', 'one', 'two', 'three', 'strings', 'many', 'none'),
    slip: slipped(SPF_SLIPS, 2),
    other: slipped(SPF_SLIPS, 1),
    turned: fc.boolean(),
  })
  .map(({ senders, idle, ending, how, slip, other, turned }) => {
    const meant = ['v=spf1', ...senders, ending].join(' ');
    if (how === 'none') return { meant: null, texts: [], slips: [] };
    if (how === 'many') {
      const { text, slips } = other(['v=spf1', ...MANY, ending].join(' '));
      const addresses = [161, 162, 163, 80, 44].map((n) => `ip4:198.51.100.${n}`);
      return {
        meant: ['v=spf1', ...addresses, ...MANY.slice(1), ending].join(' '),
        texts: [text],
        slips: ['many lookups', ...slips],
      };
    }
    if ((how === 'two' || how === 'three') && senders.length > 2) {
      const parts =
        how === 'two'
          ? [senders.slice(0, 1), senders.slice(1)]
          : [senders.slice(0, 1), senders.slice(1, 2), senders.slice(2)];
      const made = parts.map((part, index) =>
        (index === 1 ? other : index === 0 ? slip : unchanged)(['v=spf1', ...part, ending].join(' ')),
      );
      const texts = made.map(({ text }) => text);
      const slips = [`${how} SPF records`, ...made.flatMap((one) => one.slips)];
      return { meant, texts: turned ? texts.reverse() : texts, slips };
    }
    if (how === 'strings' && senders.length > 1) {
      // A zone file without quotation marks: each word is a string, and they are joined without spaces.
      return { meant, texts: [meant.split(' ')], slips: ['strings without spaces'] };
    }
    const terms = turned ? [...idle, ...senders] : [...senders, ...idle];
    const { text, slips } = (idle.length > 0 ? other : slip)(['v=spf1', ...terms, ending].join(' '));
    return { meant, texts: [text], slips: [...idle.map((term) => `idle ${term}`), ...slips] };
  });

const unchanged = (text: string): { text: string; slips: string[] } => ({ text, slips: [] });

const ADDRESSES = ['reports@example.com', 'dmarc@example.com'] as const;

const dmarc: fc.Arbitrary<{ meant: State['meant']['dmarc']; place: string } & Texts> = fc
  .record({
    p: fc.constantFrom<Policy>('none', 'quarantine', 'reject'),
    addresses: fc.subarray([...ADDRESSES]),
    strict: fc.boolean(),
    how: fc.constantFrom('one', 'one', 'one', 'two', 'three', 'none'),
    place: fc.constantFrom(
      ...['_dmarc.example.com', '_dmarc.example.com', '_dmarc.example.com', '_dmarc.example.com.example.com'],
      ...['dmarc.example.com', '_dmarc._dmarc.example.com'],
    ),
    slip: slipped(DMARC_SLIPS, 2),
    turned: fc.boolean(),
  })
  .map(({ p, addresses, strict, how, place, slip, turned }) => {
    if (how === 'none') return { meant: null, place, texts: [], slips: [] };
    const rua = addresses.length > 0 ? [`rua=${addresses.map((address) => `mailto:${address}`).join(',')}`] : [];
    const text = ['v=DMARC1', `p=${p}`, ...rua, ...(strict ? ['adkim=s'] : [])].join('; ');
    const made = slip(text);
    const moved = place === '_dmarc.example.com' ? [] : [`DMARC at ${place}`];
    const meant = { p, addresses };
    if ((how === 'two' || how === 'three') && moved.length === 0) {
      const others = how === 'two' ? [`v=DMARC1; p=${p}`] : [`v=DMARC1; p=${p}`, `v=DMARC1; p=none; ${rua.join('')}`];
      const texts = [made.text, ...others];
      return { meant, place, texts: turned ? texts.reverse() : texts, slips: [`${how} DMARC records`, ...made.slips] };
    }
    return { meant, place, texts: [made.text], slips: [...moved, ...made.slips] };
  });

const SELECTOR_NAME = 'mail._domainkey.example.com';

const dkim: fc.Arbitrary<{ meant: string | null; place: string; alias?: string; wildcard?: string } & Texts> = fc
  .record({
    key: fc.constantFrom(...KEYS),
    how: fc.constantFrom(
      'one',
      'one',
      'one',
      'halves',
      'thirds',
      'beside',
      'alias',
      'typed',
      'revoked',
      'wildcard',
      'none',
    ),
    place: fc.constantFrom(
      ...[SELECTOR_NAME, SELECTOR_NAME, SELECTOR_NAME, SELECTOR_NAME, 'mail._domainkey.example.com.example.com'],
      ...['mail.domainkey.example.com', 'mail._domainkeys.example.com', 'mail._domainkey.mail._domainkey.example.com'],
    ),
    target: fc.constantFrom('key.example.net', 'bad-key.example.net', 'gone.example.net'),
    slip: slipped(KEY_SLIPS, 1),
    turned: fc.boolean(),
  })
  .map(({ key, how, place, target, slip, turned }) => {
    const text = `v=DKIM1; k=rsa; p=${key}`;
    const order = (texts: string[]): string[] => (turned ? texts.reverse() : texts);
    const at = { meant: key, place: SELECTOR_NAME };
    switch (how) {
      case 'none':
        return { meant: null, place, texts: [], slips: [] };
      case 'halves':
        return { ...at, texts: order([text.slice(0, 120), text.slice(120)]), slips: ['key in two records'] };
      case 'thirds':
        return {
          ...at,
          texts: order([text.slice(0, 90), text.slice(90, 170), text.slice(170)]),
          slips: ['key in three'],
        };
      case 'beside':
        return { ...at, texts: order([text, text.slice(0, 100)]), slips: ['a cut key beside the key'] };
      case 'alias':
        return { ...at, meant: null, texts: [], alias: target, slips: [`alias to ${target}`] };
      case 'typed':
        return { ...at, meant: null, texts: [`${target}.`], slips: [`alias to ${target} as TXT`] };
      case 'revoked':
        return { ...at, meant: null, texts: ['v=DKIM1; k=rsa; p='], slips: ['revoked key'] };
      case 'wildcard':
        return { ...at, meant: null, texts: [], wildcard: 'v=DKIM1; p=', slips: ['wildcard without a key'] };
    }
    const made = slip(text);
    const moved = place === SELECTOR_NAME ? [] : [`key at ${place}`];
    return { meant: key, place, texts: [made.text], slips: [...moved, ...made.slips] };
  });

const hosts = fc.record({
  domain: fc.constantFrom(DOMAIN, DOMAIN, DOMAIN, DOMAIN, 'news.example.com'),
  helo: fc.constantFrom('mail.example.com', 'mail.example.com', 'mail.example.com', 'example.com', 'mail.example.org'),
  heloAlias: fc.constantFrom(null, null, null, null, 'example.com', 'web.example.net', 'gone.example.net'),
  hasIpv6: fc.boolean(),
  mx: fc.constantFrom<readonly string[]>(
    ['10 mail.example.com'],
    ['10 mail.example.com'],
    ['10 mx.example.net'],
    ['10 mail.example.com.example.com'],
    ['10 192.0.2.10'],
    ['10 localhost'],
    ['0 .'],
    ['0 .', '10 mail.example.com'],
    ['10 mail.example.com', '20 gone.example.com'],
    [],
  ),
  address: fc.constantFrom('right', 'right', 'missing', 'other', 'doubled'),
  ptr: fc.constantFrom<readonly string[]>(
    ['mail.example.com'],
    ['mail.example.com'],
    [],
    ['host10.example.net'],
    ['mail.example.com.2.0.192.in-addr.arpa'],
    ['mail.example.com', 'old.example.com'],
    ['host10.example.net', 'mail.example.com', 'old.example.com'],
  ),
  heloSpf: fc.constantFrom<readonly string[]>(
    [],
    ['v=spf1 a -all'],
    ['v=spf1 ip4:192.0.2.99 -all'],
    ['v=spf1 ip4:192.0.2.99 ip4:192.0.2.98, -all'],
    ['v=spf1 ip4:192.0.2.99 -all', 'v=spf1 a ~all'],
  ),
  alias: fc.constantFrom('none', 'none', 'none', 'none', 'dmarc', 'beside', 'ptr'),
  token: fc.boolean(),
});

/** States of a domain. */
export const states: fc.Arbitrary<State> = fc.record({ spf, dmarc, dkim, hosts }).map(({ spf, dmarc, dkim, hosts }) => {
  const zone = new Map<string, readonly (string | readonly string[])[]>(SURROUNDINGS);
  const { domain, helo, heloAlias, hasIpv6, mx, heloSpf, alias, token } = hosts;
  const ips = ['192.0.2.10', ...(hasIpv6 ? ['2001:db8::10'] : [])];
  const put = (key: string, values: readonly (string | readonly string[])[]): void => {
    if (values.length > 0) zone.set(key, [...(zone.get(key) ?? []), ...values]);
  };
  if (domain !== DOMAIN) put(`${domain} A`, ['192.0.2.80']);
  put(`${domain} TXT`, [...spf.texts, ...(token ? ['site-verification=abcdef0123456789'] : [])]);
  const isAlias = alias === 'dmarc' && dmarc.place === '_dmarc.example.com';
  if (isAlias) put('_dmarc.example.com CNAME', ['example.com']);
  else put(`${dmarc.place} TXT`, dmarc.texts);
  if (alias === 'beside' && dmarc.texts.length > 0 && dmarc.place === '_dmarc.example.com')
    put(`${dmarc.place} CNAME`, ['web.example.net']);
  // The selector belongs to the domain that is checked.
  const own = (name: string): string => (domain === DOMAIN ? name : name.replace('example.com', domain));
  put(`${own(dkim.place)} TXT`, dkim.texts);
  if (dkim.alias !== undefined) put(`${own(SELECTOR_NAME)} CNAME`, [dkim.alias]);
  if (dkim.wildcard !== undefined) put(`*._domainkey.${domain} TXT`, [dkim.wildcard]);
  put(`${domain} MX`, mx);
  const aliased = heloAlias !== null && helo === 'mail.example.com' ? [`alias to ${heloAlias}`] : [];
  if (aliased.length > 0 && heloAlias !== null) put(`${helo} CNAME`, [heloAlias]);
  else putHost(put, hosts);
  putReverse(put, hosts);
  return {
    ips,
    domain,
    helo,
    slips: [
      ...spf.slips,
      ...(isAlias ? ['_dmarc is an alias'] : dmarc.slips),
      ...dkim.slips,
      ...aliased,
      ...(heloSpf.length > 1 ? ['two SPF records of the host'] : []),
    ],
    zone,
    meant: { spf: spf.meant, dmarc: isAlias || domain !== DOMAIN ? null : dmarc.meant, key: dkim.meant },
  };
});

type Put = (key: string, values: readonly string[]) => void;
type Hosts = typeof hosts extends fc.Arbitrary<infer T> ? T : never;

/** Puts the addresses and the SPF record of the host into the zone. */
function putHost(put: Put, { helo, hasIpv6, address, heloSpf }: Hosts): void {
  if (helo === 'example.com') {
    put('example.com A', ['192.0.2.10']);
    return;
  }
  const at = address === 'doubled' ? `${helo}.${DOMAIN}` : helo;
  if (address !== 'missing') {
    put(`${at} A`, [address === 'other' ? '192.0.2.77' : '192.0.2.10']);
    if (hasIpv6) put(`${at} AAAA`, ['2001:db8::10']);
  }
  put(`${helo} TXT`, heloSpf);
}

function putReverse(put: Put, { alias, ptr, hasIpv6 }: Hosts): void {
  const reverse = '10.2.0.192.in-addr.arpa';
  if (alias === 'ptr') put(`${reverse} CNAME`, ['10.0-31.2.0.192.in-addr.arpa']);
  put(`${alias === 'ptr' ? '10.0-31.2.0.192.in-addr.arpa' : reverse} PTR`, ptr);
  if (hasIpv6) {
    put('0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR', ['mail.example.com']);
  }
}

/** @returns the zone in the syntax of the test worlds. */
export function scriptOf(zone: Zone): ZoneScript {
  const names: Record<string, Record<string, readonly (string | readonly string[])[]>> = {};
  for (const [key, values] of zone) {
    const [name = '', type = ''] = key.split(' ');
    names[name] = { ...names[name], [type]: values };
  }
  return names;
}
