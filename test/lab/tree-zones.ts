/**
 * The DNS of the lab's internet: which server holds which zone, what is in it, and how it is signed. Delegations and
 * DS records are not written here; they follow from the names (`tree-servers.ts`).
 */
import { generateKeyPairSync } from 'node:crypto';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import { parseIp, reverseName } from '../../src/network/ip.ts';

/** Who answers for zones. `lame` answers for none, on `dead` nothing listens, and packets to `silent` vanish. */
export const nameServers = {
  root: ['192.0.2.1'],
  tld: ['192.0.2.2'],
  auth: ['192.0.2.3', '2001:db8:53::3'],
  /** Holds other copies of some zones of `auth`, in the world of `transport-zones.ts`. */
  second: ['192.0.2.5'],
  /** Who holds the addresses, and delegates their names. */
  holder: ['192.0.2.4'],
  lists: ['192.0.2.9'],
  lame: ['192.0.2.6'],
  dead: ['192.0.2.7'],
  silent: ['192.0.2.10'],
} as const satisfies Record<string, readonly string[]>;

export type NameServer = keyof typeof nameServers;

export interface Zone {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** Master file lines, relative to the zone. */
  readonly lines?: readonly string[];
  /** How the zone is signed. It is unsigned when absent. */
  readonly dnssec?: Signing;
  /** What its server does with it. */
  readonly fault?: 'unreadable' | 'refused';
  /** Servers whose copy of the zone differs, with their master file lines. */
  readonly copies?: Partial<Readonly<Record<NameServer, readonly string[]>>>;
  /** Text that is replaced after the signing, so that a signature no longer fits. */
  readonly tampered?: readonly [from: string, to: string];
  /** Whether its server takes dynamic updates (RFC 2136). */
  readonly isUpdatable?: boolean;
}

/**
 * `nsec3` denies by hashes, `opt-out` leaves unsigned delegations out of them, and `costly` hashes ten times more, with
 * a salt. `sha1` signs by RSA with SHA-1. The signatures of `expired` ended years ago, and those of `expiring` end
 * tomorrow. `wrong-ds` is signed by another key than the parent says, and of an `island` the parent says nothing.
 */
export type Signing =
  | 'signed'
  | 'nsec3'
  | 'opt-out'
  | 'costly'
  | 'sha1'
  | 'expired'
  | 'expiring'
  | 'wrong-ds'
  | 'island';

export const HOST = '203.0.113.5';
export const HOST6 = '2001:db8:113::5';

/** Mail hosts of `<id>.example.net`, by their addresses. */
export const mailHosts = {
  relay: ['203.0.113.20'],
  cleartext: ['203.0.113.21'],
  selfsigned: ['203.0.113.22'],
  expired: ['203.0.113.23'],
  closed: ['203.0.113.24'],
  slow: ['203.0.113.25'],
  v4only: ['203.0.113.26', '2001:db8:113::26'],
  /** Its network lets no port 25 out. */
  blocked: ['203.0.113.30', '2001:db8:113::30'],
} as const satisfies Record<string, readonly string[]>;

export type MailHostId = keyof typeof mailHosts;

/** A character string holds 255 octets (RFC 1035 §3.3). */
export const text = (value: string): string =>
  `TXT ${(value.match(/.{1,255}/g) ?? ['']).map((part) => `"${part}"`).join(' ')}`;

function dkimKey(modulusLength: number): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return text(`v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`);
}

/** A TXT record with a DKIM key of 2048 bits. */
export const strongKey = dkimKey(2048);
const addressType = (ip: string): string => (ip.includes(':') ? 'AAAA' : 'A');

/** The owner name in a reverse zone. */
function inZone(ip: string, zone: string): string {
  const address = parseIp(ip);
  if (address === undefined) throw new RangeError(`${ip} is no address`);
  return reverseName(address).slice(0, -(zone.length + 1));
}

const NET4 = '113.0.203.in-addr.arpa';
const NET6 = '3.1.1.0.8.b.d.0.1.0.0.2.ip6.arpa';

/** The domain of a host on which everything is right, signed from the root down. */
const exampleCom: readonly string[] = [
  '@ MX 10 mail',
  `@ ${text(`v=spf1 ip4:${HOST} ip6:${HOST6} -all`)}`,
  `mail A ${HOST}`,
  `mail AAAA ${HOST6}`,
  `mail ${text('v=spf1 a -all')}`,
  `s1._domainkey ${strongKey}`,
  `_dmarc ${text('v=DMARC1; p=reject; rua=mailto:dmarc@example.com')}`,
  'sub MX 10 mail',
  `s1._domainkey.sub ${strongKey}`,
];

const SPF_OK = text(`v=spf1 ip4:${HOST} ip6:${HOST6} -all`);

/** Domains with one fault each. */
const exampleNet: readonly string[] = [
  // SPF.
  `nospf ${text('site-verification=1')}`,
  `softfail ${text('v=spf1 a:elsewhere.example.net ~all')}`,
  `twice ${SPF_OK}`,
  `twice ${text('v=spf1 mx -all')}`,
  `many ${text(`v=spf1 ${[...Array(11).keys()].map((n) => `include:i${n}.many.example.net`).join(' ')} -all`)}`,
  ...[...Array(11).keys()].map((n) => `i${n}.many ${text(`v=spf1 ip4:198.51.100.${n + 1} -all`)}`),
  `macro ${text('v=spf1 exists:%{ir}.allow.example.net -all')}`,
  '5.113.0.203.allow A 127.0.0.2',
  `${inZone(HOST6, 'ip6.arpa')}.allow A 127.0.0.2`,
  `void ${text(`v=spf1 a:gone1.example.net a:gone2.example.net a:gone3.example.net ip4:${HOST} -all`)}`,
  `redirected ${text('v=spf1 redirect=_spf.example.org')}`,
  `dangling ${text(`v=spf1 ip4:${HOST} include:gone.example.org -all`)}`,
  `lameinclude ${text('v=spf1 include:lame.example.org -all')}`,
  // More than a UDP message holds.
  `large ${SPF_OK}`,
  ...[...Array(6).keys()].map((n) => `large ${text(`verification-${n}=${'x'.repeat(240)}`)}`),
  // DKIM.
  `keys ${SPF_OK}`,
  `s1._domainkey.keys ${strongKey}`,
  `revoked._domainkey.keys ${text('v=DKIM1; k=rsa; p=')}`,
  `weak._domainkey.keys ${dkimKey(1024)}`,
  'hosted._domainkey.keys CNAME s1._domainkey.example.org.',
  'dangling._domainkey.keys CNAME gone._domainkey.example.org.',
  'lame._domainkey.keys CNAME s1._domainkey.lame.example.org.',
  `*._domainkey.wild ${strongKey}`,
  // DMARC.
  `_dmarc ${text('v=DMARC1; p=none; rua=mailto:dmarc@monitored.example.net')}`,
  'monitored MX 10 mail.example.com.',
  `_dmarc.monitored ${text('v=DMARC1; p=none; rua=mailto:dmarc@monitored.example.net')}`,
  `_dmarc.outside ${text('v=DMARC1; p=none; rua=mailto:dmarc@example.org')}`,
  `_dmarc.agreed ${text('v=DMARC1; p=none; rua=mailto:dmarc@reports.example.org')}`,
  `_dmarc.brokenreports ${text('v=DMARC1; p=none; rua=mailto:dmarc@lame.example.org')}`,
  // MX.
  'aliasmx MX 10 alias.example.net.',
  'alias CNAME mail.example.com.',
  'nullmx MX 0 .',
  'privatemx MX 10 inside.example.net.',
  'inside A 10.1.2.3',
  'danglingmx MX 10 gone.example.net.',
  'lamemx MX 10 mail.lame.example.org.',
  `implicit A ${HOST}`,
  // HELO and reverse names.
  'elsewhere A 198.51.100.7',
  'a A 203.0.113.203',
  'b A 203.0.113.203',
  'c A 203.0.113.204',
  'd A 203.0.113.209',
  '203-0-113-206 A 203.0.113.206',
  'dyn-pool-7 A 203.0.113.207',
  'bound A 203.0.113.8',
  'bound AAAA 2001:db8:113::8',
  'prober A 198.51.100.10',
  'prober AAAA 2001:db8:1::10',
  ...Object.entries(mailHosts).flatMap(([id, addresses]) => [
    `${id} MX 10 mail.${id}`,
    ...addresses.map((ip) => `mail.${id} ${addressType(ip)} ${ip}`),
  ]),
];

const exampleOrg: readonly string[] = [
  '@ MX 10 mail.example.com.',
  `_spf ${text(`v=spf1 ip6:2001:db8:113::/48 ip4:${HOST} -all`)}`,
  `s1._domainkey ${strongKey}`,
  `nodmarc ${SPF_OK}`,
  'reports MX 10 mail.example.com.',
  `agreed.example.net._report._dmarc.reports ${text('v=DMARC1')}`,
];

/** The customers of 203.0.113.0 to .63 keep their own reverse names (RFC 2317). */
const CLASSLESS = `0-63.${NET4}`;
const classless = (from: number, to: number, numbers: readonly number[]): string[] =>
  numbers.map((number) => `${number} CNAME ${number}.${from}-${to}`);

const holderZone: readonly string[] = [
  ...classless(0, 63, [5, 6, 8, 20, 21, 22, 23, 24, 25, 26, 30]),
  ...classless(64, 127, [64]),
  ...classless(128, 191, [128]),
  // Nobody but the holder keeps the names of the others; .200 has none.
  '201 PTR mail.example.com.',
  '202 PTR gone.example.net.',
  '203 PTR a.example.net.',
  '203 PTR b.example.net.',
  '204 PTR c.example.net.',
  '204 PTR gone.example.net.',
  '205 PTR mail.lame.example.org.',
  '206 PTR 203-0-113-206.example.net.',
  '207 PTR dyn-pool-7.example.net.',
  '208 PTR mail.wrong-ds.example.com.',
  '209 PTR d.example.net.',
  '209 PTR mail.lame.example.org.',
];

const customersNames: readonly string[] = [
  '5 PTR mail.example.com.',
  '8 PTR bound.example.net.',
  ...Object.entries(mailHosts).map(([id, [ip]]) => `${ip.split('.')[3]} PTR mail.${id}.example.net.`),
];

const names6: readonly string[] = [
  `${inZone(HOST6, NET6)} PTR mail.example.com.`,
  `${inZone('2001:db8:113::8', NET6)} PTR bound.example.net.`,
  `${inZone('2001:db8:113::7', NET6)} PTR mail.example.com.`,
  `${inZone(mailHosts.v4only[1], NET6)} PTR mail.v4only.example.net.`,
];

/** A zone below example.com that differs from the others only in how it is signed. */
const signedLikeThis = (dnssec: NonNullable<Zone['dnssec']>): Zone => ({
  name: `${dnssec}.example.com`,
  servers: ['auth'],
  dnssec,
  lines: [
    `@ ${SPF_OK}`,
    '@ MX 10 mail.example.com.',
    `mail A ${HOST}`,
    `s1._domainkey ${strongKey}`,
    `_dmarc ${text(`v=DMARC1; p=none; rua=mailto:dmarc@${dnssec}.example.com`)}`,
  ],
});

const listZones = [...new Set(defaultLists().map(({ zone }) => zone))];
/** Lists beside the default ones: one that does not answer, and one without its test entry. */
const OTHER_LISTS = ['refusing.example.org', 'empty.example.org'];
const tlds = new Set(listZones.map((zone) => zone.split('.').at(-1) ?? ''));

/** The address records of all name servers. The root zone has them. */
export const nameServerAddresses: readonly string[] = Object.entries(nameServers).flatMap(([id, addresses]) =>
  addresses.map((ip) => `${id}.ns.lab.example. ${addressType(ip)} ${ip}`),
);

export const zones: readonly Zone[] = [
  {
    name: '.',
    servers: ['root'],
    dnssec: 'signed',
    lines: nameServerAddresses,
  },
  ...['com', 'net', 'org', 'arpa', 'in-addr.arpa', 'ip6.arpa'].map(
    (name): Zone => ({ name, servers: ['tld'], dnssec: 'signed' }),
  ),
  ...[...tlds].filter((tld) => !/^(com|net|org)$/.test(tld)).map((name): Zone => ({ name, servers: ['tld'] })),
  ...[...listZones, ...OTHER_LISTS].map((name): Zone => ({ name, servers: ['lists'] })),
  { name: 'example.com', servers: ['auth'], dnssec: 'signed', lines: exampleCom },
  { name: 'example.net', servers: ['auth'], lines: exampleNet },
  { name: 'example.org', servers: ['auth'], lines: exampleOrg },
  signedLikeThis('signed'),
  signedLikeThis('nsec3'),
  signedLikeThis('expired'),
  signedLikeThis('wrong-ds'),
  signedLikeThis('island'),
  { name: 'lame.example.org', servers: ['lame'] },
  { name: 'dead.example.org', servers: ['dead'] },
  { name: 'silent.example.org', servers: ['silent'] },
  { name: 'half-lame.example.org', servers: ['lame', 'dead', 'auth'], lines: [`@ ${SPF_OK}`] },
  { name: 'servfail.example.org', servers: ['auth'], fault: 'unreadable' },
  { name: 'refused.example.org', servers: ['auth'], fault: 'refused' },
  { name: NET4, servers: ['holder'], dnssec: 'signed', lines: holderZone },
  { name: CLASSLESS, servers: ['auth'], dnssec: 'signed', lines: customersNames },
  { name: `64-127.${NET4}`, servers: ['lame'] },
  { name: `128-191.${NET4}`, servers: ['dead'] },
  { name: '100.51.198.in-addr.arpa', servers: ['holder'], lines: ['10 PTR prober.example.net.'] },
  { name: NET6, servers: ['auth'], dnssec: 'signed', lines: names6 },
  { name: 'd.a.b.0.8.b.d.0.1.0.0.2.ip6.arpa', servers: ['lame'] },
  {
    name: '1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    servers: ['holder'],
    lines: [`${inZone('2001:db8:1::10', '1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa')} PTR prober.example.net.`],
  },
];

/** @returns the one of these zones that delegates this one, or `undefined` for the root. */
export function parentOf(zone: Zone, all: readonly Zone[]): Zone | undefined {
  if (zone.name === '.') return undefined;
  const above = all.filter(({ name }) => name !== zone.name && (name === '.' || zone.name.endsWith(`.${name}`)));
  return above.sort((a, b) => b.name.length - a.name.length)[0];
}

/** What rbldnsd is to say beyond its test entries. */
export const LISTED = {
  spamhaus4: '203.0.113.210',
  policy4: '203.0.113.211',
  /** In a listed /64. */
  spamhaus6: '2001:db8:113:1::1',
} as const;
