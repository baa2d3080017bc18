/**
 * Real states of a domain, and what a careful postmaster makes of each. A case is one slip that people make, or one odd
 * thing that is right.
 */
import { generateKeyPairSync } from 'node:crypto';

/** A TXT record is its text, or its character strings. A record set that is `null` is not there. */
export type Zone = Readonly<Record<string, readonly (string | readonly string[])[] | null>>;

export interface RealCase {
  readonly title: string;
  /** What differs from the zone of a domain that is set up well. Keys are `name TYPE`. */
  readonly zone: Zone;
  readonly domain?: string;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly selectors?: readonly string[];
  readonly rules: readonly string[];
  /** The values of the record sets after the plan. Nothing else changes. */
  readonly after: Readonly<Record<string, readonly string[]>>;
  /** What a finding, a note or a decision says. */
  readonly says?: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
  /** The addresses that pass SPF of the domain after the plan, and those that do not. */
  readonly passes?: readonly string[];
  readonly fails?: readonly string[];
  /** The policies of the later stages, in order. */
  readonly later?: readonly string[];
}

export const IP = '203.0.113.25';
export const HOST = 'mta.example.com';
export const DOMAIN = 'example.com';
export const SELECTOR = 's1';
const REVERSE = '25.113.0.203.in-addr.arpa';
const KEY_NAME = `${SELECTOR}._domainkey.${DOMAIN}`;

const [KEY, OTHER_KEY] = [2048, 2048].map((modulusLength) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
) as [string, string];
const KEY_RECORD = `v=DKIM1; k=rsa; p=${KEY}`;
const HALVES = [KEY.slice(0, 210), KEY.slice(210)] as const;
const DMARC = 'v=DMARC1; p=reject; rua=mailto:reports@example.com';

/** The octets of a text in UTF-8, one character for each. */
const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** A domain that is set up well, and the services that records refer to. */
export const BASE: Zone = {
  [`${DOMAIN} MX`]: [`10 ${HOST}`],
  [`${DOMAIN} A`]: ['203.0.113.80'],
  [`${HOST} A`]: [IP],
  [`${REVERSE} PTR`]: [HOST],
  [`${DOMAIN} TXT`]: ['v=spf1 mx -all'],
  [`${KEY_NAME} TXT`]: [KEY_RECORD],
  [`_dmarc.${DOMAIN} TXT`]: [DMARC],
  'send.example.net TXT': ['v=spf1 ip4:198.51.100.0/26 -all'],
  'bulk.example.org TXT': ['v=spf1 ip4:198.51.100.64/26 -all'],
  'ours.example.org TXT': [`v=spf1 ip4:${IP} -all`],
  'open.example.net TXT': ['v=spf1 ip4:198.51.100.5 +all'],
  'wide.example.net TXT': ['v=spf1 ip4:0.0.0.0/0 -all'],
  'lax.example.net TXT': [`v=spf1 ip4:${IP} ?all`],
  'shop.example.net A': ['198.51.100.201'],
  'desk.example.net A': ['198.51.100.202'],
  'news.example.net A': ['198.51.100.203'],
  'keys.example.net TXT': [KEY_RECORD],
};

type Extra = Partial<Omit<RealCase, 'title' | 'zone' | 'rules' | 'after'>>;

/** A case of the SPF record of the domain, given as its TXT records. */
function spf(
  title: string,
  published: string | readonly (string | readonly string[])[],
  record: string | null,
  extra: Extra & { readonly zone?: Zone } = {},
): RealCase {
  const { zone = {}, ...others } = extra;
  const texts = typeof published === 'string' ? [published] : published;
  return {
    title,
    zone: { ...zone, [`${DOMAIN} TXT`]: texts },
    rules: ['spf'],
    after: record === null ? {} : { [`${DOMAIN} TXT`]: [record] },
    fails: ['198.51.100.250'],
    ...others,
  };
}

/** A case of the DMARC record, given as its TXT records. */
function dmarc(
  title: string,
  published: string | readonly string[],
  record: string | null,
  extra: Extra = {},
): RealCase {
  const texts = typeof published === 'string' ? [published] : published;
  return {
    title,
    zone: { [`_dmarc.${DOMAIN} TXT`]: texts },
    rules: ['dmarc'],
    after: record === null ? {} : { [`_dmarc.${DOMAIN} TXT`]: [record] },
    ...extra,
  };
}

/** A case of the key record, given as the TXT records at the selector. */
function dkim(
  title: string,
  published: readonly string[] | null,
  after: RealCase['after'] | string | null,
  extra: Extra & { readonly zone?: Zone } = {},
): RealCase {
  const { zone = {}, ...others } = extra;
  return {
    title,
    zone: { [`${KEY_NAME} TXT`]: published, ...zone },
    selectors: [SELECTOR],
    rules: ['dkim'],
    after: after === null ? {} : typeof after === 'string' ? { [`${KEY_NAME} TXT`]: [after] } : after,
    ...others,
  };
}

const SENDS = 'v=spf1 mx include:send.example.net -all';
const CLEAN = { passes: [IP, '198.51.100.7'] };

const SPF_VERSIONS: readonly RealCase[] = (
  [
    ['quotation marks are part of the text', '"v=spf1 mx include:send.example.net -all"', /quotation marks/],
    ['typographic quotation marks', octets('“v=spf1 mx include:send.example.net –all”'), /typographic/],
    ['a dash before the version', '-v=spf1 mx include:send.example.net -all', /before "v=spf1"/],
    ['a space before the version', ' v=spf1 mx include:send.example.net -all', /before "v=spf1"/],
    ['an invisible character before the version', octets('\u200bv=spf1 mx include:send.example.net -all'), /invisible/],
    ['a byte order mark', octets('\ufeffv=spf1 mx include:send.example.net -all'), /invisible/],
    ['the number of the version is missing', 'v=spf mx include:send.example.net -all', /version/],
    ['the number of the version appears twice', 'v=spf11 mx include:send.example.net -all', /version/],
    ['two letters of the version changed places', 'v=sfp1 mx include:send.example.net -all', /version/],
    ['a colon in the version', 'v:spf1 mx include:send.example.net -all', /version/],
    ['semicolons behind the version and the terms', 'v=spf1; mx; include:send.example.net; -all', /only spaces/],
    ['commas for spaces', 'v=spf1,mx,include:send.example.net,-all', /only spaces/],
    ['the version is glued to a term', 'v=spf1mx include:send.example.net -all', /space is missing/],
    ['the version is missing', 'mx include:send.example.net -all', /version "v=spf1" is missing/],
    ['no-break spaces', octets('v=spf1\u00a0mx include:send.example.net\u00a0-all'), /no-break space/],
    ['a line of a zone file', 'example.com. IN TXT "v=spf1 mx include:send.example.net -all"', /before "v=spf1"/],
    ['the source of a web page', '&quot;v=spf1 mx include:send.example.net -all&quot;', /web page/],
    ['a part of a URL', 'v=spf1%20mx%20include:send.example.net%20-all', /URL/],
    ['a Sender ID record alone', 'spf2.0/pra mx include:send.example.net -all', /Sender ID/],
  ] as const
).map(([title, published, said]) => spf(title, published, SENDS, { ...CLEAN, says: [said], saysNot: [/â/] }));

const SPF_TERMS: readonly RealCase[] = (
  [
    [
      'a space is missing before all',
      'v=spf1 mx include:send.example.net ip4:198.51.100.3~all',
      'v=spf1 mx include:send.example.net ip4:198.51.100.3 ~all',
      /space is missing/,
    ],
    ['a space is missing after a name', 'v=spf1 mx include:send.example.net-all', SENDS, /space is missing/],
    ['a colon is a dot', 'v=spf1 mx include.send.example.net -all', SENDS, /colon/],
    ['a colon is an equals sign', 'v=spf1 mx include=send.example.net -all', SENDS, /unknown modifier/],
    ['a colon appears twice', 'v=spf1 mx include::send.example.net -all', SENDS, /colon/],
    ['a space follows the colon', 'v=spf1 mx include: send.example.net -all', SENDS, /space inside a term/],
    ['the colon is missing', 'v=spf1 mx include send.example.net -all', SENDS, /colon belongs/],
    ['the name of the mechanism is misspelt', 'v=spf1 mx inclued:send.example.net -all', SENDS, /misspelt/],
    [
      'two names in one include',
      'v=spf1 mx include:send.example.net,bulk.example.org -all',
      'v=spf1 mx include:send.example.net include:bulk.example.org -all',
      /name needs a term/,
    ],
    [
      'two names with a bar between them',
      'v=spf1 mx include:send.example.net|bulk.example.org -all',
      'v=spf1 mx include:send.example.net include:bulk.example.org -all',
      /name needs a term/,
    ],
    [
      'a second name without its include',
      'v=spf1 mx include:send.example.net bulk.example.org -all',
      'v=spf1 mx include:send.example.net include:bulk.example.org -all',
      /name needs a term/,
    ],
    [
      'a host name behind ip4',
      'v=spf1 ip4:mta.example.com include:send.example.net -all',
      'v=spf1 a:mta.example.com include:send.example.net -all',
      /take an address/,
    ],
    [
      'an address behind a',
      'v=spf1 a:203.0.113.25 include:send.example.net -all',
      'v=spf1 ip4:203.0.113.25 include:send.example.net -all',
      /address must follow ip4/,
    ],
    [
      'ipv4 for ip4',
      'v=spf1 ipv4:203.0.113.25 include:send.example.net -all',
      'v=spf1 ip4:203.0.113.25 include:send.example.net -all',
      /misspelt/,
    ],
    [
      'an IPv6 address behind ip4',
      'v=spf1 mx ip4:2001:db8::7 include:send.example.net -all',
      'v=spf1 mx ip6:2001:db8::7 include:send.example.net -all',
      /IPv6 address/,
    ],
    [
      'three colons in an address',
      'v=spf1 mx ip6:2001:db8:::7 include:send.example.net -all',
      'v=spf1 mx ip6:2001:db8::7 include:send.example.net -all',
      /does not belong/,
    ],
    [
      'a prefix length appears twice',
      'v=spf1 mx ip4:198.51.100.0/28/28 -all',
      'v=spf1 mx ip4:198.51.100.0/28 -all',
      /does not belong/,
    ],
    ['the last number of a range', 'v=spf1 mx ip4:198.51.100.0-63 -all', 'v=spf1 mx ip4:198.51.100.0/26 -all', /range/],
    [
      'a wildcard for a network',
      'v=spf1 mx ip4:192.0.2.* include:send.example.net -all',
      'v=spf1 mx ip4:192.0.2.0/24 include:send.example.net -all',
      /prefix length/,
    ],
    [
      'a qualifier before a redirect',
      'v=spf1 mx ~redirect=send.example.net',
      'v=spf1 mx redirect=send.example.net',
      /no qualifier/,
    ],
    ['a typographic dash', octets('v=spf1 mx include:send.example.net –all'), SENDS, /typographic dash/],
    ['an underscore before all', 'v=spf1 mx include:send.example.net _all', SENDS, /look like/],
    ['a Cyrillic letter', octets('v=spf1 mx inсlude:send.example.net -all'), SENDS, /look like/],
    [
      'a token of another service',
      'v=spf1 mx include:send.example.net shop-verification=q1w2e3 -all',
      SENDS,
      /token of another service/,
    ],
    [
      'a DMARC record behind the terms',
      'v=spf1 mx include:send.example.net -all v=DMARC1; p=none;',
      SENDS,
      /DMARC needs its own record/,
    ],
    ['a term behind all', 'v=spf1 mx -all include:send.example.net', SENDS, /after "all"/],
    ['a redirect beside all', 'v=spf1 mx redirect=send.example.net -all', SENDS, /beside "all"/],
    [
      'a redirect beside all, alone',
      'v=spf1 redirect=ours.example.org ~all',
      'v=spf1 include:ours.example.org ~all',
      /beside "all"/,
    ],
    [
      'two redirects',
      'v=spf1 redirect=send.example.net redirect=ours.example.org',
      'v=spf1 include:send.example.net include:ours.example.org ~all',
      /only once/,
    ],
    [
      'one redirect twice',
      'v=spf1 mx redirect=send.example.net redirect=send.example.net',
      'v=spf1 mx redirect=send.example.net',
      /only once/,
    ],
  ] as const
).map(([title, published, record, said]) =>
  spf(title, published, record, { passes: [IP], says: [said], saysNot: [/â/] }),
);

const SPF_RECORDS: readonly RealCase[] = [
  spf('a zone file without quotation marks', [['v=spf1', 'mx', 'include:send.example.net', '-all']], SENDS, {
    ...CLEAN,
    says: [/join the strings of a TXT record without a space/],
  }),
  spf(
    'strings that were cut between terms',
    [['v=spf1 mx include:send.example.net', 'ip4:198.51.100.70', '-all']],
    'v=spf1 mx include:send.example.net ip4:198.51.100.70 -all',
    { ...CLEAN, says: [/join the strings of a TXT record without a space/] },
  ),
  spf(
    'two records with different endings',
    ['v=spf1 mx ?all', 'v=spf1 include:send.example.net ~all'],
    'v=spf1 mx include:send.example.net ~all',
    { ...CLEAN, says: [/only one SPF record/, /strictest/] },
  ),
  spf('two records, the strict one first', ['v=spf1 mx -all', 'v=spf1 include:send.example.net +all'], SENDS, CLEAN),
  spf(
    'two records without an ending',
    ['v=spf1 mx', 'v=spf1 include:send.example.net'],
    'v=spf1 mx include:send.example.net ~all',
    { ...CLEAN, says: [/adds ~all/] },
  ),
  spf('two records with one text', ['v=spf1 mx -all', ['v=spf1 mx', ' -all']], 'v=spf1 mx -all', { passes: [IP] }),
  spf('a misspelt record beside a good one', ['v=spf1 mx -all', 'v=spf include:send.example.net -all'], SENDS, {
    ...CLEAN,
    says: [/version/],
  }),
  spf(
    'two records, and a part of one cannot be read',
    ['v=spf1 mx ~all', 'v=spf1 ip4:203.0.113.300 include:send.example.net -all'],
    null,
    { says: [/203\.0\.113\.300/] },
  ),
  spf('the record goes on in another one', ['v=spf1 mx', 'include:send.example.net -all'], SENDS, {
    ...CLEAN,
    says: [/cannot continue/],
  }),
  spf('the rest of the record comes first', ['include:send.example.net -all', 'v=spf1 mx'], SENDS, CLEAN),
  spf('the record was cut within a term', ['v=spf1 mx include:send.', 'example.net -all'], SENDS, {
    ...CLEAN,
    says: [/cut between two TXT records/],
  }),
  spf(
    'three changes of one record',
    'v=spf1 a a:gone.example.net ip4:198.51.100.70 ?all MS=ms01',
    `v=spf1 a ip4:198.51.100.70 ip4:${IP} ~all`,
    { passes: [IP, '203.0.113.80', '198.51.100.70'], says: [/token/, /gone\.example\.net/, /\?all/] },
  ),
  spf(
    'the address is missing',
    'v=spf1 include:send.example.net exp=why.%{d} -all',
    `v=spf1 include:send.example.net exp=why.%{d} ip4:${IP} -all`,
    CLEAN,
  ),
  spf('the zone was appended to a name', `v=spf1 mx include:send.example.net.example.com -all`, SENDS, {
    ...CLEAN,
    says: [/appended the zone/],
  }),
  spf(
    'the zone was appended to the name of the own host',
    'v=spf1 a:mta.example.com.example.com -all',
    'v=spf1 a:mta.example.com -all',
    { passes: [IP], says: [/appended the zone/] },
  ),
  spf('the record stands at the doubled name', [], SENDS, {
    ...CLEAN,
    zone: { 'example.com.example.com TXT': [SENDS] },
    says: [/appended the domain/],
  }),
  spf(
    'an internationalised name',
    octets('v=spf1 mx include:bücher.example.net -all'),
    'v=spf1 mx include:xn--bcher-kva.example.net -all',
    {
      passes: [IP],
      zone: { 'xn--bcher-kva.example.net TXT': ['v=spf1 ip4:198.51.100.3 -all'] },
      says: [/ASCII form/],
      saysNot: [/Ã/],
    },
  ),
  spf('a name of two alphabets', octets('v=spf1 mx a:бroker.example.net -all'), null, { says: [/not certain/] }),
  spf('an include that lets everyone pass', 'v=spf1 mx include:open.example.net -all', 'v=spf1 mx -all', {
    passes: [IP],
    says: [/whoever runs open\.example\.net/],
    saysNot: [/end the record with "-all"/],
  }),
  spf('an include with all of the internet', 'v=spf1 mx include:wide.example.net -all', 'v=spf1 mx -all', {
    passes: [IP],
    says: [/whoever runs wide\.example\.net/],
  }),
  spf("the ending is somebody else's", 'v=spf1 redirect=lax.example.net', 'v=spf1 include:lax.example.net ~all', {
    passes: [IP],
    says: [/lax\.example\.net/],
  }),
  spf(
    'terms that only IPv6 clients ask in vain',
    'v=spf1 a:shop.example.net a:desk.example.net a:news.example.net mx ip6:2001:db8::25 -all',
    'v=spf1 ip4:198.51.100.201 a:desk.example.net a:news.example.net mx ip6:2001:db8::25 -all',
    {
      ips: [IP, '2001:db8::25'],
      zone: { [`${HOST} AAAA`]: ['2001:db8::25'] },
      passes: [IP, '2001:db8::25', '198.51.100.201', '198.51.100.202', '198.51.100.203'],
      says: [/IPv6/],
    },
  ),
  spf(
    'twelve lookups, two of them by own names',
    `v=spf1 mx a a:shop.example.net ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `include:s${n}.example.org`).join(' ')} ip4:${IP} -all`,
    `v=spf1 ip4:${IP} ip4:203.0.113.80 a:shop.example.net ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `include:s${n}.example.org`).join(' ')} -all`,
    {
      zone: Object.fromEntries(
        [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`s${n}.example.org TXT`, [`v=spf1 ip4:192.0.2.${n} -all`]]),
      ),
      passes: [IP, '203.0.113.80', '198.51.100.201', '192.0.2.9'],
    },
  ),
  {
    title: 'the HELO name is the mail domain',
    zone: {
      [`${DOMAIN} A`]: [IP],
      [`${REVERSE} PTR`]: [DOMAIN],
      [`${DOMAIN} TXT`]: ['v=spf1 include:send.example.net a:shop.example.net -all'],
    },
    helo: DOMAIN,
    rules: ['helo', 'spf'],
    after: { [`${DOMAIN} TXT`]: [`v=spf1 include:send.example.net a:shop.example.net ip4:${IP} -all`] },
    passes: [IP, '198.51.100.7', '198.51.100.201'],
  },
  {
    title: 'the HELO name has a record of its own with a slip',
    zone: { [`${HOST} TXT`]: ['v=spf1 inlcude:send.example.net -all'] },
    helo: HOST,
    rules: ['helo', 'spf'],
    after: { [`${HOST} TXT`]: [`v=spf1 include:send.example.net ip4:${IP} -all`] },
    says: [/misspelt/],
  },
];

const DMARC_SLIPS: readonly RealCase[] = (
  [
    ['a semicolon is missing', 'v=DMARC1; p=reject rua=mailto:reports@example.com', /semicolon is missing/],
    ['all semicolons are missing', 'v=DMARC1 p=reject rua=mailto:reports@example.com', /semicolon is missing/],
    ['commas for semicolons', 'v=DMARC1, p=reject, rua=mailto:reports@example.com', /comma/],
    [
      'colons for equals signs',
      'v=DMARC1; p:reject; rua:mailto:reports@example.com',
      /a colon instead of the equals sign/,
    ],
    ['the version ends in a letter', 'v=DMARCl; p=reject; rua=mailto:reports@example.com', /version/],
    ['the version has a v too many', 'v=DMARCv1; p=reject; rua=mailto:reports@example.com', /version/],
    ['the version is that of DKIM', 'v=DKIM1; p=reject; rua=mailto:reports@example.com', /version/],
    ['the version is missing', 'p=reject; rua=mailto:reports@example.com', /v=DMARC1/],
    ['the version is not first', 'p=reject; v=DMARC1; rua=mailto:reports@example.com', /first/],
    ['the policy is misspelt', 'v=DMARC1; p=rejcet; rua=mailto:reports@example.com', /not as reject/],
    ['the policy has no tag', 'v=DMARC1; reject; rua=mailto:reports@example.com', /p= is missing/],
    ['the tag is a spoken word', 'v=DMARC1; policy=reject; rua=mailto:reports@example.com', /policy/],
    [
      'the policy of subdomains is none that exists',
      'v=DMARC1; p=reject; sp=denied; rua=mailto:reports@example.com',
      /denied/,
    ],
    ['the address has no scheme', 'v=DMARC1; p=reject; rua=reports@example.com', /no mailto: before the address/],
    ['the scheme has slashes', 'v=DMARC1; p=reject; rua=mailto://reports@example.com', /slashes/],
    ['the scheme is misspelt', 'v=DMARC1; p=reject; rua=mialto:reports@example.com', /mailto/],
    ['the at sign is a word', 'v=DMARC1; p=reject; rua=mailto:reports(at)example.com', /address/],
    [
      'an empty address beside a good one',
      'v=DMARC1; p=reject; rua=mailto:reports@example.com,mailto:',
      /empty address/,
    ],
    ['an empty address for failures', 'v=DMARC1; p=reject; rua=mailto:reports@example.com; ruf=', /empty/],
    ['typographic quotation marks', octets('“v=DMARC1; p=reject; rua=mailto:reports@example.com”'), /quotation marks/],
    ['backslashes before the semicolons', 'v=DMARC1\\; p=reject\\; rua=mailto:reports@example.com', /backslash/],
    ['a colon in a tag that is the default', 'v=DMARC1; p=reject; rua=mailto:reports@example.com; fo:7', /fo/],
  ] as const
).map(([title, published, said]) => dmarc(title, published, DMARC, { says: [said], saysNot: [/â|Ã/] }));

const DMARC_RECORDS: readonly RealCase[] = [
  dmarc(
    'hyphens for equals signs',
    'v=DMARC1; p=reject; rua=mailto:reports@example.com; sp- reject; aspf-s',
    `${DMARC}; sp=reject; aspf=s`,
    { says: [/dash/] },
  ),
  dmarc('a policy that nobody can read', 'v=DMARC1; p=stop; rua=mailto:reports@example.com', null, {
    says: [/none, quarantine or reject/],
  }),
  dmarc('two records, one fuller', ['v=DMARC1; p=reject', DMARC], DMARC),
  dmarc(
    'two records of which each has an address',
    ['v=DMARC1; p=none; rua=mailto:one@example.com', 'v=DMARC1; p=quarantine; rua=mailto:two@example.com'],
    'v=DMARC1; p=quarantine; rua=mailto:two@example.com,mailto:one@example.com',
    { says: [/strictest policy and all report addresses/] },
  ),
  dmarc('the address stands in a second record', ['v=DMARC1; p=reject;', 'rua=mailto:reports@example.com'], DMARC),
  dmarc(
    'two addresses with a semicolon between them',
    'v=DMARC1; p=reject; rua=mailto:a@example.com;b@example.com',
    'v=DMARC1; p=reject; rua=mailto:a@example.com,mailto:b@example.com',
    { says: [/comma/] },
  ),
  dmarc(
    'an internationalised address',
    octets('v=DMARC1; p=reject; rua=mailto:info@bücher.example.com'),
    'v=DMARC1; p=reject; rua=mailto:info@xn--bcher-kva.example.com',
    { says: [/ASCII/], saysNot: [/Ã/] },
  ),
  dmarc(
    'a first record that asks for no reports',
    'v=DMARC1; p=none',
    'v=DMARC1; p=none; rua=mailto:dmarc@example.com',
    { later: ['quarantine', 'reject'] },
  ),
  dmarc('no address is left', 'v=DMARC1; p=reject; rua=mailto:', 'v=DMARC1; p=reject; rua=mailto:dmarc@example.com'),
  {
    title: 'a subdomain without any record above it',
    zone: { [`_dmarc.${DOMAIN} TXT`]: null, 'shop.example.com TXT': ['v=spf1 -all'] },
    domain: 'shop.example.com',
    rules: ['dmarc'],
    after: { [`_dmarc.${DOMAIN} TXT`]: ['v=DMARC1; p=none; rua=mailto:dmarc@example.com'] },
    later: ['quarantine', 'reject'],
  },
  {
    title: 'the domain takes no mail',
    zone: { [`_dmarc.${DOMAIN} TXT`]: null, [`${DOMAIN} MX`]: ['0 .'] },
    rules: ['dmarc'],
    after: { [`_dmarc.${DOMAIN} TXT`]: ['v=DMARC1; p=none'] },
    says: [/accepts no mail/],
  },
  {
    title: 'the record stands at the doubled name',
    zone: { [`_dmarc.${DOMAIN} TXT`]: null, '_dmarc.example.com.example.com TXT': [DMARC] },
    rules: ['dmarc'],
    after: { [`_dmarc.${DOMAIN} TXT`]: [DMARC] },
    says: [/_dmarc\.example\.com\.example\.com/],
  },
  {
    title: 'an alias that leads to no record',
    zone: { [`_dmarc.${DOMAIN} TXT`]: null, [`_dmarc.${DOMAIN} CNAME`]: [DOMAIN] },
    rules: ['dmarc'],
    after: {
      [`_dmarc.${DOMAIN} CNAME`]: [],
      [`_dmarc.${DOMAIN} TXT`]: ['v=DMARC1; p=none; rua=mailto:dmarc@example.com'],
    },
    says: [/alias \(CNAME\)/],
    later: ['quarantine', 'reject'],
  },
  {
    title: 'prose at the name',
    zone: { [`_dmarc.${DOMAIN} TXT`]: ['ask the desk before you change anything here'] },
    rules: ['dmarc'],
    after: {
      [`_dmarc.${DOMAIN} TXT`]: [
        'ask the desk before you change anything here',
        'v=DMARC1; p=none; rua=mailto:dmarc@example.com',
      ],
    },
    later: ['quarantine', 'reject'],
  },
];

const DKIM_CASES: readonly RealCase[] = [
  dkim('two halves in two records', [`v=DKIM1; k=rsa; p=${HALVES[0]}`, HALVES[1]], KEY_RECORD, {
    says: [/parts of one record/],
  }),
  dkim('two halves, the second first', [HALVES[1], `v=DKIM1; k=rsa; p=${HALVES[0]}`], KEY_RECORD),
  dkim('a piece beside the whole key', [KEY_RECORD, HALVES[1]], KEY_RECORD, { says: [/piece of a key/] }),
  dkim('a damaged record beside a good one', [`v=DKIM1; k=rsa;" "p=${KEY}`, KEY_RECORD], KEY_RECORD, {
    says: [/damaged/],
  }),
  dkim('a token beside the key', [KEY_RECORD, 'shop-verification=q1w2e3'], KEY_RECORD, { says: [/another is not/] }),
  dkim('two keys at one selector', [KEY_RECORD, `v=DKIM1; k=rsa; p=${OTHER_KEY}`], null, {
    says: [/may take any of them/],
  }),
  dkim(
    'parentheses and a comment of a zone file',
    [`( "v=DKIM1; k=rsa; " "p=${KEY}" ) ; key of the mail host`],
    KEY_RECORD,
    { says: [/parentheses/] },
  ),
  dkim('a whole line of a zone file', [`s1._domainkey IN TXT ( "v=DKIM1; k=rsa; p=${KEY}" )`], KEY_RECORD, {
    says: [/zone-file line/],
  }),
  dkim(
    'the lines around the key of a file',
    [`v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----${KEY}-----END PUBLIC KEY-----`],
    KEY_RECORD,
    { says: [/BEGIN and END/] },
  ),
  dkim('a line break between the tags', [`v=DKIM1; k=rsa;\np=${KEY}`], KEY_RECORD, { says: [/line breaks/] }),
  dkim('commas for semicolons', [`v=DKIM1, k=rsa, p=${KEY}`], KEY_RECORD, { says: [/semicolons/] }),
  dkim('a colon for the equals sign', [`v=DKIM1; k=rsa; p:${KEY}`], KEY_RECORD),
  dkim('a key that is cut off', [`v=DKIM1; k=rsa; p=${KEY.slice(0, 250)}`], null, { says: [/cut off/] }),
  ...['example.com.example.com', 'domainkey', '_domain_key', '_domainkeys', '_domainkey._domainkey'].map((place) => {
    const name = place.includes('example') ? `s1._domainkey.${place}` : `s1.${place}.example.com`;
    return dkim(`the key stands at ${name}`, null, KEY_RECORD, {
      zone: { [`${name} TXT`]: [KEY_RECORD] },
      says: [new RegExp(name)],
    });
  }),
  ...['keys.example.net', 'CNAME keys.example.net.'].map((text) =>
    dkim(
      `a target as text: ${text}`,
      [text],
      { [`${KEY_NAME} TXT`]: [], [`${KEY_NAME} CNAME`]: ['keys.example.net.'] },
      { says: [/CNAME/] },
    ),
  ),
  dkim(
    'the zone was appended to the target of an alias',
    null,
    { [`${KEY_NAME} CNAME`]: ['keys.example.net.'] },
    { zone: { [`${KEY_NAME} CNAME`]: ['keys.example.net.example.com'] }, says: [/appended/] },
  ),
  {
    title: 'an underscore in the selector',
    zone: { 'one_two._domainkey.example.com TXT': [KEY_RECORD] },
    selectors: ['one_two'],
    rules: ['dkim'],
    after: {},
    says: [/underscore/],
  },
];

const NAMES: readonly RealCase[] = [
  {
    title: 'the zone was appended to the mail host',
    zone: { [`${DOMAIN} MX`]: ['10 mta.example.com.example.com'] },
    rules: ['mx'],
    after: { [`${DOMAIN} MX`]: [`10 ${HOST}.`] },
    says: [/final dot/],
  },
  {
    title: 'the mail host is localhost',
    zone: { [`${DOMAIN} MX`]: ['0 localhost'] },
    rules: ['mx'],
    after: {},
    says: [/null MX/],
  },
  {
    title: 'localhost beside a real mail host',
    zone: { [`${DOMAIN} MX`]: [`10 ${HOST}`, '20 localhost'] },
    rules: ['mx'],
    after: { [`${DOMAIN} MX`]: [`10 ${HOST}.`] },
  },
  {
    title: 'the reverse zone was appended to the name',
    zone: { [`${REVERSE} PTR`]: ['mta.example.com.113.0.203.in-addr.arpa'] },
    rules: ['ptr'],
    after: { [`${REVERSE} PTR`]: [`${HOST}.`] },
    says: [/final dot/],
  },
  {
    title: 'the PTR record is behind an alias that leads nowhere',
    zone: { [`${REVERSE} PTR`]: null, [`${REVERSE} CNAME`]: ['25.0-31.113.0.203.in-addr.arpa'] },
    helo: HOST,
    rules: ['ptr'],
    after: { '25.0-31.113.0.203.in-addr.arpa PTR': [`${HOST}.`] },
    says: [/25\.0-31\.113\.0\.203\.in-addr\.arpa/],
  },
  {
    title: 'the address stands at the doubled name',
    zone: { [`${HOST} A`]: null, 'mta.example.com.example.com A': [IP] },
    helo: HOST,
    rules: ['ptr', 'helo'],
    after: { [`${HOST} A`]: [IP] },
    says: [/appended/],
  },
];

/** Odd states that are right: nothing is planned. */
const GUARDS: readonly RealCase[] = [
  ...(
    [
      ['tokens of services beside the record', ['v=spf1 mx -all', 'MS=ms01', 'shop-verification=q1w2e3']],
      [
        'a sample in a sentence',
        ['v=spf1 mx -all', 'Customers add "v=spf1 include:send.example.net -all" to their zone'],
      ],
      ['JSON beside the record', ['v=spf1 mx -all', '{"spf":"include:send.example.net","all":"-all"}']],
      ['prose with words of SPF', ['v=spf1 mx -all', 'we include: a list of ip4 addresses, mx and all']],
      ['letters of Latin-1 beside the record', ['v=spf1 mx -all', 'B\xfcro']],
      ['another version beside the record', ['v=spf1 mx -all', 'v=spf10 include:send.example.net -all']],
      ['Sender ID beside the record', ['v=spf1 mx -all', 'spf2.0/pra include:send.example.net -all']],
      ['any case and a plus', ['V=SPF1 +MX Include:send.example.net -ALL']],
      ['several spaces', ['v=spf1  mx   -all ']],
      ['whole prefix lengths', ['v=spf1 ip4:203.0.113.25/32 ip6:2001:db8::25/128 -all']],
      ['a redirect before another term', ['v=spf1 redirect=send.example.net mx']],
      ['a macro for each address', ['v=spf1 mx exists:%{i}._spf.example.com -all']],
      ['an unknown modifier', ['v=spf1 mx note=kept -all']],
      ['modifiers of reports', ['v=spf1 mx ra=postmaster rp=100 -all']],
      ['strings cut within a word', [['v=spf1 mx inc', 'lude:send.exam', 'ple.net -a', 'll']]],
      ['names with words of terms', ['v=spf1 mx a:mx-all.example.net a:ip4.include.example.net -all']],
    ] as const
  ).map(([title, texts]) =>
    spf(title, texts, null, {
      zone: { 'mx-all.example.net A': ['198.51.100.204'], 'ip4.include.example.net A': ['198.51.100.205'] },
      passes: [IP],
    }),
  ),
  ...(
    [
      ['spaces around the signs', 'v=DMARC1 ; p = reject ; rua = mailto:reports@example.com'],
      ['tags in another order', 'v=DMARC1; rua=mailto:reports@example.com; adkim=s; aspf=s; p=reject'],
      ['capital letters in values', 'v=DMARC1; p=Reject; rua=MAILTO:reports@example.com'],
      ['a list of failure options', 'v=DMARC1; p=reject; fo=1:d:s; rua=mailto:reports@example.com'],
      ['a stricter policy for subdomains', 'v=DMARC1; p=quarantine; sp=reject; rua=mailto:reports@example.com'],
      ['an address with a plus sign', 'v=DMARC1; p=reject; rua=mailto:reports+dmarc@example.com'],
    ] as const
  ).map(([title, text]) => dmarc(title, text, null)),
  dmarc('a note beside the record', [DMARC, octets('Für Fragen: Büro')], null),
  {
    title: 'a subdomain that inherits the policy',
    zone: { 'shop.example.com A': [IP] },
    domain: 'shop.example.com',
    rules: ['dmarc'],
    after: {},
  },
  ...(
    [
      ['no version', `k=rsa; p=${KEY}`],
      ['the key alone', `p=${KEY}`],
      ['notes and flags', `v=DKIM1; n=p and DKIM; s=email; h=sha256; k=rsa; p=${KEY}`],
      ['an unknown tag', `v=DKIM1; k=rsa; zz=1; p=${KEY}`],
      ['a tab between the tags', `v=DKIM1;\tk=rsa; p=${KEY}`],
    ] as const
  ).map(([title, text]) => dkim(title, [text], null)),
  dkim('a wildcard that disowns other selectors', [KEY_RECORD], null, {
    zone: { '*._domainkey.example.com TXT': ['v=DKIM1; p='] },
  }),
  {
    title: 'only a wildcard without a key',
    zone: { [`${KEY_NAME} TXT`]: null, '*._domainkey.example.com TXT': ['v=DKIM1; p='] },
    rules: ['dkim'],
    after: {},
  },
  {
    title: 'the second selector of a service that changes keys',
    zone: {
      [`${KEY_NAME} TXT`]: null,
      'selector1._domainkey.example.com CNAME': ['selector1-example-com._domainkey.tenant.onmicrosoft.com'],
      'selector1-example-com._domainkey.tenant.onmicrosoft.com TXT': [KEY_RECORD],
      'selector2._domainkey.example.com CNAME': ['selector2-example-com._domainkey.tenant.onmicrosoft.com'],
    },
    rules: ['dkim'],
    after: {},
  },
  {
    title: 'MX hosts that have the domain in their names',
    zone: {
      [`${DOMAIN} MX`]: ['10 example.com.in1.example.net', '20 example.com.in2.example.net'],
      'example.com.in1.example.net A': ['198.51.100.8'],
      'example.com.in2.example.net A': ['198.51.100.9'],
    },
    rules: ['mx'],
    after: {},
  },
  {
    title: 'a PTR record behind an alias',
    zone: {
      [`${REVERSE} PTR`]: null,
      [`${REVERSE} CNAME`]: ['25.0/27.113.0.203.in-addr.arpa'],
      '25.0/27.113.0.203.in-addr.arpa PTR': [HOST],
    },
    rules: ['ptr'],
    after: {},
  },
  {
    title: 'a domain that is set up well',
    zone: {},
    helo: HOST,
    selectors: [SELECTOR],
    rules: ['spf', 'dkim', 'dmarc', 'helo', 'ptr', 'mx'],
    after: {},
  },
];

/** The cases by what they are about. */
export const CASES: readonly (readonly [about: string, cases: readonly RealCase[]])[] = [
  ['a TXT record that was meant as SPF', SPF_VERSIONS],
  ['a term of SPF', SPF_TERMS],
  ['SPF records', SPF_RECORDS],
  ['a slip in DMARC', DMARC_SLIPS],
  ['DMARC records', DMARC_RECORDS],
  ['DKIM', DKIM_CASES],
  ['names', NAMES],
  ['what is right stays', GUARDS],
];
