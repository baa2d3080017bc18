import { describe, expect, it } from 'vitest';
import dmarc from '../../src/rules/dmarc/rule.ts';
import { checkRule, codes } from '../dkim/check-rule.ts';
import { KEY_RECORD } from '../dkim/keys.ts';
import { type Entry, zoneResolver } from '../dkim/zone-resolver.ts';

/** A domain in good order but for its DMARC record: a key, a mailbox for reports. */
const GOOD: Record<string, Entry | readonly Entry[]> = {
  'example.com': [{ txt: ['v=spf1 -all'] }, { mx: [[10, 'mx.example.com']] }],
  'mx.example.com': { a: ['192.0.2.1'] },
  'mail._domainkey.example.com': { txt: [KEY_RECORD] },
  com: { a: ['192.0.2.2'] },
};
const RUA = 'rua=mailto:r@example.com';

interface Case {
  readonly zone: Record<string, Entry | readonly Entry[]>;
  readonly codes: readonly string[];
  readonly domain?: string;
  readonly selectors?: readonly string[];
}

/** The record at `_dmarc.example.com`. */
function policy(...texts: string[]): Record<string, Entry> {
  return { '_dmarc.example.com': { txt: texts } };
}

const MAIL = 'mail.example.com';
const MAIL_KEY = { 'mail._domainkey.mail.example.com': { txt: [KEY_RECORD] }, [MAIL]: { a: ['192.0.2.3'] } };

const cases: Record<string, Case> = {
  'nothing to say': { zone: policy(`v=DMARC1; p=reject; ${RUA}`), codes: [] },
  missing: { zone: {}, codes: ['dmarc/missing'] },
  'missing: another TXT record at the name': { zone: policy('v=spf1 -all'), codes: ['dmarc/missing'] },
  'missing, nearest negative: inherited from the parent': {
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    domain: MAIL,
    codes: ['dmarc/inherited'],
  },
  'multiple-records': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'v=DMARC1; p=none'),
    codes: ['dmarc/multiple-records'],
  },
  'multiple-records, nearest negative: one of them is something else': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}`, 'hello'),
    codes: [],
  },
  'near-miss': { zone: policy(`v=DMARC1 p=reject ${RUA}`), codes: ['dmarc/near-miss'] },
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
  },
  'wrong-location: doubled by the zone editor': {
    zone: { '_dmarc.example.com.example.com': { txt: [`v=DMARC1; p=none; ${RUA}`] } },
    codes: ['dmarc/wrong-location'],
  },
  'wrong-location: without the underscore': {
    zone: { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/wrong-location'],
  },
  'wrong-location: twice the label': {
    zone: { '_dmarc._dmarc.example.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/wrong-location'],
  },
  'wrong-location, nearest negative: a copy beside the right one': {
    zone: { 'dmarc.example.com': { txt: ['v=DMARC1; p=none'] }, ...policy(`v=DMARC1; p=reject; ${RUA}`) },
    codes: [],
  },
  'policy-invalid: a bad p with rua': {
    zone: policy(`v=DMARC1; p=block; ${RUA}`),
    codes: ['dmarc/policy-invalid warning', 'dmarc/policy-none'],
  },
  'policy-invalid: a bad p without rua': {
    zone: policy('v=DMARC1; p=block'),
    codes: ['dmarc/no-rua', 'dmarc/policy-invalid'],
  },
  'policy-invalid: a bad sp': {
    zone: policy(`v=DMARC1; p=reject; sp=all; ${RUA}`),
    codes: ['dmarc/policy-invalid warning', 'dmarc/policy-none'],
  },
  'policy-invalid: no p at all': { zone: policy('v=DMARC1'), codes: ['dmarc/no-rua', 'dmarc/policy-invalid'] },
  'syntax-error: a tag twice': {
    zone: policy(`v=DMARC1; p=reject; p=none; ${RUA}`),
    codes: ['dmarc/syntax-error'],
  },
  'syntax-error: 64 KiB of semicolons after the version': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}${';'.repeat(65_536)}`),
    codes: ['dmarc/syntax-error'],
  },
  'policy-none': { zone: policy(`v=DMARC1; p=none; ${RUA}`), codes: ['dmarc/policy-none'] },
  'sp=reject under p=none: the domain itself has none': {
    zone: policy(`v=DMARC1; p=none; sp=reject; ${RUA}`),
    codes: ['dmarc/policy-none'],
  },
  'sp=reject under p=none: a subdomain has reject': {
    zone: { ...MAIL_KEY, ...policy(`v=DMARC1; p=none; sp=reject; ${RUA}`) },
    domain: MAIL,
    codes: ['dmarc/inherited'],
  },
  'testing: reject becomes quarantine': {
    zone: policy(`v=DMARC1; p=reject; t=y; ${RUA}`),
    codes: ['dmarc/testing'],
  },
  'testing: quarantine becomes none': {
    zone: policy(`v=DMARC1; p=quarantine; t=y; ${RUA}`),
    codes: ['dmarc/policy-none', 'dmarc/testing'],
  },
  'testing, nearest negative: t=n': { zone: policy(`v=DMARC1; p=reject; t=n; ${RUA}`), codes: [] },
  'subdomain-weaker: sp': {
    zone: policy(`v=DMARC1; p=reject; sp=none; ${RUA}`),
    codes: ['dmarc/subdomain-weaker'],
  },
  'subdomain-weaker: np': {
    zone: policy(`v=DMARC1; p=reject; np=quarantine; ${RUA}`),
    codes: ['dmarc/subdomain-weaker'],
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
  'pct below 100': { zone: policy(`v=DMARC1; p=reject; pct=50; ${RUA}`), codes: ['dmarc/pct'] },
  'pct 100': { zone: policy(`v=DMARC1; p=reject; pct=100; ${RUA}`), codes: ['dmarc/pct info'] },
  'historic-tag: rf and ri': {
    zone: policy(`v=DMARC1; p=reject; rf=afrf; ri=3600; ${RUA}`),
    codes: ['dmarc/historic-tag'],
  },
  'historic-tag: a size limit': { zone: policy(`v=DMARC1; p=reject; ${RUA}!10m`), codes: ['dmarc/historic-tag'] },
  'unknown-tag': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; ruaa=mailto:x@example.com`),
    codes: ['dmarc/unknown-tag'],
  },
  'unknown-tag: names every object has': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}; constructor=x; toString=y; __proto__=z`),
    codes: ['dmarc/syntax-error', 'dmarc/unknown-tag'],
  },
  'psd-misuse': { zone: policy(`v=DMARC1; p=reject; psd=y; ${RUA}`), codes: ['dmarc/psd-misuse'] },
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
  },
  'discovery-divergence: a registry that publishes without psd=y': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { txt: ['v=DMARC1; p=none'] } },
    codes: ['dmarc/discovery-divergence'],
  },
  'discovery-divergence, nearest negative: a registry with psd=y': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { txt: ['v=DMARC1; p=none; psd=y'] } },
    codes: [],
  },
  'discovery-divergence: np= of a name that does not exist': {
    zone: policy(`v=DMARC1; p=quarantine; np=reject; ${RUA}`),
    domain: 'gone.example.com',
    codes: ['dmarc/discovery-divergence', 'dmarc/enforce-without-dkim', 'dmarc/inherited'],
  },
  'no-rua': { zone: policy('v=DMARC1; p=reject'), codes: ['dmarc/no-rua'] },
  'no-rua: only one that cannot be used': {
    zone: policy('v=DMARC1; p=reject; rua=r@example.com'),
    codes: ['dmarc/no-rua', 'dmarc/rua-invalid'],
  },
  'rua-invalid beside a good one': {
    zone: policy(`v=DMARC1; p=reject; ${RUA}, https://example.com/r`),
    codes: ['dmarc/rua-invalid'],
  },
  'rua-unauthorized': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@example.net'), 'example.net': { mx: [[0, 'mx.example.net']] } },
    codes: ['dmarc/rua-unauthorized'],
  },
  'rua-unauthorized: ruf too': {
    zone: {
      ...policy(`v=DMARC1; p=reject; ${RUA}; ruf=mailto:r@example.net`),
      'example.net': { mx: [[0, 'mx.example.net']] },
    },
    codes: ['dmarc/rua-unauthorized'],
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
  },
  'rua-undeliverable: null MX': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@null.example.com'), 'null.example.com': { mx: [[0, '']] } },
    codes: ['dmarc/rua-undeliverable'],
  },
  'enforce-without-dkim: no key exists': {
    zone: { ...policy(`v=DMARC1; p=quarantine; ${RUA}`), 'mail._domainkey.example.com': [] },
    domain: 'example.com',
    selectors: ['mail'],
    codes: ['dmarc/enforce-without-dkim'],
  },
  'enforce-without-dkim: none exists, found out by discovery': {
    zone: {
      '_dmarc.other.example': { txt: ['v=DMARC1; p=reject; rua=mailto:r@other.example'] },
      'other.example': { a: ['192.0.2.6'] },
    },
    domain: 'other.example',
    codes: ['dmarc/enforce-without-dkim'],
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
  },
  'inconclusive: the own record': {
    zone: { '_dmarc.example.com': { fail: 'timeout' } },
    codes: ['dmarc/inconclusive'],
  },
  'inconclusive: above a record that applies': {
    zone: { ...policy(`v=DMARC1; p=reject; ${RUA}`), '_dmarc.com': { fail: 'servfail' } },
    codes: ['dmarc/inconclusive'],
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
  },
  'inconclusive: the mail route of the reports': {
    zone: { ...policy('v=DMARC1; p=reject; rua=mailto:r@slow.example.com'), 'slow.example.com': { fail: 'timeout' } },
    codes: ['dmarc/inconclusive'],
  },
  'inconclusive: np= depends on whether the name exists': {
    zone: { ...policy(`v=DMARC1; p=reject; np=reject; ${RUA}`), ...MAIL_KEY, [MAIL]: { fail: 'servfail' } },
    domain: MAIL,
    codes: ['dmarc/inconclusive', 'dmarc/inherited'],
  },
};

describe('dmarc rule', () => {
  it.each(Object.entries(cases))('%s', async (_, { zone, codes: expected, ...options }) => {
    const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }), options);
    expect(codes(dmarc, found)).toEqual(expected);
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

  it('a record of 64 KiB of addresses costs a bounded number of queries', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `mailto:r@d${index}.example`).join(',');
    const resolver = zoneResolver({ ...GOOD, ...policy(`v=DMARC1; p=reject; rua=${many}`) });
    const found = await checkRule(dmarc, resolver);
    expect(found.map(({ code }) => code)).toContain('dmarc/rua-unauthorized');
    expect(resolver.asked.filter((question) => !question.includes('_domainkey')).length).toBeLessThan(60);
  });
});

it('enforce-without-dkim says what SPF leaves', async () => {
  const zone = { ...GOOD, ...policy(`v=DMARC1; p=reject; ${RUA}`) };
  const found = await checkRule(dmarc, zoneResolver(zone), { selectors: ['gone'], ips: ['192.0.2.9'] });
  expect(found).toMatchObject([{ evidence: { spf: [{ ip: '192.0.2.9', result: 'fail' }] } }]);
  expect(found[0]?.message).toContain('SPF gives fail for 192.0.2.9');
});

describe('ready records', () => {
  async function records(zone: Record<string, Entry>, domain?: string) {
    const found = await checkRule(dmarc, zoneResolver({ ...GOOD, ...zone }), domain ? { domain } : {});
    return found.flatMap(({ code, remediation }) => (remediation.records ?? []).map(({ line }) => `${code}: ${line}`));
  }

  const cases: [string, Record<string, Entry>, string][] = [
    ['missing', {}, 'dmarc/missing: _dmarc.example.com. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"'],
    [
      'near-miss: corrected',
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
