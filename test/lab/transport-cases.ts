/**
 * What the domains of the world in `transport.ts` publish for the transport of mail, with one thing wrong each, and what
 * the programs of the field make of it: DANE, DNSSEC, MTA-STS, and name servers that differ.
 */
import {
  issueMailCertificates,
  type MailCertificates,
  type MailId,
  mailAddresses,
  type PolicyAnswer,
  tlsa,
  webAddresses,
} from './transport-hosts.ts';
import { nameServerAddresses, type Signing, strongKey, text, type Zone } from './tree-zones.ts';

/**
 * What a sender that honours DANE does (RFC 7672): it sends to an authenticated host, or with TLS to one that it cannot
 * authenticate, or opportunistically as if there was no DANE; or it does not send, because no record matches, TLS is
 * missing or a lookup fails. `nowhere` is for domains that take no mail, and hosts that do not answer.
 */
export type Sender = 'authenticated' | 'encrypted' | 'opportunistic' | 'refused' | 'deferred' | 'nowhere';

/** The mail host `mail.<id>.example.com` is the MX of `<id>.example.com`. */
type HostCase = readonly [id: string, server: MailId, tlsa: readonly string[], sender: Sender, dane: string];

const hostCases: readonly HostCase[] = [
  ['ee-sha512', 'good', ['3 1 2 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ee-full-key', 'good', ['3 1 0 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ee-certificate', 'good', ['3 0 1 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ee-expired', 'expired', ['3 1 1 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ee-misnamed', 'misnamed', ['3 1 1 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ee-selfsigned', 'selfsigned', ['3 1 1 leaf'], 'authenticated', 'pass dane/no-rollover'],
  ['ta', 'good', ['2 1 1 issuer'], 'authenticated', 'pass dane/no-rollover'],
  ['ta-expired', 'expired', ['2 1 1 issuer'], 'refused', 'fail dane/mismatch'],
  ['ta-misnamed', 'misnamed', ['2 0 1 issuer'], 'refused', 'fail dane/mismatch'],
  ['ta-not-sent', 'good', ['2 0 1 root'], 'refused', 'fail dane/mismatch'],
  ['ta-in-record', 'good', ['2 0 0 root'], 'authenticated', 'pass dane/no-rollover'],
  ['mismatch', 'good', ['3 1 1 other'], 'refused', 'fail dane/mismatch'],
  ['weaker-digest', 'good', ['3 1 2 other', '3 1 1 leaf'], 'refused', 'fail dane/digest-agility'],
  ['other-selector', 'good', ['3 0 2 other', '3 1 1 leaf'], 'authenticated', 'pass'],
  ['pkix', 'good', ['1 1 1 leaf'], 'encrypted', 'warn dane/unusable'],
  ['unknown-usage', 'good', ['10 1 1 leaf'], 'encrypted', 'warn dane/unusable'],
  ['unknown-and-good', 'good', ['10 1 1 leaf', '3 1 1 leaf'], 'authenticated', 'pass dane/unusable dane/no-rollover'],
  ['short', 'good', ['3 1 1 short'], 'encrypted', 'warn dane/unusable'],
  ['short-and-good', 'good', ['3 1 1 short', '3 1 1 leaf'], 'authenticated', 'pass dane/unusable dane/no-rollover'],
  ['cleartext', 'cleartext', ['3 1 1 other'], 'refused', 'fail dane/no-starttls'],
  ['rollover', 'good', ['3 1 1 leaf', '3 1 1 other'], 'authenticated', 'pass'],
  ['rollover-issuer', 'good', ['3 1 1 leaf', '2 1 1 issuer'], 'authenticated', 'pass'],
  ['two-certificates', 'both', ['3 1 1 leaf', '3 1 1 rsa'], 'authenticated', 'pass'],
  ['absent', 'good', [], 'opportunistic', 'pass dane/absent'],
  ['dead', 'dead', ['3 1 1 other'], 'nowhere', 'inconclusive dane/inconclusive'],
];

type SigningCase = readonly [
  id: string,
  dnssec: Signing | undefined,
  sender: Sender,
  delv: Delv,
  dane: string,
  dnssec: string,
];

/** The mail host `mail.<id>.example.com` is in a zone of its own, which differs only in how it is signed. */
const signingCases: readonly SigningCase[] = [
  ['nsec3', 'nsec3', 'authenticated', 'secure', 'pass dane/no-rollover', 'pass'],
  ['opt-out', 'opt-out', 'authenticated', 'secure', 'pass dane/no-rollover', 'pass'],
  ['costly', 'costly', 'authenticated', 'secure', 'pass dane/no-rollover', 'warn dnssec/nsec3-costly'],
  // Debian’s unbound and delv validate SHA-1. RFC 9905 §2 wants such a zone to be treated as one that is not signed.
  ['sha1', 'sha1', 'authenticated', 'secure', 'warn dane/unsigned', 'warn dnssec/weak-algorithm'],
  ['expiring', 'expiring', 'authenticated', 'secure', 'pass dane/no-rollover', 'warn dnssec/signature-expiring'],
  ['island', 'island', 'opportunistic', 'insecure', 'warn dane/unsigned', 'pass dnssec/unsigned'],
  ['unsigned', undefined, 'opportunistic', 'insecure', 'warn dane/unsigned', 'pass dnssec/unsigned'],
  ['expired', 'expired', 'deferred', 'bogus', 'inconclusive dane/inconclusive', 'fail dnssec/bogus'],
  ['wrong-ds', 'wrong-ds', 'deferred', 'bogus', 'inconclusive dane/inconclusive', 'fail dnssec/bogus'],
];

/** What delv, which validates from the root of this world, says of the MX records. */
export type Delv = 'secure' | 'insecure' | 'bogus';

/** A domain, what a sender does, and what delv says of its MX records. */
export interface TransportCase {
  readonly domain: string;
  readonly sender: Sender;
  /** `null`: not asked, since the domain has no zone of its own. */
  readonly delv: Delv | null;
  /** What the rules say: their status and all their codes, in order. The rule dnssec is asked where delv is. */
  readonly dane: string;
  readonly dnssec: string | null;
}

/** Domains whose records are written below one by one. */
const otherCases: readonly TransportCase[] = [
  { domain: 'example.com', sender: 'authenticated', delv: 'secure', dane: 'pass', dnssec: 'pass' },
  {
    domain: 'implicit.example.com',
    sender: 'authenticated',
    delv: 'secure',
    dane: 'pass dane/no-rollover',
    dnssec: 'pass',
  },
  { domain: 'null.example.com', sender: 'nowhere', delv: 'secure', dane: 'pass', dnssec: 'pass' },
  {
    domain: 'gone.example.com',
    sender: 'nowhere',
    delv: 'secure',
    dane: 'inconclusive dane/inconclusive',
    dnssec: 'pass',
  },
  { domain: 'no-address.example.com', sender: 'nowhere', delv: null, dane: 'pass', dnssec: null },
  { domain: 'alias.example.com', sender: 'authenticated', delv: 'secure', dane: 'pass', dnssec: 'pass' },
  { domain: 'mx-alias.example.com', sender: 'authenticated', delv: null, dane: 'pass', dnssec: null },
  {
    domain: 'mx-alias-first.example.com',
    sender: 'authenticated',
    delv: null,
    dane: 'pass dane/no-rollover',
    dnssec: null,
  },
  { domain: 'partial.example.com', sender: 'authenticated', delv: null, dane: 'warn dane/partial', dnssec: null },
  { domain: 'tlsa-lame.example.com', sender: 'deferred', delv: null, dane: 'fail dane/lookup-fails', dnssec: null },
  { domain: 'tlsa-bogus.example.com', sender: 'deferred', delv: null, dane: 'fail dane/lookup-fails', dnssec: null },
  {
    domain: 'host-insecure.example.com',
    sender: 'opportunistic',
    delv: null,
    dane: 'warn dane/unsigned',
    dnssec: null,
  },
  {
    domain: 'tampered.example.com',
    sender: 'deferred',
    delv: 'bogus',
    dane: 'inconclusive dane/inconclusive',
    dnssec: 'fail dnssec/bogus',
  },
  {
    domain: 'example.net',
    sender: 'opportunistic',
    delv: 'insecure',
    dane: 'warn dane/unsigned',
    dnssec: 'pass dnssec/unsigned',
  },
  { domain: 'mx-insecure.example.net', sender: 'authenticated', delv: null, dane: 'warn dane/unsigned', dnssec: null },
  {
    domain: 'below.opt-out.example.com',
    sender: 'opportunistic',
    delv: 'insecure',
    dane: 'warn dane/unsigned',
    dnssec: 'pass dnssec/unsigned',
  },
];

export const transportCases: readonly TransportCase[] = [
  ...otherCases,
  ...hostCases.map(
    ([id, , , sender, dane]): TransportCase => ({
      domain: `${id}.example.com`,
      sender,
      delv: null,
      dane,
      dnssec: null,
    }),
  ),
  ...signingCases.map(
    ([id, , sender, delv, dane, dnssec]): TransportCase => ({
      domain: `${id}.example.com`,
      sender,
      delv,
      dane,
      dnssec,
    }),
  ),
];

/** The names of all MX hosts, for the certificates. */
const hostNames: readonly string[] = [
  'mail.example.com',
  'implicit.example.com',
  'mail.example.net',
  'mail.example.org',
  'mail.good.example.org',
  'deep.mail.good.example.org',
  'mx.mx-alias-first.example.com',
  'mail.below.opt-out.example.com',
  ...[...hostCases, ...signingCases].map(([id]) => `mail.${id}.example.com`),
  ...['tlsa-lame', 'tlsa-bogus', 'partial', 'tampered'].map((id) => `mail.${id}.example.com`),
];

export const certificates: MailCertificates = issueMailCertificates(hostNames);

const { good, selfsigned } = mailAddresses;
const GOOD = tlsa('3 1 1 leaf', 'good', certificates);

/** The first lines are those of a domain on which everything is right. */
const exampleCom: readonly string[] = [
  '@ MX 10 mail',
  `@ ${text(`v=spf1 ip4:${good} -all`)}`,
  `s1._domainkey ${strongKey}`,
  `_dmarc ${text('v=DMARC1; p=reject; rua=mailto:dmarc@example.com')}`,
  `default._bimi ${text('v=BIMI1; l=https://bimi.example.com/logo.svg; a=;')}`,
  `bimi A ${webAddresses.web}`,
  `mail A ${good}`,
  `_25._tcp.mail ${GOOD}`,
  `_25._tcp.mail ${tlsa('2 1 1 issuer', 'good', certificates)}`,
  `_mta-sts ${text('v=STSv1; id=20261101T000000;')}`,
  `mta-sts A ${webAddresses.web}`,
  `_smtp._tls ${text('v=TLSRPTv1; rua=mailto:tls@example.com')}`,
  ...hostCases.flatMap(([id, server, records]) => [
    `${id} MX 10 mail.${id}`,
    `mail.${id} A ${mailAddresses[server]}`,
    ...records.map((record) => `_25._tcp.mail.${id} ${tlsa(record, server, certificates)}`),
  ]),
  `implicit A ${good}`,
  `_25._tcp.implicit ${GOOD}`,
  'null MX 0 .',
  'no-address MX 10 mail.no-address',
  `_25._tcp.mail.no-address ${GOOD}`,
  'alias CNAME @',
  // An alias where senders ask for TLSA records at its end (RFC 7672 §2.2.2), and one that has its own alone.
  'mx-alias MX 10 mx.mx-alias',
  'mx.mx-alias CNAME mail',
  'mx-alias-first MX 10 mx.mx-alias-first',
  'mx.mx-alias-first CNAME mail.absent',
  `_25._tcp.mx.mx-alias-first ${GOOD}`,
  'partial MX 10 mail',
  'partial MX 20 mail.absent',
  'tlsa-lame MX 10 mail.tlsa-lame',
  `mail.tlsa-lame A ${good}`,
  'tlsa-bogus MX 10 mail.tlsa-bogus',
  `mail.tlsa-bogus A ${good}`,
  'host-insecure MX 10 mail.example.net.',
];

/** @param maxAge seconds that senders keep the policy for. */
const policy = (mx: readonly string[], { mode = 'enforce', maxAge = 1_209_600 } = {}): string =>
  ['version: STSv1', `mode: ${mode}`, ...mx.map((pattern) => `mx: ${pattern}`), `max_age: ${maxAge}`, ''].join('\r\n');

/** What a domain `<id>.example.org` publishes for MTA-STS (RFC 8461). Its MX is `mail.example.org` where nothing is said. */
interface StsDomain {
  readonly id: string;
  /** TXT records at `_mta-sts`. Default: one that is right. */
  readonly txt?: readonly string[];
  /** What the web server says. Default: a policy that covers the MX host, to be enforced. `null`: there is none. */
  readonly answer?: PolicyAnswer | null;
  readonly mx?: readonly string[];
  /** The address of `mta-sts`, or none. */
  readonly web?: string | null;
  /** What postfix-mta-sts-resolver says: a valid policy, none, or one that it could not get. */
  readonly sender: 'VALID' | 'NONE' | 'FETCH_ERROR';
  /** What the rule mta-sts says: its status, and its codes without the name of the rule. */
  readonly mailcheck: string;
}

const HOST = 'mail.example.org';
const SOUND = policy([HOST]);
const invalid = (id: string, body: string): StsDomain => ({
  id,
  answer: { body },
  sender: 'FETCH_ERROR',
  mailcheck: 'fail policy-invalid',
});

export const stsDomains: readonly StsDomain[] = [
  { id: 'sound', sender: 'VALID', mailcheck: 'pass' },
  { id: 'line-feeds', answer: { body: SOUND.replaceAll('\r\n', '\n') }, sender: 'VALID', mailcheck: 'pass' },
  { id: 'sts-absent', txt: [], web: null, answer: null, sender: 'NONE', mailcheck: 'pass absent' },
  { id: 'orphan', txt: [], sender: 'NONE', mailcheck: 'pass orphan-policy' },
  { id: 'no-id', txt: ['v=STSv1;'], sender: 'NONE', mailcheck: 'fail txt-invalid' },
  { id: 'bad-id', txt: ['v=STSv1; id=2026-11-01;'], sender: 'VALID', mailcheck: 'fail txt-invalid' },
  { id: 'two-records', txt: ['v=STSv1; id=1;', 'v=STSv1; id=2;'], sender: 'NONE', mailcheck: 'fail txt-invalid' },
  { id: 'near-miss', txt: ['v=STSv2; id=1;'], sender: 'NONE', mailcheck: 'warn absent' },
  { id: 'no-web-name', web: null, answer: null, sender: 'FETCH_ERROR', mailcheck: 'fail policy-unreachable' },
  {
    id: 'web-refused',
    web: webAddresses.refused,
    answer: null,
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  {
    id: 'web-plain',
    web: webAddresses.plain,
    answer: null,
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  {
    id: 'web-untrusted',
    answer: { body: SOUND, certificate: 'untrusted' },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  {
    id: 'web-expired',
    answer: { body: SOUND, certificate: 'expired' },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  {
    id: 'web-misnamed',
    answer: { body: SOUND, certificate: 'misnamed' },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  { id: 'not-found', answer: { status: 404 }, sender: 'FETCH_ERROR', mailcheck: 'fail policy-unreachable' },
  {
    id: 'server-error',
    answer: { status: 503, body: SOUND },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  {
    id: 'redirect',
    answer: { status: 301, headers: { location: 'https://mta-sts.sound.example.org/.well-known/mta-sts.txt' } },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-unreachable',
  },
  invalid('no-version', SOUND.replace('version: STSv1\r\n', '')),
  invalid('bad-version', SOUND.replace('STSv1', 'STSv2')),
  invalid('no-mode', SOUND.replace('mode: enforce\r\n', '')),
  invalid('bad-mode', SOUND.replace('enforce', 'enforced')),
  invalid('no-mx', SOUND.replace(`mx: ${HOST}\r\n`, '')),
  invalid('no-max-age', SOUND.replace('max_age: 1209600\r\n', '')),
  invalid('bad-max-age', SOUND.replace('1209600', '2 weeks')),
  invalid('long-max-age', SOUND.replace('1209600', '99999999')),
  { id: 'no-pair', answer: { body: `${SOUND}this is no pair\r\n` }, sender: 'VALID', mailcheck: 'fail policy-invalid' },
  invalid('too-long', `${SOUND}${`mx: ${HOST}\r\n`.repeat(4000)}`),
  { id: 'twice', answer: { body: `${SOUND}mode: none\r\n` }, sender: 'VALID', mailcheck: 'warn policy-invalid' },
  {
    id: 'html',
    answer: { body: SOUND, headers: { 'content-type': 'text/html' } },
    sender: 'FETCH_ERROR',
    mailcheck: 'fail policy-invalid',
  },
  { id: 'no-type', answer: { body: SOUND, headers: {} }, sender: 'FETCH_ERROR', mailcheck: 'warn policy-invalid' },
  {
    id: 'slip',
    answer: { body: `${SOUND}nmx: mail.example.com\r\n` },
    sender: 'VALID',
    mailcheck: 'warn policy-invalid',
  },
  {
    id: 'not-covered',
    answer: { body: policy(['mail.example.com']) },
    sender: 'VALID',
    mailcheck: 'fail mx-not-covered',
  },
  { id: 'half-covered', mx: [HOST, 'mail.example.com'], sender: 'VALID', mailcheck: 'warn mx-not-covered' },
  {
    id: 'not-covered-testing',
    answer: { body: policy(['mail.example.com'], { mode: 'testing' }) },
    sender: 'VALID',
    mailcheck: 'warn not-enforcing mx-not-covered',
  },
  { id: 'wildcard', answer: { body: policy(['*.example.org']) }, sender: 'VALID', mailcheck: 'pass' },
  {
    id: 'wildcard-deep',
    answer: { body: policy(['*.good.example.org']) },
    mx: ['deep.mail.good.example.org'],
    sender: 'VALID',
    mailcheck: 'fail mx-not-covered',
  },
  {
    id: 'mx-untrusted',
    answer: { body: policy(['untrusted.example.org']) },
    mx: ['untrusted.example.org'],
    sender: 'VALID',
    mailcheck: 'fail mx-cert-invalid',
  },
  {
    id: 'mx-untrusted-testing',
    answer: { body: policy(['untrusted.example.org'], { mode: 'testing' }) },
    mx: ['untrusted.example.org'],
    sender: 'VALID',
    mailcheck: 'warn not-enforcing mx-cert-invalid',
  },
  {
    id: 'testing',
    answer: { body: policy([HOST], { mode: 'testing' }) },
    sender: 'VALID',
    mailcheck: 'pass not-enforcing',
  },
  { id: 'none', answer: { body: policy([], { mode: 'none' }) }, sender: 'VALID', mailcheck: 'pass not-enforcing' },
  {
    id: 'short-max-age',
    answer: { body: policy([HOST], { maxAge: 3600 }) },
    sender: 'VALID',
    mailcheck: 'warn max-age-short',
  },
];

const LOGO = `<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<title>Example</title><circle cx="32" cy="32" r="30" fill="#123456"/></svg>
`;

/** What the web server says for each name. */
export const policyAnswers: Readonly<Record<string, PolicyAnswer>> = Object.fromEntries([
  ['mta-sts.example.com', { body: policy(['mail.example.com']) }],
  ['bimi.example.com', { path: '/logo.svg', headers: { 'content-type': 'image/svg+xml' }, body: LOGO }],
  ...stsDomains.flatMap(({ id, answer = { body: SOUND } }) =>
    answer === null ? [] : [[`mta-sts.${id}.example.org`, answer] as const],
  ),
]);

const exampleOrg: readonly string[] = [
  `mail A ${good}`,
  `untrusted A ${selfsigned}`,
  `deep.mail.good A ${good}`,
  ...stsDomains.flatMap(({ id, txt = ['v=STSv1; id=20261101T000000;'], mx = [HOST], web = webAddresses.web }) => [
    ...mx.map((name, index) => `${id} MX ${10 * (index + 1)} ${name}.`),
    ...txt.map((record) => `_mta-sts.${id} ${text(record)}`),
    ...(web === null ? [] : [`mta-sts.${id} A ${web}`]),
  ]),
];

const signedZone = (id: string, dnssec: Signing | undefined): Zone => ({
  name: `${id}.example.com`,
  servers: ['auth'],
  ...(dnssec ? { dnssec } : {}),
  lines: ['@ MX 10 mail', `@ ${text('v=spf1 mx -all')}`, `mail A ${good}`, `_25._tcp.mail ${GOOD}`],
});

/** The SPF records of `stale` before and after the change that its cache has not seen, each kept for an hour. */
export const STALE = { before: 'v=spf1 ip4:198.51.100.7 -all', after: `v=spf1 ip4:${good} -all` } as const;

const differing = (address: string): readonly string[] => [
  '@ MX 10 mail',
  `mail A ${good}`,
  `@ ${text(`v=spf1 ip4:${address} -all`)}`,
];

export const transportZones: readonly Zone[] = [
  { name: '.', servers: ['root'], dnssec: 'signed', lines: nameServerAddresses },
  { name: 'com', servers: ['tld'], dnssec: 'signed' },
  { name: 'net', servers: ['tld'], dnssec: 'opt-out' },
  { name: 'org', servers: ['tld'], dnssec: 'nsec3' },
  { name: 'example.com', servers: ['auth'], dnssec: 'signed', lines: exampleCom },
  {
    name: 'example.net',
    servers: ['auth'],
    lines: ['@ MX 10 mail', `mail A ${good}`, `_25._tcp.mail ${GOOD}`, 'mx-insecure MX 10 mail.example.com.'],
  },
  { name: 'example.org', servers: ['auth'], lines: exampleOrg },
  ...signingCases.map(([id, dnssec]) => signedZone(id, dnssec)),
  { ...signedZone('tampered', 'signed'), tampered: ['MX\t10 mail', 'MX\t20 mail'] },
  signedZone('below.opt-out', undefined),
  { name: '_tcp.mail.tlsa-lame.example.com', servers: ['lame'] },
  {
    name: '_tcp.mail.tlsa-bogus.example.com',
    servers: ['auth'],
    dnssec: 'wrong-ds',
    lines: [`_25 ${GOOD}`],
  },
  {
    name: 'stale.example.org',
    servers: ['auth'],
    isUpdatable: true,
    lines: ['@ MX 10 mail', `mail A ${good}`, `@ 3600 ${text(STALE.before)}`],
  },
  // One server is right, one has another copy, and one answers for none of it.
  {
    name: 'split.example.org',
    servers: ['auth', 'second', 'lame'],
    lines: differing(good),
    copies: { second: differing('198.51.100.7') },
  },
  { name: 'agreed.example.org', servers: ['auth', 'second'], lines: differing(good) },
];
