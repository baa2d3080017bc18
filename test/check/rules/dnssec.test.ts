import { expect } from 'vitest';
import dnssec from '../../../src/check/rules/dnssec/rule.ts';
import { NOW } from '../../world/clock.ts';
import { type ExpectedFinding, type RuleCase, ruleTest } from '../../world/rule-test.ts';
import { type SignedZone, signedWorld, type WorldSettings } from '../../world/signer.ts';

type Code = keyof typeof dnssec.findings;
type Case = RuleCase<Code>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const RECORDS = {
  'example.com': { MX: '10 mail.example.com', TXT: 'v=spf1 mx -all' },
  'mail.example.com': { A: '203.0.113.5' },
  '_dmarc.example.com': { TXT: 'v=DMARC1; p=none' },
};
const REVERSE = { '5.113.0.203.in-addr.arpa': { PTR: 'mail.example.com' } };

/** The zones above and beside the domain, and what is special about the domain itself. */
function zones(domain: Partial<SignedZone> = {}, others: readonly SignedZone[] = []): SignedZone[] {
  const own = others.map(({ apex }) => apex);
  return [
    ...['.', 'com', 'net', 'arpa'].filter((apex) => !own.includes(apex)).map((apex) => ({ apex })),
    ...(own.includes('113.0.203.in-addr.arpa')
      ? []
      : [{ apex: '113.0.203.in-addr.arpa', state: 'unsigned', records: REVERSE } as const]),
    { apex: 'example.com', records: RECORDS, ...domain },
    ...others,
  ];
}

function world(made: readonly SignedZone[], settings: WorldSettings = {}, more: Case['zone'] = {}) {
  const signed = signedWorld(made, settings);
  const trust = { settings: { trustAnchors: [signed.anchorText] } };
  return { zone: more, dns: { signed }, ...trust } satisfies Partial<Case>;
}

const bogus = (kind: string, more: Partial<ExpectedFinding<Code>> = {}): ExpectedFinding<Code> => ({
  code: 'dnssec/bogus',
  about: { name: 'example.com' },
  evidence: { zone: 'example.com', role: 'domain', fault: { kind } },
  ...more,
});

const cases: Case[] = [
  {
    when: 'a domain that is signed as it should be',
    ...world(zones()),
    note: 'example.com is signed (ECDSAP256SHA256); 9 answers validated',
  },
  {
    when: 'a domain that is not signed, whose host is in it',
    ...world(zones({ state: 'unsigned' })),
    finds: [
      {
        code: 'dnssec/unsigned',
        about: { name: 'example.com' },
        rests: ['DS example.com'],
        says: 'example.com is not signed with DNSSEC: it has no DS record.',
      },
    ],
    status: 'pass',
    note: 'example.com is not signed',
    also: ({ asked }) => {
      // MX and PTR are asked by other rules as well, and the first SOA question by the dns rule.
      const own = asked.filter((question) => !/^(?:MX|PTR|TXT)/.test(question) && !question.includes('.invalid'));
      expect(own.filter((question) => question.endsWith(' example.com'))).toContain('DS example.com');
      expect(own.filter((question) => /^(?:DS|DNSKEY|RRSIG)/.test(question))).toEqual(['DS example.com']);
    },
  },
  {
    when: 'a domain that is not signed, whose name server does not know DS records',
    ...world(
      zones({ state: 'unsigned' }),
      {},
      { 'example.com': { DS: 'notimp', SOA: [], MX: ['10 mail.example.com'] } },
    ),
    finds: [{ code: 'dnssec/unsigned', evidence: { why: 'ds-failed' }, says: /does not seem to be signed.*NOTIMP/ }],
    status: 'pass',
  },
  {
    when: 'a signed domain whose DS lookup fails',
    ...world(zones(), {}, { 'example.com': { DS: 'servfail', SOA: [], MX: ['10 mail.example.com'] } }),
    finds: [{ code: 'dnssec/inconclusive', evidence: { reason: 'ds-unknown' }, rests: ['DS example.com'] }],
  },
  {
    when: 'a resolver that strips the signatures of a signed domain',
    ...world(zones(), { strips: true }),
    finds: [
      {
        code: 'dnssec/inconclusive',
        evidence: { reason: 'not-validated', why: { kind: 'signatures-stripped' } },
        fix: /--dnssec-resolver/,
      },
    ],
  },
  {
    when: 'a DS record of a key that the zone does not have',
    ...world(zones({ hasWrongDs: true })),
    finds: [
      bogus('ds-without-key', { says: /the DS record is of key \d+, and the zone has key \d+\.$/, fix: /registrar/ }),
    ],
    status: 'fail',
  },
  {
    when: 'a resolver that validates the same domain, and so has no answer',
    ...world(
      zones({ hasWrongDs: true }),
      {},
      {
        'example.com': { '*': { fault: 'bogus', ede: { code: 9, text: 'DNSKEY Missing' } }, DS: ['1 13 2 ab'] },
      },
    ),
    finds: [bogus('ds-without-key', { evidence: { extendedErrors: ['9: DNSKEY Missing'] } })],
    status: 'fail',
  },
  {
    when: 'an MX record whose signature has expired',
    ...world(zones({ faults: { 'example.com MX': 'expired' } })),
    finds: [
      bogus('signature-expired', {
        says: /the signature of MX of example\.com expired on \d{4}-/,
        fix: /Sign example\.com again/,
      }),
    ],
  },
  {
    when: 'a DMARC record without signature',
    ...world(zones({ faults: { '_dmarc.example.com TXT': 'missing' } })),
    finds: [bogus('signature-missing', { evidence: { fault: { name: '_dmarc.example.com', type: 'TXT' } } })],
  },
  {
    when: 'name servers that leave out the proof that there is no TLSA record',
    ...world(zones({ withholdsDenial: true })),
    finds: [bogus('denial-missing', { fix: /NSEC/ })],
  },
  {
    when: 'signatures that end in a day',
    ...world(zones({ validity: { from: NOW - 13 * DAY_MS, until: NOW + DAY_MS } })),
    finds: [
      { code: 'dnssec/signature-expiring', evidence: { zone: 'example.com', hoursLeft: 24 }, says: /in 24 hours/ },
    ],
    status: 'warn',
    also: ({ report }) => {
      const until = new Date(NOW + DAY_MS).toISOString();
      expect(report.expiries).toEqual([{ kind: 'signature', name: 'example.com', until }]);
    },
  },
  {
    when: 'signatures of two days, of which one is left, as some signers make them',
    ...world(zones({ validity: { from: NOW - DAY_MS, until: NOW + DAY_MS } })),
  },
  {
    when: 'signatures that end in four days',
    ...world(zones({ validity: { from: NOW - 30 * DAY_MS, until: NOW + 4 * DAY_MS } })),
  },
  {
    when: 'keys of an algorithm with SHA-1, which validators ignore',
    ...world(zones({ algorithm: 8, announcedAlgorithm: 7 })),
    finds: [
      {
        code: 'dnssec/weak-algorithm',
        evidence: { algorithms: [7], isIgnored: true },
        says: 'example.com has keys of the algorithm RSASHA1-NSEC3-SHA1, so that validators treat it as not signed.',
      },
    ],
  },
  {
    when: 'a DS record with SHA-1 only',
    ...world(zones({ digestTypes: [1] })),
    finds: [{ code: 'dnssec/weak-algorithm', evidence: { algorithms: [], digestTypes: [1] } }],
  },
  { when: 'DS records with SHA-1 and SHA-256', ...world(zones({ digestTypes: [1, 2] })) },
  {
    when: 'NSEC3 records with iterations',
    ...world(zones({ denial: { kind: 'nsec3', iterations: 10 } })),
    finds: [{ code: 'dnssec/nsec3-costly', evidence: { iterations: 10 } }],
    status: 'warn',
  },
  {
    when: 'NSEC3 records with so many iterations that validators ignore the zone',
    ...world(zones({ denial: { kind: 'nsec3', iterations: 150 } })),
    finds: [{ code: 'dnssec/nsec3-costly', severity: 'error', evidence: { iterations: 150 } }],
  },
  { when: 'NSEC3 records without iterations', ...world(zones({ denial: { kind: 'nsec3', salt: 'ab' } })) },
  {
    when: 'a signed zone below one that is not signed',
    ...world(zones({}, [{ apex: 'com', state: 'unsigned' }])),
    finds: [{ code: 'dnssec/unsigned', evidence: { why: 'above', at: 'com' } }],
  },
  {
    when: 'keys of an algorithm that nobody knows',
    ...world(zones({ announcedAlgorithm: 200 })),
    finds: [{ code: 'dnssec/unsigned', evidence: { why: 'ignored' } }],
  },
  {
    when: 'the zone of an MX host elsewhere cannot be validated',
    ...world(
      zones({ state: 'unsigned', records: { 'example.com': { MX: '10 mx.example.net' } } }, [
        { apex: 'example.net', hasWrongDs: true, records: { 'mx.example.net': { A: '203.0.113.9' } } },
      ]),
    ),
    finds: [
      'dnssec/unsigned',
      bogus('ds-without-key', {
        about: { name: 'example.net' },
        evidence: { zone: 'example.net', role: 'mx', hosts: ['mx.example.net'] },
        says: /^DNSSEC validation of example\.net \(1 MX host mx\.example\.net\) fails/,
      }),
    ],
    status: 'fail',
  },
  {
    when: 'the zone of an MX host elsewhere is signed as it should be, with iterations',
    ...world(
      zones({ state: 'unsigned', records: { 'example.com': { MX: '10 mx.example.net' } } }, [
        {
          apex: 'example.net',
          denial: { kind: 'nsec3', iterations: 1 },
          records: { 'mx.example.net': { A: '203.0.113.9' } },
        },
      ]),
    ),
    finds: ['dnssec/unsigned', { code: 'dnssec/nsec3-costly', severity: 'info', about: { name: 'example.net' } }],
    status: 'pass',
  },
  {
    when: 'the zone of the PTR record cannot be validated',
    ...world(zones({}, [{ apex: '113.0.203.in-addr.arpa', hasWrongDs: true, records: REVERSE }])),
    finds: [
      bogus('ds-without-key', {
        severity: 'info',
        about: { name: '113.0.203.in-addr.arpa' },
        evidence: { role: 'reverse' },
      }),
    ],
    status: 'pass',
  },
  {
    when: 'keys of the root that are not those of the trust anchor',
    ...world(zones()),
    settings: { trustAnchors: ['. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'] },
    finds: [{ code: 'dnssec/inconclusive', evidence: { reason: 'anchor-mismatch', zone: '.' } }],
    status: 'inconclusive',
  },
  {
    when: 'a signed domain whose MX lookup fails',
    ...world(zones(), {}, { 'example.com': { MX: 'servfail', DS: ['1 13 2 ab'] } }),
    never: ['dnssec/bogus'],
    finds: [
      { code: 'dnssec/inconclusive', evidence: { reason: 'mx-unknown' }, about: { name: 'example.com', item: 'mx' } },
    ],
  },
  {
    when: 'a domain whose SOA lookup fails',
    ...world(zones(), {}, { 'example.com': { SOA: 'servfail', MX: ['10 mail.example.com'] } }),
    finds: [{ code: 'dnssec/inconclusive', evidence: { reason: 'zone-unknown' }, rests: ['SOA example.com'] }],
  },
  {
    when: 'an MX host whose name servers know nothing but addresses',
    ...world(
      zones({ state: 'unsigned', records: { 'example.com': { MX: '10 mx.example.net' } } }, [{ apex: 'example.net' }]),
      {},
      { 'mx.example.net': { SOA: 'servfail', A: ['203.0.113.9'] } },
    ),
    finds: ['dnssec/unsigned'],
    status: 'pass',
  },
];

ruleTest(dnssec, cases);
