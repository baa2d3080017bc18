import { expect } from 'vitest';
import dmarc from '../../../src/check/rules/dmarc/rule.ts';
import { KEY_RECORD, PAIR } from '../../standards/dkim/keys.ts';
import { NOW, signMessage } from '../../standards/dkim/sign.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import type { ZoneScript } from '../../world/zone.ts';
import { MESSAGE } from './dkim-messages.ts';

type Code = keyof typeof dmarc.findings;
type Case = RuleCase<Code>;
type Expected = ExpectedFinding<Code>;

const IP = '203.0.113.5';

/** A domain in good order but for its DMARC record: a key, a mailbox for reports. */
const GOOD: ZoneScript = {
  'example.com': { TXT: ['v=spf1 -all'], MX: ['10 mx.example.com'] },
  'mx.example.com': { A: ['192.0.2.1'] },
  'mail._domainkey.example.com': { TXT: [KEY_RECORD] },
  com: { A: ['192.0.2.2'] },
};
const RUA = 'rua=mailto:r@example.com';
const NAME = '_dmarc.example.com';
const AUTHORISATION = 'example.com._report._dmarc.example.net';
/** A label as long as labels can be. */
const LONG = 'l'.repeat(63);

/** The record at `_dmarc.example.com`. */
function policy(...texts: string[]): ZoneScript {
  return { [NAME]: { TXT: texts } };
}

/** A finding about the record at `_dmarc.example.com`, with this evidence. */
function atName(code: Code, evidence: object, more: Partial<Expected> = {}): Expected {
  return { code, subject: NAME, evidence, ...more };
}

/** Equals every text that has this one in it. */
function containingText(text: string): unknown {
  return expect.stringContaining(text);
}

/** Matches every text that has this one in it. */
function containing(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

const MAIL = 'mail.example.com';
const MAIL_KEY = { 'mail._domainkey.mail.example.com': { TXT: [KEY_RECORD] }, [MAIL]: { A: ['192.0.2.3'] } };

/** p=reject rests on a DKIM key, and the search for one begins with the records of the domain. */
const searchUnseen: ExpectedFinding<Code> = {
  code: 'dmarc/inconclusive',
  about: { name: MAIL, item: 'unseen' },
  evidence: { reason: 'unseen', leftOut: [] },
};

const cases: Case[] = [
  { when: 'a reject policy with reports to the same domain', zone: policy(`v=DMARC1; p=reject; ${RUA}`) },
  {
    when: 'a policy that only monitors, and an MX host with more addresses than are looked at: DMARC needs none of them',
    zone: {
      ...policy(`v=DMARC1; p=none; ${RUA}`),
      'mx.example.com': { A: Array.from({ length: 11 }, (_, index) => `192.0.2.${index + 1}`) },
    },
    ips: [],
    finds: ['dmarc/policy-none'],
  },
  {
    when: 'no record at the names of the walk',
    finds: [
      atName('dmarc/missing', {
        queries: [
          { name: NAME, rcode: 'nxdomain' },
          { name: '_dmarc.com', rcode: 'nxdomain' },
        ],
        otherTexts: [],
      }),
    ],
  },
  {
    when: 'another TXT record at the name',
    zone: policy('v=spf1 -all'),
    finds: [atName('dmarc/missing', { otherTexts: ['v=spf1 -all'] })],
  },
  {
    when: 'another TXT record at the organizational domain',
    zone: { ...MAIL_KEY, ...policy('hello') },
    domain: MAIL,
    finds: [
      { code: 'dmarc/missing', subject: `_dmarc.${MAIL}`, severity: 'warning', evidence: { otherTexts: ['hello'] } },
    ],
  },
  {
    when: 'no record for a bulk sender, from whom large receivers require one',
    zone: {},
    settings: { volume: 'bulk' },
    finds: [{ code: 'dmarc/missing', severity: 'error' }],
  },
  {
    when: 'a domain whose DMARC name is too long to exist',
    domain: `${LONG}.${LONG}.${LONG}.${'l'.repeat(49)}.example.com`,
    finds: [{ code: 'dmarc/missing', evidence: { queries: [...Array(5)].map(() => ({ rcode: 'nxdomain' })) } }],
  },
  {
    when: 'a subdomain without a record of its own',
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    domain: MAIL,
    finds: [{ code: 'dmarc/inherited', subject: MAIL, evidence: { from: 'example.com', tag: 'p', policy: 'reject' } }],
  },
  {
    when: 'two records (RFC 9989 §4.10)',
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'v=DMARC1; p=none'),
    finds: [
      atName('dmarc/multiple-records', { name: NAME, records: [`v=DMARC1; p=reject; ${RUA}`, 'v=DMARC1; p=none'] }),
    ],
  },
  { when: 'a record and another TXT record', zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'hello') },
  {
    when: 'no semicolon behind the version',
    zone: policy(`v=DMARC1 p=reject ${RUA}`),
    finds: [
      atName('dmarc/near-miss', {
        name: NAME,
        text: `v=DMARC1 p=reject ${RUA}`,
        slips: [
          { kind: 'missing-semicolon', tag: 'v', meant: 'v=DMARC1' },
          { kind: 'missing-semicolon', tag: 'p', meant: 'p=reject' },
        ],
        unread: [],
      }),
    ],
  },
  { when: 'a text of semicolons only', zone: policy(';;;;;;'), finds: ['dmarc/missing'] },
  {
    when: 'NUL and escape octets in a record',
    zone: policy('\x00v=DMARC1; p=none\x1b[2J'),
    finds: ['dmarc/near-miss'],
  },
  {
    when: '64 KiB of text that begins with dmarc',
    zone: policy(`dmarc ${'x'.repeat(65_536)}`),
    finds: ['dmarc/missing'],
  },
  {
    when: '64 KiB of text that begins with the version in lower case',
    zone: policy(`v=dmarc1; p=none; ${'x'.repeat(65_536)}`),
    finds: ['dmarc/near-miss'],
  },
  {
    when: 'a record, and beside it one with the version in lower case',
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'v=dmarc1; p=none'),
  },
  {
    when: 'a version in lower case at the parent',
    zone: { ...MAIL_KEY, ...policy('v=dmarc1; p=none') },
    domain: MAIL,
    finds: ['dmarc/near-miss'],
  },
  {
    when: 'a record at the domain itself',
    zone: { 'example.com': `v=DMARC1; p=none; ${RUA}` },
    finds: [
      {
        code: 'dmarc/wrong-location',
        subject: 'example.com',
        evidence: { name: 'example.com', text: `v=DMARC1; p=none; ${RUA}`, rightName: NAME },
      },
    ],
  },
  {
    when: 'a record at a name that the zone editor doubled',
    zone: { '_dmarc.example.com.example.com': `v=DMARC1; p=none; ${RUA}` },
    finds: ['dmarc/wrong-location'],
  },
  {
    when: 'a record at dmarc. without the underscore',
    zone: { 'dmarc.example.com': 'v=DMARC1; p=none' },
    finds: [
      {
        code: 'dmarc/wrong-location',
        subject: 'dmarc.example.com',
        evidence: { name: 'dmarc.example.com', rightName: NAME },
      },
    ],
  },
  {
    when: 'a record at _dmarc._dmarc.',
    zone: { '_dmarc._dmarc.example.com': 'v=DMARC1; p=none' },
    finds: ['dmarc/wrong-location'],
  },
  {
    when: 'a subdomain with a record at dmarc.',
    zone: { ...MAIL_KEY, [`dmarc.${MAIL}`]: 'v=DMARC1; p=none' },
    domain: MAIL,
    finds: [{ code: 'dmarc/wrong-location', subject: `dmarc.${MAIL}`, evidence: { rightName: `_dmarc.${MAIL}` } }],
  },
  {
    when: 'a name two levels below the registered domain, with a record at dmarc. where nobody looks',
    zone: { ...MAIL_KEY, [`dmarc.a.${MAIL}`]: 'v=DMARC1; p=none' },
    domain: `a.${MAIL}`,
    finds: ['dmarc/missing'],
  },
  {
    when: 'a near miss at the right name and a record at the wrong one',
    zone: { 'dmarc.example.com': 'v=DMARC1; p=none', ...policy('v=dmarc1; p=none') },
    finds: ['dmarc/near-miss', 'dmarc/wrong-location'],
  },
  {
    when: 'a record at the right name and a copy at dmarc.',
    zone: { 'dmarc.example.com': 'v=DMARC1; p=none', ...policy(`v=DMARC1; p=reject; ${RUA}`) },
  },
  {
    when: 'p=block with an address for reports',
    zone: policy(`v=DMARC1; p=block; ${RUA}`),
    finds: [
      atName(
        'dmarc/policy-invalid',
        {
          name: NAME,
          record: `v=DMARC1; p=block; ${RUA}`,
          tag: 'p',
          value: 'block',
          hasReportUri: true,
        },
        { severity: 'warning' },
      ),
      atName('dmarc/policy-none', { policy: 'none', tag: null, testing: false }),
    ],
  },
  {
    when: 'p=block without an address for reports',
    zone: policy('v=DMARC1; p=block'),
    finds: [
      atName('dmarc/policy-invalid', { tag: 'p', value: 'block', hasReportUri: false }, { severity: 'error' }),
      atName('dmarc/no-rua', { name: NAME, record: 'v=DMARC1; p=block', reportsTo: 'dmarc@example.com' }),
    ],
  },
  {
    when: 'sp=all with an address for reports',
    zone: policy(`v=DMARC1; p=reject; sp=all; ${RUA}`),
    finds: [atName('dmarc/policy-invalid', { tag: 'sp', value: 'all' }, { severity: 'warning' }), 'dmarc/policy-none'],
  },
  {
    when: 'no p and no address for reports',
    zone: policy('v=DMARC1'),
    finds: [atName('dmarc/policy-invalid', { tag: 'p', value: null }), 'dmarc/no-rua'],
  },
  {
    when: 'p=block with a report address of another scheme',
    zone: policy('v=DMARC1; p=block; rua=@, https://example.com/r'),
    finds: [
      { code: 'dmarc/policy-invalid', severity: 'warning' },
      'dmarc/policy-none',
      'dmarc/no-rua',
      'dmarc/rua-invalid',
      'dmarc/rua-invalid',
    ],
  },
  {
    when: 'the tag p twice',
    zone: policy(`v=DMARC1; p=reject; p=none; ${RUA}`),
    finds: [atName('dmarc/syntax-error', { name: NAME, defects: [{ kind: 'duplicate', tag: 'p' }], count: 1 })],
  },
  {
    when: '64 KiB of semicolons behind the record',
    zone: policy(`v=DMARC1; p=reject; ${RUA}${';'.repeat(65_536)}`),
    finds: [
      atName(
        'dmarc/syntax-error',
        { defects: [...Array(10)].map(() => ({ kind: 'empty' })) },
        { says: containing('; and 65') },
      ),
    ],
  },
  {
    when: 'p=none',
    zone: policy(`v=DMARC1; p=none; ${RUA}`),
    finds: [atName('dmarc/policy-none', { policy: 'none', tag: 'p', testing: false })],
  },
  {
    when: 'p=none and sp=reject, for the domain itself',
    zone: policy(`v=DMARC1; p=none; sp=reject; ${RUA}`),
    finds: ['dmarc/policy-none'],
  },
  {
    when: 'p=none and sp=reject, for a subdomain',
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=none; sp=reject; ${RUA}`) },
    domain: MAIL,
    finds: [{ code: 'dmarc/inherited', evidence: { from: 'example.com', tag: 'sp', policy: 'reject' } }],
  },
  {
    when: 'p=reject with t=y, which makes it quarantine',
    zone: policy(`v=DMARC1; p=reject; t=y; ${RUA}`),
    finds: [atName('dmarc/testing', { policy: 'reject', effective: 'quarantine' })],
  },
  {
    when: 'p=quarantine with t=y, which makes it none',
    zone: policy(`v=DMARC1; p=quarantine; t=y; ${RUA}`),
    finds: [
      atName('dmarc/policy-none', { policy: 'quarantine', tag: 'p', testing: true }),
      atName('dmarc/testing', { policy: 'quarantine', effective: 'none' }),
    ],
  },
  { when: 'p=reject with t=n', zone: policy(`v=DMARC1; p=reject; t=n; ${RUA}`) },
  {
    when: 'sp=none under p=reject',
    zone: policy(`v=DMARC1; p=reject; sp=none; ${RUA}`),
    finds: [atName('dmarc/subdomain-weaker', { p: 'reject', weaker: { sp: 'none' } })],
  },
  {
    when: 'np=quarantine under p=reject',
    zone: policy(`v=DMARC1; p=reject; np=quarantine; ${RUA}`),
    finds: [atName('dmarc/subdomain-weaker', { p: 'reject', weaker: { np: 'quarantine' } })],
  },
  { when: 'sp and np as strict as p', zone: policy(`v=DMARC1; p=quarantine; sp=reject; np=quarantine; ${RUA}`) },
  {
    when: 'sp=none in the record of a subdomain, where nobody reads it',
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: `v=DMARC1; p=reject; sp=none; ${RUA}`,
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
  },
  {
    when: 'sp=none under p=reject, and the organization cannot be looked up',
    zone: { ...policy(`v=DMARC1; p=reject; sp=none; ${RUA}`), '_dmarc.com': 'servfail' },
    finds: ['dmarc/inconclusive'],
  },
  {
    when: 'pct=50',
    zone: policy(`v=DMARC1; p=reject; pct=50; ${RUA}`),
    finds: [atName('dmarc/pct', { pct: 50 })],
  },
  { when: 'pct=99', zone: policy(`v=DMARC1; p=reject; pct=99; ${RUA}`), finds: ['dmarc/pct'] },
  { when: 'pct=0', zone: policy(`v=DMARC1; p=reject; pct=0; ${RUA}`), finds: [atName('dmarc/pct', { pct: 0 })] },
  {
    when: 'pct=100',
    zone: policy(`v=DMARC1; p=reject; pct=100; ${RUA}`),
    finds: [{ code: 'dmarc/pct', severity: 'info' }],
  },
  {
    when: 'rf and ri',
    zone: policy(`v=DMARC1; p=reject; rf=afrf; ri=3600; ${RUA}`),
    finds: [atName('dmarc/historic-tag', { tags: ['rf', 'ri'], sizeLimits: [] })],
  },
  {
    when: 'a size limit behind a report address',
    zone: policy(`v=DMARC1; p=reject; ${RUA}!10m`),
    finds: [atName('dmarc/historic-tag', { tags: [], sizeLimits: ['mailto:r@example.com!10m'] })],
  },
  {
    when: 'size limits in rua and ruf, of which ten are kept as evidence',
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=${Array(12).fill('mailto:f@example.com!1k').join(',')}`),
    finds: [atName('dmarc/historic-tag', { sizeLimits: Array(10).fill('mailto:f@example.com!1k') })],
  },
  {
    when: 'an unknown tag that is nearly rua',
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruaa=mailto:x@example.com`),
    finds: [atName('dmarc/unknown-tag', { tags: [{ tag: 'ruaa', suggestion: 'rua' }] })],
  },
  {
    when: 'unknown tags with the names that every JavaScript object has',
    zone: policy(`v=DMARC1; p=reject; ${RUA}; constructor=x; toString=y; __proto__=z`),
    finds: [
      'dmarc/syntax-error',
      atName('dmarc/unknown-tag', {
        tags: [
          { tag: 'constructor', suggestion: null },
          { tag: 'toString', suggestion: null },
        ],
      }),
    ],
  },
  {
    when: 'psd=y at a registered domain',
    zone: policy(`v=DMARC1; p=reject; psd=y; ${RUA}`),
    finds: [atName('dmarc/psd-misuse', { name: NAME, domain: 'example.com' })],
  },
  { when: 'psd=n at a registered domain', zone: policy(`v=DMARC1; p=reject; psd=n; ${RUA}`) },
  {
    when: 'psd=n at a subdomain, which gave leave to report to its parent',
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: `v=DMARC1; p=reject; psd=n; ${RUA}`,
      ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`),
      '_report._dmarc.example.com': { A: ['192.0.2.4'] },
      'mail.example.com._report._dmarc.example.com': 'v=DMARC1;',
    },
    domain: MAIL,
    finds: [
      {
        code: 'dmarc/discovery-divergence',
        subject: MAIL,
        evidence: {
          treeWalk: { organizationalDomain: MAIL, policy: 'reject', from: MAIL },
          suffixList: { organizationalDomain: 'example.com', policy: 'reject', from: MAIL },
          fix: null,
        },
      },
    ],
  },
  {
    when: 'psd=n at a subdomain, whose parent did not agree to take the reports',
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: `v=DMARC1; p=reject; psd=n; ${RUA}`,
      ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`),
    },
    domain: MAIL,
    finds: [
      'dmarc/discovery-divergence',
      {
        code: 'dmarc/rua-unauthorized',
        subject: 'example.com',
        evidence: { policyDomain: MAIL, host: 'example.com', tags: ['rua'] },
      },
    ],
  },
  {
    when: 'a policy that the suffix list finds and the tree walk does not',
    zone: {
      ...MAIL_KEY,
      [MAIL]: { A: ['192.0.2.3'] },
      [`_dmarc.a.${MAIL}`]: `v=DMARC1; p=reject; psd=n; ${RUA}`,
      [`_dmarc.${MAIL}`]: 'v=DMARC1; psd=n',
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
    finds: [
      'dmarc/policy-invalid',
      { code: 'dmarc/discovery-divergence', evidence: { treeWalk: { policy: null, from: null } } },
      'dmarc/no-rua',
    ],
  },
  {
    when: 'a registry that publishes a record without psd=y',
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': 'v=DMARC1; p=none' },
    finds: [
      {
        code: 'dmarc/discovery-divergence',
        evidence: {
          treeWalk: { organizationalDomain: 'com', policy: 'reject', from: 'example.com' },
          suffixList: { organizationalDomain: 'example.com', policy: 'reject', from: 'example.com' },
          fix: { name: NAME },
        },
      },
    ],
  },
  {
    when: 'a registry that publishes a record with psd=y',
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': 'v=DMARC1; p=none; psd=y' },
  },
  {
    when: 'np=reject for a name that does not exist',
    zone: policy(`v=DMARC1; p=quarantine; np=reject; ${RUA}`),
    domain: 'gone.example.com',
    finds: [
      {
        code: 'dmarc/inherited',
        subject: 'gone.example.com',
        evidence: { from: 'example.com', tag: 'np', policy: 'reject' },
      },
      {
        code: 'dmarc/discovery-divergence',
        evidence: { treeWalk: { policy: 'reject' }, suffixList: { policy: 'quarantine' }, fix: null },
      },
      {
        code: 'dmarc/enforce-without-dkim',
        subject: 'example.com',
        evidence: {
          policy: 'reject',
          effective: 'reject',
          from: 'example.com',
          selectors: [],
          dkim: 'none-exist',
          spf: [{ ip: IP, result: 'none' }],
        },
      },
    ],
  },
  {
    when: 'no rua',
    zone: policy('v=DMARC1; p=reject'),
    finds: [
      atName(
        'dmarc/no-rua',
        { name: NAME, record: 'v=DMARC1; p=reject', reportsTo: 'dmarc@example.com' },
        { says: containing(NAME) },
      ),
    ],
  },
  {
    when: 'an address without mailto: as the only one in rua',
    zone: policy('v=DMARC1; p=reject; rua=r@example.com'),
    finds: [
      'dmarc/no-rua',
      atName(
        'dmarc/rua-invalid',
        { name: NAME, tag: 'rua', uris: [{ uri: 'r@example.com', fault: 'missing-mailto' }] },
        { fix: containing('Write "mailto:r@example.com" in rua in the record at _dmarc.example.com') },
      ),
    ],
  },
  {
    when: 'an address of another scheme beside a good one',
    zone: policy(`v=DMARC1; p=reject; ${RUA}, https://example.com/r`),
    finds: [
      atName(
        'dmarc/rua-invalid',
        { uris: [{ uri: 'https://example.com/r', fault: 'unsupported-scheme' }] },
        { says: containing(`rua at ${NAME}: `) },
      ),
    ],
  },
  {
    when: 'four addresses without mailto: in ruf, of which three are told',
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=a@b, c@d, e@f, g@h`),
    finds: [
      atName(
        'dmarc/rua-invalid',
        { tag: 'ruf', uris: ['a@b', 'c@d', 'e@f', 'g@h'].map((uri) => ({ uri, fault: 'missing-mailto' })) },
        { says: /"a@b" .*; "c@d" .*; "e@f" [^;]*; and 1 more\.$/ },
      ),
    ],
  },
  {
    when: 'three addresses without mailto: in ruf, which are all told',
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=a@b, c@d, e@f`),
    finds: [atName('dmarc/rua-invalid', {}, { says: /"e@f" [^;]*address\.$/ })],
  },
  {
    when: 'eleven bad addresses in rua, of which ten are kept as evidence',
    zone: policy(`v=DMARC1; p=reject; ${RUA}, ${Array(11).fill('a@b').join(',')}`),
    finds: [atName('dmarc/rua-invalid', { uris: Array(10).fill({ uri: 'a@b', fault: 'missing-mailto' }) })],
  },
  {
    when: 'reports to another organization that did not agree (RFC 9990 §4)',
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'), 'example.net': { MX: ['0 mx.example.net'] } },
    finds: [
      {
        code: 'dmarc/rua-unauthorized',
        subject: 'example.net',
        says: containing(`for example.com go to example.net, but ${AUTHORISATION} does not exist`),
        evidence: {
          host: 'example.net',
          tags: ['rua'],
          policyDomain: 'example.com',
          name: AUTHORISATION,
          query: { name: AUTHORISATION, rcode: 'nxdomain' },
        },
        fix: containing('administrator of example.net'),
      },
    ],
  },
  {
    when: 'failure reports to another organization that did not agree',
    zone: {
      ...policy(`v=DMARC1; p=reject; ${RUA}; ruf=mailto:r@example.net`),
      'example.net': { MX: ['0 mx.example.net'] },
    },
    finds: [{ code: 'dmarc/rua-unauthorized', evidence: { tags: ['ruf'] } }],
  },
  {
    when: 'reports of both kinds to another organization that did not agree',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net; ruf=mailto:f@example.net'),
      'example.net': { MX: ['0 mx.example.net'] },
    },
    finds: [{ code: 'dmarc/rua-unauthorized', evidence: { tags: ['rua', 'ruf'] } }],
  },
  {
    when: 'reports to a host whose name is too long for an agreement',
    zone: {
      ...policy(`v=DMARC1; p=reject; rua=mailto:r@${LONG}.${LONG}.${LONG}.${'l'.repeat(30)}.example.net`),
      '*.example.net': { MX: ['0 mx.example.net'] },
    },
    finds: [{ code: 'dmarc/rua-unauthorized', says: containing('too long to exist'), evidence: { query: null } }],
  },
  {
    when: 'reports to another organization with an SPF record where the agreement belongs',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { MX: ['0 mx.example.net'] },
      'example.com._report._dmarc.example.net': 'v=spf1 -all',
    },
    finds: ['dmarc/rua-unauthorized'],
  },
  {
    when: 'reports to another organization that agreed by a wildcard',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { MX: ['0 mx.example.net'] },
      '*._report._dmarc.example.net': 'v=DMARC1',
    },
  },
  {
    when: 'reports to a subdomain of the same organization',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@reports.example.com'),
      'reports.example.com': { A: ['192.0.2.5'] },
    },
  },
  {
    when: 'reports to a host that does not exist',
    zone: policy('v=DMARC1; p=reject; rua=mailto:r@gone.example.com'),
    finds: [
      {
        code: 'dmarc/rua-undeliverable',
        subject: 'gone.example.com',
        says: containing('gone.example.com, which has neither'),
        evidence: {
          host: 'gone.example.com',
          tags: ['rua'],
          addresses: ['r@gone.example.com'],
          state: 'absent',
          query: { name: 'gone.example.com', type: 'MX', rcode: 'nxdomain' },
        },
        fix: /^Use a mailbox that exists, or publish an MX record for gone\.example\.com\.$/,
      },
    ],
  },
  {
    when: 'reports to a misspelt domain of the owner',
    zone: policy('v=DMARC1; p=reject; rua=mailto:r@exmaple.com'),
    finds: [
      { code: 'dmarc/rua-unauthorized', fix: /^Check the spelling of exmaple\.com first: did you mean example\.com\?/ },
      {
        code: 'dmarc/rua-undeliverable',
        fix: /^Check the spelling of exmaple\.com first: did you mean example\.com\?/,
      },
    ],
  },
  {
    when: 'reports to a host with a null MX (RFC 7505)',
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@null.example.com'), 'null.example.com': { MX: ['0 .'] } },
    finds: [
      {
        code: 'dmarc/rua-undeliverable',
        says: containing('null.example.com, which accepts no mail'),
        evidence: { state: 'null-mx' },
      },
    ],
  },
  {
    when: 'eleven times one undeliverable address, of which ten are kept as evidence',
    zone: policy(`v=DMARC1; p=reject; rua=${Array(11).fill('mailto:r@gone.example.com').join(',')}`),
    finds: [{ code: 'dmarc/rua-undeliverable', evidence: { addresses: Array(10).fill('r@gone.example.com') } }],
  },
  {
    when: 'p=quarantine, and no key at the selector given',
    zone: { ...policy(`v=DMARC1; p=quarantine; ${RUA}`), 'mail._domainkey.example.com': { TXT: [] } },
    domain: 'example.com',
    selectors: ['mail'],
    finds: [
      {
        code: 'dmarc/enforce-without-dkim',
        subject: 'example.com',
        evidence: {
          policy: 'quarantine',
          effective: 'quarantine',
          from: 'example.com',
          selectors: ['mail'],
          dkim: 'none-usable',
          spf: [{ ip: IP, result: 'fail' }],
        },
      },
    ],
  },
  {
    when: 'p=reject, and discovery shows that no key exists',
    zone: {
      '_dmarc.other.example': 'v=DMARC1; p=reject; rua=mailto:r@other.example',
      'other.example': { A: ['192.0.2.6'] },
    },
    domain: 'other.example',
    finds: [{ code: 'dmarc/enforce-without-dkim', evidence: { selectors: [], dkim: 'none-exist' } }],
  },
  {
    when: 'p=reject with t=y, and no key at the selector given',
    zone: policy(`v=DMARC1; p=reject; t=y; ${RUA}`),
    selectors: ['gone'],
    finds: [
      'dmarc/testing',
      { code: 'dmarc/enforce-without-dkim', evidence: { policy: 'reject', effective: 'quarantine' } },
    ],
  },
  {
    when: 'p=block, and no key at the selector given',
    zone: policy('v=DMARC1; p=block'),
    selectors: ['gone'],
    finds: ['dmarc/policy-invalid', 'dmarc/no-rua'],
  },
  {
    when: 'p=reject, and a zone that answers every name, so that a key may exist',
    zone: {
      '_dmarc.other.example': 'v=DMARC1; p=reject; rua=mailto:r@other.example',
      'other.example': { A: ['192.0.2.6'] },
      '*.other.example': { A: ['192.0.2.6'] },
    },
    domain: 'other.example',
  },
  {
    when: 'p=quarantine with t=y, and no key at the selector given',
    zone: policy(`v=DMARC1; p=quarantine; t=y; ${RUA}`),
    selectors: ['gone'],
    finds: ['dmarc/policy-none', 'dmarc/testing'],
  },
  {
    when: 'adkim=s and aspf=s',
    zone: policy(`v=DMARC1; p=reject; adkim=s; aspf=s; ${RUA}`),
    finds: [atName('dmarc/alignment-strict', { adkim: 'strict', aspf: 'strict', identities: ['example.com'] })],
  },
  {
    when: 'adkim=s alone',
    zone: policy(`v=DMARC1; p=reject; adkim=s; ${RUA}`),
    finds: [atName('dmarc/alignment-strict', { adkim: 'strict', aspf: 'relaxed' })],
  },
  {
    when: 'aspf=s alone, in the record of the parent',
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; aspf=s; ${RUA}`) },
    domain: MAIL,
    finds: [
      'dmarc/inherited',
      atName('dmarc/alignment-strict', { adkim: 'relaxed', aspf: 'strict', identities: [MAIL] }),
    ],
  },
  {
    when: 'no reply for the record',
    zone: { '_dmarc.example.com': 'timeout' },
    finds: [
      atName(
        'dmarc/inconclusive',
        { reason: 'record-lookup-failed', query: { name: NAME, type: 'TXT', rcode: 'timeout' } },
        {
          says: `The DMARC record at ${NAME} could not be looked up (timeout).`,
          fix: containing(`If the lookup of ${NAME} fails again, contact whoever runs its name servers`),
        },
      ),
    ],
  },
  {
    when: 'SERVFAIL above a record that applies',
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': 'servfail' },
    finds: [
      {
        code: 'dmarc/inconclusive',
        subject: '_dmarc.com',
        says: containing('_dmarc.com could not be looked up (servfail)'),
        fix: 'Run the check again, or ask another resolver with --dns. Only the registry of com can change its name servers.',
        evidence: { reason: 'record-lookup-failed' },
      },
    ],
  },
  {
    when: 'no reply at the organizational domain, which the walk does not need',
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: `v=DMARC1; p=reject; psd=n; rua=mailto:r@${MAIL}`,
      [NAME]: 'timeout',
    },
    domain: MAIL,
    finds: [
      atName(
        'dmarc/inconclusive',
        { reason: 'record-lookup-failed' },
        { says: containing(`${NAME} could not be looked up (timeout)`) },
      ),
      'dmarc/discovery-divergence',
    ],
  },
  {
    when: 'SERVFAIL above a record with psd=n',
    zone: { ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`), '_dmarc.com': 'servfail' },
  },
  {
    when: 'REFUSED for the agreement of another organization',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { MX: ['0 mx.example.net'] },
      'example.com._report._dmarc.example.net': 'refused',
    },
    finds: [
      {
        code: 'dmarc/inconclusive',
        subject: 'example.net',
        says: `The lookup of ${AUTHORISATION} failed (refused), so it is unknown whether example.net accepts reports for example.com.`,
        evidence: {
          reason: 'authorisation-lookup-failed',
          query: { name: AUTHORISATION, rcode: 'refused' },
        },
      },
    ],
  },
  {
    when: 'SERVFAIL for the organization of the report host',
    zone: {
      ...policy(`v=DMARC1; p=reject; rua=mailto:r@reports.example.com`),
      'reports.example.com': { A: ['192.0.2.5'] },
      '_dmarc.reports.example.com': 'servfail',
    },
    finds: [
      {
        code: 'dmarc/inconclusive',
        subject: 'reports.example.com',
        says: /failed \(servfail\), so it is unknown whether reports\.example\.com accepts reports for example\.com\.$/,
        evidence: {
          reason: 'authorisation-lookup-failed',
          query: { name: '_dmarc.reports.example.com' },
        },
      },
    ],
  },
  {
    when: 'no reply for the MX records of the report host',
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@slow.example.com'), 'slow.example.com': 'timeout' },
    finds: [
      {
        code: 'dmarc/inconclusive',
        subject: 'slow.example.com',
        says: 'The MX lookup of slow.example.com failed (timeout), so it is unknown whether slow.example.com can receive reports.',
        evidence: {
          reason: 'mail-route-lookup-failed',
          query: { name: 'slow.example.com', type: 'MX', rcode: 'timeout' },
        },
      },
    ],
  },
  {
    when: 'SERVFAIL for a subdomain, where np= depends on whether it exists',
    zone: { ...policy(`v=DMARC1; p=reject; np=reject; ${RUA}`), ...MAIL_KEY, [MAIL]: 'servfail' },
    domain: MAIL,
    finds: [
      {
        code: 'dmarc/inconclusive',
        subject: MAIL,
        says: `The lookup of ${MAIL} failed (servfail), so it is unknown whether sp= or np= applies.`,
        evidence: {
          reason: 'existence-lookup-failed',
          query: { name: MAIL, type: 'TXT', rcode: 'servfail' },
        },
      },
      'dmarc/inherited',
      searchUnseen,
    ],
  },
  {
    when: 'SERVFAIL for a subdomain, where the record has no np=',
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), ...MAIL_KEY, [MAIL]: 'servfail' },
    domain: MAIL,
    finds: ['dmarc/inherited', searchUnseen],
  },
  {
    when: 'SERVFAIL for a subdomain with a record of its own, which does not use np=',
    zone: {
      ...MAIL_KEY,
      [MAIL]: 'servfail',
      [`_dmarc.${MAIL}`]: `v=DMARC1; p=reject; np=reject; ${RUA}`,
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
    finds: [searchUnseen],
  },
];

/** Domains of which one name is not where the records of the other are. */
const elsewhere: Case[] = [
  {
    when: 'a near miss at a name of the registry, whose records are not judged',
    zone: { ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`), '_dmarc.com': 'v=dmarc1; p=none' },
  },
  {
    when: 'a near miss at the registered domain, which the walk does not reach',
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { TXT: [`v=DMARC1; p=reject; psd=n; rua=mailto:r@${MAIL}`] },
      ...policy('v=dmarc1; p=none'),
    },
    domain: MAIL,
    finds: [{ code: 'dmarc/near-miss', subject: NAME }, 'dmarc/discovery-divergence'],
  },
];

/** Unknown tags, and the tag that each was meant to be. */
const unknownTags: Case[] = (
  [
    [
      'words for what the tags mean',
      {
        policy: 'p',
        subdomain: 'sp',
        subpolicy: 'sp',
        report: 'rua',
        reports: 'rua',
        version: 'v',
        test: 't',
        percent: 'pct',
        Policy: 'p',
      },
    ],
    ['in another case', { P: 'p', SP: 'sp', Rua: 'rua' }],
    ['with a letter too many', { ruaa: 'rua', arua: 'rua', adkimm: 'adkim', asppf: 'aspf' }],
    ['with a letter left out', { ua: 'rua', akim: 'adkim', adki: 'adkim', asp: 'aspf' }],
    ['with a letter changed', { xdkim: 'adkim', adkix: 'adkim', adxim: 'adkim', pse: 'psd' }],
    ['with two letters swapped', { adikm: 'adkim', dakim: 'adkim', adkmi: 'adkim', apsf: 'aspf' }],
    // Of a tag of two letters, everything is one change away.
    [
      'that are near no tag',
      { foo: null, sq: null, q: null, adkimxx: null, adk: null, daikm: null, xruax: null, aim: null },
    ],
    [
      'with more than one change, and one with a letter elsewhere',
      { adixm: null, adkiam: 'adkim', xdkxm: null, dakmi: null, axkmi: null, xakim: null, dxkim: null },
    ],
  ] satisfies [string, Record<string, string | null>][]
).map(([which, suggestions]) => ({
  when: `unknown tags ${which}`,
  zone: policy(
    `v=DMARC1; p=reject; ${RUA}${Object.keys(suggestions)
      .map((tag) => `; ${tag}=1`)
      .join('')}`,
  ),
  selectors: ['mail'],
  finds: [
    {
      code: 'dmarc/unknown-tag',
      evidence: { tags: Object.entries(suggestions).map(([tag, suggestion]) => ({ tag, suggestion })) },
    },
  ],
}));

/** A policy that enforces, and no key at the domain itself. */
const sampleMessages: Case[] = (
  [
    ['no message', undefined, ['dmarc/enforce-without-dkim']],
    ['a message signed by a subdomain', signMessage(MESSAGE, { domain: 'news.example.com' }), []],
    [
      'a message signed wrongly by a subdomain',
      signMessage(MESSAGE, { domain: 'news.example.com', hash: 'sha1' }),
      ['dmarc/enforce-without-dkim'],
    ],
  ] satisfies [string, string | undefined, Code[]][]
).map(([which, message, finds]) => ({
  when: `p=reject without a key, and ${which}`,
  zone: {
    ...policy(`v=DMARC1; p=reject; ${RUA}`),
    'mail._domainkey.news.example.com': { TXT: [`v=DKIM1; p=${PAIR.publicBase64}`] },
  },
  selectors: ['gone'],
  now: NOW,
  ...(message === undefined ? {} : { message }),
  finds,
}));

const elevenTags = [...'bcdefghijkl'].map((letter) => `x${letter}1_Z`);
const eleven = elevenTags.map((name) => `; ${name}=1`).join('');
const destinations = Array.from({ length: 3000 }, (_, index) => `d${index}.example`);

const many: Case[] = [
  {
    when: 'eleven unknown tags, each twice, of which ten are kept as evidence',
    zone: policy(`v=DMARC1; p=reject; ${RUA}${eleven}${eleven}; 1x=1; x-y=1`),
    selectors: ['mail'],
    finds: [
      'dmarc/syntax-error',
      { code: 'dmarc/unknown-tag', evidence: { tags: elevenTags.slice(0, 10).map((tag) => ({ tag })) } },
    ],
  },
  {
    when: '64 KiB of report addresses, which cost a bounded number of queries',
    zone: policy(`v=DMARC1; p=reject; rua=${destinations.map((host) => `mailto:r@${host}`).join(',')}`),
    finds: [
      'dmarc/rua-unauthorized',
      {
        code: 'dmarc/inconclusive',
        evidence: { reason: 'unseen', leftOut: [{ looked: 10, of: destinations.length }] },
      },
    ],
    never: ['dmarc/syntax-error', 'dmarc/rua-invalid'],
    also({ findings, asked }) {
      expect(findings.filter(({ code }) => code === 'dmarc/rua-unauthorized')).toHaveLength(10);
      expect(asked.filter((question) => !question.includes('_domainkey')).length).toBeLessThan(60);
    },
  },
];

/** Worlds that could bring about one finding twice. */
const apart: Case[] = [
  {
    when: 'two near misses, and two records at the wrong name',
    zone: {
      ...policy('v=dmarc1; p=none', 'V=DMARC1; p=reject'),
      'dmarc.example.com': { TXT: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] },
    },
    finds: ['dmarc/near-miss', 'dmarc/near-miss', 'dmarc/wrong-location', 'dmarc/wrong-location'],
  },
  {
    when: 'bad values of three tags',
    zone: policy('v=DMARC1; p=a; sp=b; np=c'),
    finds: [...Array<Code>(3).fill('dmarc/policy-invalid'), 'dmarc/no-rua'],
  },
  {
    when: 'bad addresses in both tags',
    zone: policy('v=DMARC1; p=reject; rua=a@b; ruf=c@d'),
    finds: ['dmarc/no-rua', 'dmarc/rua-invalid', 'dmarc/rua-invalid'],
  },
  {
    when: 'no reply to two questions about one destination',
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': 'timeout',
      [AUTHORISATION]: 'timeout',
    },
    finds: ['dmarc/inconclusive', 'dmarc/inconclusive'],
  },
];

const restCases: Case[] = [
  {
    when: 'no record, which rests on the names of the walk and on where reports can go',
    finds: [{ code: 'dmarc/missing', rests: [`TXT ${NAME}`, 'TXT _dmarc.com', 'MX example.com'] }],
  },
  {
    when: 'a record at the wrong name, which rests on that name too',
    zone: { 'dmarc.example.com': 'v=DMARC1; p=none' },
    finds: [{ code: 'dmarc/wrong-location', rests: ['TXT dmarc.example.com', `TXT ${NAME}`, 'TXT _dmarc.com'] }],
  },
  {
    when: 'a near miss behind an alias, which rests on both names',
    zone: { [NAME]: { CNAME: ['d.example.net'] }, 'd.example.net': 'v=dmarc1; p=none' },
    finds: [{ code: 'dmarc/near-miss', rests: [`TXT ${NAME}`, 'TXT d.example.net'] }],
  },
  {
    when: 'reports to a host that does not exist, which rests on the record and on all ways to reach the host',
    zone: policy('v=DMARC1; p=reject; rua=mailto:r@gone.example.com'),
    finds: [
      {
        code: 'dmarc/rua-undeliverable',
        rests: [`TXT ${NAME}`, 'TXT _dmarc.com', 'MX gone.example.com', 'A gone.example.com', 'AAAA gone.example.com'],
      },
    ],
  },
  {
    when: 'no reply for the record, which rests on that question alone',
    zone: { [NAME]: 'timeout' },
    finds: [{ code: 'dmarc/inconclusive', rests: [`TXT ${NAME}`] }],
  },
  {
    when: 'p=reject without a key, which rests on the selector that was looked at',
    zone: policy(`v=DMARC1; p=reject; ${RUA}`),
    selectors: ['gone'],
    finds: [
      {
        code: 'dmarc/enforce-without-dkim',
        subject: 'example.com',
        evidence: { spf: [{ ip: IP, result: 'fail' }] },
        says: /SPF gives fail for 203\.0\.113\.5/,
      },
    ],
    also({ findings: [found] }) {
      expect(found?.rests).toContainEqual({ name: 'gone._domainkey.example.com', type: 'TXT' });
      expect(found?.rests).toContainEqual({ name: NAME, type: 'TXT' });
    },
  },
  {
    when: 'a policy of the parent with np=, which rests on whether the name exists',
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; np=reject; ${RUA}`) },
    domain: MAIL,
    finds: ['dmarc/inherited'],
    also({ findings: [found] }) {
      expect(found?.rests).toContainEqual({ name: MAIL, type: 'TXT' });
    },
  },
  {
    when: 'a policy of the parent without np=, which does not rest on whether the name exists',
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    domain: MAIL,
    finds: ['dmarc/inherited'],
    also({ findings: [found] }) {
      expect(found?.rests).not.toContainEqual({ name: MAIL, type: 'TXT' });
    },
  },
];

/** The one record at `_dmarc.example.com` that the plan gives to each finding. */
const readyRecords: Case[] = (
  [
    ['no record', {}, ['dmarc/missing'], 'v=DMARC1; p=none; rua=mailto:dmarc@example.com'],
    ['a misspelt record', policy(`V=dmarc1 p=reject ${RUA}`), ['dmarc/near-miss'], `v=DMARC1; p=reject; ${RUA}`],
    [
      'a record without rua at the wrong name, which asks for reports at the right one',
      { 'dmarc.example.com': 'v=DMARC1; p=reject' },
      ['dmarc/wrong-location'],
      'v=DMARC1; p=reject; rua=mailto:dmarc@example.com',
    ],
    [
      'a misspelt record at a misspelt name',
      { '_dmrac.example.com': `v=DMARCl, p-reject ${RUA}` },
      ['dmarc/wrong-location'],
      `v=DMARC1; p=reject; ${RUA}`,
    ],
    [
      'two records, of which both addresses and the stricter policy stay',
      policy('v=DMARC1; p=none; rua=mailto:a@example.com; fo=1', `v=DMARC1; p=reject; ${RUA}`),
      ['dmarc/multiple-records'],
      `v=DMARC1; p=reject; ${RUA},mailto:a@example.com; fo=1`,
    ],
    [
      'p=reject that swallows the address behind it',
      policy(`v=DMARC1; p=reject ${RUA}`),
      ['dmarc/policy-invalid', 'dmarc/no-rua'],
      `v=DMARC1; p=reject; ${RUA}`,
    ],
    ['psd=y', policy(`v=DMARC1; p=reject; psd=y; ${RUA}`), ['dmarc/psd-misuse'], `v=DMARC1; p=reject; ${RUA}`],
    ['no rua', policy('v=DMARC1; p=reject'), ['dmarc/no-rua'], 'v=DMARC1; p=reject; rua=mailto:dmarc@example.com'],
    [
      'an address without mailto:',
      policy('v=DMARC1; p=reject; rua=r@example.com'),
      ['dmarc/no-rua', 'dmarc/rua-invalid'],
      `v=DMARC1; p=reject; ${RUA}`,
    ],
    [
      'a registry that publishes a record',
      { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': 'v=DMARC1; p=none' },
      ['dmarc/discovery-divergence'],
      `v=DMARC1; p=reject; ${RUA}; psd=n`,
    ],
  ] satisfies [string, ZoneScript, Code[], string][]
).map(([which, zone, codes, text]) => ({
  when: `${which}; the right record is ready`,
  zone,
  finds: codes.map((code) => ({
    code,
    remediation: { records: [{ line: `_dmarc.example.com. IN TXT "${text}"` }] },
  })),
}));

/** What the plan of a run has beside the records of findings. */
const plans: Case[] = [
  {
    when: 'three faults in one record, which the plan takes out in one change',
    zone: policy(`v=DMARC1; p=reject; sp=none; pct=50; rf=afrf; ${RUA}`),
    finds: ['dmarc/subdomain-weaker', 'dmarc/pct', 'dmarc/historic-tag'],
    also({ report }) {
      expect(report.plan?.changes).toMatchObject([
        {
          add: [{ value: `v=DMARC1; p=reject; ${RUA}` }],
          notes: [
            'removes sp=none, so that subdomains are as protected as the domain',
            'removes pct=50, which newer receivers ignore',
            'removes rf=afrf, which DMARC no longer has',
          ],
        },
      ]);
    },
  },
  {
    when: 'p=none with sp=none, which is tightened at later stages',
    zone: policy(`v=DMARC1; p=none; sp=none; ${RUA}`),
    finds: [{ code: 'dmarc/policy-none', fix: containing('tighten') }],
    also({ report }) {
      expect(report.plan).toMatchObject({
        changes: [],
        later: [
          { record: { value: `v=DMARC1; p=quarantine; ${RUA}` } },
          { record: { value: `v=DMARC1; p=reject; ${RUA}` } },
        ],
      });
    },
  },
  {
    when: 'p=block, of which the owner has to say what it means',
    zone: policy(`v=DMARC1; p=block; ${RUA}`),
    finds: ['dmarc/policy-invalid', 'dmarc/policy-none'].map((code) => ({
      code: code as Code,
      ...(code === 'dmarc/policy-invalid' ? { severity: 'warning' as const } : {}),
    })),
    also({ report }) {
      expect(report.plan).toMatchObject({ changes: [], later: [] });
      expect(report.plan?.undecided.map(({ decide }) => decide)).toEqual([
        containingText('Decide what "p=block" means'),
      ]);
    },
  },
  {
    when: 'no record for a domain that takes no mail, so that no address is invented',
    zone: { 'example.com': { MX: ['0 .'], TXT: ['v=spf1 -all'] } },
    finds: [{ code: 'dmarc/missing', evidence: { reportsTo: null }, fix: containing('accepts no mail') }],
    also({ report }) {
      expect(report.plan?.changes).toMatchObject([{ add: [{ value: 'v=DMARC1; p=none' }] }]);
    },
  },
  {
    when: 'a subdomain without a record above it, which belongs at the organizational domain',
    zone: MAIL_KEY,
    domain: MAIL,
    finds: [
      {
        code: 'dmarc/missing',
        evidence: { name: NAME, reportsTo: 'dmarc@example.com' },
        fix: containing('Create the mailbox dmarc@example.com first'),
        remediation: { records: [{ line: `${NAME}. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"` }] },
      },
    ],
  },
  {
    when: 'an alias at the name of the record, whose target has no DMARC record',
    zone: { [NAME]: { CNAME: ['example.com'] } },
    finds: [
      {
        code: 'dmarc/missing',
        says: containing(`${NAME} is an alias (CNAME) of example.com`),
        fix: containing('instead of the CNAME record'),
      },
    ],
  },
  {
    when: 'prose about DMARC at the name, which stays',
    zone: policy('DMARC of this domain is looked after by noc, see v=DMARC1 below'),
    finds: [{ code: 'dmarc/missing', fix: /^Publish/ }],
    also({ report }) {
      expect(report.plan?.changes).toMatchObject([{ remove: [] }]);
    },
  },
  {
    when: 'an internationalised name in rua, which is shown in its letters and written in ASCII',
    zone: policy('v=DMARC1; p=reject; rua=mailto:info@b\xc3\xbccher.example'),
    finds: [
      'dmarc/syntax-error',
      'dmarc/no-rua',
      {
        code: 'dmarc/rua-invalid',
        says: /"mailto:info@bücher\.example" .*in ASCII it is mailto:info@xn--bcher-kva\.example/,
      },
      'dmarc/rua-unauthorized',
      'dmarc/rua-undeliverable',
    ],
  },
  {
    when: 'the zone of a registry, whose record is not edited',
    zone: {
      'example.com': { TXT: ['v=spf1 -all'] },
      '_dmarc.com': `v=DMARC1; p=none; psd=y; np=none; rua=mailto:r@com.example`,
    },
    finds: [],
    never: ['dmarc/missing'],
    also({ report }) {
      expect(JSON.stringify(report.plan ?? [])).not.toContain('"_dmarc.com"');
    },
  },
];

/** A TXT record and a CNAME at one name: an answer follows the CNAME or not. */
const besideCname: Case[] = (
  [
    ['says something else', 'v=DMARC1; p=none', ['dmarc/cname-beside']],
    ['says the same in another dress', `v=DMARC1;p=Reject;${RUA}`, []],
    ['has no DMARC record', 'hello', ['dmarc/cname-beside']],
  ] satisfies [string, string, Code[]][]
).map(([which, there, finds]) => ({
  when: `a CNAME beside the record, whose target ${which}`,
  zone: {
    [NAME]: { TXT: [`v=DMARC1; p=reject; ${RUA}`], CNAME: ['_dmarc.vendor.example.net'] },
    '_dmarc.vendor.example.net': { TXT: [there] },
  },
  finds,
}));

const agreement: Case = {
  when: 'reports to another organization; the record to publish there is ready',
  zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'), 'example.net': { A: ['192.0.2.7'] } },
  finds: [
    {
      code: 'dmarc/rua-unauthorized',
      remediation: { records: [{ line: `${AUTHORISATION}. IN TXT "v=DMARC1;"` }] },
    },
  ],
};

ruleTest(
  dmarc,
  [
    ...cases,
    ...elsewhere,
    ...unknownTags,
    ...many,
    ...apart,
    ...restCases,
    ...readyRecords,
    ...plans,
    ...besideCname,
    agreement,
    ...sampleMessages,
  ].map((one) => ({
    ...one,
    zone: { ...GOOD, ...one.zone },
    also(shown: Shown) {
      for (const { message, rests } of shown.findings) {
        expect(message.length).toBeLessThan(600);
        expect(message).not.toMatch(/[\x00-\x1f]/);
        expect(rests).not.toEqual([]);
      }
      one.also?.(shown);
    },
  })),
);
