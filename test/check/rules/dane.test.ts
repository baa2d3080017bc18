/** DANE for SMTP (RFC 7672) in signed zones and against mail servers on loopback. */
import { X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import rule from '../../../src/check/rules/dane/rule.ts';
import { dataOf } from '../../../src/standards/tlsa/match.ts';
import { createAuthority, type Issued } from '../../world/certificates.ts';
import { NOW } from '../../world/clock.ts';
import { type RuleCase, ruleTest } from '../../world/rule-test.ts';
import { type NameRecords, type SignedZone, signedWorld } from '../../world/signer.ts';
import type { SmtpScript, TlsScript } from '../../world/smtp.ts';
import type { HostScript } from '../../world/world.ts';

type Code = keyof typeof rule.findings;
type Case = RuleCase<Code>;

const DAY_MS = 86_400_000;
const ip = '203.0.113.5';
const second = '203.0.113.6';
const mx = 'mail.example.com';
const tlsa = `_25._tcp.${mx}`;
const root = createAuthority('Anchor');
const sub = root.intermediate('Sub');
const identity = withChain(sub.issue({ names: [mx] }));
const next = sub.issue({ names: [mx] });
const elsewhere = withChain(sub.issue({ names: ['www.example.net'] }));

function withChain(leaf: Issued): Issued {
  return { certificate: leaf.certificate + sub.certificate, key: leaf.key };
}

/** The record of a certificate in the form of a zone file: `3 1 1 01ab…`. */
function tlsaOf(fields: string, { certificate }: { readonly certificate: string }): string {
  const [, selector = 0, matchingType = 0] = fields.split(' ').map(Number);
  return `${fields} ${dataOf({ selector, matchingType }, new X509Certificate(certificate))}`;
}

const own = tlsaOf('3 1 1', identity);
const spare = tlsaOf('3 1 1', next);
const issuer = tlsaOf('2 1 1', sub);

type Records = Readonly<Record<string, NameRecords>>;
const domain: Records = { 'example.com': { MX: `10 ${mx}` }, [mx]: { A: ip } };

/** The options of a case in which the zones are signed from the root on. */
function signed(records: Records, given: Partial<SignedZone> = {}, others: readonly SignedZone[] = []) {
  const zones = [{ apex: '.' }, { apex: 'com' }, { apex: 'example.com', records, ...given }, ...others];
  const world = signedWorld(zones);
  return { dns: { signed: world }, settings: { trustAnchors: [world.anchorText] } };
}

/** A domain with one MX host and these records, which is signed. */
const published = (...values: string[]) => signed({ ...domain, [tlsa]: { TLSA: values } });

const serving = (tls: Partial<TlsScript> = {}, rest: Partial<SmtpScript> = {}): Record<string, HostScript> => ({
  [ip]: { tls: { identity, ...tls }, ...rest },
});

const withSetting = (world: ReturnType<typeof signed>, settings: Case['settings']) => ({
  ...world,
  settings: { ...world.settings, ...settings },
});

const der = ({ certificate }: Issued): string => new X509Certificate(certificate).raw.toString('base64');

const cases: Case[] = [
  // The lookups.
  {
    when: 'the addresses of the MX host cannot be looked up, so that senders wait',
    ...signed({ ...domain, [tlsa]: { TLSA: own } }),
    zone: { [mx]: 'timeout' },
    finds: [{ code: 'dane/inconclusive', about: { name: mx, item: 'lookup-failed' } }],
    status: 'inconclusive',
  },
  {
    when: 'a MX host without an address, so that nobody asks for its records',
    ...signed({ ...domain, [mx]: { TXT: 'no address' }, [tlsa]: { TLSA: own } }),
    note: 'no TLSA records',
    also: ({ asked }) => expect(asked.filter((question) => question.startsWith('TLSA'))).toEqual([]),
  },
  {
    when: 'no MX record, and the domain itself has an address and records',
    ...signed({
      'example.com': { A: ip },
      '_25._tcp.example.com': { TLSA: [tlsaOf('3 1 1', identity), spare] },
    }),
    hosts: serving(),
    note: 'example.com: 3 1 1 matches',
  },
  {
    when: 'no MX record and a record that does not match',
    ...signed({ 'example.com': { A: ip }, '_25._tcp.example.com': { TLSA: spare } }),
    hosts: serving(),
    finds: [{ code: 'dane/mismatch', about: { name: 'example.com' } }],
  },
  {
    when: 'a null MX, so that nothing is asked',
    ...signed({ 'example.com': { MX: '0 .' }, [tlsa]: { TLSA: own } }),
    note: 'no MX host',
    also: ({ asked }) =>
      expect(asked.filter((question) => /TLSA|DS|mail/.test(question) && !/mailcheck-/.test(question))).toEqual([]),
  },
  {
    when: 'a domain that does not exist, so that nothing more is asked',
    ...signed({ [tlsa]: { TLSA: own } }),
    domain: 'gone.example.com',
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'no-domain', domain: 'gone.example.com' } }],
    also: ({ asked }) => expect(asked.filter((question) => question.startsWith('TLSA'))).toEqual([]),
  },
  {
    when: 'a domain that is an alias of another one with secure records',
    ...signed({
      'alias.example.com': { CNAME: 'target.example.com' },
      'target.example.com': { MX: '10 mx.target.example.com' },
      'mx.target.example.com': { A: ip },
      '_25._tcp.mx.target.example.com': { TLSA: [tlsaOf('2 1 1', sub), spare] },
    }),
    domain: 'alias.example.com',
    // The name at the end of the alias is one that senders accept (RFC 7672 §3.2.2).
    hosts: serving({ identity: withChain(sub.issue({ names: ['target.example.com'] })) }),
    note: 'mx.target.example.com: 2 1 1 matches',
  },
  {
    when: 'an MX host that is an alias, with records at the end of it',
    ...signed({
      'example.com': { MX: `10 ${mx}` },
      [mx]: { CNAME: 'final.example.com' },
      'final.example.com': { A: ip },
      '_25._tcp.final.example.com': { TLSA: [own, spare] },
      // These would not match. The records at the end of the alias come first.
      [tlsa]: { TLSA: tlsaOf('3 1 1', elsewhere) },
    }),
    hosts: serving({ identity: elsewhere, identities: { 'final.example.com': identity } }),
    note: 'mail.example.com: 3 1 1 matches',
    also: ({ hosts }) => expect(hosts.get(ip)?.sessions.length).toBe(2),
  },
  {
    when: 'an MX host that is an alias, with records at its beginning alone',
    ...signed({
      'example.com': { MX: `10 ${mx}` },
      [mx]: { CNAME: 'final.example.com' },
      'final.example.com': { A: ip },
      [tlsa]: { TLSA: [own, spare] },
    }),
    hosts: serving(),
    note: 'mail.example.com: 3 1 1 matches',
    also: ({ hosts }) => expect(hosts.get(ip)?.sessions.length).toBe(1),
  },
  {
    when: 'an MX host that is a signed alias of a host in a zone without signatures',
    ...signed(
      { 'example.com': { MX: `10 ${mx}` }, [mx]: { CNAME: 'host.example.net' }, [tlsa]: { TLSA: [own, spare] } },
      {},
      [{ apex: 'net' }, { apex: 'example.net', state: 'unsigned', records: { 'host.example.net': { A: ip } } }],
    ),
    hosts: serving(),
    note: 'mail.example.com: 3 1 1 matches',
  },
  {
    when: 'records behind an alias of their own, and a certificate that does not match',
    ...signed({
      ...domain,
      [tlsa]: { CNAME: '_tlsa.example.com' },
      '_tlsa.example.com': { TLSA: [spare] },
    }),
    hosts: serving(),
    finds: [{ code: 'dane/mismatch', evidence: { name: '_tlsa.example.com' } }],
  },
  {
    when: 'a denial of the address of the records that is bogus',
    ...signed({ ...domain, [tlsa]: { TLSA: [own, spare] } }, { faults: { [`${tlsa} NSEC`]: 'wrong' } }),
    hosts: serving(),
    finds: [{ code: 'dane/lookup-fails', evidence: { query: { type: 'A' }, zone: 'example.com' } }],
  },
  {
    when: 'records whose signature has expired',
    ...signed({ ...domain, [tlsa]: { TLSA: [own, spare] } }, { faults: { [`${tlsa} TLSA`]: 'expired' } }),
    hosts: serving(),
    finds: [{ code: 'dane/lookup-fails', evidence: { query: { type: 'TLSA' }, zone: 'example.com' } }],
  },
  ...(['servfail', 'refused', 'timeout', 'bogus'] as const).flatMap((fault): Case[] => [
    {
      when: `the lookup of the records gives ${fault} in a signed zone`,
      ...signed(domain),
      zone: { [tlsa]: { TLSA: fault } },
      finds: [{ code: 'dane/lookup-fails', about: { name: mx }, evidence: { zone: null, query: { rcode: fault } } }],
      status: 'fail',
    },
    {
      when: `the lookup of the records gives ${fault} in a zone without signatures`,
      ...signed(domain, { state: 'unsigned' }),
      zone: { [tlsa]: { TLSA: fault } },
      note: 'no TLSA records that senders ask for (example.com not signed)',
      status: 'pass',
    },
  ]),
  {
    when: 'MX records that are not validly signed',
    ...signed({ ...domain, [tlsa]: { TLSA: [own, spare] } }, { faults: { 'example.com MX': 'wrong' } }),
    hosts: serving(),
    finds: [{ code: 'dane/inconclusive', about: { name: 'example.com', item: 'MX' }, evidence: { reason: 'bogus' } }],
  },
  {
    when: 'addresses that are not validly signed',
    ...signed({ ...domain, [tlsa]: { TLSA: own } }, { faults: { [`${mx} A`]: 'missing' } }),
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'bogus', zone: 'example.com' } }],
  },
  {
    when: 'a lookup of the MX records that fails',
    zone: { 'example.com': { MX: 'servfail' } },
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'lookup-failed' } }],
  },
  {
    when: 'records, and a resolver that leaves the signatures out',
    ...stripped({ ...domain, [tlsa]: { TLSA: own } }),
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'unproved' } }],
  },
  {
    when: 'no records, and a resolver that leaves the signatures out',
    ...stripped(domain),
    finds: [{ code: 'dane/absent', evidence: { unsigned: [] } }],
    note: 'no TLSA records',
  },
  // Zones without signatures.
  {
    when: 'a plain domain',
    zone: { 'example.com': { MX: [`10 ${mx}`] }, [mx]: { A: [ip] } },
    finds: [{ code: 'dane/absent', evidence: { unsigned: ['example.com'] } }],
    note: 'no TLSA records (example.com not signed)',
    status: 'pass',
    also: ({ asked }) =>
      expect(asked.filter((question) => /^(?:DS|TLSA|RRSIG|DNSKEY)/.test(question))).toEqual([
        'DS example.com',
        `TLSA ${tlsa}`,
      ]),
  },
  {
    when: 'records in a zone without signatures, whatever the host shows',
    ...signed({ ...domain, [tlsa]: { TLSA: spare } }, { state: 'unsigned' }),
    hosts: serving(),
    finds: [{ code: 'dane/unsigned', about: { name: mx }, evidence: { what: 'host', zone: 'example.com' } }],
    also: ({ hosts }) => expect(hosts.get(ip)?.sessions).toEqual([]),
  },
  {
    when: 'MX records without signatures that lead to a host with secure records',
    ...signed({ 'example.com': { MX: '10 mx.example.net' } }, { state: 'unsigned' }, [
      { apex: 'net' },
      {
        apex: 'example.net',
        records: { 'mx.example.net': { A: ip }, '_25._tcp.mx.example.net': { TLSA: [own, spare] } },
      },
    ]),
    hosts: serving(),
    finds: [{ code: 'dane/unsigned', about: { name: 'example.com', item: 'MX' }, evidence: { what: 'mx' } }],
  },
  {
    when: 'MX records without signatures, so that the name of the domain does not count',
    ...signed({ 'example.com': { MX: '10 mx.example.net' } }, { state: 'unsigned' }, [
      { apex: 'net' },
      {
        apex: 'example.net',
        records: { 'mx.example.net': { A: ip }, '_25._tcp.mx.example.net': { TLSA: [issuer, spare] } },
      },
    ]),
    hosts: serving({ identity: withChain(sub.issue({ names: ['example.com'] })) }),
    finds: ['dane/unsigned', 'dane/mismatch'],
  },
  {
    when: 'a signed domain without records',
    ...signed(domain),
    hosts: serving(),
    finds: [
      {
        code: 'dane/absent',
        about: { name: 'example.com' },
        evidence: { hosts: [{ host: mx, name: tlsa, publish: own }] },
      },
    ],
    note: 'no TLSA records',
  },
  // What the host shows.
  ...['3 1 1', '3 1 2', '3 1 0', '3 0 1', '3 0 2', '3 0 0'].map(
    (fields): Case => ({
      when: `${fields} of the host’s own certificate, and a spare record`,
      ...published(tlsaOf(fields, identity), issuer),
      hosts: serving(),
      note: `mail.example.com: ${fields}, 2 1 1 matches`,
    }),
  ),
  {
    when: 'no record for the key in use',
    ...published(spare),
    hosts: serving(),
    finds: [
      {
        code: 'dane/mismatch',
        about: { name: mx },
        rests: ['MX example.com', `A ${mx}`, `AAAA ${mx}`, `TLSA ${tlsa}`],
        evidence: { host: mx, name: tlsa, addresses: [ip], ttl: 300, records: [{ record: spare, outcome: 'other' }] },
        fix: /10 minutes/,
        details: [{ label: spare, text: 'is for another certificate or key' }],
      },
    ],
    status: 'fail',
    also: ({ findings }) =>
      expect(findings[0]?.remediation.records).toMatchObject([{ name: tlsa, type: 'TLSA', value: own }]),
  },
  {
    when: 'a certificate for another name, which usage 2 does not take',
    ...published(issuer),
    hosts: serving({ identity: elsewhere }),
    finds: [{ code: 'dane/mismatch', evidence: { records: [{ outcome: 'other-name', names: ['www.example.net'] }] } }],
  },
  {
    when: 'a certificate for another name, which usage 3 takes',
    ...published(tlsaOf('3 1 1', elsewhere), spare),
    hosts: serving({ identity: elsewhere }),
  },
  {
    when: 'a certificate for the mail domain, which usage 2 takes',
    ...published(issuer, spare),
    hosts: serving({ identity: withChain(sub.issue({ names: ['example.com'] })) }),
  },
  {
    when: 'a certificate that has expired, which usage 2 does not take',
    ...published(tlsaOf('2 0 1', sub)),
    hosts: serving({ identity: withChain(expiredLeaf()) }),
    finds: [{ code: 'dane/mismatch', evidence: { records: [{ outcome: 'out-of-date', state: 'expired' }] } }],
  },
  {
    when: 'usage 2, and the host does not send the certificate of its CA',
    ...published(issuer),
    hosts: serving({ identity: sub.issue({ names: [mx] }) }),
    finds: [{ code: 'dane/mismatch', evidence: { records: [{ outcome: 'other' }] } }],
  },
  {
    when: 'usage 2 with the whole certificate, and the host does not send it',
    ...published(tlsaOf('2 0 0', sub), spare),
    hosts: serving({ identity: sub.issue({ names: [mx] }) }),
  },
  {
    when: 'two addresses of which one shows another key',
    ...signed({ ...domain, [mx]: { A: [ip, second] }, [tlsa]: { TLSA: [own, spare] } }),
    hosts: { ...serving(), [second]: { tls: { identity: elsewhere } } },
    finds: [{ code: 'dane/mismatch', about: { name: mx }, evidence: { addresses: [second] } }],
  },
  {
    when: 'two addresses that both show another key',
    ...signed({ ...domain, [mx]: { A: [ip, second] }, [tlsa]: { TLSA: spare } }),
    hosts: { ...serving(), [second]: { tls: { identity } } },
    finds: [{ code: 'dane/mismatch', about: { name: mx }, evidence: { addresses: [ip, second] } }],
  },
  {
    when: 'two addresses that show two other keys',
    ...signed({ ...domain, [mx]: { A: [ip, second] }, [tlsa]: { TLSA: spare } }),
    hosts: { ...serving(), [second]: { tls: { identity: elsewhere } } },
    finds: [
      { code: 'dane/mismatch', about: { name: mx } },
      { code: 'dane/mismatch', about: { name: mx, item: second } },
    ],
  },
  // Records that cannot be used.
  {
    when: 'a record of 16 octets beside a good one',
    ...published(`3 1 1 ${'ab'.repeat(16)}`, own, spare),
    hosts: serving(),
    finds: [{ code: 'dane/unusable', severity: 'info', evidence: { records: [{ reason: 'bad-length' }], others: 2 } }],
    note: 'mail.example.com: 3 1 1 matches',
  },
  {
    when: 'a record with an unknown usage beside a good one',
    ...published(`10 1 1 ${'ab'.repeat(32)}`, own, spare),
    hosts: serving(),
    finds: [{ code: 'dane/unusable', severity: 'info', evidence: { records: [{ reason: 'unknown-usage' }] } }],
  },
  {
    when: 'a record with an unknown usage alone: mail flows, and nobody is verified',
    ...published(`10 1 1 ${'ab'.repeat(32)}`),
    hosts: serving(),
    finds: [{ code: 'dane/unusable', evidence: { records: [{ reason: 'unknown-usage' }], others: 0 } }],
    status: 'warn',
  },
  {
    when: 'a record that should have a whole certificate alone',
    ...published(`2 0 0 ${'ab'.repeat(40)}`),
    hosts: serving(),
    finds: [{ code: 'dane/unusable', evidence: { records: [{ reason: 'unreadable' }] } }],
  },
  {
    when: 'a record of usage 1 alone, even if it is the right key',
    ...published(tlsaOf('1 1 1', identity)),
    hosts: serving(),
    finds: [{ code: 'dane/unusable', evidence: { records: [{ reason: 'pkix-usage' }] } }],
  },
  {
    when: 'a record that cannot be used, and no STARTTLS',
    ...published(tlsaOf('1 1 1', identity)),
    hosts: { [ip]: {} },
    finds: ['dane/unusable', 'dane/no-starttls'],
  },
  {
    when: 'a record that cannot be used, and a host that does not answer',
    ...published(tlsaOf('1 1 1', identity)),
    hosts: { [ip]: 'refused' },
    finds: ['dane/unusable'],
  },
  // The next key.
  {
    when: 'the key in use and the next one',
    ...published(own, spare),
    hosts: serving(),
    note: 'mail.example.com: 3 1 1 matches',
  },
  {
    when: 'the key in use and the CA',
    ...published(own, issuer),
    hosts: serving(),
    note: 'mail.example.com: 3 1 1, 2 1 1 matches',
  },
  { when: 'the key in use alone', ...published(own), hosts: serving(), finds: ['dane/no-rollover'], status: 'pass' },
  {
    when: 'the key in use twice',
    ...published(own, tlsaOf('3 1 2', identity), tlsaOf('3 0 1', identity)),
    hosts: serving(),
    finds: [{ code: 'dane/no-rollover', about: { name: mx } }],
  },
  {
    when: 'two CAs, one of them in use',
    ...published(issuer, tlsaOf('2 1 1', createAuthority('Other'))),
    hosts: serving(),
    note: 'mail.example.com: 2 1 1 matches',
  },
  // Digests.
  {
    when: 'a SHA-512 of the old key beside a SHA-256 of the new one',
    ...published(own, tlsaOf('3 1 2', next)),
    hosts: serving(),
    finds: [
      {
        code: 'dane/digest-agility',
        about: { name: mx },
        fix: /Delete the records at _25._tcp.mail.example.com that do not match/,
      },
    ],
  },
  {
    when: 'a SHA-512 of the old certificate beside a SHA-256 of the new key',
    ...published(own, tlsaOf('3 0 2', next)),
    hosts: serving(),
  },
  // Hosts without TLS, and hosts that cannot be seen.
  {
    when: 'a host with records that does not offer STARTTLS',
    ...published(own, spare),
    hosts: { [ip]: {} },
    finds: [{ code: 'dane/no-starttls', about: { name: mx }, evidence: { smtp: { command: 'EHLO' } } }],
  },
  {
    when: 'a host with records that refuses STARTTLS',
    ...published(own, spare),
    hosts: serving({ fault: 'declined' }),
    finds: [{ code: 'dane/no-starttls', evidence: { smtp: { command: 'STARTTLS', code: 454 } } }],
  },
  {
    when: 'a host with records whose handshake fails',
    ...published(own, spare),
    hosts: serving({ fault: 'closes' }),
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'handshake-failed' } }],
  },
  {
    when: 'a host with records on whose port nothing listens',
    ...published(own, spare),
    hosts: { [ip]: 'refused' },
    finds: [{ code: 'dane/inconclusive', about: { name: mx, item: 'unreached' }, evidence: { reason: 'unreached' } }],
    also: ({ findings }) => expect(findings[0]?.obstacle?.kind).toBe('silent-host'),
  },
  {
    when: 'a host with records that this machine has no route to',
    ...published(own, spare),
    hosts: { [ip]: 'no-route' },
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'no-route' } }],
  },
  {
    when: 'a host with records that turns this machine away',
    ...published(own, spare),
    hosts: { [ip]: { greeting: '554 5.7.1 rejected' } },
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'unreached' } }],
  },
  {
    when: 'a host with records that answers EHLO with 550',
    ...published(own, spare),
    hosts: { [ip]: { replies: { EHLO: '550 5.7.1 no', HELO: '550 5.7.1 no' } } },
    finds: [{ code: 'dane/inconclusive', evidence: { reason: 'unreached' } }],
  },
  {
    when: 'a host without records on whose port nothing listens, in a signed zone',
    ...signed(domain),
    hosts: { [ip]: 'refused' },
    finds: [{ code: 'dane/absent', evidence: { hosts: [{ publish: null }] } }],
  },
  // Several hosts.
  {
    when: 'one MX host with records and one without',
    ...signed({
      'example.com': { MX: [`10 ${mx}`, '20 mx2.example.com'] },
      [mx]: { A: ip },
      'mx2.example.com': { A: second },
      [tlsa]: { TLSA: [own, spare] },
    }),
    hosts: { ...serving(), [second]: { tls: { identity } } },
    finds: [
      {
        code: 'dane/partial',
        about: { name: 'example.com' },
        evidence: { protected: [mx], unprotected: ['mx2.example.com'] },
      },
    ],
    note: 'mail.example.com: 3 1 1 matches; mx2.example.com: no TLSA records',
  },
  {
    when: 'two MX hosts with records, on one address with a certificate for each name',
    ...signed({
      'example.com': { MX: [`10 ${mx}`, '20 mx2.example.com'] },
      [mx]: { A: ip },
      'mx2.example.com': { A: ip },
      [tlsa]: { TLSA: [own, spare] },
      '_25._tcp.mx2.example.com': { TLSA: [tlsaOf('3 1 1', elsewhere), spare] },
    }),
    hosts: serving({ identities: { 'mx2.example.com': elsewhere } }),
    note: 'mail.example.com: 3 1 1 matches; mx2.example.com: 3 1 1 matches',
    also: ({ hosts }) => expect(hosts.get(ip)?.sessions.length).toBe(2),
  },
  // The certificate that is to be installed.
  {
    when: 'a next certificate that a record is published for',
    ...withSetting(published(own, spare), { nextCertificate: [der(next)] }),
    hosts: serving(),
    note: 'mail.example.com: 3 1 1 matches; the next certificate matches the records of mail.example.com (3 1 1)',
  },
  {
    when: 'a next certificate that no record is published for',
    ...withSetting(published(own, tlsaOf('3 1 1', elsewhere)), { nextCertificate: [der(next)] }),
    hosts: serving(),
    finds: [
      {
        code: 'dane/next-certificate-mismatch',
        about: { name: mx },
        fix: /wait 10 minutes \(two TTLs of 300 seconds\).*--reuse-key/,
        evidence: { publish: { usage: 3, selector: 1, matchingType: 1 }, ttl: 300 },
      },
    ],
    status: 'fail',
    also: ({ findings }) =>
      expect(findings[0]?.remediation.records).toMatchObject([{ name: tlsa, type: 'TLSA', value: spare }]),
  },
  {
    when: 'a next certificate that does not match, and a resolver that has held the records for some minutes',
    ...withSetting(published(own, tlsaOf('3 1 1', elsewhere)), { nextCertificate: [der(next)], dnsOnly: true }),
    zone: { [tlsa]: { TLSA: { records: [own, tlsaOf('3 1 1', elsewhere)], ttl: 7 } } },
    finds: [{ code: 'dane/next-certificate-mismatch', evidence: { ttl: 300 }, fix: /wait 10 minutes/ }],
  },
  {
    when: 'a next certificate of the same CA, with the CA in the file and in the record',
    ...withSetting(published(issuer, own), { nextCertificate: [der(next), der(sub)] }),
    hosts: serving(),
    note: 'mail.example.com: 2 1 1, 3 1 1 matches; the next certificate matches the records of mail.example.com (2 1 1)',
  },
  {
    when: 'a next certificate, and no records',
    ...withSetting(signed(domain, { state: 'unsigned' }), { nextCertificate: [der(next)] }),
    finds: ['dane/absent'],
    note: 'no TLSA records (example.com not signed); no TLSA record that the next certificate must match',
  },
  {
    when: 'a next certificate for one of two MX hosts',
    ...withSetting(
      signed({
        'example.com': { MX: [`10 ${mx}`, '20 mx2.example.com'] },
        [mx]: { A: ip },
        'mx2.example.com': { A: second },
        [tlsa]: { TLSA: [own, spare] },
        '_25._tcp.mx2.example.com': { TLSA: [own, tlsaOf('3 1 1', elsewhere)] },
      }),
      { nextCertificate: [der(next)] },
    ),
    ips: ['192.0.2.9'],
    hosts: { ...serving(), [second]: { tls: { identity } } },
    note: 'mail.example.com: 3 1 1 matches; mx2.example.com: 3 1 1 matches; the next certificate matches the records of mail.example.com (3 1 1)',
  },
  {
    when: 'a next certificate for the host at the address that was typed',
    ...withSetting(
      signed({
        'example.com': { MX: [`10 ${mx}`, '20 mx2.example.com'] },
        [mx]: { A: ip },
        'mx2.example.com': { A: second },
        [tlsa]: { TLSA: [own, spare] },
        '_25._tcp.mx2.example.com': { TLSA: [own, tlsaOf('3 1 1', elsewhere)] },
      }),
      { nextCertificate: [der(next)] },
    ),
    ips: [second],
    hosts: { ...serving(), [second]: { tls: { identity } } },
    finds: [{ code: 'dane/next-certificate-mismatch', about: { name: 'mx2.example.com' } }],
  },
  // Options.
  {
    when: '--dns-only and one record',
    ...withSetting(published(own), { dnsOnly: true }),
    skips: 'no SMTP connection with --dns-only',
  },
  {
    when: '--dns-only and two records',
    ...withSetting(published(own, spare), { dnsOnly: true }),
    skips: 'no SMTP connection with --dns-only',
  },
  {
    when: '--dns-only and a record that no sender uses',
    ...withSetting(published(tlsaOf('1 1 1', identity), own), { dnsOnly: true }),
    skips: 'no SMTP connection with --dns-only',
  },
  {
    when: '--dns-only and only records that no sender uses',
    ...withSetting(published(tlsaOf('1 1 1', identity)), { dnsOnly: true }),
    finds: ['dane/unusable'],
    status: 'warn',
  },
  {
    when: '--dns-only and a next certificate that matches',
    ...withSetting(published(own, spare), { dnsOnly: true, nextCertificate: [der(next)] }),
    note: 'not connected to (--dns-only); the next certificate matches the records of mail.example.com (3 1 1)',
  },
  {
    when: '--send-only, so that the MX hosts are not judged',
    ...withSetting(published(spare), { sendOnly: true }),
    skips: /--send-only/,
  },
];

function expiredLeaf(): Issued {
  return sub.issue({ names: [mx], notBefore: NOW - 90 * DAY_MS, notAfter: NOW - DAY_MS });
}

function stripped(records: Records) {
  const world = signedWorld([{ apex: '.' }, { apex: 'com' }, { apex: 'example.com', records }], { strips: true });
  return { dns: { signed: world }, settings: { trustAnchors: [world.anchorText] } };
}

ruleTest(rule, cases);
