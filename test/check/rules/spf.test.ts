/** The SPF rule: each code with the zone that brings it about, and the nearest zone that does not. */
import { expect, test } from 'vitest';
import spf from '../../../src/check/rules/spf/rule.ts';
import { run } from '../../../src/check/run.ts';
import type { Settings } from '../../../src/check/settings.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { openWorld, type World } from '../../../src/check/world.ts';
import type { FindingResult } from '../../../src/report/status.ts';
import { checkHost, parseRecord } from '../../../src/standards/spf/index.ts';
import { address } from '../../standards/spf/check.ts';
import { resultOf } from '../../world/check.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, runCase, type Shown } from '../../world/rule-test.ts';
import type { NameScript, ZoneScript } from '../../world/zone.ts';
import { SERVER, zoneClient, zoneResolver } from '../../world/zone-resolver.ts';

type Code = keyof typeof spf.findings;
type Case = RuleCase<Code>;
type Expected = ExpectedFinding<Code>;

const IP = '203.0.113.5';
const GOOD = `v=spf1 ip4:${IP} -all` as const;

function including(count: number): { terms: string; zone: ZoneScript } {
  const names = Array.from({ length: count }, (_, n) => `i${n}.example`);
  return {
    terms: names.map((name) => `include:${name}`).join(' '),
    zone: Object.fromEntries(names.map((name) => [name, 'v=spf1 ~all' as const])),
  };
}

/** A private network is a remark where the run may test private addresses, as here. */
const LAB_RANGE = { code: 'spf/not-public-range', severity: 'info' } as const;

/** MX records that all lead to one host. */
function hosts(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, n) => `${n} ${name}`);
}

const nine = including(9);
const ten = including(10);
const eleven = including(11);

const rows: Case[] = [
  {
    when: 'mx: with a host that has addresses and no MX record',
    zone: { 'example.com': `v=spf1 mx:h.example ip4:${IP} -all`, 'h.example': { A: ['11.0.0.1'] } },
    finds: [
      {
        code: 'spf/void-lookup',
        fix: /^Change "mx:h\.example" to "a:h\.example", so that the host passes/,
        remediation: { records: [{ value: `v=spf1 a:h.example ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'a record continued in a TXT without version',
    zone: { 'example.com': { TXT: [`ip4:${IP} -all`, 'v=spf1 ip4:11.0.0.1'] } },
    finds: [
      {
        code: 'spf/near-miss',
        severity: 'warning',
        says: /cannot continue in another TXT record/,
        remediation: { records: [{ value: `v=spf1 ip4:11.0.0.1 ip4:${IP} -all` }] },
      },
      'spf/no-all',
      'spf/ip-not-authorized',
    ],
  },
  {
    when: 'a mistyped record beside a good one',
    zone: { 'example.com': { TXT: [GOOD, 'v=spf1; ip4:11.0.0.1 -all'] } },
    finds: [
      {
        code: 'spf/near-miss',
        severity: 'warning',
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ip4:11.0.0.1 -all` }] },
      },
    ],
  },
  {
    when: 'a zone file without quotation marks',
    zone: { 'example.com': { TXT: [['v=spf1', `ip4:${IP}`, '-all']] } },
    finds: [
      {
        code: 'spf/near-miss',
        says: /join the strings of a TXT record without a space/,
        remediation: { records: [{ value: GOOD }] },
      },
    ],
  },
  {
    when: 'a mechanism written as a modifier, and a token of another service',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include=x.example MS=ms00000000 -all`,
      'x.example': 'v=spf1 ip4:11.0.0.1 -all',
    },
    finds: [
      {
        code: 'spf/redirect-ignored',
        evidence: { terms: ['include=x.example', 'MS=ms00000000'] },
        says: /takes a colon; it is a token of another service, which needs its own TXT record/,
        remediation: { records: [{ value: `v=spf1 ip4:${IP} include:x.example -all` }] },
      },
    ],
  },
  {
    when: 'a typographic dash, which is shown as the letter that it is',
    zone: { 'example.com': `v=spf1 ip4:${IP} ${Buffer.from('–all', 'utf8').toString('latin1')}` },
    finds: [
      {
        code: 'spf/syntax-error',
        says: '"–all" (at character 24): it has a typographic dash instead of a hyphen; "-all" was meant.',
        remediation: { records: [{ value: GOOD }] },
      },
    ],
  },
  {
    when: 'two names in one include, which is a name that no host has',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:x.example|y.example -all`,
      'x.example': 'v=spf1 ip4:11.0.0.1 -all',
      'y.example': 'v=spf1 ip4:11.0.0.2 -all',
    },
    finds: [
      'spf/void-lookup',
      {
        code: 'spf/include-broken',
        says: /only spaces separate terms/,
        remediation: { records: [{ value: `v=spf1 ip4:${IP} include:x.example include:y.example -all` }] },
      },
    ],
  },
  {
    when: 'a redirect beside all; what it names goes on to pass',
    zone: { 'example.com': 'v=spf1 redirect=x.example -all', 'x.example': GOOD },
    finds: [
      { code: 'spf/redirect-ignored', remediation: { records: [{ value: 'v=spf1 include:x.example -all' }] } },
      'spf/ip-not-authorized',
    ],
  },
  {
    when: 'terms void for IPv6 clients only, of which no more are written as addresses than necessary',
    zone: {
      'example.com': `v=spf1 a:h.example a:mail.example.com a:i.example ip4:${IP} ip6:2001:db8::5 -all`,
      'h.example': { A: ['11.0.0.1'] },
      'i.example': { A: ['11.0.0.2'] },
      'mail.example.com': { A: ['11.0.0.3'] },
    },
    ips: [IP, '2001:db8::5'],
    finds: [
      {
        code: 'spf/too-many-void-lookups',
        says: /find no AAAA record for senders with IPv6/,
        remediation: {
          records: [{ value: `v=spf1 a:h.example ip4:11.0.0.3 a:i.example ip4:${IP} ip6:2001:db8::5 -all` }],
        },
      },
    ],
  },
  {
    when: 'no TXT record at the domain',
    finds: [
      {
        code: 'spf/missing',
        subject: 'example.com',
        evidence: {
          query: { name: 'example.com', type: 'TXT', rcode: 'nxdomain' },
          otherTxt: [],
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'one SPF record', zone: { 'example.com': GOOD } },
  {
    when: 'other TXT records, of which one begins with v=spf10',
    zone: { 'example.com': { TXT: ['x', `v=spf10 ip4:${IP} -all`] } },
    finds: [
      {
        code: 'spf/missing',
        subject: 'example.com',
        evidence: {
          query: { name: 'example.com', type: 'TXT', rcode: 'noerror' },
          otherTxt: ['x', `v=spf10 ip4:${IP} -all`],
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'another TXT record beside the SPF record', zone: { 'example.com': { TXT: ['x', GOOD] } } },
  {
    when: 'two SPF records (RFC 7208 §3.2)',
    zone: { 'example.com': { TXT: [GOOD, 'v=spf1 mx ~all'] } },
    finds: [
      {
        code: 'spf/multiple-records',
        subject: 'example.com',
        evidence: { records: [`v=spf1 ip4:${IP} -all`, 'v=spf1 mx ~all'] },
        fix: /with one that has the senders of all of them/,
      },
    ],
  },
  { when: 'an SPF record beside one of Sender ID', zone: { 'example.com': { TXT: [GOOD, 'spf2.0/pra -all'] } } },
  {
    when: 'a space before v=spf1',
    zone: { 'example.com': ` ${GOOD}` },
    finds: [
      {
        code: 'spf/near-miss',
        subject: 'example.com',
        evidence: {
          name: 'example.com',
          text: ` v=spf1 ip4:${IP} -all`,
          slips: [{ kind: 'before-version' }],
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'a space at the end of the record', zone: { 'example.com': `${GOOD} ` } },
  {
    when: 'a record at _spf. of the domain only',
    zone: { '_spf.example.com': GOOD },
    finds: [
      {
        code: 'spf/near-miss',
        subject: '_spf.example.com',
        evidence: {
          name: '_spf.example.com',
          text: `v=spf1 ip4:${IP} -all`,
          isMisplaced: true,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'a record at _spf. of the domain beside the right one',
    zone: { 'example.com': GOOD, '_spf.example.com': GOOD },
  },
  {
    when: 'ipv4: for ip4:',
    zone: { 'example.com': `v=spf1 ipv4:${IP} -all` },
    finds: [
      {
        code: 'spf/syntax-error',
        subject: 'example.com',
        evidence: {
          kind: 'unknown-mechanism',
          message: 'there is no mechanism "ipv4"',
          term: `ipv4:${IP}`,
          offset: 7,
          record: `v=spf1 ipv4:${IP} -all`,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'ip4: with the address that sends', zone: { 'example.com': GOOD } },
  {
    when: 'two strings whose join makes one valid term of two',
    zone: {
      'example.com': { TXT: [[`v=spf1 ip4:${IP} a:x.example`, 'mx -all']] },
      'x.examplemx': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
    },
    finds: [
      {
        code: 'spf/string-join',
        subject: 'example.com',
        evidence: {
          strings: [`v=spf1 ip4:${IP} a:x.example`, 'mx -all'],
          term: 'a:x.examplemx',
          parts: ['a:x.example', 'mx'],
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'two strings that are cut inside a term',
    zone: {
      'example.com': { TXT: [[`v=spf1 ip4:${IP} a:x.exam`, 'ple -all']] },
      'x.example': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
    },
  },
  {
    when: 'an address that ends at -all',
    zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 -all' },
    finds: [
      {
        code: 'spf/ip-not-authorized',
        subject: IP,
        evidence: {
          ip: IP,
          result: 'fail',
          matched: [{ domain: 'example.com', term: '-all' }],
          lookups: 0,
          record: 'v=spf1 ip4:11.0.0.1 -all',
        },
        remediation: { records: [{ value: `v=spf1 ip4:11.0.0.1 ip4:${IP} -all` }] },
      },
    ],
    also: ({ findings }) => {
      // It is every fault of its code: receivers reject a fail that they do not reject otherwise.
      expect(findings.map(({ faults }) => faults)).toEqual([undefined]);
    },
  },
  { when: 'an address that ip4: lists', zone: { 'example.com': GOOD } },
  {
    when: 'the same record with the type that SPF once had',
    zone: { 'example.com': { TXT: [GOOD], SPF: [GOOD] } },
    finds: [
      {
        code: 'spf/type99',
        about: { name: 'example.com' },
        rests: ['SPF example.com'],
        evidence: { records: [GOOD], differs: false },
        says: 'example.com has a record of type SPF (99).',
      },
    ],
    status: 'pass',
  },
  {
    when: 'another record with the type that SPF once had',
    zone: { 'example.com': { TXT: [GOOD], SPF: ['v=spf1 -all'] } },
    finds: [{ code: 'spf/type99', evidence: { differs: true }, says: /not with the text of the TXT record/ }],
  },
  {
    when: 'a record of the type that SPF once had, and none that receivers read',
    zone: { 'example.com': { SPF: [GOOD] } },
    finds: ['spf/missing', { code: 'spf/type99', evidence: { differs: true } }],
  },
  {
    when: 'no answer about the type that SPF once had, which says nothing',
    zone: { 'example.com': { TXT: [GOOD], SPF: 'servfail' } },
  },
  {
    when: 'an address that ends at ~all',
    zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 ~all' },
    finds: [
      'spf/all-softfail',
      {
        code: 'spf/ip-not-authorized',
        subject: IP,
        faults: ['no-spf'],
        evidence: {
          ip: IP,
          result: 'softfail',
          matched: [{ domain: 'example.com', term: '~all' }],
          lookups: 0,
          record: 'v=spf1 ip4:11.0.0.1 ~all',
        },
        remediation: { records: [{ value: `v=spf1 ip4:11.0.0.1 ip4:${IP} ~all` }] },
      },
    ],
  },
  {
    when: 'an address that ip4: lists before ~all',
    zone: { 'example.com': `v=spf1 ip4:${IP} ~all` },
    finds: ['spf/all-softfail'],
  },
  {
    when: 'an IPv6 address of the confirmed reverse name that the record does not list',
    zone: {
      'example.com': GOOD,
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
      'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
    },
    finds: [
      {
        code: 'spf/ipv6-not-authorized',
        subject: '2001:db8::5',
        evidence: {
          ip: '2001:db8::5',
          result: 'fail',
          matched: [{ domain: 'example.com', term: '-all' }],
          lookups: 0,
          name: 'mail.example.com',
          tested: IP,
          record: `v=spf1 ip4:${IP} -all`,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ip6:2001:db8::5 -all` }] },
      },
    ],
  },
  {
    when: 'an IPv6 address of the confirmed reverse name that the record lists',
    zone: {
      'example.com': `v=spf1 ip4:${IP} ip6:2001:db8::5 -all`,
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
      'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
    },
    finds: [LAB_RANGE],
  },
  {
    when: 'an IPv6 address of the HELO name that the record does not list',
    zone: { 'example.com': GOOD, 'h.example.com': { AAAA: ['2001:db8::5'] } },
    helo: 'h.example.com',
    finds: [
      {
        code: 'spf/ipv6-not-authorized',
        subject: '2001:db8::5',
        evidence: {
          ip: '2001:db8::5',
          result: 'fail',
          matched: [{ domain: 'example.com', term: '-all' }],
          lookups: 0,
          name: 'h.example.com',
          tested: IP,
          record: `v=spf1 ip4:${IP} -all`,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ip6:2001:db8::5 -all` }] },
      },
    ],
  },
  {
    when: 'a HELO name without an IPv6 address',
    zone: { 'example.com': GOOD, 'h.example.com': { A: [IP] } },
    helo: 'h.example.com',
  },
  {
    when: '11 lookups, though the address passes before them',
    zone: { ...eleven.zone, 'example.com': `v=spf1 ip4:${IP} ${eleven.terms} -all` },
    finds: [
      {
        code: 'spf/too-many-lookups',
        subject: 'example.com',
        evidence: { count: 11, limit: 10, isMinimum: false, relief: { replacements: [], record: null, cost: 11 } },
      },
    ],
  },
  {
    when: '10 lookups',
    zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` },
    finds: ['spf/near-lookup-limit'],
  },
  {
    when: '9 lookups',
    zone: { ...nine.zone, 'example.com': `v=spf1 ip4:${IP} ${nine.terms} -all` },
    finds: [
      { code: 'spf/near-lookup-limit', subject: 'example.com', evidence: { count: 9, limit: 10, isMinimum: false } },
    ],
  },
  {
    when: '8 lookups',
    zone: { ...nine.zone, 'example.com': `v=spf1 ip4:${IP} ${nine.terms.replace(/ \S+$/, '')} -all` },
  },
  {
    when: '3 void lookups',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example mx:2.example exists:3.example -all` },
    finds: [
      {
        code: 'spf/too-many-void-lookups',
        subject: 'example.com',
        evidence: {
          names: [
            { domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nxdomain' },
            { domain: 'example.com', term: 'mx:2.example', target: '2.example', rcode: 'nxdomain' },
            { domain: 'example.com', term: 'exists:3.example', target: '3.example', rcode: 'nxdomain' },
          ],
          count: 3,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: '2 void lookups',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example mx:2.example -all` },
    finds: ['spf/void-lookup'],
  },
  {
    when: 'a void lookup of a name that does not exist',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example -all` },
    finds: [
      {
        code: 'spf/void-lookup',
        subject: 'example.com',
        evidence: {
          names: [{ domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nxdomain' }],
          count: 1,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'a lookup of a name with an address',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example -all`, '1.example': { A: ['192.0.2.1'] } },
  },
  {
    when: '3 void lookups for an IPv6 client alone',
    zone: {
      'example.com': 'v=spf1 ip6:2001:db8::5 a:1.example a:2.example a:3.example -all',
      '1.example': { A: [IP] },
      '2.example': { A: [IP] },
      '3.example': { A: [IP] },
    },
    ips: ['2001:db8::5'],
    finds: [
      {
        code: 'spf/too-many-void-lookups',
        subject: 'example.com',
        evidence: {
          names: [
            { domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nodata' },
            { domain: 'example.com', term: 'a:2.example', target: '2.example', rcode: 'nodata' },
            { domain: 'example.com', term: 'a:3.example', target: '3.example', rcode: 'nodata' },
          ],
          count: 3,
        },
        remediation: { records: [{ value: `v=spf1 ip6:2001:db8::5 ip4:${IP} a:2.example a:3.example -all` }] },
      },
    ],
  },
  {
    when: '2 names without an IPv6 address, for an IPv6 client',
    zone: {
      'example.com': 'v=spf1 ip6:2001:db8::5 a:1.example a:2.example -all',
      '1.example': { A: [IP] },
      '2.example': { A: [IP] },
    },
    ips: ['2001:db8::5'],
  },
  {
    when: 'mx of a domain with 11 MX records',
    zone: {
      'example.com': {
        TXT: `v=spf1 ip4:${IP} mx -all`,
        MX: hosts(11, 'm.example'),
      },
    },
    finds: [
      {
        code: 'spf/too-many-mx',
        subject: 'example.com',
        evidence: { domain: 'example.com', term: 'mx', target: 'example.com', count: 11, limit: 10 },
      },
    ],
  },
  {
    when: 'mx of a domain with 10 MX records',
    zone: {
      'example.com': {
        TXT: `v=spf1 ip4:${IP} mx -all`,
        MX: hosts(10, 'm.example'),
      },
    },
  },
  {
    when: 'the ptr mechanism',
    zone: { 'example.com': `v=spf1 ip4:${IP} ptr -all` },
    finds: [
      {
        code: 'spf/ptr-mechanism',
        subject: 'example.com',
        evidence: { terms: [{ domain: 'example.com', term: 'ptr' }] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'a record of ip4: and -all', zone: { 'example.com': GOOD } },
  {
    when: 'the macro %{p}',
    zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{p}.example -all` },
    finds: [
      'spf/dynamic-macro',
      {
        code: 'spf/ptr-mechanism',
        subject: 'example.com',
        evidence: { terms: [{ domain: 'example.com', term: 'exists:%{p}.example' }] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'the macro %{i}, which no walk can follow',
    zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{i}.example -all` },
    finds: ['spf/dynamic-macro'],
  },
  {
    when: 'an include of a name without SPF record',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': { TXT: ['no'] } },
    finds: [
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: {
          domain: 'example.com',
          term: 'include:x.example',
          path: ['example.com', 'x.example'],
          target: 'x.example',
          reason: 'no-record',
          problems: [],
          registrable: false,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'an include of a name with an SPF record',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 -all' },
  },
  {
    when: 'an include of a name that does not exist, which is a void lookup too',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all` },
    finds: [
      'spf/void-lookup',
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: {
          domain: 'example.com',
          term: 'include:x.example',
          path: ['example.com', 'x.example'],
          target: 'x.example',
          reason: 'no-name',
          problems: [],
          registrable: false,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'an include of an empty record',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1' },
  },
  {
    when: 'a redirect to a record with a syntax error',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 foo -all' },
    finds: [
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: {
          domain: 'example.com',
          term: 'redirect=x.example',
          path: ['example.com', 'x.example'],
          target: 'x.example',
          reason: 'syntax',
          problems: [{ kind: 'unknown-mechanism', message: 'there is no mechanism "foo"', term: 'foo', offset: 7 }],
          registrable: false,
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ~all` }] },
      },
    ],
  },
  {
    when: 'a redirect to a good record',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' },
  },
  {
    when: 'an include behind a macro, broken for this client',
    zone: { 'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all` },
    finds: [
      'spf/dynamic-macro',
      {
        code: 'spf/include-broken',
        subject: `${IP}.example`,
        evidence: {
          problems: [],
          domain: 'example.com',
          term: 'include:%{i}.example',
          target: `${IP}.example`,
          reason: 'no-record',
          path: ['example.com', `${IP}.example`],
          registrable: false,
        },
      },
    ],
  },
  {
    when: 'an include behind a macro that holds for this client',
    zone: { 'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all`, '203.0.113.5.example': 'v=spf1 ~all' },
    finds: ['spf/dynamic-macro'],
  },
  {
    when: 'an include that leads back to the first record',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 include:example.com' },
    finds: [
      {
        code: 'spf/loop',
        subject: 'x.example',
        evidence: {
          domain: 'x.example',
          term: 'include:example.com',
          path: ['example.com', 'x.example', 'example.com'],
        },
      },
    ],
  },
  {
    when: 'the same include twice',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example include:x.example -all`, 'x.example': 'v=spf1' },
  },
  {
    when: 'a redirect beside all',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example -all` },
    finds: [
      {
        code: 'spf/redirect-ignored',
        subject: 'example.com',
        evidence: { terms: ['redirect=x.example'] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'a redirect without all',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' },
  },
  {
    when: 'a mechanism after all',
    zone: { 'example.com': `v=spf1 ip4:${IP} -all mx` },
    finds: [
      {
        code: 'spf/redirect-ignored',
        subject: 'example.com',
        evidence: { terms: ['mx'] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  { when: 'exp= after all', zone: { 'example.com': `v=spf1 ip4:${IP} -all exp=e.example` } },
  {
    when: 'neither all nor redirect',
    zone: { 'example.com': `v=spf1 ip4:${IP}` },
    finds: [
      {
        code: 'spf/no-all',
        subject: 'example.com',
        evidence: { domain: 'example.com', record: `v=spf1 ip4:${IP}` },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ~all` }] },
      },
    ],
  },
  { when: 'a record that ends with -all', zone: { 'example.com': GOOD } },
  {
    when: '+all',
    zone: { 'example.com': 'v=spf1 +all' },
    finds: [
      {
        code: 'spf/permits-everyone',
        subject: 'example.com',
        evidence: {
          terms: [{ domain: 'example.com', term: '+all' }],
          ipv4Addresses: 0,
          probes: ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'],
        },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: '+all behind a term that refuses all others',
    zone: { 'example.com': `v=spf1 -include:guard.example +all`, 'guard.example': `v=spf1 -ip4:${IP} +all` },
  },
  {
    when: 'all in an included record',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 all' },
    finds: [
      {
        code: 'spf/permits-everyone',
        subject: 'example.com',
        evidence: {
          terms: [{ domain: 'x.example', term: 'all' }],
          ipv4Addresses: 0,
          probes: ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'],
        },
      },
    ],
  },
  {
    when: 'one address in an included record',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': `v=spf1 ip4:${IP}` },
  },
  {
    when: 'half of the IPv4 internet',
    zone: { 'example.com': 'v=spf1 ip4:128.0.0.0/1 -all' },
    finds: [
      'spf/range-too-wide',
      {
        code: 'spf/permits-everyone',
        subject: 'example.com',
        evidence: {
          terms: [{ domain: 'example.com', term: 'ip4:128.0.0.0/1' }],
          ipv4Addresses: 2147483648,
          probes: [],
        },
      },
    ],
  },
  {
    when: 'a /8, which is not for everyone',
    zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/8 -all' },
    finds: ['spf/range-too-wide'],
  },
  {
    when: 'ip4: with a length of 0',
    zone: { 'example.com': 'v=spf1 ip4:1.2.3.4/0 -all' },
    finds: [
      'spf/range-too-wide',
      {
        code: 'spf/permits-everyone',
        subject: 'example.com',
        evidence: {
          terms: [{ domain: 'example.com', term: 'ip4:1.2.3.4/0' }],
          ipv4Addresses: 4294967296,
          probes: [],
        },
      },
    ],
  },
  { when: 'ip4: with a length of 32', zone: { 'example.com': `v=spf1 ip4:${IP}/32 -all` } },
  {
    when: 'ip4: with a length of 16',
    zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/16 -all' },
    finds: [
      {
        code: 'spf/range-too-wide',
        subject: 'example.com',
        evidence: { term: 'ip4:203.0.0.0/16', ipv4Addresses: 65536, prefixLength: 16, covers: [IP] },
      },
    ],
  },
  { when: 'ip4: with a length of 17', zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/17 -all' } },
  {
    when: '?all',
    zone: { 'example.com': `v=spf1 ip4:${IP} ?all` },
    finds: [
      {
        code: 'spf/all-neutral',
        subject: 'example.com',
        evidence: { domain: 'example.com', record: `v=spf1 ip4:${IP} ?all` },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ~all` }] },
      },
    ],
  },
  { when: '-all', zone: { 'example.com': GOOD } },
  {
    when: '~all at the end of a redirect',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 ~all' },
    finds: [
      { code: 'spf/all-softfail', subject: 'x.example', evidence: { domain: 'x.example', record: 'v=spf1 ~all' } },
    ],
  },
  {
    when: '-all at the end of a redirect',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' },
  },
  {
    when: 'a private network',
    zone: { 'example.com': `v=spf1 ip4:${IP} ip4:10.0.0.0/24 -all` },
    finds: [
      {
        code: 'spf/not-public-range',
        severity: 'info',
        subject: 'example.com',
        evidence: { term: 'ip4:10.0.0.0/24', range: 'private use (RFC 1918)' },
      },
    ],
  },
  { when: 'a public network', zone: { 'example.com': `v=spf1 ip4:${IP} ip4:11.0.0.0/24 -all` } },
  {
    when: 'a record of 451 octets',
    zone: { 'example.com': `${GOOD} ${'x'.repeat(422)}=` },
    finds: [
      {
        code: 'spf/record-too-long',
        subject: 'example.com',
        evidence: { octets: 451, answerOctets: 494, txtRecords: 1 },
      },
    ],
  },
  { when: 'a record of 450 octets', zone: { 'example.com': `${GOOD} ${'x'.repeat(421)}=` } },
  {
    when: 'an answer of 522 octets with the other TXT records',
    zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(439)] } },
    finds: [
      {
        code: 'spf/record-too-long',
        subject: 'example.com',
        evidence: { octets: 27, answerOctets: 522, txtRecords: 2 },
      },
    ],
  },
  {
    when: 'an answer of less than 512 octets with the other TXT records',
    zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(400)] } },
  },
  {
    when: 'the macro %{i} in exists:',
    zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{i}.example -all` },
    finds: [
      {
        code: 'spf/dynamic-macro',
        subject: 'example.com',
        evidence: { terms: [{ domain: 'example.com', term: 'exists:%{i}.example' }] },
      },
    ],
  },
  {
    when: 'the macro %{d}, which is the same for every client',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:%{d}.example -all`, 'example.com.example': { A: ['11.0.0.1'] } },
  },
  {
    when: 'no reply for the record',
    zone: { 'example.com': { TXT: 'timeout' } },
    finds: [
      {
        code: 'spf/inconclusive',
        subject: 'example.com',
        evidence: {
          reason: 'lookup-failed',
          query: { name: 'example.com', type: 'TXT', rcode: 'timeout' },
          path: ['example.com'],
        },
        says: 'The TXT lookup of example.com failed: no reply within 3000 ms.',
      },
    ],
  },
  { when: 'a reply for the record', zone: { 'example.com': GOOD } },
  {
    when: 'SERVFAIL for an include behind the term that matches',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': { TXT: 'servfail' } },
    finds: [
      {
        code: 'spf/inconclusive',
        subject: 'x.example',
        evidence: {
          reason: 'lookup-failed',
          query: { name: 'x.example', type: 'TXT', rcode: 'servfail' },
          path: ['example.com', 'x.example'],
        },
        says: 'The TXT lookup of x.example failed: the server failed (SERVFAIL) (reached by example.com → x.example).',
      },
    ],
  },
  {
    when: 'an include behind the term that matches, with a record',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1' },
  },
  {
    when: 'no reply for the address of an MX host',
    zone: { 'example.com': { TXT: `v=spf1 mx ip4:${IP} -all`, MX: ['1 m.example'] }, 'm.example': { A: 'timeout' } },
    finds: [
      {
        code: 'spf/inconclusive',
        subject: IP,
        evidence: {
          reason: 'evaluation-lookup-failed',
          path: ['example.com'],
          query: { name: 'm.example', type: 'A', rcode: 'timeout' },
        },
        says: 'The A lookup of m.example failed (timeout).',
      },
    ],
  },
  {
    when: 'an address of an MX host',
    zone: {
      'example.com': { TXT: `v=spf1 mx ip4:${IP} -all`, MX: ['1 m.example'] },
      'm.example': { A: ['192.0.2.1'] },
    },
  },
  {
    when: 'no address to test',
    zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 -all' },
    ips: [],
    finds: [
      {
        code: 'spf/inconclusive',
        subject: 'example.com',
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: you gave none, and the MX hosts have none.',
      },
    ],
  },
  { when: 'the address that the record lists', zone: { 'example.com': GOOD } },
];

/** The name that the macro of `behindMacro` leads this client to. */
const OWN = `${IP}.example`;

/** A record that only this client is led to, by way of a macro: no walk can see it. */
function behindMacro(text: string, others: ZoneScript = {}, own: NameScript & object = {}): ZoneScript {
  return {
    'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all`,
    [OWN]: { A: ['11.0.0.1'], TXT: [text], ...own },
    ...others,
  };
}

/** What only an evaluation can see; beside each world the nearest one that shows nothing of the kind. */
const evaluated: Case[] = (
  [
    [
      '11 lookups for this client',
      behindMacro(`v=spf1 ${'a '.repeat(10)}`),
      {
        code: 'spf/too-many-lookups',
        subject: IP,
        evidence: { count: 11, limit: 10, isMinimum: true, tree: { cost: 1 }, relief: { record: null } },
      },
      '10 lookups for this client',
      behindMacro(`v=spf1 ${'a '.repeat(9)}`),
    ],
    [
      '3 void lookups for this client',
      behindMacro('v=spf1 a:1.example a:2.example a:3.example'),
      {
        code: 'spf/too-many-void-lookups',
        subject: IP,
        evidence: {
          count: 3,
          names: [{ domain: OWN, term: 'a:3.example', target: '3.example', rcode: 'nxdomain' }],
        },
      },
      '2 void lookups for this client',
      behindMacro('v=spf1 a:1.example a:2.example'),
    ],
    [
      'mx of 11 MX records for this client',
      behindMacro('v=spf1 mx', {}, { MX: hosts(11, 'm.example') }),
      {
        code: 'spf/too-many-mx',
        subject: IP,
        evidence: { domain: OWN, term: 'mx', target: OWN, count: 11, limit: 10 },
      },
      'mx of 10 MX records for this client',
      behindMacro('v=spf1 mx', {}, { MX: hosts(10, 'm.example') }),
    ],
    [
      'a record with a syntax error for this client',
      behindMacro('v=spf1 foo'),
      {
        code: 'spf/include-broken',
        subject: OWN,
        evidence: {
          domain: 'example.com',
          term: 'include:%{i}.example',
          target: OWN,
          reason: 'syntax',
          problems: [{ term: 'foo' }],
          path: ['example.com', OWN],
          registrable: false,
        },
      },
      'a record with an unknown modifier for this client',
      behindMacro('v=spf1 foo=bar'),
    ],
    [
      'an include of two records for this client',
      behindMacro('v=spf1 include:x.example', { 'x.example': { TXT: ['v=spf1', 'v=spf1'] } }),
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: {
          domain: OWN,
          term: 'include:x.example',
          target: 'x.example',
          reason: 'several-records',
          problems: [],
          path: ['example.com', OWN, 'x.example'],
        },
      },
      'an include of one record for this client',
      behindMacro('v=spf1 include:x.example', { 'x.example': 'v=spf1' }),
    ],
    [
      'an include without SPF record for this client',
      behindMacro('v=spf1 include:x.example', { 'x.example': { TXT: ['text'] } }),
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: {
          domain: OWN,
          term: 'include:x.example',
          reason: 'no-record',
          path: ['example.com', OWN, 'x.example'],
        },
      },
      'an include with an SPF record for this client',
      behindMacro('v=spf1 include:x.example ?all', { 'x.example': 'v=spf1' }),
    ],
    [
      'no reply for an address for this client',
      behindMacro('v=spf1 a:x.example', { 'x.example': { A: 'timeout' } }),
      {
        code: 'spf/inconclusive',
        subject: IP,
        says: `The A lookup of x.example failed (timeout) (reached by example.com → ${OWN}).`,
        evidence: {
          reason: 'evaluation-lookup-failed',
          path: ['example.com', OWN],
          query: { name: 'x.example', type: 'A', rcode: 'timeout' },
        },
      },
      'a reply for an address for this client',
      behindMacro('v=spf1 a:x.example', { 'x.example': { A: ['11.0.0.1'] } }),
    ],
  ] as const
).flatMap(([when, zone, finding, near, nearest]): Case[] => [
  { when: `${when}, behind a macro`, zone, finds: ['spf/dynamic-macro', finding] },
  { when: `${near}, behind a macro`, zone: nearest, finds: ['spf/dynamic-macro'] },
]);

const namedTerms: Case[] = [
  {
    when: 'a syntax error behind a macro and others; it is told with the term that leads to it',
    zone: behindMacro('v=spf1 ptr include:ok.example include:x.example', {
      'ok.example': 'v=spf1 include:i.example',
      'i.example': 'v=spf1',
      'x.example': 'v=spf1 foo',
    }),
    finds: [
      'spf/dynamic-macro',
      {
        code: 'spf/include-broken',
        evidence: { domain: OWN, term: 'include:x.example', target: 'x.example' },
      },
    ],
  },
  {
    when: 'a syntax error in an include behind a macro; it is told with the term that leads to it',
    zone: behindMacro('v=spf1 include:x.example', { 'x.example': 'v=spf1 foo' }),
    finds: [
      'spf/dynamic-macro',
      {
        code: 'spf/include-broken',
        subject: 'x.example',
        evidence: { domain: OWN, term: 'include:x.example', reason: 'syntax', problems: [{ term: 'foo' }] },
      },
    ],
  },
];

const WHOLE = `v=spf1 include:x.example ip4:${IP} ip6:2001:db8::5 -all`;

const published: Case[] = [
  {
    when: 'two addresses that are refused; one record lets both pass',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 ~all' },
    ips: [IP, '2001:db8::5'],
    finds: [
      { code: 'spf/ip-not-authorized', remediation: { records: [{ value: WHOLE }] } },
      { code: 'spf/ip-not-authorized', remediation: { records: [{ value: WHOLE }] } },
    ],
  },
  {
    when: '11 lookups, told with what each term costs and what to replace',
    zone: { ...ten.zone, 'example.com': { TXT: [`v=spf1 a ${ten.terms} -all`], A: [IP] } },
    finds: [
      {
        code: 'spf/too-many-lookups',
        says: /needs 11 DNS lookups, and 10 are allowed: a 1, include:i0\.example 1/,
        fix: /replace "a" with ip4:203\.0\.113\.5 \(saves 1\)/,
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ${ten.terms} -all` }] },
      },
    ],
  },
  {
    when: '12 lookups by one include, which is told as the most expensive',
    zone: {
      ...eleven.zone,
      'example.com': `v=spf1 ip4:${IP} include:big.example -all`,
      'big.example': `v=spf1 ${eleven.terms}`,
    },
    finds: [{ code: 'spf/too-many-lookups', fix: /"include:big\.example" \(12\)/ }],
    also({ findings }) {
      expect(findings[0]?.remediation.records).toBeUndefined();
    },
  },
];

const shown: Case[] = [
  {
    when: 'an address that ends at ?all of a redirect, told with the way there',
    zone: { 'example.com': 'v=spf1 redirect=x.example', 'x.example': 'v=spf1 ?all' },
    finds: [
      'spf/all-neutral',
      {
        code: 'spf/ip-not-authorized',
        subject: IP,
        says: `SPF does not authorise ${IP}: it matches only "?all" of x.example (neutral).`,
        evidence: {
          ip: IP,
          result: 'neutral',
          matched: [
            { domain: 'example.com', term: 'redirect=x.example' },
            { domain: 'x.example', term: '?all' },
          ],
        },
      },
    ],
  },
  {
    when: 'an include of a name that anyone could register',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:spf.unclaimed-name.com -all` },
    finds: [
      'spf/void-lookup',
      {
        code: 'spf/include-broken',
        evidence: { reason: 'no-name', registrable: true, path: ['example.com', 'spf.unclaimed-name.com'] },
      },
    ],
  },
  {
    when: 'an include of a name that does not exist, of a domain that is registered',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:spf.unclaimed-name.com -all`,
      'unclaimed-name.com': { NS: ['ns.example'] },
    },
    finds: ['spf/void-lookup', { code: 'spf/include-broken', evidence: { registrable: false } }],
  },
  {
    when: 'REFUSED for an include of two addresses, told once',
    zone: { 'example.com': 'v=spf1 include:x.example include:x.example -all', 'x.example': { TXT: 'refused' } },
    ips: [IP, '203.0.113.6'],
    finds: [
      {
        code: 'spf/inconclusive',
        evidence: { query: { name: 'x.example', type: 'TXT', rcode: 'refused' }, path: ['example.com', 'x.example'] },
      },
    ],
  },
  ...(
    [
      ['the one the record allows', 'mail.example.com', ['spf/dynamic-macro']],
      ['another than the record allows', 'other.example.com', ['spf/dynamic-macro', 'spf/ip-not-authorized']],
    ] as const
  ).map(
    ([which, helo, finds]): Case => ({
      when: `the macro %{h}, and a HELO name that is ${which}`,
      zone: {
        'example.com': 'v=spf1 exists:%{h}.ok.example -all',
        'mail.example.com.ok.example': { A: ['127.0.0.2'] },
        'mail.example.com': {},
      },
      helo,
      finds,
    }),
  ),
];

const details: Case[] = [
  {
    when: 'a record at spf. of the domain only',
    zone: { 'example.com': { TXT: ['x'] }, 'spf.example.com': 'v=spf1 what:x.example' },
    finds: [
      {
        code: 'spf/near-miss',
        subject: 'spf.example.com',
        evidence: { isMisplaced: true, text: 'v=spf1 what:x.example', unread: ['what:x.example'], misplaced: null },
      },
    ],
  },
  {
    when: 'a misread record at the domain and a good one at _spf., of which the first is told',
    zone: { 'example.com': { TXT: ['x', 'v=spf1;mx ~all'] }, '_spf.example.com': GOOD },
    finds: [
      {
        code: 'spf/near-miss',
        subject: 'example.com',
        evidence: { name: 'example.com' },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ~all` }] },
      },
    ],
  },
  {
    when: 'no record, and no address to propose one for',
    ips: [],
    finds: [{ code: 'spf/missing', evidence: {} }],
  },
  {
    when: 'a record with a space before it that cannot be read, and no address to propose one for',
    zone: { 'example.com': ' v=spf1 what:x.example' },
    ips: [],
    finds: [{ code: 'spf/near-miss', evidence: { slips: [{ kind: 'before-version' }], unread: ['what:x.example'] } }],
  },
  {
    when: 'two correctable errors; the correct record lets the address pass',
    zone: { 'example.com': 'v=spf1 ipv4:192.0.2.1 mx. ~all' },
    finds: [
      ...['ipv4:192.0.2.1', 'mx.']
        .map((term) => ({
          subject: 'example.com',
          evidence: { term },
          remediation: { records: [{ value: `v=spf1 ip4:192.0.2.1 ip4:${IP} ~all` }] },
        }))
        .map((more): Expected => ({ code: 'spf/syntax-error', ...more })),
    ],
  },
  {
    when: 'an error that cannot be corrected, which has no record to publish',
    zone: { 'example.com': 'v=spf1 foo -all' },
    finds: [{ code: 'spf/syntax-error', evidence: { term: 'foo' } }],
  },
  {
    when: 'a correctable error; the correct record is tried with the HELO name given',
    zone: {
      'example.com': 'v=spf1 exists.%{h}.ok.example -all',
      'mail.example.com.ok.example': { A: ['127.0.0.2'] },
    },
    helo: 'mail.example.com',
    finds: [{ code: 'spf/syntax-error', remediation: { records: [{ value: 'v=spf1 exists:%{h}.ok.example -all' }] } }],
  },
  {
    when: 'other TXT records of several strings',
    zone: { 'example.com': { TXT: [['a', 'b'], 'c'] } },
    finds: [{ code: 'spf/missing', evidence: { otherTxt: ['ab', 'c'] } }],
  },
  {
    when: 'a record whose version is cut into two strings',
    zone: { 'example.com': { TXT: [['v=sp', `f1 ip4:${IP} -all`]] } },
  },
  {
    when: 'eleven errors, of which ten are told',
    zone: { 'example.com': `v=spf1 ${'foo '.repeat(11)}-all` },
    finds: ['spf/syntax-error'],
    never: ['spf/ip-not-authorized'],
    also({ findings }) {
      const offsets = Array.from({ length: 10 }, (_, n) => ({ evidence: { offset: 7 + 4 * n } }));
      expect(findings).toMatchObject(offsets);
    },
  },
  {
    when: 'a record of errors, whose size is told all the same',
    zone: { 'example.com': `v=spf1 ${'foo '.repeat(120)}-all` },
    finds: [{ code: 'spf/record-too-long', evidence: { octets: 491 } }],
    never: ['spf/ip-not-authorized'],
  },
  {
    when: 'ptr here and in an included record, of which only the first can be removed',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:x.example ptr redirect=y.example`,
      'x.example': 'v=spf1 ptr',
      'y.example': 'v=spf1 -all',
    },
    finds: [
      {
        code: 'spf/ptr-mechanism',
        subject: 'x.example',
        evidence: { terms: [{ domain: 'x.example', term: 'ptr' }] },
        fix: /whoever runs x\.example/,
      },
      {
        code: 'spf/ptr-mechanism',
        subject: 'example.com',
        evidence: { terms: [{ domain: 'example.com', term: 'ptr' }] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} include:x.example redirect=y.example` }] },
      },
    ],
  },
  {
    when: 'ptr in an included record only, which leaves nothing to correct',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 ptr' },
    finds: [{ code: 'spf/ptr-mechanism', evidence: { terms: [{ domain: 'x.example', term: 'ptr' }] } }],
  },
  {
    when: 'ptr that alone lets the address pass; the correct record lists the address',
    zone: {
      'example.com': { TXT: 'v=spf1 ptr:mail.example.com -all' },
      'mail.example.com': { A: [IP] },
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
    },
    finds: [{ code: 'spf/ptr-mechanism', remediation: { records: [{ value: GOOD }] } }],
  },
  {
    when: 'everything behind all is ignored, but not exp=',
    zone: { 'example.com': `v=spf1 exp=e.example redirect=r.example ip4:${IP} -all mx x=y ~all` },
    finds: [
      {
        code: 'spf/redirect-ignored',
        evidence: { terms: ['redirect=r.example', 'mx', '~all'] },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} x=y -all exp=e.example` }] },
      },
    ],
  },
  {
    when: 'a redirect to a record without all, which has its own record to publish',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1  mx exp=e.example' },
    finds: [
      'spf/void-lookup',
      {
        code: 'spf/no-all',
        subject: 'x.example',
        evidence: { domain: 'x.example' },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} include:x.example ~all` }] },
      },
    ],
  },
  {
    when: 'a redirect to a record with ?all, which has its own record to publish',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 a ?all mx' },
    finds: [
      'spf/void-lookup',
      {
        code: 'spf/all-neutral',
        subject: 'x.example',
        evidence: { record: 'v=spf1 a ?all mx' },
        remediation: { records: [{ value: `v=spf1 ip4:${IP} include:x.example ~all` }] },
      },
    ],
  },
  {
    when: 'a redirect behind a macro, whose ending is not judged',
    zone: { 'example.com': `v=spf1 ip4:${IP} redirect=%{i}.example` },
    finds: ['spf/dynamic-macro'],
  },
  {
    when: 'wide ranges of both families, with the tested addresses that they cover',
    zone: { 'example.com': 'v=spf1 ip4:203.0.113.0/16 ip6:2001:db8::/32 -all' },
    ips: [IP, '203.0.113.6', '2001:db8::5', '198.51.100.1'],
    finds: [
      {
        code: 'spf/range-too-wide',
        subject: 'example.com',
        evidence: { term: 'ip4:203.0.113.0/16', ipv4Addresses: 65536, prefixLength: 16, covers: [IP, '203.0.113.6'] },
      },
      {
        code: 'spf/range-too-wide',
        evidence: { term: 'ip6:2001:db8::/32', ipv4Addresses: null, prefixLength: 32, covers: ['2001:db8::5'] },
      },
      'spf/ip-not-authorized',
    ],
  },
  {
    when: 'ranges that are narrower, or that do not pass',
    zone: { 'example.com': `v=spf1 ip4:${IP}/17 ip6:2001:db8::/33 -ip4:198.51.100.0/8 ?ip6:2001:db8::/16 a/8 -all` },
    finds: ['spf/void-lookup', LAB_RANGE],
  },
  {
    when: 'special ranges of both families',
    zone: { 'example.com': `v=spf1 ip4:${IP} ip4:127.0.0.1 ip6:fe80::/64 -ip4:10.0.0.1 -all` },
    finds: [
      { code: 'spf/not-public-range', severity: 'info', subject: 'example.com', evidence: { term: 'ip4:127.0.0.1' } },
      { code: 'spf/not-public-range', severity: 'info', subject: 'example.com', evidence: { term: 'ip6:fe80::/64' } },
    ],
  },
  {
    when: 'ranges with a length of 0, which are not special',
    zone: { 'example.com': `v=spf1 ip4:${IP} ip4:0.0.0.0/0 ip6:::/0 -all` },
    finds: ['spf/range-too-wide', 'spf/range-too-wide', 'spf/permits-everyone'],
  },
  {
    when: 'one address more than a /8',
    zone: { 'example.com': `v=spf1 ip4:203.0.0.0/8 ip4:198.51.100.1 -all` },
    finds: [
      'spf/range-too-wide',
      LAB_RANGE,
      {
        code: 'spf/permits-everyone',
        evidence: {
          terms: [{ domain: 'example.com', term: 'ip4:203.0.0.0/8' }],
          ipv4Addresses: 2 ** 24 + 1,
          probes: [],
        },
      },
    ],
  },
  {
    when: 'a /8 here and one in an include; only the widest terms are told',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:x.example ip4:203.0.0.0/8 ip6:2001:db8::/4 ?all`,
      'x.example': 'v=spf1 ip4:198.0.0.0/8 ip4:192.0.2.0/9',
    },
    finds: [
      'spf/all-neutral',
      'spf/range-too-wide',
      'spf/range-too-wide',
      {
        code: 'spf/permits-everyone',
        evidence: {
          terms: [
            { domain: 'x.example', term: 'ip4:198.0.0.0/8' },
            { domain: 'example.com', term: 'ip4:203.0.0.0/8' },
          ],
          ipv4Addresses: 2.5 * 2 ** 24,
        },
      },
    ],
  },
  {
    when: 'a/0, which is open for one family only',
    zone: { 'example.com': { TXT: `v=spf1 ip4:${IP} a/0 -all`, A: [IP] } },
  },
  {
    when: 'a/0//0, which is open for both families',
    zone: { 'example.com': { TXT: 'v=spf1 a/0//0 -all', A: [IP], AAAA: ['2001:db8::5'] } },
    finds: [
      {
        code: 'spf/permits-everyone',
        evidence: { terms: [{ domain: 'example.com', term: 'a/0//0' }], ipv4Addresses: 0 },
      },
    ],
  },
  {
    when: 'networks of documentation, which are not for everyone',
    zone: {
      'example.com': `v=spf1 ip4:${IP} ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 exists:%{i}.example -all`,
    },
    finds: ['spf/dynamic-macro', LAB_RANGE, LAB_RANGE, 'spf/range-too-wide', LAB_RANGE],
  },
  {
    when: '+all; the correct record lists the address that sends',
    zone: { 'example.com': 'v=spf1 mx +all exp=e.example' },
    finds: [
      'spf/void-lookup',
      { code: 'spf/permits-everyone', remediation: { records: [{ value: `v=spf1 ip4:${IP} -all exp=e.example` }] } },
    ],
  },
  { when: 'an answer of 512 octets', zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(429)] } } },
  {
    when: 'an answer of 513 octets, with a record of two strings',
    zone: { 'example.com': { TXT: [GOOD, ['y'.repeat(200), 'y'.repeat(230)]] } },
    finds: [
      {
        code: 'spf/record-too-long',
        subject: 'example.com',
        evidence: { octets: GOOD.length, answerOctets: 513, txtRecords: 2 },
      },
    ],
  },
  {
    when: 'an address and its IPv6 sibling, both refused',
    zone: { 'example.com': 'v=spf1 -all', 'h.example.com': { AAAA: ['2001:db8::5'] } },
    helo: 'h.example.com',
    finds: [
      {
        code: 'spf/ip-not-authorized',
        subject: IP,
        remediation: { records: [{ value: `v=spf1 ip4:${IP} ip6:2001:db8::5 -all` }] },
      },
      'spf/ipv6-not-authorized',
    ],
  },
  {
    when: 'two IPv6 siblings of a refused address',
    zone: { 'example.com': 'v=spf1 ~all', 'h.example.com': { AAAA: ['2001:db8::5', '2001:db8::6'] } },
    helo: 'h.example.com',
    finds: [
      'spf/all-softfail',
      'spf/ip-not-authorized',
      ...['2001:db8::5', '2001:db8::6']
        .map((ip) => ({
          subject: ip,
          evidence: {
            ip,
            name: 'h.example.com',
            tested: IP,
            result: 'softfail',
            record: 'v=spf1 ~all',
          },
          remediation: { records: [{ value: `v=spf1 ip4:${IP} ip6:2001:db8::5 ip6:2001:db8::6 ~all` }] },
        }))
        .map((more): Expected => ({ code: 'spf/ipv6-not-authorized', ...more })),
    ],
  },
  {
    when: 'an IPv6 sibling of two tested addresses, told with the first',
    zone: { 'example.com': 'v=spf1 ip4:203.0.113.0/24 -all', 'h.example.com': { AAAA: ['2001:db8::5'] } },
    ips: [IP, '203.0.113.6'],
    helo: 'h.example.com',
    finds: [{ code: 'spf/ipv6-not-authorized', subject: '2001:db8::5', evidence: { tested: IP } }],
  },
  {
    when: 'an IPv6 address of the HELO name that is tested itself',
    zone: { 'example.com': `v=spf1 ip4:${IP} -all`, 'h.example.com': { AAAA: ['2001:db8::5'] } },
    ips: [IP, '2001:db8::5'],
    helo: 'h.example.com',
    finds: ['spf/ip-not-authorized'],
  },
  {
    when: 'a reverse name that does not lead back, with an IPv6 address',
    zone: {
      'example.com': GOOD,
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
      'mail.example.com': { A: ['203.0.113.6'], AAAA: ['2001:db8::5'] },
    },
  },
  {
    when: 'an IPv6 address of the HELO name beside a tested IPv6 address',
    zone: { 'example.com': 'v=spf1 ip6:2001:db8::5 -all', 'h.example.com': { AAAA: ['2001:db8::6'] } },
    ips: ['2001:db8::5'],
    helo: 'h.example.com',
  },
  {
    when: 'a HELO name that is an address literal, which is not asked for',
    zone: { 'example.com': GOOD, '[203.0.113.5]': { AAAA: 'timeout' } },
    helo: '[203.0.113.5]',
  },
  {
    when: 'SERVFAIL for the IPv6 addresses of the HELO name',
    zone: { 'example.com': GOOD, 'h.example.com': { AAAA: 'servfail' } },
    helo: 'h.example.com',
    finds: [
      {
        code: 'spf/inconclusive',
        subject: 'h.example.com',
        says: 'The AAAA lookup of h.example.com failed: the server failed (SERVFAIL).',
        evidence: { reason: 'lookup-failed', path: ['example.com'] },
      },
    ],
  },
  {
    when: 'an address that nothing matches, which is neutral',
    zone: { 'example.com': 'v=spf1 ip4:11.0.0.1' },
    finds: [
      'spf/no-all',
      {
        code: 'spf/ip-not-authorized',
        evidence: { result: 'neutral', matched: [] },
        remediation: { records: [{ value: `v=spf1 ip4:11.0.0.1 ip4:${IP} ~all` }] },
      },
    ],
  },
  {
    when: 'two addresses refused by a term of their own; the correct record lists them left of it',
    zone: { 'example.com': `v=spf1 -ip4:203.0.113.0/24 mx -all` },
    ips: [IP, '203.0.113.6'],
    finds: [
      'spf/void-lookup',
      ...[IP, '203.0.113.6']
        .map((ip) => ({
          subject: ip,
          remediation: { records: [{ value: `v=spf1 ip4:${IP} ip4:203.0.113.6 -ip4:203.0.113.0/24 -all` }] },
        }))
        .map((more): Expected => ({ code: 'spf/ip-not-authorized', ...more })),
    ],
  },
  {
    when: 'an address that ends in an error, beside two that are refused',
    zone: {
      'example.com': 'v=spf1 -ip4:203.0.113.0/24 ~exists:%{ir}.%{v}.x.example include:no.example -all',
      '1.100.51.198.in-addr.x.example': { A: ['127.0.0.2'] },
    },
    ips: ['198.51.100.1', '198.51.100.2', IP],
    finds: [
      'spf/void-lookup',
      'spf/include-broken',
      'spf/dynamic-macro',
      ...['198.51.100.1', IP]
        .map((ip) => ({ subject: ip }))
        .map((more): Expected => ({ code: 'spf/ip-not-authorized', ...more })),
    ],
  },
  {
    when: 'a tree over the limit, which the address meets too',
    zone: { ...eleven.zone, 'example.com': `v=spf1 ${eleven.terms} -all` },
    finds: [
      {
        code: 'spf/too-many-lookups',
        subject: 'example.com',
        evidence: { count: 11, isMinimum: false, tree: { domain: 'example.com', cost: 11 } },
      },
    ],
  },
  {
    when: 'a loop that the address meets, which is not a matter of lookups',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 include:example.com' },
    finds: ['spf/loop'],
  },
  {
    when: 'a loop with 8 lookups, which is not near the limit',
    zone: {
      ...nine.zone,
      'example.com': `v=spf1 ip4:${IP} ${nine.terms.replace(/ \S+$/, '')} include:example.com -all`,
    },
    finds: ['spf/loop'],
  },
  {
    when: '10 lookups, all that are allowed',
    zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` },
    finds: [{ code: 'spf/near-lookup-limit', subject: 'example.com', evidence: { count: 10, tree: { cost: 10 } } }],
  },
  {
    when: 'a tree too large to be walked, whose count is a minimum',
    zone: {
      'example.com': {
        TXT: `v=spf1 ip4:${IP} ${Array.from({ length: 31 }, (_, n) => `a:h${n}.${IP}.example`).join(' ')} -all`,
      },
    },
    finds: [
      { code: 'spf/too-many-lookups', evidence: { count: 31, isMinimum: true } },
      'spf/too-many-void-lookups',
      'spf/record-too-long',
    ],
  },
  {
    when: '3 void lookups in two records, which the address meets too',
    zone: { 'example.com': 'v=spf1 a:1.example a:2.example include:x.example -all', 'x.example': 'v=spf1 a:3.example' },
    finds: [
      {
        code: 'spf/too-many-void-lookups',
        evidence: {
          count: 3,
          names: [{ target: '1.example' }, { target: '2.example' }, { domain: 'x.example', target: '3.example' }],
        },
        remediation: { records: [{ value: `v=spf1 include:x.example ip4:${IP} -all` }] },
      },
    ],
  },
  {
    when: 'void lookups of a name without records and of one that does not exist',
    zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example exists:2.example -all`, '1.example': {} },
    finds: [
      {
        code: 'spf/void-lookup',
        subject: 'example.com',
        evidence: {
          count: 2,
          names: [
            { target: '1.example', rcode: 'nodata' },
            { target: '2.example', rcode: 'nxdomain' },
          ],
        },
      },
    ],
  },
  {
    when: 'a void lookup in an included record, which leaves nothing to correct',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 a:1.example' },
    finds: [{ code: 'spf/void-lookup', evidence: { names: [{ domain: 'x.example', term: 'a:1.example' }] } }],
  },
  {
    when: '2 void lookups for every client, and a third for IPv6 clients that are not tested',
    zone: {
      'example.com': `v=spf1 ip4:${IP} a:1.example a:2.example a:4.example -all`,
      '4.example': { A: ['11.0.0.1'] },
    },
    finds: [{ code: 'spf/void-lookup', evidence: { count: 2 } }],
  },
  {
    when: '2 void lookups for every client, and a third for a tested IPv6 client',
    zone: {
      'example.com': `v=spf1 ip4:${IP} ip6:2001:db8::5 a:1.example a:2.example a:4.example -all`,
      '4.example': { A: ['11.0.0.1'] },
    },
    ips: [IP, '2001:db8::5'],
    finds: [{ code: 'spf/too-many-void-lookups', evidence: { count: 3 } }],
  },
  {
    when: 'mx of 12 MX records in an included record, which the address meets too',
    zone: {
      'example.com': 'v=spf1 include:x.example -all',
      'x.example': { TXT: 'v=spf1 mx:m.example', MX: [] },
      'm.example': { MX: hosts(12, 'h.example') },
    },
    finds: [
      {
        code: 'spf/too-many-mx',
        subject: 'x.example',
        evidence: { domain: 'x.example', term: 'mx:m.example', target: 'm.example', count: 12 },
      },
    ],
  },
  {
    when: 'an include that is broken in each possible way',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:a.example include:b.example include:c.example include:d.example include:e.example include:${'a'.repeat(64)}.example -all`,
      'b.example': {},
      'c.example': { TXT: ['text'] },
      'd.example': { TXT: ['v=spf1', 'v=spf1'] },
      'e.example': `v=spf1 ${'foo '.repeat(11)}`,
    },
    finds: [
      'spf/void-lookup',
      { code: 'spf/include-broken', subject: 'a.example', evidence: { reason: 'no-name', registrable: false } },
      {
        code: 'spf/include-broken',
        subject: 'b.example',
        evidence: { reason: 'no-txt', path: ['example.com', 'b.example'] },
      },
      { code: 'spf/include-broken', subject: 'c.example', evidence: { reason: 'no-record' } },
      { code: 'spf/include-broken', subject: 'd.example', evidence: { reason: 'several-records', problems: [] } },
      {
        code: 'spf/include-broken',
        subject: 'e.example',
        evidence: { reason: 'syntax', problems: Array.from({ length: 10 }, () => ({ term: 'foo' })) },
      },
      { code: 'spf/include-broken', evidence: { reason: 'not-a-name' } },
    ],
  },
  {
    when: 'an include with a syntax error, which the address meets too',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 foo' },
    finds: [
      {
        code: 'spf/include-broken',
        evidence: { problems: [{ term: 'foo' }] },
        remediation: { records: [{ value: GOOD }] },
      },
    ],
  },
  {
    when: 'an include without SPF record, which the address meets too',
    zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': { TXT: ['text'] } },
    finds: [
      {
        code: 'spf/include-broken',
        evidence: { reason: 'no-record' },
        remediation: { records: [{ value: GOOD }] },
      },
    ],
  },
  {
    when: 'an include without SPF record in an included record, which leaves nothing to correct',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:x.example -all`,
      'x.example': 'v=spf1 include:y.example',
      'y.example': { TXT: ['text'] },
    },
    finds: [
      {
        code: 'spf/include-broken',
        evidence: { domain: 'x.example', path: ['example.com', 'x.example', 'y.example'] },
      },
    ],
  },
  {
    when: 'an include of a name without TXT record, which nobody can buy',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:spf.unclaimed-name.com -all`, 'spf.unclaimed-name.com': {} },
    finds: ['spf/void-lookup', { code: 'spf/include-broken', evidence: { reason: 'no-txt', registrable: false } }],
  },
  {
    when: 'an include of itself; the correct record is without it',
    zone: { 'example.com': `v=spf1 ip4:${IP} include:example.com -all` },
    finds: [
      {
        code: 'spf/loop',
        subject: 'example.com',
        evidence: { term: 'include:example.com', path: ['example.com', 'example.com'] },
        remediation: { records: [{ value: GOOD }] },
      },
    ],
  },
  {
    when: 'no reply or REFUSED for four questions, each told once',
    zone: {
      'example.com': 'v=spf1 a:d.example include:x.example mx:d.example -all',
      'd.example': { '*': 'timeout' },
      'x.example': 'v=spf1 a:d.example exists:e.example',
      'e.example': { A: 'refused' },
    },
    finds: [
      { code: 'spf/inconclusive', subject: 'd.example', evidence: { query: { type: 'A' }, path: ['example.com'] } },
      { code: 'spf/inconclusive', subject: 'd.example', evidence: { query: { type: 'AAAA' }, path: ['example.com'] } },
      {
        code: 'spf/inconclusive',
        subject: 'e.example',
        evidence: { query: { type: 'A' }, path: ['example.com', 'x.example'] },
      },
      { code: 'spf/inconclusive', subject: 'd.example', evidence: { query: { type: 'MX' }, path: ['example.com'] } },
    ],
  },
  {
    when: 'macros here and in an included record',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:x.example a:%{i}.example -all`,
      'x.example': 'v=spf1 exists:%{l}.example',
    },
    finds: [
      {
        code: 'spf/dynamic-macro',
        subject: 'example.com',
        evidence: {
          terms: [
            { domain: 'x.example', term: 'exists:%{l}.example' },
            { domain: 'example.com', term: 'a:%{i}.example' },
          ],
        },
      },
    ],
  },
];

/** Worlds that could bring about one finding twice. */
const apart: Case[] = [
  {
    when: 'errors that are written alike',
    zone: { 'example.com': 'v=spf1 foo bar foo -all' },
    finds: ['spf/syntax-error', 'spf/syntax-error', 'spf/syntax-error'],
  },
  {
    when: 'private networks that are written alike',
    zone: { 'example.com': `v=spf1 ip4:${IP} ip4:10.0.0.0/24 ip4:10.0.0.0/24 -all` },
    finds: [LAB_RANGE, LAB_RANGE],
  },
  {
    when: 'a broken include that is reached by two ways',
    zone: {
      'example.com': 'v=spf1 include:a.example include:b.example include:no.example include:no.example -all',
      'a.example': 'v=spf1 include:c.example',
      'b.example': 'v=spf1 include:c.example',
      'c.example': 'v=spf1 include:no.example include:c.example',
    },
    finds: [
      'spf/too-many-void-lookups',
      'spf/include-broken',
      'spf/loop',
      'spf/include-broken',
      'spf/loop',
      'spf/include-broken',
      'spf/include-broken',
    ],
  },
];

const tree: ZoneScript = {
  'example.com': 'v=spf1 include:a.example include:b.example -all',
  'a.example': 'v=spf1 a:h.example mx:m.example ?all',
  'h.example': { CNAME: ['host.example'] },
  'host.example': { A: ['11.0.0.1'], AAAA: ['2001:db8::1'] },
  'm.example': { MX: ['1 x.example'] },
  'x.example': { A: ['11.0.0.2'] },
  'b.example': 'v=spf1 include:gone.example',
};

const restCases: Case[] = [
  {
    when: 'an address that is refused, which rests on all that its check looked at, aliases included',
    zone: { ...tree, 'b.example': 'v=spf1 ?all' },
    finds: [
      {
        code: 'spf/ip-not-authorized',
        rests: [
          'TXT example.com',
          'TXT a.example',
          'A h.example',
          'A host.example',
          'MX m.example',
          'A x.example',
          'TXT b.example',
        ],
      },
    ],
  },
  {
    when: 'a broken include, which rests on the records that lead to it and not on their neighbours',
    zone: tree,
    finds: [
      'spf/void-lookup',
      { code: 'spf/include-broken', rests: ['TXT example.com', 'TXT b.example', 'TXT gone.example'] },
    ],
  },
  {
    when: 'SERVFAIL below an include, which rests on the records that lead to it and on itself',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:a.example -all`,
      'a.example': 'v=spf1 exists:e.example',
      'e.example': { A: 'servfail' },
    },
    finds: [{ code: 'spf/inconclusive', rests: ['TXT example.com', 'TXT a.example', 'A e.example'] }],
  },
  {
    when: '10 lookups, a count that rests on every record of the tree',
    zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` },
    finds: [
      {
        code: 'spf/near-lookup-limit',
        rests: ['TXT example.com', ...Object.keys(ten.zone).map((name) => `TXT ${name}`)],
      },
    ],
  },
  {
    when: 'a redirect to a record without all, which rests on both records',
    zone: {
      'example.com': `v=spf1 ip4:${IP} include:a.example redirect=r.example`,
      'a.example': 'v=spf1',
      'r.example': 'v=spf1',
    },
    finds: [{ code: 'spf/no-all', rests: ['TXT example.com', 'TXT r.example'] }],
  },
  {
    when: 'an IPv6 address that is refused, which rests on the names that lead to it too',
    zone: {
      'example.com': GOOD,
      '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
      'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
    },
    finds: [
      {
        code: 'spf/ipv6-not-authorized',
        rests: ['TXT example.com', 'PTR 5.113.0.203.in-addr.arpa', 'AAAA mail.example.com'],
      },
    ],
  },
  {
    when: 'no record, which rests on the names where it may be instead',
    finds: [
      {
        code: 'spf/missing',
        rests: ['TXT example.com', 'TXT example.com.example.com', 'TXT _spf.example.com', 'TXT spf.example.com'],
      },
    ],
  },
];

const privateNetworks: Case[] = (
  [
    ['in a lab', true, [IP], [LAB_RANGE]],
    ['in public', false, [IP], [{ code: 'spf/not-public-range', severity: 'warning' }]],
    ['in public, and an address of it is tested', false, [IP, '10.0.0.9'], []],
  ] as const
).map(([where, allowPrivate, ips, finds]) => ({
  when: `a private network ${where}`,
  zone: { 'example.com': `v=spf1 ip4:${IP} ip4:10.0.0.0/24 -all` },
  ips,
  settings: { allowPrivate },
  finds,
}));

const hostile: Case[] = (
  [
    ['64 KiB of one name', `v=spf1 a:${'x'.repeat(65_000)} -all`, 'spf/syntax-error'],
    ['1000 terms', `v=spf1 ${'a:x.example '.repeat(1000)}-all`, 'spf/too-many-lookups'],
    ['1000 errors', `v=spf1 ${'foo '.repeat(1000)}-all`, 'spf/syntax-error'],
    ['NUL and escape octets', 'v=spf1 a:\u0000\u001b[31m.example -all', 'spf/syntax-error'],
    ['a macro that makes no name', 'v=spf1 a:%{h}..%{h} include:%{d}.%{d}..x -all', 'spf/include-broken'],
    ['a record that includes itself', 'v=spf1 include:example.com redirect=example.com', 'spf/loop'],
  ] as const
).map(([when, text, code]) => ({
  when,
  zone: { 'example.com': { TXT: [text] } },
  finds: [code],
  never: ['spf/missing'],
  also({ findings }) {
    expect(findings.some(({ severity }) => severity === 'error')).toBe(true);
    expect(findings.length).toBeLessThan(30);
  },
}));

/** Codes whose remedy is a record that lets every tested address pass. */
const AUTHORISING: readonly string[] = [
  'spf/ip-not-authorized',
  'spf/ipv6-not-authorized',
  'spf/missing',
  'spf/near-miss',
  'spf/multiple-records',
  'spf/syntax-error',
] satisfies Code[];

/** Adds that the address passes with the record to publish, where a finding is of a code that has one. */
function passing(one: Case): Case {
  return {
    ...one,
    async also(shown) {
      one.also?.(shown);
      for (const { remediation } of shown.findings.filter(({ code }) => AUTHORISING.includes(code))) {
        const [record] = remediation.records ?? [];
        expect(record).toMatchObject({ name: 'example.com', type: 'TXT' });
        const resolver = zoneResolver({ zone: { ...one.zone, 'example.com': { TXT: [record?.value ?? ''] } } });
        const outcome = await checkHost({ ip: address(IP), sender: 'x@example.com', heloName: 'x.example', resolver });
        expect(outcome.result).toBe('pass');
      }
    },
  };
}

/** Holds that every record to publish is a record, and that every finding rests on a question. */
function holdsForAll({ findings }: Shown): void {
  for (const { message, evidence, rests, remediation } of findings) {
    expect(`${message} ${remediation.summary}`).not.toContain('null');
    for (const { type, value } of remediation.records ?? []) {
      expect(type).toBe('TXT');
      expect(parseRecord(value).problems).toEqual([]);
    }
    if (rests.length === 0) expect(evidence).toEqual({ reason: 'no-address' });
  }
}

ruleTest(
  spf,
  [
    ...rows.map(passing),
    ...evaluated,
    ...namedTerms,
    ...published,
    ...shown,
    ...details,
    ...apart,
    ...restCases,
    ...privateNetworks,
    ...hostile,
  ].map((one) => ({
    ...one,
    also(found: Shown) {
      holdsForAll(found);
      return one.also?.(found);
    },
  })),
);

test('spf: what a finding is about does not change with the order of terms', async () => {
  const identities = async (terms: string): Promise<string[]> => {
    const zone: ZoneScript = { 'example.com': `v=spf1 ip4:${IP} ${terms} -all` };
    const { findings } = await runCase(spf, { when: terms, zone });
    return findings.map(({ code, about }) => JSON.stringify([code, about])).sort();
  };
  expect(await identities('ip4:10.0.0.1 ip4:127.0.0.1')).toEqual(await identities('ip4:127.0.0.1 ip4:10.0.0.1'));
});

/** @returns what the rule finds in a world that changes while the rule looks at it, which no recording can hold. */
async function findingsIn(
  zone: ZoneScript,
  changing: (world: World) => Partial<World>,
): Promise<readonly FindingResult[]> {
  const settings: Settings = { smtpPort: 25, allowPrivate: true };
  const options = { settings, dnsServers: [SERVER], timeoutMs: 20_000, ruleIds: [spf.id] };
  const target = { ...parseArguments('example.com', [IP]), selectors: [] };
  const opened = openWorld({ ...options, domain: target.domain });
  try {
    const world = { ...opened, dns: zoneClient({ zone }, opened.signal) };
    const report = await run(target, { ...options, world: { ...world, ...changing(world) } });
    return resultOf(report, spf.id).findings;
  } finally {
    opened.end();
  }
}

test('spf: an evaluation that takes longer than 20 seconds → spf/inconclusive', async () => {
  const zone: ZoneScript = {
    'example.com': { TXT: [`v=spf1 a ip4:${IP} -all`], A: ['11.0.0.1'], AAAA: ['2001:db8::1'] },
  };
  let seconds = 0;
  const found = await findingsIn(zone, ({ start }) => ({
    start: {
      ...start,
      // The clock of a run reads this, and stands still otherwise.
      get startedAt() {
        seconds += 21;
        return seconds * 1000;
      },
    },
  }));
  expect(found).toMatchObject([
    {
      code: 'spf/inconclusive',
      subject: IP,
      message: 'The check takes longer than 20 seconds.',
      evidence: { reason: 'too-slow', path: ['example.com'] },
      remediation: { summary: 'Run the check again, with a longer --timeout if the run was cut off.' },
    },
  ]);
});

test('spf: a record that is gone at the second question → spf/inconclusive', async () => {
  const found = await findingsIn({ 'example.com': GOOD }, ({ dns, signal }) => {
    const later = zoneClient({ zone: { 'example.com': { TXT: ['other'] } } }, signal);
    let asked = 0;
    return {
      dns: {
        ...dns,
        query(name, type) {
          asked += name === 'example.com' && type === 'TXT' ? 1 : 0;
          return asked > 1 ? later.query(name, type) : dns.query(name, type);
        },
      },
    };
  });
  expect(found).toMatchObject([
    {
      code: 'spf/inconclusive',
      subject: 'example.com',
      message: 'The TXT records of example.com changed while they were being read.',
      evidence: { reason: 'record-changed', name: 'example.com' },
    },
  ]);
});
