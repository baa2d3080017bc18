import tlsRpt from '../../../src/check/rules/tls-rpt/rule.ts';
import { type RuleCase, ruleTest } from '../../world/rule-test.ts';
import type { ZoneScript } from '../../world/zone.ts';

const NAME = '_smtp._tls.example.com';
const RIGHT = 'v=TLSRPTv1; rua=mailto:t@example.com';
const MAIL: ZoneScript = { 'example.com': { MX: ['10 mx.example.com'] }, 'mx.example.com': { A: ['192.0.2.1'] } };

/** A domain with MTA-STS, and a policy of this mode. */
const STS: ZoneScript = {
  ...MAIL,
  '_mta-sts.example.com': { TXT: ['v=STSv1; id=1'] },
  'mta-sts.example.com': { A: ['192.0.2.8'] },
};
const policy = (mode: string): string => `version: STSv1\nmode: ${mode}\nmx: mx.example.com\nmax_age: 604800\n`;

function published(...texts: string[]): ZoneScript {
  return { ...MAIL, [NAME]: { TXT: texts } };
}

/** The lines of the records that are taken out and published. */
function lines(...publish: string[]): object {
  return { records: publish.map((line) => ({ line })) };
}

const cases: RuleCase<keyof typeof tlsRpt.findings>[] = [
  {
    when: 'one record with a mailbox of the domain',
    zone: published(RIGHT),
    note: 'reports go to mailto:t@example.com',
  },
  {
    when: 'no record: it is optional',
    zone: MAIL,
    status: 'pass',
    finds: [
      {
        code: 'tls-rpt/absent',
        about: { name: NAME },
        rests: [`TXT ${NAME}`],
        says: `No TLS-RPT record was found at ${NAME}.`,
        fix: /^Optional: publish/,
      },
    ],
  },
  {
    when: 'no record, and TLSA records at an MX host: senders hold mail back',
    zone: { ...MAIL, '_25._tcp.mx.example.com': { TLSA: [`3 1 1 ${'ab'.repeat(32)}`] } },
    finds: [
      {
        code: 'tls-rpt/absent',
        severity: 'warning',
        rests: [`TXT ${NAME}`, 'MX example.com', 'TLSA _25._tcp.mx.example.com'],
        says: /Senders that follow DANE may hold mail back, and nobody would tell you\.$/,
      },
    ],
  },
  {
    when: 'no record, and a policy of MTA-STS that is enforced',
    zone: STS,
    web: { '192.0.2.8': { body: policy('enforce') } },
    finds: [
      {
        code: 'tls-rpt/absent',
        severity: 'warning',
        rests: [`TXT ${NAME}`, 'TXT _mta-sts.example.com'],
        says: /Senders that follow MTA-STS may hold mail back, and nobody would tell you\.$/,
      },
    ],
  },
  {
    when: 'no record, and a policy of MTA-STS that is tested: nothing is held back',
    zone: STS,
    web: { '192.0.2.8': { body: policy('testing') } },
    finds: ['tls-rpt/absent'],
  },
  {
    when: 'no record, and a policy of MTA-STS that cannot be read: senders keep to the one that they know',
    zone: STS,
    web: { '192.0.2.8': 'refused' },
    finds: [{ code: 'tls-rpt/absent', severity: 'warning' }],
  },
  {
    when: 'no record, and the lookup of TLSA records fails',
    zone: { ...MAIL, '_25._tcp.mx.example.com': 'servfail' },
    finds: ['tls-rpt/absent', { code: 'tls-rpt/inconclusive', evidence: { reason: 'unseen' } }],
  },
  {
    when: 'another TXT record at the name, as a wildcard gives it',
    zone: published('v=spf1 -all'),
    finds: [{ code: 'tls-rpt/absent', evidence: { otherTexts: ['v=spf1 -all'], nearMiss: null } }],
  },
  {
    when: 'a record in lower case: its owner expects reports',
    zone: published('v=tlsrptv1; rua=mailto:t@example.com'),
    finds: [
      {
        code: 'tls-rpt/absent',
        severity: 'warning',
        says: `Senders do not read "v=tlsrptv1; rua=mailto:t@example.com" at ${NAME} as TLS-RPT: the version is "v=tlsrptv1" instead of v=TLSRPTv1.`,
        remediation: lines(`${NAME}. IN TXT "${RIGHT}"`),
      },
    ],
  },
  {
    when: 'a misspelt record of which a part cannot be read: no record is proposed',
    zone: published('v=tlsrptv1; rua=http://r.example.net/'),
    finds: [{ code: 'tls-rpt/absent', severity: 'warning', evidence: { proposed: null }, remediation: {} }],
  },
  { when: 'a record and a TXT record of another kind', zone: published(RIGHT, 'other') },
  {
    when: 'two records, of which senders use none',
    zone: published(RIGHT, 'v=TLSRPTv1; rua=mailto:b@example.com'),
    finds: [
      {
        code: 'tls-rpt/invalid',
        about: { name: NAME },
        says: `${NAME} has 2 TLS-RPT records, so senders use none of them.`,
        remediation: lines(`${NAME}. IN TXT "v=TLSRPTv1; rua=mailto:t@example.com,mailto:b@example.com"`),
      },
    ],
  },
  {
    when: 'no rua field',
    zone: published('v=TLSRPTv1; xyz=foo'),
    finds: [{ code: 'tls-rpt/invalid', says: `${NAME}: it has no rua= field. No sender can report.` }],
  },
  {
    when: 'an address without mailto:',
    zone: published('v=TLSRPTv1; rua=t@example.com'),
    finds: [
      {
        code: 'tls-rpt/invalid',
        says: `${NAME}: "t@example.com" has no mailto: before the address. No sender can report.`,
        remediation: lines(`${NAME}. IN TXT "${RIGHT}"`),
      },
    ],
  },
  {
    when: 'a syntax error beside an address that can be used',
    zone: published(`${RIGHT};;`),
    finds: [{ code: 'tls-rpt/invalid', says: /Some senders may ignore the whole record\.$/ }],
  },
  {
    when: 'an address of another scheme beside one that senders use',
    zone: published(`${RIGHT}, ftp://r.example.net/x`),
    finds: [{ code: 'tls-rpt/invalid', severity: 'warning' }],
  },
  {
    when: 'a record with a thousand faults: the evidence has a few of them',
    zone: published(`v=TLSRPTv1; rua=${Array.from({ length: 1000 }, (_, index) => `a${index}`).join(',')}`),
    finds: [{ code: 'tls-rpt/invalid', says: /; and 997 more\. No sender can report\.$/, evidence: { count: 1000 } }],
  },
  {
    when: 'unknown fields, several rua fields and white space, which the grammar allows',
    zone: published('v=TLSRPTv1 ; p=none; rua=mailto:t@example.com , mailto:b@example.com;rua=mailto:c@example.com;'),
    note: 'reports go to mailto:t@example.com; mailto:b@example.com; mailto:c@example.com',
  },
  {
    when: 'an alias to a record of a report service',
    zone: {
      ...MAIL,
      [NAME]: { CNAME: ['example-com.tls.example.net'] },
      'example-com.tls.example.net': { TXT: ['v=TLSRPTv1; rua=x'] },
    },
    finds: [
      {
        code: 'tls-rpt/invalid',
        rests: [`TXT ${NAME}`, 'TXT example-com.tls.example.net'],
        says: /^_smtp\._tls\.example\.com \(an alias of example-com\.tls\.example\.net\): /,
      },
    ],
  },
  {
    when: 'a mailbox at a host that does not exist',
    zone: published('v=TLSRPTv1; rua=mailto:t@reports.example.net'),
    finds: [
      {
        code: 'tls-rpt/rua-undeliverable',
        about: { name: 'reports.example.net', item: 'mailto' },
        rests: [`TXT ${NAME}`, 'MX reports.example.net', 'A reports.example.net', 'AAAA reports.example.net'],
        says: 'TLS reports go to reports.example.net, which has neither an MX record nor an address.',
      },
    ],
  },
  {
    when: 'a mailbox at a host that has an address and no MX record',
    zone: {
      ...published('v=TLSRPTv1; rua=mailto:t@reports.example.net'),
      'reports.example.net': { AAAA: ['2001:db8::1'] },
    },
  },
  {
    when: 'a mailbox at a host that accepts no mail',
    zone: { ...published('v=TLSRPTv1; rua=mailto:t@example.net'), 'example.net': { MX: ['0 .'], A: ['192.0.2.7'] } },
    finds: [{ code: 'tls-rpt/rua-undeliverable', says: /which accepts no mail \(null MX\)/ }],
  },
  {
    when: 'a web address whose host does not exist',
    zone: published(`${RIGHT}, https://r.example.net/x`),
    finds: [
      {
        code: 'tls-rpt/rua-undeliverable',
        about: { name: 'r.example.net', item: 'https' },
        says: 'TLS reports go to r.example.net, which has no address.',
      },
    ],
  },
  {
    when: 'web addresses with a host that exists and with an IP address',
    zone: {
      ...published('v=TLSRPTv1; rua=https://r.example.net/x, https://192.0.2.9/'),
      'r.example.net': { A: ['192.0.2.9'] },
    },
  },
  {
    when: 'more hosts than are looked up',
    zone: {
      ...published(
        `v=TLSRPTv1; rua=${Array.from({ length: 11 }, (_, index) => `mailto:t@h${index}.example.net`).join(',')}`,
      ),
      ...Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`h${index}.example.net`, { A: ['192.0.2.9'] }])),
    },
    finds: [{ code: 'tls-rpt/inconclusive', evidence: { reason: 'unseen', leftOut: [{ looked: 10, of: 11 }] } }],
  },
  {
    when: 'the lookup of the record fails',
    zone: { ...MAIL, [NAME]: 'servfail' },
    finds: [{ code: 'tls-rpt/inconclusive', about: { name: NAME }, evidence: { reason: 'record-lookup-failed' } }],
  },
  {
    when: 'the lookup of the mail host fails',
    zone: { ...published('v=TLSRPTv1; rua=mailto:t@example.net'), 'example.net': 'servfail' },
    finds: [
      {
        code: 'tls-rpt/inconclusive',
        about: { name: 'example.net', item: 'mailto' },
        evidence: { reason: 'route-lookup-failed', host: 'example.net' },
      },
    ],
  },
];

ruleTest(tlsRpt, cases);
