import { describe, expect, it } from 'vitest';
import dmarc from '../../../src/check/rules/dmarc/rule.ts';
import { checkRule, codes } from '../../standards/dkim/check-rule.ts';
import { KEY_RECORD } from '../../standards/dkim/keys.ts';
import { type Entry, zoneResolver } from '../../standards/dkim/zone-resolver.ts';

/** A domain in good order but for its DMARC record: a key, a mailbox for reports. */
const GOOD: Record<string, Entry | readonly Entry[]> = {
  'example.com': [{ txt: ['v=spf1 -all'] }, { mx: [[10, 'mx.example.com']] }],
  'mx.example.com': { a: ['192.0.2.1'] },
  'mail._domainkey.example.com': { txt: [KEY_RECORD] },
  com: { a: ['192.0.2.2'] },
};
const RUA = 'rua=mailto:r@example.com';
const NAME = '_dmarc.example.com';
const AUTHORISATION = 'example.com._report._dmarc.example.net';
/** A label as long as labels can be. */
const LONG = 'l'.repeat(63);

interface Case {
  readonly zone: Record<string, Entry | readonly Entry[]>;
  readonly codes: readonly string[];
  /** What else its findings say, in their order. */
  readonly said?: readonly object[];
  readonly domain?: string;
  readonly selectors?: readonly string[];
}

/** The record at `_dmarc.example.com`. */
function policy(...texts: string[]): Record<string, Entry> {
  return { '_dmarc.example.com': { txt: texts } };
}

/** A finding about the record at `_dmarc.example.com`, with this evidence. */
const about = (evidence: object, more: object = {}): object => ({ subject: NAME, evidence, ...more });
const says = (text: string): object => expect.stringContaining(text);

const MAIL = 'mail.example.com';
const MAIL_KEY = { 'mail._domainkey.mail.example.com': { txt: [KEY_RECORD] }, [MAIL]: { a: ['192.0.2.3'] } };

const cases: Record<string, Case> = {
  'nothing to say': { zone: policy(`v=DMARC1; p=reject; ${RUA}`), codes: [] },
  missing: {
    zone: {},
    codes: ['dmarc/missing'],
    said: [
      about({
        queries: [
          { name: NAME, rcode: 'nxdomain' },
          { name: '_dmarc.com', rcode: 'nxdomain' },
        ],
        otherTexts: [],
      }),
    ],
  },
  'missing: another TXT record at the name': {
    zone: policy('v=spf1 -all'),
    codes: ['dmarc/missing'],
    said: [about({ otherTexts: ['v=spf1 -all'] })],
  },
  'missing: another TXT record at the organizational domain only': {
    zone: { ...MAIL_KEY, ...policy('hello') },
    domain: MAIL,
    codes: ['dmarc/missing'],
    said: [{ subject: `_dmarc.${MAIL}`, evidence: { otherTexts: ['hello'] } }],
  },
  'missing: of a name too long for a record': {
    zone: {},
    domain: `${LONG}.${LONG}.${LONG}.${'l'.repeat(49)}.example.com`,
    codes: ['dmarc/missing'],
    said: [{ evidence: { queries: [...Array(5)].map(() => ({ rcode: 'nxdomain' })) } }],
  },
  'missing, nearest negative: inherited from the parent': {
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    domain: MAIL,
    codes: ['dmarc/inherited'],
    said: [{ subject: MAIL, evidence: { from: 'example.com', tag: 'p', policy: 'reject' } }],
  },
  'multiple-records': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'v=DMARC1; p=none'),
    codes: ['dmarc/multiple-records'],
    said: [about({ name: NAME, records: [`v=DMARC1; p=reject; ${RUA}`, 'v=DMARC1; p=none'] })],
  },
  'multiple-records, nearest negative: one of them is something else': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'hello'),
    codes: [],
  },
  'near-miss': {
    zone: policy(`v=DMARC1 p=reject ${RUA}`),
    codes: ['dmarc/near-miss'],
    said: [
      about({
        name: NAME,
        text: `v=DMARC1 p=reject ${RUA}`,
        causes: ['missing-semicolon'],
        correct: `v=DMARC1; p=reject; ${RUA}`,
      }),
    ],
  },
  'near-miss: only semicolons': { zone: policy(';;;;;;'), codes: ['dmarc/near-miss'] },
  'near-miss: NUL and escape octets': { zone: policy('\x00v=DMARC1; p=none\x1b[2J'), codes: ['dmarc/near-miss'] },
  'near-miss: 64 KiB': { zone: policy(`dmarc ${'x'.repeat(65_536)}`), codes: ['dmarc/near-miss'] },
  'near-miss beside a record, nearest negative': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'v=dmarc1; p=none'),
    codes: [],
  },
  'near-miss at the parent': {
    zone: { ...MAIL_KEY, ...policy('v=dmarc1; p=none') },
    domain: MAIL,
    codes: ['dmarc/near-miss'],
  },
  'wrong-location: the apex': {
    zone: { 'example.com': { txt: [`v=DMARC1; p=none; ${RUA}`] } },
    codes: ['dmarc/wrong-location'],
    said: [
      { subject: 'example.com', evidence: { name: 'example.com', text: `v=DMARC1; p=none; ${RUA}`, rightName: NAME } },
    ],
  },
  'wrong-location: doubled by the zone editor': {
    zone: { '_dmarc.example.com.example.com': { txt: [`v=DMARC1; p=none; ${RUA}`] } },
    codes: ['dmarc/wrong-location'],
  },
  'wrong-location: without the underscore': {
    zone: { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/wrong-location'],
    said: [{ subject: 'dmarc.example.com', evidence: { name: 'dmarc.example.com', rightName: NAME } }],
  },
  'wrong-location: twice the label': {
    zone: { '_dmarc._dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/wrong-location'],
  },
  'wrong-location: one name below the registered domain': {
    zone: { ...MAIL_KEY, [`dmarc.${MAIL}`]: { txt: ['v=DMARC1; p=none'] } },
    domain: MAIL,
    codes: ['dmarc/wrong-location'],
    said: [{ subject: `dmarc.${MAIL}`, evidence: { rightName: `_dmarc.${MAIL}` } }],
  },
  'wrong-location, nearest negative: two names below, where nobody looks for it': {
    zone: { ...MAIL_KEY, [`dmarc.a.${MAIL}`]: { txt: ['v=DMARC1; p=none'] } },
    domain: `a.${MAIL}`,
    codes: ['dmarc/missing'],
  },
  'wrong-location beside a near miss: both are told, none is missing': {
    zone: { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] }, ...policy('v=dmarc1; p=none') },
    codes: ['dmarc/near-miss', 'dmarc/wrong-location'],
  },
  'wrong-location, nearest negative: a copy beside the right one': {
    zone: { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] }, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    codes: [],
  },
  'policy-invalid: a bad p with rua': {
    zone: policy(`v=DMARC1; p=block; ${RUA}`),
    codes: ['dmarc/policy-invalid warning', 'dmarc/policy-none'],
    said: [
      about({
        name: NAME,
        record: `v=DMARC1; p=block; ${RUA}`,
        correct: `v=DMARC1; p=none; ${RUA}`,
        tag: 'p',
        value: 'block',
        hasReportUri: true,
      }),
      about({ policy: 'none', tag: null, testing: false }),
    ],
  },
  'policy-invalid: a bad p without rua': {
    zone: policy('v=DMARC1; p=block'),
    codes: ['dmarc/no-rua', 'dmarc/policy-invalid'],
    said: [
      about({ tag: 'p', value: 'block', hasReportUri: false }, { severity: 'error' }),
      about({ name: NAME, record: 'v=DMARC1; p=block', correct: 'v=DMARC1; p=none' }),
    ],
  },
  'policy-invalid: a bad sp': {
    zone: policy(`v=DMARC1; p=reject; sp=all; ${RUA}`),
    codes: ['dmarc/policy-invalid warning', 'dmarc/policy-none'],
    said: [about({ tag: 'sp', value: 'all' }), {}],
  },
  'policy-invalid: no p at all': {
    zone: policy('v=DMARC1'),
    codes: ['dmarc/no-rua', 'dmarc/policy-invalid'],
    said: [about({ tag: 'p', value: null }), {}],
  },
  'policy-invalid: a report address of another scheme is one too': {
    zone: policy('v=DMARC1; p=block; rua=@, https://example.com/r'),
    codes: ['dmarc/no-rua', 'dmarc/policy-invalid warning', 'dmarc/policy-none', 'dmarc/rua-invalid'],
  },
  'syntax-error: a tag twice': {
    zone: policy(`v=DMARC1; p=reject; p=none; ${RUA}`),
    codes: ['dmarc/syntax-error'],
    said: [about({ name: NAME, defects: [{ kind: 'duplicate', tag: 'p' }], count: 1 })],
  },
  'syntax-error: 64 KiB of semicolons after the version': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}${';'.repeat(65_536)}`),
    codes: ['dmarc/syntax-error'],
    said: [
      // Ten are kept as evidence, all are counted.
      about({ defects: [...Array(10)].map(() => ({ kind: 'empty' })) }, { message: says('; and 65') }),
    ],
  },
  'policy-none': {
    zone: policy(`v=DMARC1; p=none; ${RUA}`),
    codes: ['dmarc/policy-none'],
    said: [about({ policy: 'none', tag: 'p', testing: false, correct: `v=DMARC1; p=none; ${RUA}` })],
  },
  'sp=reject under p=none: the domain itself has none': {
    zone: policy(`v=DMARC1; p=none; sp=reject; ${RUA}`),
    codes: ['dmarc/policy-none'],
  },
  'sp=reject under p=none: a subdomain has reject': {
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=none; sp=reject; ${RUA}`) },
    domain: MAIL,
    codes: ['dmarc/inherited'],
    said: [{ evidence: { from: 'example.com', tag: 'sp', policy: 'reject' } }],
  },
  'testing: reject becomes quarantine': {
    zone: policy(`v=DMARC1; p=reject; t=y; ${RUA}`),
    codes: ['dmarc/testing'],
    said: [about({ policy: 'reject', effective: 'quarantine' })],
  },
  'testing: quarantine becomes none': {
    zone: policy(`v=DMARC1; p=quarantine; t=y; ${RUA}`),
    codes: ['dmarc/policy-none', 'dmarc/testing'],
    said: [
      about({ policy: 'quarantine', tag: 'p', testing: true }),
      about({ policy: 'quarantine', effective: 'none' }),
    ],
  },
  'testing, nearest negative: t=n': { zone: policy(`v=DMARC1; p=reject; t=n; ${RUA}`), codes: [] },
  'subdomain-weaker: sp': {
    zone: policy(`v=DMARC1; p=reject; sp=none; ${RUA}`),
    codes: ['dmarc/subdomain-weaker'],
    said: [about({ p: 'reject', weaker: { sp: 'none' }, correct: `v=DMARC1; p=reject; ${RUA}` })],
  },
  'subdomain-weaker: np': {
    zone: policy(`v=DMARC1; p=reject; np=quarantine; ${RUA}`),
    codes: ['dmarc/subdomain-weaker'],
    said: [about({ p: 'reject', weaker: { np: 'quarantine' } })],
  },
  'subdomain-weaker, nearest negative: as strict': {
    zone: policy(`v=DMARC1; p=quarantine; sp=reject; np=quarantine; ${RUA}`),
    codes: [],
  },
  'subdomain-weaker, nearest negative: sp of a subdomain’s record is never used': {
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; sp=none; ${RUA}`] },
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
    codes: [],
  },
  'subdomain-weaker: not told where the organization could not be found out': {
    zone: { ...policy(`v=DMARC1; p=reject; sp=none; ${RUA}`), '_dmarc.com': { fail: 'servfail' } },
    codes: ['dmarc/inconclusive'],
  },
  'pct below 100': {
    zone: policy(`v=DMARC1; p=reject; pct=50; ${RUA}`),
    codes: ['dmarc/pct'],
    said: [about({ pct: 50, correct: `v=DMARC1; p=reject; ${RUA}` })],
  },
  'pct 99': { zone: policy(`v=DMARC1; p=reject; pct=99; ${RUA}`), codes: ['dmarc/pct'] },
  'pct 0': { zone: policy(`v=DMARC1; p=reject; pct=0; ${RUA}`), codes: ['dmarc/pct'], said: [about({ pct: 0 })] },
  'pct 100': { zone: policy(`v=DMARC1; p=reject; pct=100; ${RUA}`), codes: ['dmarc/pct info'] },
  'historic-tag: rf and ri': {
    zone: policy(`v=DMARC1; p=reject; rf=afrf; ri=3600; ${RUA}`),
    codes: ['dmarc/historic-tag'],
    said: [about({ tags: ['rf', 'ri'], sizeLimits: [] })],
  },
  'historic-tag: a size limit': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}!10m`),
    codes: ['dmarc/historic-tag'],
    said: [about({ tags: [], sizeLimits: ['mailto:r@example.com!10m'] })],
  },
  'historic-tag: size limits of rua and ruf, ten of them kept': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=${Array(12).fill('mailto:f@example.com!1k').join(',')}`),
    codes: ['dmarc/historic-tag'],
    said: [about({ sizeLimits: Array(10).fill('mailto:f@example.com!1k') })],
  },
  'unknown-tag': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruaa=mailto:x@example.com`),
    codes: ['dmarc/unknown-tag'],
    said: [about({ tags: [{ tag: 'ruaa', suggestion: 'rua' }] })],
  },
  'unknown-tag: names every object has': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; constructor=x; toString=y; __proto__=z`),
    codes: ['dmarc/syntax-error', 'dmarc/unknown-tag'],
    said: [
      {},
      about({
        tags: [
          { tag: 'constructor', suggestion: null },
          { tag: 'toString', suggestion: null },
        ],
      }),
    ],
  },
  'psd-misuse': {
    zone: policy(`v=DMARC1; p=reject; psd=y; ${RUA}`),
    codes: ['dmarc/psd-misuse'],
    said: [about({ name: NAME, domain: 'example.com', correct: `v=DMARC1; p=reject; ${RUA}` })],
  },
  'psd-misuse, nearest negative: psd=n': { zone: policy(`v=DMARC1; p=reject; psd=n; ${RUA}`), codes: [] },
  'discovery-divergence: psd=n below the registered domain': {
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; psd=n; ${RUA}`] },
      ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`),
      '_report._dmarc.example.com': { a: ['192.0.2.4'] },
      'mail.example.com._report._dmarc.example.com': { txt: ['v=DMARC1;'] },
    },
    domain: MAIL,
    codes: ['dmarc/discovery-divergence'],
    said: [
      {
        subject: MAIL,
        evidence: {
          treeWalk: { organizationalDomain: MAIL, policy: 'reject', from: MAIL },
          suffixList: { organizationalDomain: 'example.com', policy: 'reject', from: MAIL },
          fix: null,
        },
      },
    ],
  },
  'discovery-divergence, and another organization that gave no leave for reports': {
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; psd=n; ${RUA}`] },
      ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`),
    },
    domain: MAIL,
    codes: ['dmarc/discovery-divergence', 'dmarc/rua-unauthorized'],
    said: [{}, { subject: 'example.com', evidence: { policyDomain: MAIL, host: 'example.com', tags: ['rua'] } }],
  },
  'discovery-divergence: the suffix list finds a policy, the walk none': {
    zone: {
      ...MAIL_KEY,
      [MAIL]: { a: ['192.0.2.3'] },
      [`_dmarc.a.${MAIL}`]: { txt: [`v=DMARC1; p=reject; psd=n; ${RUA}`] },
      [`_dmarc.${MAIL}`]: { txt: ['v=DMARC1; psd=n'] },
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
    codes: ['dmarc/discovery-divergence', 'dmarc/no-rua', 'dmarc/policy-invalid'],
    said: [{}, { evidence: { treeWalk: { policy: null, from: null } } }, {}],
  },
  'discovery-divergence: a registry that publishes without psd=y': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/discovery-divergence'],
    said: [
      {
        evidence: {
          treeWalk: { organizationalDomain: 'com', policy: 'reject', from: 'example.com' },
          suffixList: { organizationalDomain: 'example.com', policy: 'reject', from: 'example.com' },
          fix: { name: NAME, text: `v=DMARC1; p=reject; ${RUA}; psd=n` },
        },
      },
    ],
  },
  'discovery-divergence, nearest negative: a registry with psd=y': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { txt: ['v=DMARC1; p=none; psd=y'] } },
    codes: [],
  },
  'discovery-divergence: np= of a name that does not exist': {
    zone: policy(`v=DMARC1; p=quarantine; np=reject; ${RUA}`),
    domain: 'gone.example.com',
    codes: ['dmarc/discovery-divergence', 'dmarc/enforce-without-dkim', 'dmarc/inherited'],
    said: [
      { subject: 'gone.example.com', evidence: { from: 'example.com', tag: 'np', policy: 'reject' } },
      { evidence: { treeWalk: { policy: 'reject' }, suffixList: { policy: 'quarantine' }, fix: null } },
      {
        subject: 'example.com',
        evidence: {
          policy: 'reject',
          effective: 'reject',
          from: 'example.com',
          selectors: [],
          dkim: 'none-exist',
          spf: [],
        },
      },
    ],
  },
  'no-rua': {
    zone: policy('v=DMARC1; p=reject'),
    codes: ['dmarc/no-rua'],
    said: [about({ name: NAME, record: 'v=DMARC1; p=reject', correct: 'v=DMARC1; p=reject' }, { message: says(NAME) })],
  },
  'no-rua: only one that cannot be used': {
    zone: policy('v=DMARC1; p=reject; rua=r@example.com'),
    codes: ['dmarc/no-rua', 'dmarc/rua-invalid'],
    said: [
      {},
      about(
        { name: NAME, tag: 'rua', uris: [{ uri: 'r@example.com', fault: 'missing-mailto' }] },
        { remediation: { summary: says('rua=mailto:user@host in the record at _dmarc.example.com') } },
      ),
    ],
  },
  'rua-invalid beside a good one': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}, https://example.com/r`),
    codes: ['dmarc/rua-invalid'],
    said: [
      about(
        { uris: [{ uri: 'https://example.com/r', fault: 'unsupported-scheme' }] },
        { message: says(`${NAME}, rua: `) },
      ),
    ],
  },
  'rua-invalid: of ruf, three of four told': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=a@b, c@d, e@f, g@h`),
    codes: ['dmarc/rua-invalid'],
    said: [
      about(
        { tag: 'ruf', uris: ['a@b', 'c@d', 'e@f', 'g@h'].map((uri) => ({ uri, fault: 'missing-mailto' })) },
        { message: expect.stringMatching(/"a@b" .*; "c@d" .*; "e@f" [^;]*; and 1 more\.$/) },
      ),
    ],
  },
  'rua-invalid: three told, and no more': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruf=a@b, c@d, e@f`),
    codes: ['dmarc/rua-invalid'],
    said: [about({}, { message: expect.stringMatching(/"e@f" [^;]*address\.$/) })],
  },
  'rua-invalid: ten kept': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}, ${Array(11).fill('a@b').join(',')}`),
    codes: ['dmarc/rua-invalid'],
    said: [about({ uris: Array(10).fill({ uri: 'a@b', fault: 'missing-mailto' }) })],
  },
  'rua-unauthorized': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'), 'example.net': { mx: [[0, 'mx.example.net']] } },
    codes: ['dmarc/rua-unauthorized'],
    said: [
      {
        subject: 'example.net',
        message: says(`for example.com go to example.net, but ${AUTHORISATION} has no DMARC record (nxdomain)`),
        evidence: {
          host: 'example.net',
          tags: ['rua'],
          policyDomain: 'example.com',
          name: AUTHORISATION,
          query: { name: AUTHORISATION, rcode: 'nxdomain' },
        },
        remediation: { summary: says('administrator of example.net') },
      },
    ],
  },
  'rua-unauthorized: ruf too': {
    zone: {
      ...policy(`v=DMARC1; p=reject; ${RUA}; ruf=mailto:r@example.net`),
      'example.net': { mx: [[0, 'mx.example.net']] },
    },
    codes: ['dmarc/rua-unauthorized'],
    said: [{ evidence: { tags: ['ruf'] } }],
  },
  'rua-unauthorized: of one tag and the other, told once': {
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net; ruf=mailto:f@example.net'),
      'example.net': { mx: [[0, 'mx.example.net']] },
    },
    codes: ['dmarc/rua-unauthorized'],
    said: [{ evidence: { tags: ['rua', 'ruf'] } }],
  },
  'rua-unauthorized: the name that would allow it is too long': {
    zone: {
      ...policy(`v=DMARC1; p=reject; rua=mailto:r@${LONG}.${LONG}.${LONG}.${'l'.repeat(30)}.example.net`),
      '*.example.net': { mx: [[0, 'mx.example.net']] },
    },
    codes: ['dmarc/rua-unauthorized'],
    said: [{ message: says('too long to exist'), evidence: { query: null } }],
  },
  'rua-unauthorized: a record that is not DMARC': {
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { mx: [[0, 'mx.example.net']] },
      'example.com._report._dmarc.example.net': { txt: ['v=spf1 -all'] },
    },
    codes: ['dmarc/rua-unauthorized'],
  },
  'rua-unauthorized, nearest negative: by a wildcard': {
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { mx: [[0, 'mx.example.net']] },
      '*._report._dmarc.example.net': { txt: ['v=DMARC1'] },
    },
    codes: [],
  },
  'rua-unauthorized, nearest negative: a subdomain of the same organization': {
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@reports.example.com'),
      'reports.example.com': { a: ['192.0.2.5'] },
    },
    codes: [],
  },
  'rua-undeliverable': {
    zone: policy('v=DMARC1; p=reject; rua=mailto:r@gone.example.com'),
    codes: ['dmarc/rua-undeliverable'],
    said: [
      {
        subject: 'gone.example.com',
        message: says('gone.example.com, which has neither'),
        evidence: {
          host: 'gone.example.com',
          tags: ['rua'],
          addresses: ['r@gone.example.com'],
          state: 'absent',
          query: { name: 'gone.example.com', type: 'MX', rcode: 'nxdomain' },
        },
        remediation: { summary: says('MX record for gone.example.com') },
      },
    ],
  },
  'rua-undeliverable: null MX': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@null.example.com'), 'null.example.com': { mx: [[0, '']] } },
    codes: ['dmarc/rua-undeliverable'],
    said: [{ message: says('null.example.com, which accepts no mail'), evidence: { state: 'null-mx' } }],
  },
  'rua-undeliverable: ten addresses kept': {
    zone: policy(`v=DMARC1; p=reject; rua=${Array(11).fill('mailto:r@gone.example.com').join(',')}`),
    codes: ['dmarc/rua-undeliverable'],
    said: [{ evidence: { addresses: Array(10).fill('r@gone.example.com') } }],
  },
  'enforce-without-dkim: no key exists': {
    zone: { ...policy(`v=DMARC1; p=quarantine; ${RUA}`), 'mail._domainkey.example.com': [] },
    domain: 'example.com',
    selectors: ['mail'],
    codes: ['dmarc/enforce-without-dkim'],
    said: [
      {
        subject: 'example.com',
        evidence: {
          policy: 'quarantine',
          effective: 'quarantine',
          from: 'example.com',
          selectors: ['mail'],
          dkim: 'none-usable',
          spf: [],
        },
      },
    ],
  },
  'enforce-without-dkim: none exists, found out by discovery': {
    zone: {
      '_dmarc.other.example': { txt: ['v=DMARC1; p=reject; rua=mailto:r@other.example'] },
      'other.example': { a: ['192.0.2.6'] },
    },
    domain: 'other.example',
    codes: ['dmarc/enforce-without-dkim'],
    said: [{ evidence: { selectors: [], dkim: 'none-exist' } }],
  },
  'enforce-without-dkim: reject is quarantine with t=y': {
    zone: policy(`v=DMARC1; p=reject; t=y; ${RUA}`),
    selectors: ['gone'],
    codes: ['dmarc/enforce-without-dkim', 'dmarc/testing'],
    said: [{}, { evidence: { policy: 'reject', effective: 'quarantine' } }],
  },
  'enforce-without-dkim, nearest negative: a record out of force': {
    zone: policy('v=DMARC1; p=block'),
    selectors: ['gone'],
    codes: ['dmarc/no-rua', 'dmarc/policy-invalid'],
  },
  'enforce-without-dkim, nearest negative: not known whether there is one': {
    zone: {
      '_dmarc.other.example': { txt: ['v=DMARC1; p=reject; rua=mailto:r@other.example'] },
      'other.example': { a: ['192.0.2.6'] },
      '*.other.example': { a: ['192.0.2.6'] },
    },
    domain: 'other.example',
    codes: [],
  },
  'enforce-without-dkim, nearest negative: quarantine is none with t=y': {
    zone: policy(`v=DMARC1; p=quarantine; t=y; ${RUA}`),
    selectors: ['gone'],
    codes: ['dmarc/policy-none', 'dmarc/testing'],
  },
  'alignment-strict': {
    zone: policy(`v=DMARC1; p=reject; adkim=s; aspf=s; ${RUA}`),
    codes: ['dmarc/alignment-strict'],
    said: [about({ adkim: 'strict', aspf: 'strict', identities: ['example.com'] })],
  },
  'alignment-strict: of DKIM only': {
    zone: policy(`v=DMARC1; p=reject; adkim=s; ${RUA}`),
    codes: ['dmarc/alignment-strict'],
    said: [about({ adkim: 'strict', aspf: 'relaxed' })],
  },
  'alignment-strict: of SPF only, by the parent’s record': {
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; aspf=s; ${RUA}`) },
    domain: MAIL,
    codes: ['dmarc/alignment-strict', 'dmarc/inherited'],
    said: [{}, about({ adkim: 'relaxed', aspf: 'strict', identities: [MAIL] })],
  },
  'inconclusive: the own record': {
    zone: { '_dmarc.example.com': { fail: 'timeout' } },
    codes: ['dmarc/inconclusive'],
    said: [
      about(
        { reason: 'record-lookup-failed', query: { name: NAME, type: 'TXT', rcode: 'timeout' } },
        {
          message: `The DMARC record at ${NAME} could not be looked up (timeout).`,
          remediation: { summary: says(`repair the name servers that answer for ${NAME}`) },
        },
      ),
    ],
  },
  'inconclusive: above a record that applies': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { fail: 'servfail' } },
    codes: ['dmarc/inconclusive'],
    said: [
      {
        subject: '_dmarc.com',
        message: says('_dmarc.com could not be looked up (servfail)'),
        evidence: { reason: 'record-lookup-failed' },
      },
    ],
  },
  'inconclusive: at the organizational domain, which the walk has no need of': {
    zone: {
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; psd=n; rua=mailto:r@${MAIL}`] },
      [NAME]: { fail: 'timeout' },
    },
    domain: MAIL,
    codes: ['dmarc/discovery-divergence', 'dmarc/inconclusive'],
    said: [
      about({ reason: 'record-lookup-failed' }, { message: says(`${NAME} could not be looked up (timeout)`) }),
      {},
    ],
  },
  'inconclusive, nearest negative: above psd=n': {
    zone: { ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`), '_dmarc.com': { fail: 'servfail' } },
    codes: [],
  },
  'inconclusive: the authorisation': {
    zone: {
      ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
      'example.net': { mx: [[0, 'mx.example.net']] },
      'example.com._report._dmarc.example.net': { fail: 'refused' },
    },
    codes: ['dmarc/inconclusive'],
    said: [
      {
        subject: 'example.net',
        message: 'Whether example.net accepts reports for example.com could not be found out (refused).',
        evidence: {
          reason: 'authorisation-lookup-failed',
          query: { name: AUTHORISATION, rcode: 'refused' },
        },
      },
    ],
  },
  'inconclusive: whether the destination is of the same organization': {
    zone: {
      ...policy(`v=DMARC1; p=reject; rua=mailto:r@reports.example.com`),
      'reports.example.com': { a: ['192.0.2.5'] },
      '_dmarc.reports.example.com': { fail: 'servfail' },
    },
    codes: ['dmarc/inconclusive'],
    said: [
      {
        subject: 'reports.example.com',
        message: 'Whether reports.example.com accepts reports for example.com could not be found out (servfail).',
        evidence: {
          reason: 'authorisation-lookup-failed',
          query: { name: '_dmarc.reports.example.com' },
        },
      },
    ],
  },
  'inconclusive: the mail route of the reports': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@slow.example.com'), 'slow.example.com': { fail: 'timeout' } },
    codes: ['dmarc/inconclusive'],
    said: [
      {
        subject: 'slow.example.com',
        message: 'Whether slow.example.com can receive reports could not be found out (timeout).',
        evidence: {
          reason: 'mail-route-lookup-failed',
          query: { name: 'slow.example.com', type: 'MX', rcode: 'timeout' },
        },
      },
    ],
  },
  'inconclusive: np= depends on whether the name exists': {
    zone: { ...policy(`v=DMARC1; p=reject; np=reject; ${RUA}`), ...MAIL_KEY, [MAIL]: { fail: 'servfail' } },
    domain: MAIL,
    codes: ['dmarc/inconclusive', 'dmarc/inherited'],
    said: [
      {
        subject: MAIL,
        message: `Whether ${MAIL} exists could not be found out (servfail), which decides between sp= and np=.`,
        evidence: {
          reason: 'existence-lookup-failed',
          query: { name: MAIL, type: 'TXT', rcode: 'servfail' },
        },
      },
      {},
    ],
  },
  'inconclusive, nearest negative: without np= it does not matter whether the name exists': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), ...MAIL_KEY, [MAIL]: { fail: 'servfail' } },
    domain: MAIL,
    codes: ['dmarc/inherited'],
  },
  'inconclusive, nearest negative: a record of its own has no use for np=': {
    zone: {
      ...MAIL_KEY,
      [MAIL]: { fail: 'servfail' },
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; np=reject; ${RUA}`] },
      ...policy(`v=DMARC1; p=reject; ${RUA}`),
    },
    domain: MAIL,
    codes: [],
  },
};

describe('dmarc rule', () => {
  it.each(Object.entries(cases))('%s', async (_, { zone, codes: expected, said, ...options }) => {
    const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }), options);
    expect(codes(dmarc, found)).toEqual(expected);
    if (said) expect(found).toMatchObject(said);
    for (const finding of found) {
      expect(finding.message).not.toMatch(/undefined|\[object|[\x00-\x1f]/);
      expect(finding.message.length).toBeLessThan(600);
      expect(finding.remediation.summary).toMatch(/\.$/);
    }
  });

  it('every code is emitted by a case', () => {
    const emitted = new Set(Object.values(cases).flatMap((one) => one.codes.map((code) => code.split(' ')[0])));
    expect(Object.keys(dmarc.findings).filter((code) => !emitted.has(code))).toEqual([]);
  });

  it('names above the registered domain are the registry’s: their records are not judged', async () => {
    const zone = {
      ...GOOD,
      ...policy(`v=DMARC1; p=reject; psd=n; ${RUA}`),
      '_dmarc.com': { txt: ['v=dmarc1; p=none'] },
    };
    expect(codes(dmarc, await checkRule(dmarc, zoneResolver(zone)))).toEqual([]);
  });

  it('a registered domain that the walk does not come to is judged too', async () => {
    const zone = {
      ...GOOD,
      ...MAIL_KEY,
      [`_dmarc.${MAIL}`]: { txt: [`v=DMARC1; p=reject; psd=n; rua=mailto:r@${MAIL}`] },
      ...policy('v=dmarc1; p=none'),
    };
    const found = await checkRule(dmarc, zoneResolver(zone), { domain: MAIL });
    expect(found).toMatchObject([{ code: 'dmarc/near-miss', subject: NAME }, { code: 'dmarc/discovery-divergence' }]);
  });

  it.each<[string, Record<string, string | null>]>([
    [
      'by other names that people have for them',
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
    ['a character too many', { ruaa: 'rua', arua: 'rua', adkimm: 'adkim', asppf: 'aspf' }],
    ['one left out', { ua: 'rua', akim: 'adkim', adki: 'adkim', asp: 'aspf' }],
    ['one changed', { xdkim: 'adkim', adkix: 'adkim', adxim: 'adkim', pse: 'psd' }],
    ['two swapped', { adikm: 'adkim', dakim: 'adkim', adkmi: 'adkim', apsf: 'aspf' }],
    // Of a tag of two letters, everything is one change away.
    ['nothing near', { foo: null, sq: null, q: null, adkimxx: null, adk: null, daikm: null, xruax: null, aim: null }],
    [
      'more than one change, or one elsewhere',
      { adixm: null, adkiam: 'adkim', xdkxm: null, dakmi: null, axkmi: null, xakim: null, dxkim: null },
    ],
  ])('unknown tags, and what was meant: %s', async (_, suggestions) => {
    const tags = Object.keys(suggestions).map((tag) => `; ${tag}=1`);
    const zone = { ...GOOD, ...policy(`v=DMARC1; p=reject; ${RUA}${tags.join('')}`) };
    const found = await checkRule(dmarc, zoneResolver(zone), { selectors: ['mail'] });
    const expected = Object.entries(suggestions).map(([tag, suggestion]) => ({ tag, suggestion }));
    expect(found.find(({ code }) => code === 'dmarc/unknown-tag')?.evidence).toMatchObject({ tags: expected });
  });

  it('ten unknown tags are kept, each once', async () => {
    const names = [...'bcdefghijkl'].map((letter) => `x${letter}1_Z`);
    const tags = [...names, ...names].map((name) => `; ${name}=1`).join('');
    const zone = { ...GOOD, ...policy(`v=DMARC1; p=reject; ${RUA}${tags}; 1x=1; x-y=1`) };
    const found = await checkRule(dmarc, zoneResolver(zone), { selectors: ['mail'] });
    expect(found.find(({ code }) => code === 'dmarc/unknown-tag')?.evidence).toMatchObject({
      tags: names.slice(0, 10).map((tag) => ({ tag })),
    });
  });

  it('a record of 64 KiB of addresses costs a bounded number of queries', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `mailto:r@d${index}.example`).join(',');
    const resolver = zoneResolver({ ...GOOD, ...policy(`v=DMARC1; p=reject; rua=${many}`) });
    const found = await checkRule(dmarc, resolver);
    expect(found.filter(({ code }) => code === 'dmarc/rua-unauthorized')).toHaveLength(10);
    expect(resolver.asked.filter((question) => !question.includes('_domainkey')).length).toBeLessThan(60);
  });
});

it('enforce-without-dkim says what SPF leaves', async () => {
  const zone = { ...GOOD, ...policy(`v=DMARC1; p=reject; ${RUA}`) };
  const found = await checkRule(dmarc, zoneResolver(zone), { selectors: ['gone'], ips: ['192.0.2.9'] });
  expect(found).toMatchObject([{ evidence: { spf: [{ ip: '192.0.2.9', result: 'fail' }] } }]);
  expect(found[0]?.subject).toBe('example.com');
  expect(found[0]?.message).toContain('SPF gives fail for 192.0.2.9');
});

describe('what a finding is about, and what it rests on', () => {
  const both: Record<string, Case> = {
    'two near misses and two misplaced records': {
      zone: {
        ...policy('v=dmarc1; p=none', 'V=DMARC1; p=reject'),
        'dmarc.example.com': { txt: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] },
      },
      codes: [],
    },
    'bad values of three tags': { zone: policy('v=DMARC1; p=a; sp=b; np=c'), codes: [] },
    'addresses of both tags': { zone: policy('v=DMARC1; p=reject; rua=a@b; ruf=c@d'), codes: [] },
    'two questions about one destination': {
      zone: {
        ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'),
        'example.net': { fail: 'timeout' },
        [AUTHORISATION]: { fail: 'timeout' },
      },
      codes: [],
    },
  };

  it.each(Object.entries({ ...cases, ...both }))(
    '%s: no two findings of one code are about the same',
    async (_, one) => {
      const { zone, domain, selectors } = one;
      const options = { ...(domain ? { domain } : {}), ...(selectors ? { selectors } : {}) };
      const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }), options);
      const identities = found.map(({ code, about: subject }) => JSON.stringify([code, subject]));
      expect(new Set(identities).size).toBe(identities.length);
      for (const { rests } of found) expect(rests).not.toEqual([]);
    },
  );

  it.each<[string, Record<string, Entry>, string, readonly string[]]>([
    ['a missing record rests on the names of the walk', {}, 'dmarc/missing', [`${NAME} TXT`, '_dmarc.com TXT']],
    [
      'a misplaced record rests on its own name too',
      { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
      'dmarc/wrong-location',
      ['dmarc.example.com TXT', `${NAME} TXT`, '_dmarc.com TXT'],
    ],
    [
      'a near miss rests on its own name, aliases included',
      { [NAME]: { cname: 'd.example.net' }, 'd.example.net': { txt: ['v=dmarc1; p=none'] } },
      'dmarc/near-miss',
      [`${NAME} TXT`, 'd.example.net TXT'],
    ],
    [
      'a destination rests on the record that names it and on all ways to reach it',
      policy('v=DMARC1; p=reject; rua=mailto:r@gone.example.com'),
      'dmarc/rua-undeliverable',
      [`${NAME} TXT`, '_dmarc.com TXT', 'gone.example.com MX', 'gone.example.com A', 'gone.example.com AAAA'],
    ],
    ['a lookup that fails rests on itself', { [NAME]: { fail: 'timeout' } }, 'dmarc/inconclusive', [`${NAME} TXT`]],
  ])('%s', async (_, zone, code, expected) => {
    const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }));
    const rests = found.filter((finding) => finding.code === code).flatMap((finding) => finding.rests);
    expect(rests.map(({ name, type }) => `${name} ${type}`)).toEqual(expected);
  });

  it('a policy without a key rests on the selectors that were looked at', async () => {
    const zone = { ...GOOD, ...policy(`v=DMARC1; p=reject; ${RUA}`) };
    const [found] = await checkRule(dmarc, zoneResolver(zone), { selectors: ['gone'] });
    expect(found?.rests).toContainEqual({ name: 'gone._domainkey.example.com', type: 'TXT' });
    expect(found?.rests).toContainEqual({ name: NAME, type: 'TXT' });
  });

  it('inheritance rests on the existence of the name only where np= asks for it', async () => {
    const restsOf = async (text: string) => {
      const zone = { ...GOOD, ...MAIL_KEY, ...policy(text) };
      const found = await checkRule(dmarc, zoneResolver(zone), { domain: MAIL });
      return found.find(({ code }) => code === 'dmarc/inherited')?.rests;
    };
    expect(await restsOf(`v=DMARC1; p=reject; np=reject; ${RUA}`)).toContainEqual({ name: MAIL, type: 'TXT' });
    expect(await restsOf(`v=DMARC1; p=reject; ${RUA}`)).not.toContainEqual({ name: MAIL, type: 'TXT' });
  });
});

describe('ready records', () => {
  async function records(zone: Record<string, Entry>, domain?: string) {
    const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }), domain ? { domain } : {});
    return found.flatMap(({ code, remediation }) => (remediation.records ?? []).map(({ line }) => `${code}: ${line}`));
  }

  const cases: [string, Record<string, Entry>, string][] = [
    ['missing', {}, 'dmarc/missing: _dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"'],
    [
      'near-miss: correct',
      policy(`V=dmarc1 p=reject ${RUA}`),
      `dmarc/near-miss: _dmarc.example.com. IN TXT "v=DMARC1; p=reject; ${RUA}"`,
    ],
    [
      'wrong-location: moved',
      { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
      'dmarc/wrong-location: _dmarc.example.com. IN TXT "v=DMARC1; p=none"',
    ],
    [
      'policy-none: tightened',
      policy(`v=DMARC1; p=none; ${RUA}`),
      `dmarc/policy-none: _dmarc.example.com. IN TXT "v=DMARC1; p=quarantine; ${RUA}"`,
    ],
    [
      'psd-misuse: taken out',
      policy(`v=DMARC1; p=reject; psd=y; ${RUA}`),
      `dmarc/psd-misuse: _dmarc.example.com. IN TXT "v=DMARC1; p=reject; ${RUA}"`,
    ],
    [
      'no-rua: added',
      policy('v=DMARC1; p=reject'),
      'dmarc/no-rua: _dmarc.example.com. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"',
    ],
    [
      'rua-unauthorized: at the destination',
      { ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'), 'example.net': { a: ['192.0.2.7'] } },
      'dmarc/rua-unauthorized: example.com._report._dmarc.example.net. IN TXT "v=DMARC1;"',
    ],
    [
      'discovery-divergence: psd=n against a registry',
      { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { txt: ['v=DMARC1; p=none'] } },
      `dmarc/discovery-divergence: _dmarc.example.com. IN TXT "v=DMARC1; p=reject; ${RUA}; psd=n"`,
    ],
  ];
  it.each(cases)('%s', async (_, zone, line) => {
    expect(await records(zone)).toEqual([line]);
  });

  it('two faults in one record: both findings offer the record without either', async () => {
    const lines = await records(policy(`v=DMARC1; p=reject; sp=none; pct=50; rf=afrf; ${RUA}`));
    const right = `_dmarc.example.com. IN TXT "v=DMARC1; p=reject; ${RUA}"`;
    expect(lines).toEqual([`dmarc/subdomain-weaker: ${right}`, `dmarc/pct: ${right}`, `dmarc/historic-tag: ${right}`]);
  });
});
