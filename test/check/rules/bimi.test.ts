import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import bimi from '../../../src/check/rules/bimi/rule.ts';
import { type CertificateRequest, createAuthority } from '../../world/certificates.ts';
import { NOW } from '../../world/clock.ts';
import type { HttpsScript } from '../../world/https.ts';
import { type RuleCase, ruleTest } from '../../world/rule-test.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Code = keyof typeof bimi.findings;

const NAME = 'default._bimi.example.com';
const LOGO_URI = 'https://img.example.com/logo.svg';
const MARK_URI = 'https://vmc.example.com/mark.pem';
const WITH_LOGO = `v=BIMI1; l=${LOGO_URI}; a=`;
const WITH_BOTH = `v=BIMI1; l=${LOGO_URI}; a=${MARK_URI}`;
const IMG = '192.0.2.10';
const VMC = '192.0.2.11';
const DAY_MS = 86_400_000;

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 9 9"><title>T</title></svg>';

const markAuthority = createAuthority('Test Mark Root');

function mark(request: Partial<CertificateRequest> = {}): string {
  return markAuthority.issue({
    names: ['example.com'],
    purposes: ['1.3.6.1.5.5.7.3.31'],
    logotype: {
      uris: [`data:image/svg+xml;base64,${gzipSync(SVG).toString('base64')}`],
      sha256: createHash('sha256').update(SVG).digest(),
    },
    notAfter: NOW + 100 * DAY_MS,
    ...request,
  }).certificate;
}

function zone(record: string, more: ZoneScript = {}): ZoneScript {
  return {
    'example.com': { TXT: ['v=spf1 -all'] },
    '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject'] },
    [NAME]: { TXT: [record] },
    'img.example.com': { A: [IMG] },
    'vmc.example.com': { A: [VMC] },
    ...more,
  };
}

const dmarc = (text: string): ZoneScript => ({ '_dmarc.example.com': { TXT: [text] } });

/** The web servers of the logo and the certificate, with something else in place of the good ones. */
function web(logo: Partial<HttpsScript> = {}, certificate: Partial<HttpsScript> = {}): Record<string, HttpsScript> {
  return {
    [IMG]: { host: 'img.example.com', path: '/logo.svg', body: SVG, ...logo },
    [VMC]: { host: 'vmc.example.com', path: '/mark.pem', body: mark(), ...certificate },
  };
}

const NO_CERTIFICATE = {
  code: 'bimi/no-certificate',
  severity: 'info',
  about: { name: NAME, item: 'certificate' },
  says: `The BIMI record at ${NAME} names no certificate (a=).`,
} as const;

/** A record that is right but for this policy. */
function underPolicy(when: string, text: string, says: string | RegExp): RuleCase<Code> {
  return {
    when,
    zone: zone(WITH_LOGO, dmarc(text)),
    web: web(),
    finds: [{ code: 'bimi/dmarc-not-enforcing', about: { name: NAME, item: 'dmarc' }, says }, NO_CERTIFICATE],
  };
}

/** A record whose certificate has this problem. */
function withCertificate(when: string, certificate: Partial<HttpsScript>, says: string | RegExp): RuleCase<Code> {
  return {
    when,
    zone: zone(WITH_BOTH),
    web: web({}, certificate),
    finds: [{ code: 'bimi/no-certificate', severity: 'warning', about: { name: NAME, item: 'certificate' }, says }],
  };
}

/** A record whose logo has this problem. */
function withLogo(when: string, logo: Partial<HttpsScript> | 'refused', says: string | RegExp): RuleCase<Code> {
  return {
    when,
    zone: zone(WITH_LOGO),
    web: logo === 'refused' ? { ...web(), [IMG]: 'refused' } : web(logo),
    finds: [{ code: 'bimi/invalid', about: { name: NAME, item: 'logo' }, says }, NO_CERTIFICATE],
  };
}

/** A record with this fault and a logo that is right. */
function withRecord(when: string, record: string, says: string): RuleCase<Code> {
  return {
    when,
    zone: zone(record),
    web: web(),
    finds: [{ code: 'bimi/invalid', about: { name: NAME, item: 'record' }, says: `${NAME}: ${says}.` }, NO_CERTIFICATE],
  };
}

const cases: RuleCase<Code>[] = [
  {
    when: 'a domain without BIMI: one question and no web request',
    zone: zone(WITH_BOTH, { [NAME]: {} }),
    web: web(),
    status: 'pass',
    note: 'no record',
    finds: [
      {
        code: 'bimi/absent',
        about: { name: NAME },
        rests: [`TXT ${NAME}`],
        says: `No BIMI record was found at ${NAME}.`,
      },
    ],
    also: ({ asked, web: servers }) => {
      expect(asked.filter((question) => question.includes('_'))).toEqual([`TXT ${NAME}`]);
      expect([...servers.values()].map(({ connections }) => connections)).toEqual([0, 0]);
    },
  },
  {
    when: 'a subdomain without BIMI: two questions',
    domain: 'news.example.com',
    zone: { 'news.example.com': { A: ['192.0.2.1'] } },
    finds: [{ code: 'bimi/absent', rests: [`TXT default._bimi.news.example.com`, `TXT ${NAME}`] }],
  },
  {
    when: 'a TXT record of another kind at the name',
    zone: zone('v=spf1 -all'),
    finds: [{ code: 'bimi/absent', severity: 'info', evidence: { otherTexts: ['v=spf1 -all'] } }],
  },
  {
    when: 'a record in lower case: its owner expects a logo',
    zone: zone(`v=bimi1; l=${LOGO_URI}`),
    finds: [
      {
        code: 'bimi/absent',
        severity: 'warning',
        says: `Mailbox providers do not read "v=bimi1; l=${LOGO_URI}" at ${NAME} as BIMI, because it does not start with exactly v=BIMI1 and a semicolon.`,
      },
    ],
  },
  {
    when: 'a logo and a certificate that are right',
    zone: zone(WITH_BOTH),
    web: web(),
    note: `a logo in SVG Tiny PS (${SVG.length} octets); a mark certificate until 2027-03-09, whose issuer was not verified`,
    also: ({ web: servers }) => {
      expect([...servers.values()].map(({ requests }) => requests.length)).toEqual([1, 1]);
    },
  },
  {
    when: 'a record of the organizational domain, used by a subdomain, whose certificate is for the organizational domain',
    domain: 'news.example.com',
    zone: zone(WITH_BOTH, { 'news.example.com': { A: ['192.0.2.1'] } }),
    web: web(),
  },
  {
    when: 'a record of the subdomain itself: that of the organizational domain is not asked for',
    domain: 'news.example.com',
    zone: zone(WITH_BOTH, { 'default._bimi.news.example.com': { TXT: ['v=BIMI1; l=; a='] } }),
    finds: [{ code: 'bimi/declined', rests: ['TXT default._bimi.news.example.com'] }],
  },
  {
    when: 'an alias to the record of a logo service',
    zone: zone('', { [NAME]: { CNAME: ['x.example.net'] }, 'x.example.net': { TXT: [WITH_LOGO] } }),
    web: web(),
    finds: [NO_CERTIFICATE],
  },
  {
    when: 'a compressed logo without a square view box',
    zone: zone(WITH_LOGO),
    web: web({ body: gzipSync(SVG.replace('0 0 9 9', '0 0 9 8')) }),
    note: `a logo in SVG Tiny PS (${SVG.length} octets, not square, so it may be cropped)`,
    finds: [NO_CERTIFICATE],
  },
  {
    when: 'a domain that declines',
    zone: zone('v=BIMI1; l=; a=;', dmarc('v=DMARC1; p=none')),
    note: 'the domain declines',
    finds: [
      {
        code: 'bimi/declined',
        about: { name: NAME },
        says: `The BIMI record at ${NAME} says that the domain has no logo.`,
      },
    ],
  },
  {
    when: 'a domain that declines but for some local parts',
    zone: zone('v=BIMI1; l=; a=; lps=brand-'),
    finds: [{ code: 'bimi/declined', says: /, except for some local parts \(lps=\)\.$/ }],
  },
  underPolicy(
    'p=none',
    'v=DMARC1; p=none',
    `The BIMI record at ${NAME} has no effect, because DMARC is not enforced: _dmarc.example.com has p=none.`,
  ),
  underPolicy('sp=none', 'v=DMARC1; p=reject; sp=none', /_dmarc\.example\.com has sp=none\.$/),
  underPolicy('t=y', 'v=DMARC1; p=reject; t=y', /_dmarc\.example\.com has t=y\.$/),
  underPolicy('pct below 100', 'v=DMARC1; p=quarantine; pct=99', /_dmarc\.example\.com has pct=99\.$/),
  underPolicy('a policy that is not valid', 'v=DMARC1; p=rejct', /_dmarc\.example\.com has no valid policy\.$/),
  underPolicy('no DMARC record', 'hello', /_dmarc\.example\.com has no DMARC record\.$/),
  {
    when: 'p=quarantine, for all mail and subdomains',
    zone: zone(WITH_LOGO, dmarc('v=DMARC1; p=quarantine; sp=quarantine; pct=100; np=none')),
    web: web(),
    finds: [NO_CERTIFICATE],
  },
  {
    when: 'a subdomain that enforces below an organizational domain that does not',
    domain: 'news.example.com',
    zone: zone(WITH_LOGO, {
      ...dmarc('v=DMARC1; p=none'),
      '_dmarc.news.example.com': { TXT: ['v=DMARC1; p=reject'] },
    }),
    web: web(),
    finds: [
      {
        code: 'bimi/dmarc-not-enforcing',
        says: /: _dmarc\.example\.com has p=none\.$/,
        fix: /^Enforce DMARC first: p=quarantine or p=reject at _dmarc\.example\.com, /,
      },
      NO_CERTIFICATE,
    ],
  },
  {
    when: 'a lookup of the DMARC record that fails',
    zone: zone(WITH_LOGO, { '_dmarc.example.com': 'servfail' }),
    web: web(),
    finds: [
      {
        code: 'bimi/inconclusive',
        evidence: { reason: 'dmarc-lookup-failed' },
        about: { name: '_dmarc.example.com', item: 'dmarc-lookup-failed' },
      },
      NO_CERTIFICATE,
    ],
  },
  {
    when: 'two records, of which none is used',
    zone: zone('', { [NAME]: { TXT: [WITH_LOGO, WITH_BOTH] } }),
    finds: [
      {
        code: 'bimi/invalid',
        about: { name: NAME, item: 'record' },
        says: `${NAME} has 2 BIMI records, so mailbox providers use none of them.`,
      },
    ],
  },
  {
    when: 'a record and a TXT record of another kind',
    zone: zone('', { [NAME]: { TXT: [WITH_LOGO, 'x'] } }),
    web: web(),
    finds: [NO_CERTIFICATE],
  },
  withRecord(
    'a location without https',
    'v=BIMI1; l=http://img.example.com/logo.svg',
    'l="http://img.example.com/logo.svg" does not begin with https://',
  ),
  withRecord('no location', 'v=BIMI1; a=', 'the tag l= is missing'),
  withRecord(
    'a prefix with an underscore',
    `${WITH_LOGO}; lps=help_desk`,
    'lps= has "help_desk", but prefixes are 1 to 63 letters, digits and hyphens',
  ),
  withRecord('a preference that nobody knows', `${WITH_LOGO}; avp=bogus`, 'avp="bogus" is neither brand nor personal'),
  withRecord('a tag that stands there twice', `v=BIMI1; l=${LOGO_URI}; l=${LOGO_URI}`, 'the tag "l" appears twice'),
  {
    when: 'a certificate whose address has no https',
    zone: zone(`v=BIMI1; l=${LOGO_URI}; a=http://vmc.example.com/mark.pem`),
    web: web(),
    finds: [{ code: 'bimi/invalid', about: { name: NAME, item: 'record' } }],
  },
  withLogo(
    'a logo that is not found',
    { path: '/other.svg' },
    `The logo "${LOGO_URI}" is answered with HTTP status 404.`,
  ),
  withLogo(
    'a logo that is redirected',
    { status: 301, headers: { Location: 'https://cdn.example.net/' } },
    `The logo "${LOGO_URI}" is redirected to "https://cdn.example.net/", and not every provider follows redirects.`,
  ),
  withLogo('a web server with a certificate for another name', { certificate: 'wrong-name' }, /has another name\.$/),
  withLogo(
    'a web server with a certificate that has expired',
    { certificate: 'expired' },
    /is not trusted \("CERT_HAS_EXPIRED"\)\.$/,
  ),
  withLogo(
    'a web server that is not there',
    'refused',
    /^The logo "https:\/\/img\.example\.com\/logo\.svg" cannot be fetched: /,
  ),
  withLogo('a file that is far too long', { body: 'x'.repeat(200_000) }, /is longer than 131072 octets\.$/),
  withLogo(
    'a logo with a script',
    { body: SVG.replace('</svg>', '<script/></svg>') },
    `The logo "${LOGO_URI}" is not SVG Tiny PS: the element "script" is not allowed.`,
  ),
  withLogo(
    'a logo with many faults',
    {
      body: `<svg xmlns="http://www.w3.org/2000/svg" x="0" onload="x">${['a', 'b', 'c', 'd', 'e', 'f', 'g1', 'h'].map((name) => `<${name}/>`).join('')}</svg>`,
    },
    /: version is missing and must be "1\.2"; baseProfile is missing and must be "tiny-ps"; it has no title element with text; and 10 more\.$/,
  ),
  {
    when: 'a logo on a host that has no address',
    zone: zone(WITH_LOGO, { 'img.example.com': { TXT: ['x'] } }),
    finds: [
      {
        code: 'bimi/invalid',
        rests: [`TXT ${NAME}`, 'A img.example.com', 'AAAA img.example.com'],
        says: `The logo "${LOGO_URI}" is on a host that has no address.`,
      },
      NO_CERTIFICATE,
    ],
  },
  {
    when: 'a logo on a host whose lookup fails',
    zone: zone(WITH_LOGO, { 'img.example.com': 'servfail' }),
    finds: [
      { code: 'bimi/inconclusive', about: { name: NAME, item: 'logo' }, evidence: { reason: 'host-lookup-failed' } },
      NO_CERTIFICATE,
    ],
  },
  {
    when: 'a logo that cannot be reached from here',
    zone: zone(WITH_LOGO),
    web: { [IMG]: 'no-route' },
    finds: [
      { code: 'bimi/inconclusive', about: { name: NAME, item: 'logo' }, evidence: { reason: 'fetch-failed' } },
      NO_CERTIFICATE,
    ],
  },
  {
    when: 'a logo on another port',
    zone: zone('v=BIMI1; l=https://img.example.com:8443/logo.svg'),
    finds: [{ code: 'bimi/inconclusive', evidence: { reason: 'other-port', port: 8443 } }, NO_CERTIFICATE],
  },
  {
    when: 'no web request with --dns-only, which is said',
    zone: zone(WITH_BOTH),
    settings: { dnsOnly: true },
    web: web(),
    skips: 'no web request with --dns-only',
    also: ({ web: servers }) => {
      expect([...servers.values()].map(({ connections }) => connections)).toEqual([0, 0]);
    },
  },
  withCertificate(
    'a certificate that has expired',
    { body: mark({ notAfter: NOW - DAY_MS, notBefore: NOW - 9 * DAY_MS }) },
    /cannot be used: it has expired \(on "20.+Z"\)\.$/,
  ),
  withCertificate(
    'a certificate that is not valid yet',
    { body: mark({ notBefore: NOW + DAY_MS }) },
    /: it is not valid yet\.$/,
  ),
  withCertificate(
    'a certificate for another domain',
    { body: mark({ names: ['example.net'] }) },
    `The certificate "${MARK_URI}" cannot be used: it is for another domain. It names "example.net".`,
  ),
  {
    when: 'a certificate for the selector of the domain',
    zone: zone(WITH_BOTH),
    web: web({}, { body: mark({ names: [NAME] }) }),
  },
  withCertificate(
    'a certificate for web servers',
    { body: mark({ purposes: ['1.3.6.1.5.5.7.3.1'] }) },
    /: it is not a mark certificate \(/,
  ),
  withCertificate(
    'a certificate without a logo',
    { body: markAuthority.issue({ names: ['example.com'], purposes: ['1.3.6.1.5.5.7.3.31'] }).certificate },
    /: it has no logo \(/,
  ),
  {
    when: 'a logo that differs from the one in the certificate',
    zone: zone(WITH_BOTH),
    web: web({ body: SVG.replace('>T<', '>U<') }),
    finds: [
      {
        code: 'bimi/no-certificate',
        severity: 'warning',
        says: /: its logo differs from the one at l=\.$/,
        fix: /^Serve the logo that is in the certificate/,
      },
    ],
  },
  withCertificate('a file that is no certificate', { body: '<html/>' }, /: the file has no certificate in PEM form\.$/),
  {
    when: 'a certificate that is not found',
    zone: zone(WITH_BOTH),
    web: web({}, { path: '/x' }),
    finds: [
      {
        code: 'bimi/invalid',
        about: { name: NAME, item: 'certificate' },
        says: `The certificate "${MARK_URI}" is answered with HTTP status 404.`,
      },
    ],
  },
  {
    when: 'the lookup of the record fails',
    zone: zone(WITH_LOGO, { [NAME]: 'servfail' }),
    finds: [{ code: 'bimi/inconclusive', about: { name: NAME }, evidence: { reason: 'record-lookup-failed' } }],
  },
];

ruleTest(bimi, cases);
