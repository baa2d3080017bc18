/** The SPF rule: each code with the zone that brings it about, and the nearest zone that does not. */
import { describe, expect, test } from 'vitest';
import { createFacts, type Sources } from '../../../src/check/facts/fact.ts';
import type { Finding } from '../../../src/check/rules/finding.ts';
import type { Context } from '../../../src/check/rules/rule.ts';
import { findings } from '../../../src/check/rules/spf/findings.ts';
import rule from '../../../src/check/rules/spf/rule.ts';
import type { Settings } from '../../../src/check/settings.ts';
import { tokensOf } from '../../../src/check/token.ts';
import type { Resolver } from '../../../src/network/dns/answer.ts';
import { checkHost, parseRecord } from '../../../src/standards/spf/index.ts';
import { address } from '../../standards/spf/check.ts';
import { type Zone, zoneResolver } from '../../standards/spf/zone-resolver.ts';

const IP = '203.0.113.5';

interface World {
  readonly zone: Zone;
  readonly ips?: readonly string[];
  readonly helo?: string;
  readonly allowPrivate?: boolean;
}

interface Surroundings {
  readonly resolver?: Resolver;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

async function run(
  { zone, ips = [IP], helo, allowPrivate = true }: World,
  around: Surroundings = {},
): Promise<Finding[]> {
  const parsed = ips.map(address);
  const target = { domain: 'example.com', ips: parsed, ipSource: 'argument', selectors: [], ...(helo ? { helo } : {}) };
  const settings: Settings = { smtpPort: 25, allowPrivate };
  const clock = { now: around.now ?? (() => 0) };
  const silent = new Proxy(
    {},
    { get: () => () => Promise.resolve({ status: 'refused', detail: 'no SMTP in this test' }) },
  );
  const dns = { ...(around.resolver ?? zoneResolver(zone)), servers: [], log: [] };
  // Of the clients a rule is given, this one uses the resolver only.
  const sources = {
    target,
    dns,
    smtp: silent,
    settings,
    clock,
    signal: new AbortController().signal,
    token: tokensOf('test'),
    pause: async () => {},
  } as unknown as Context & Sources;
  const facts = createFacts({
    ...sources,
    own: [],
    signingKey: null,
    isNeeded: () => true,
    verifyMessage: async () => null,
  });
  const context = { ...sources, facts };
  const found: Finding[] = [];
  for await (const finding of rule.check(context)) found.push(finding);
  return found;
}

async function codes(world: World): Promise<string[]> {
  return [...new Set((await run(world)).map(({ code }) => code.replace('spf/', '')))].sort();
}

/** The finding of a code; the test fails where there is none. */
async function only(code: string, world: World): Promise<Finding> {
  const found = (await run(world)).filter((finding) => finding.code === `spf/${code}`);
  expect(found.map((finding) => finding.code)).toContain(`spf/${code}`);
  return found[0] as Finding;
}

const GOOD = `v=spf1 ip4:${IP} -all`;

function including(count: number): { terms: string; zone: Zone } {
  const names = Array.from({ length: count }, (_, n) => `i${n}.example`);
  return {
    terms: names.map((name) => `include:${name}`).join(' '),
    zone: Object.fromEntries(names.map((name) => [name, 'v=spf1 ~all'])),
  };
}

interface Row {
  readonly code: keyof typeof findings extends `spf/${infer C}` ? C : never;
  readonly name: string;
  readonly world: World;
  /** Of the one finding with the code. */
  readonly subject: string;
  readonly evidence: object;
  readonly message?: string;
  /** The same world but for the defect; its codes. */
  readonly nearest: World;
  readonly expected?: readonly string[];
  readonly remaining?: readonly string[];
}

const nine = including(9);
const ten = including(10);
const eleven = including(11);

const rows: readonly Row[] = [
  {
    code: 'missing',
    name: 'nxdomain',
    subject: 'example.com',
    evidence: {
      query: { name: 'example.com', type: 'TXT', rcode: 'nxdomain' },
      otherTxt: [],
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: {} },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'missing',
    name: 'other TXT records, and v=spf10',
    subject: 'example.com',
    evidence: {
      query: { name: 'example.com', type: 'TXT', rcode: 'noerror' },
      otherTxt: ['x', `v=spf10 ip4:${IP} -all`],
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': { TXT: ['x', `v=spf10 ip4:${IP} -all`] } } },
    nearest: { zone: { 'example.com': { TXT: ['x', GOOD] } } },
  },
  {
    code: 'multiple-records',
    name: 'two',
    subject: 'example.com',
    evidence: { records: [`v=spf1 ip4:${IP} -all`, 'v=spf1 mx ~all'], correct: `v=spf1 ip4:${IP} mx ~all` },
    world: { zone: { 'example.com': { TXT: [GOOD, 'v=spf1 mx ~all'] } } },
    nearest: { zone: { 'example.com': { TXT: [GOOD, 'spf2.0/pra -all'] } } },
  },
  {
    code: 'near-miss',
    name: 'a leading space',
    subject: 'example.com',
    evidence: {
      name: 'example.com',
      text: ` v=spf1 ip4:${IP} -all`,
      cause: 'leading-characters',
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': ` ${GOOD}` } },
    nearest: { zone: { 'example.com': `${GOOD} ` } },
  },
  {
    code: 'near-miss',
    name: 'at another name',
    subject: '_spf.example.com',
    evidence: {
      name: '_spf.example.com',
      text: `v=spf1 ip4:${IP} -all`,
      cause: 'wrong-name',
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { '_spf.example.com': GOOD } },
    nearest: { zone: { 'example.com': GOOD, '_spf.example.com': GOOD } },
  },
  {
    code: 'syntax-error',
    name: 'ipv4:',
    subject: 'example.com',
    evidence: {
      kind: 'unknown-mechanism',
      message: 'there is no "ipv4"',
      term: `ipv4:${IP}`,
      offset: 7,
      record: `v=spf1 ipv4:${IP} -all`,
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': `v=spf1 ipv4:${IP} -all` } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'string-join',
    name: 'valid but glued',
    subject: 'example.com',
    evidence: {
      strings: [`v=spf1 ip4:${IP} a:x.example`, 'mx -all'],
      term: 'a:x.examplemx',
      parts: ['a:x.example', 'mx'],
      correct: `v=spf1 ip4:${IP} a:x.example mx -all`,
    },
    world: {
      zone: {
        'example.com': { TXT: [[`v=spf1 ip4:${IP} a:x.example`, 'mx -all']] },
        'x.examplemx': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
      },
    },
    nearest: {
      zone: {
        'example.com': { TXT: [[`v=spf1 ip4:${IP} a:x.exam`, 'ple -all']] },
        'x.example': { A: ['192.0.2.1'], AAAA: ['2001:db8::1'] },
      },
    },
  },
  {
    code: 'ip-not-authorized',
    name: 'fail',
    subject: IP,
    evidence: {
      ip: IP,
      result: 'fail',
      matched: [{ domain: 'example.com', term: '-all' }],
      lookups: 0,
      record: 'v=spf1 ip4:11.0.0.1 -all',
      correct: `v=spf1 ip4:11.0.0.1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 -all' } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'ip-not-authorized',
    name: 'softfail',
    subject: IP,
    evidence: {
      ip: IP,
      result: 'softfail',
      matched: [{ domain: 'example.com', term: '~all' }],
      lookups: 0,
      record: 'v=spf1 ip4:11.0.0.1 ~all',
      correct: `v=spf1 ip4:11.0.0.1 ip4:${IP} ~all`,
    },
    world: { zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 ~all' } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} ~all` } },
    expected: ['all-softfail', 'ip-not-authorized'],
    remaining: ['all-softfail'],
  },
  {
    code: 'ipv6-not-authorized',
    name: 'AAAA of the confirmed reverse name',
    subject: '2001:db8::5',
    evidence: {
      ip: '2001:db8::5',
      result: 'fail',
      matched: [{ domain: 'example.com', term: '-all' }],
      lookups: 0,
      name: 'mail.example.com',
      tested: IP,
      record: `v=spf1 ip4:${IP} -all`,
      correct: `v=spf1 ip4:${IP} ip6:2001:db8::5 -all`,
    },
    world: {
      zone: {
        'example.com': GOOD,
        '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
        'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
      },
    },
    nearest: {
      zone: {
        'example.com': `v=spf1 ip4:${IP} ip6:2001:db8::5 -all`,
        '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
        'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
      },
    },
    remaining: ['not-public-range'],
  },
  {
    code: 'ipv6-not-authorized',
    name: 'AAAA of the HELO name',
    subject: '2001:db8::5',
    evidence: {
      ip: '2001:db8::5',
      result: 'fail',
      matched: [{ domain: 'example.com', term: '-all' }],
      lookups: 0,
      name: 'h.example.com',
      tested: IP,
      record: `v=spf1 ip4:${IP} -all`,
      correct: `v=spf1 ip4:${IP} ip6:2001:db8::5 -all`,
    },
    world: { zone: { 'example.com': GOOD, 'h.example.com': { AAAA: ['2001:db8::5'] } }, helo: 'h.example.com' },
    nearest: { zone: { 'example.com': GOOD, 'h.example.com': { A: [IP] } }, helo: 'h.example.com' },
  },
  {
    code: 'too-many-lookups',
    name: '11, though the address passes first',
    subject: 'example.com',
    evidence: { count: 11, limit: 10, isMinimum: false, relief: { replacements: [], record: null, cost: 11 } },
    world: { zone: { ...eleven.zone, 'example.com': `v=spf1 ip4:${IP} ${eleven.terms} -all` } },
    nearest: { zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` } },
    remaining: ['near-lookup-limit'],
  },
  {
    code: 'near-lookup-limit',
    name: '9',
    subject: 'example.com',
    evidence: { count: 9, limit: 10, isMinimum: false },
    world: { zone: { ...nine.zone, 'example.com': `v=spf1 ip4:${IP} ${nine.terms} -all` } },
    nearest: { zone: { ...nine.zone, 'example.com': `v=spf1 ip4:${IP} ${nine.terms.replace(/ \S+$/, '')} -all` } },
  },
  {
    code: 'too-many-void-lookups',
    name: '3',
    subject: 'example.com',
    evidence: {
      names: [
        { domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nxdomain' },
        { domain: 'example.com', term: 'mx:2.example', target: '2.example', rcode: 'nxdomain' },
        { domain: 'example.com', term: 'exists:3.example', target: '3.example', rcode: 'nxdomain' },
      ],
      count: 3,
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example mx:2.example exists:3.example -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example mx:2.example -all` } },
    remaining: ['void-lookup'],
  },
  {
    code: 'void-lookup',
    name: 'a name without address',
    subject: 'example.com',
    evidence: {
      names: [{ domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nxdomain' }],
      count: 1,
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example -all`, '1.example': { A: ['192.0.2.1'] } } },
  },
  {
    code: 'too-many-void-lookups',
    name: '3 for an IPv6 client alone',
    subject: 'example.com',
    evidence: {
      names: [
        { domain: 'example.com', term: 'a:1.example', target: '1.example', rcode: 'nodata' },
        { domain: 'example.com', term: 'a:2.example', target: '2.example', rcode: 'nodata' },
        { domain: 'example.com', term: 'a:3.example', target: '3.example', rcode: 'nodata' },
      ],
      count: 3,
      correct: 'v=spf1 ip6:2001:db8::5 -all',
    },
    world: {
      zone: {
        'example.com': 'v=spf1 ip6:2001:db8::5 a:1.example a:2.example a:3.example -all',
        '1.example': { A: [IP] },
        '2.example': { A: [IP] },
        '3.example': { A: [IP] },
      },
      ips: ['2001:db8::5'],
    },
    nearest: {
      zone: {
        'example.com': 'v=spf1 ip6:2001:db8::5 a:1.example a:2.example -all',
        '1.example': { A: [IP] },
        '2.example': { A: [IP] },
      },
      ips: ['2001:db8::5'],
    },
  },
  {
    code: 'too-many-mx',
    name: '11 MX records',
    subject: 'example.com',
    evidence: { domain: 'example.com', term: 'mx', target: 'example.com', count: 11, limit: 10 },
    world: {
      zone: {
        'example.com': {
          TXT: `v=spf1 ip4:${IP} mx -all`,
          MX: Array.from({ length: 11 }, (_, n) => [n, 'm.example'] as const),
        },
      },
    },
    nearest: {
      zone: {
        'example.com': {
          TXT: `v=spf1 ip4:${IP} mx -all`,
          MX: Array.from({ length: 10 }, (_, n) => [n, 'm.example'] as const),
        },
      },
    },
  },
  {
    code: 'ptr-mechanism',
    name: 'ptr',
    subject: 'example.com',
    evidence: { terms: [{ domain: 'example.com', term: 'ptr' }], correct: `v=spf1 ip4:${IP} -all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} ptr -all` } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'ptr-mechanism',
    name: '%{p}',
    subject: 'example.com',
    evidence: { terms: [{ domain: 'example.com', term: 'exists:%{p}.example' }], correct: `v=spf1 ip4:${IP} -all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{p}.example -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{i}.example -all` } },
    expected: ['dynamic-macro', 'ptr-mechanism'],
    remaining: ['dynamic-macro'],
  },
  {
    code: 'include-broken',
    name: 'no record there',
    subject: 'x.example',
    evidence: {
      domain: 'example.com',
      term: 'include:x.example',
      path: ['example.com', 'x.example'],
      correct: `v=spf1 ip4:${IP} -all`,
      target: 'x.example',
      reason: 'no-record',
      problems: [],
      registrable: false,
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'no' } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 -all' } },
  },
  {
    code: 'include-broken',
    name: 'no such name, which is a void lookup too',
    subject: 'x.example',
    evidence: {
      domain: 'example.com',
      term: 'include:x.example',
      path: ['example.com', 'x.example'],
      correct: `v=spf1 ip4:${IP} -all`,
      target: 'x.example',
      reason: 'no-name',
      problems: [],
      registrable: false,
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1' } },
    expected: ['include-broken', 'void-lookup'],
  },
  {
    code: 'include-broken',
    name: 'a redirect to errors',
    subject: 'x.example',
    evidence: {
      domain: 'example.com',
      term: 'redirect=x.example',
      path: ['example.com', 'x.example'],
      correct: `v=spf1 ip4:${IP}`,
      target: 'x.example',
      reason: 'syntax',
      problems: [{ kind: 'unknown-mechanism', message: 'there is no "foo"', term: 'foo', offset: 7 }],
      registrable: false,
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 foo -all' } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' } },
  },
  {
    code: 'include-broken',
    name: 'only found with this client, behind a macro',
    subject: `${IP}.example`,
    evidence: {
      problems: [],
      domain: 'example.com',
      term: 'include:%{i}.example',
      target: `${IP}.example`,
      reason: 'no-record',
      path: ['example.com', `${IP}.example`],
      registrable: false,
      correct: null,
    },
    world: { zone: { 'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all` } },
    nearest: {
      zone: { 'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all`, '203.0.113.5.example': 'v=spf1 ~all' },
    },
    expected: ['dynamic-macro', 'include-broken'],
    remaining: ['dynamic-macro'],
  },
  {
    code: 'loop',
    name: 'by way of another',
    subject: 'x.example',
    evidence: {
      domain: 'x.example',
      term: 'include:example.com',
      path: ['example.com', 'x.example', 'example.com'],
      correct: null,
    },
    world: {
      zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 include:example.com' },
    },
    nearest: {
      zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example include:x.example -all`, 'x.example': 'v=spf1' },
    },
  },
  {
    code: 'redirect-ignored',
    name: 'redirect beside all',
    subject: 'example.com',
    evidence: { terms: ['redirect=x.example'], correct: `v=spf1 ip4:${IP} -all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' } },
  },
  {
    code: 'redirect-ignored',
    name: 'a term after all',
    subject: 'example.com',
    evidence: { terms: ['mx'], correct: `v=spf1 ip4:${IP} -all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} -all mx` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} -all exp=e.example` } },
  },
  {
    code: 'no-all',
    name: 'neither all nor redirect',
    subject: 'example.com',
    evidence: { domain: 'example.com', record: `v=spf1 ip4:${IP}`, correct: `v=spf1 ip4:${IP} ~all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP}` } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'permits-everyone',
    name: '+all',
    subject: 'example.com',
    evidence: {
      terms: [{ domain: 'example.com', term: '+all' }],
      ipv4Addresses: 0,
      probes: ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'],
      correct: `v=spf1 ip4:${IP} -all`,
    },
    world: { zone: { 'example.com': 'v=spf1 +all' } },
    nearest: {
      zone: { 'example.com': `v=spf1 -include:guard.example +all`, 'guard.example': `v=spf1 -ip4:${IP} +all` },
    },
  },
  {
    code: 'permits-everyone',
    name: 'in an included record',
    subject: 'example.com',
    evidence: {
      terms: [{ domain: 'x.example', term: 'all' }],
      ipv4Addresses: 0,
      probes: ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'],
      correct: null,
    },
    world: { zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 all' } },
    nearest: { zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': `v=spf1 ip4:${IP}` } },
  },
  {
    code: 'permits-everyone',
    name: 'half of the internet',
    subject: 'example.com',
    evidence: {
      terms: [{ domain: 'example.com', term: 'ip4:128.0.0.0/1' }],
      ipv4Addresses: 2147483648,
      probes: [],
      correct: null,
    },
    world: { zone: { 'example.com': 'v=spf1 ip4:128.0.0.0/1 -all' } },
    nearest: { zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/8 -all' } },
    expected: ['permits-everyone', 'range-too-wide'],
    remaining: ['range-too-wide'],
  },
  {
    code: 'permits-everyone',
    name: 'ip4:…/0',
    subject: 'example.com',
    evidence: {
      terms: [{ domain: 'example.com', term: 'ip4:1.2.3.4/0' }],
      ipv4Addresses: 4294967296,
      probes: [],
      correct: null,
    },
    world: { zone: { 'example.com': 'v=spf1 ip4:1.2.3.4/0 -all' } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP}/32 -all` } },
    expected: ['permits-everyone', 'range-too-wide'],
  },
  {
    code: 'range-too-wide',
    name: '/16',
    subject: 'example.com',
    evidence: { term: 'ip4:203.0.0.0/16', ipv4Addresses: 65536, prefixLength: 16, covers: [IP] },
    world: { zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/16 -all' } },
    nearest: { zone: { 'example.com': 'v=spf1 ip4:203.0.0.0/17 -all' } },
  },
  {
    code: 'all-neutral',
    name: '?all',
    subject: 'example.com',
    evidence: { domain: 'example.com', record: `v=spf1 ip4:${IP} ?all`, correct: `v=spf1 ip4:${IP} ~all` },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} ?all` } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'all-softfail',
    name: '~all of a redirect',
    subject: 'x.example',
    evidence: { domain: 'x.example', record: 'v=spf1 ~all' },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 ~all' } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 -all' } },
  },
  {
    code: 'not-public-range',
    name: 'a private network',
    subject: 'example.com',
    evidence: { term: 'ip4:10.0.0.0/24', range: 'private use (RFC 1918)' },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} ip4:10.0.0.0/24 -all` } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} ip4:11.0.0.0/24 -all` } },
  },
  {
    code: 'record-too-long',
    name: '451 octets',
    subject: 'example.com',
    evidence: { octets: 451, answerOctets: 493, txtRecords: 1 },
    world: { zone: { 'example.com': `${GOOD} ${'x'.repeat(422)}=` } },
    nearest: { zone: { 'example.com': `${GOOD} ${'x'.repeat(421)}=` } },
  },
  {
    code: 'record-too-long',
    name: 'with its siblings',
    subject: 'example.com',
    evidence: { octets: 27, answerOctets: 522, txtRecords: 2 },
    world: { zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(440)] } } },
    nearest: { zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(400)] } } },
  },
  {
    code: 'dynamic-macro',
    name: '%{i}',
    subject: 'example.com',
    evidence: { terms: [{ domain: 'example.com', term: 'exists:%{i}.example' }] },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} exists:%{i}.example -all` } },
    nearest: {
      zone: { 'example.com': `v=spf1 ip4:${IP} a:%{d}.example -all`, 'example.com.example': { A: ['11.0.0.1'] } },
    },
  },
  {
    code: 'inconclusive',
    name: 'the record cannot be looked up',
    subject: 'example.com',
    message: 'The TXT lookup of example.com failed: test says timeout.',
    evidence: {
      reason: 'lookup-failed',
      query: { name: 'example.com', type: 'TXT', rcode: 'timeout' },
      path: ['example.com'],
    },
    world: { zone: { 'example.com': { TXT: 'timeout' } } },
    nearest: { zone: { 'example.com': GOOD } },
  },
  {
    code: 'inconclusive',
    name: 'an include cannot, behind the match',
    subject: 'x.example',
    message: 'The TXT lookup of x.example failed: test says servfail (by way of example.com → x.example).',
    evidence: {
      reason: 'lookup-failed',
      query: { name: 'x.example', type: 'TXT', rcode: 'servfail' },
      path: ['example.com', 'x.example'],
    },
    world: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': { TXT: 'servfail' } } },
    nearest: { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1' } },
  },
  {
    code: 'inconclusive',
    name: 'the address of an MX host cannot',
    subject: IP,
    message: 'The A lookup of m.example failed (timeout).',
    evidence: {
      reason: 'evaluation-lookup-failed',
      path: ['example.com'],
      query: { name: 'm.example', type: 'A', rcode: 'timeout' },
    },
    world: {
      zone: {
        'example.com': { TXT: `v=spf1 mx ip4:${IP} -all`, MX: [[1, 'm.example']] },
        'm.example': { A: 'timeout' },
      },
    },
    nearest: {
      zone: {
        'example.com': { TXT: `v=spf1 mx ip4:${IP} -all`, MX: [[1, 'm.example']] },
        'm.example': { A: ['192.0.2.1'] },
      },
    },
  },
  {
    code: 'inconclusive',
    name: 'no address to test',
    subject: 'example.com',
    message: 'There is no address to test: none was given, and none was found for the MX hosts.',
    evidence: { reason: 'no-address' },
    world: { zone: { 'example.com': 'v=spf1 ip4:11.0.0.1 -all' }, ips: [] },
    nearest: { zone: { 'example.com': GOOD } },
  },
];

/** A record that only this client is led to, by way of a macro: no walk can see it. */
function behindMacro(text: string, others: Zone = {}): World {
  const zone: Zone = { 'example.com': `v=spf1 include:%{i}.example ip4:${IP} -all`, ...others };
  return {
    zone: { ...zone, [`${IP}.example`]: { A: ['11.0.0.1'], ...(others[`${IP}.example`] as object), TXT: text } },
  };
}

describe('what only an evaluation can see', () => {
  const mx = (count: number): Zone => ({
    [`${IP}.example`]: { MX: Array.from({ length: count }, (_, n) => [n, 'm.example'] as const) },
  });
  const own = `${IP}.example`;

  test.each<[Row['code'], World, World, object]>([
    [
      'too-many-lookups',
      behindMacro(`v=spf1 ${'a '.repeat(10)}`),
      behindMacro(`v=spf1 ${'a '.repeat(9)}`),
      { subject: IP, evidence: { count: 11, limit: 10, isMinimum: true, tree: { cost: 1 }, relief: { record: null } } },
    ],
    [
      'too-many-void-lookups',
      behindMacro('v=spf1 a:1.example a:2.example a:3.example'),
      behindMacro('v=spf1 a:1.example a:2.example'),
      {
        subject: IP,
        evidence: {
          count: 3,
          names: [{ domain: own, term: 'a:3.example', target: '3.example', rcode: 'nxdomain' }],
          correct: null,
        },
      },
    ],
    [
      'too-many-mx',
      behindMacro('v=spf1 mx', mx(11)),
      behindMacro('v=spf1 mx', mx(10)),
      { subject: IP, evidence: { domain: own, term: 'mx', target: own, count: 11, limit: 10 } },
    ],
    [
      'include-broken',
      behindMacro('v=spf1 foo'),
      behindMacro('v=spf1 foo=bar'),
      {
        subject: own,
        evidence: {
          domain: 'example.com',
          term: 'include:%{i}.example',
          target: own,
          reason: 'syntax',
          problems: [{ term: 'foo' }],
          path: ['example.com', own],
          registrable: false,
          correct: null,
        },
      },
    ],
    [
      'include-broken',
      behindMacro('v=spf1 include:x.example', { 'x.example': { TXT: ['v=spf1', 'v=spf1'] } }),
      behindMacro('v=spf1 include:x.example', { 'x.example': 'v=spf1' }),
      {
        subject: 'x.example',
        evidence: {
          domain: own,
          term: 'include:x.example',
          target: 'x.example',
          reason: 'several-records',
          problems: [],
          path: ['example.com', own, 'x.example'],
        },
      },
    ],
    [
      'include-broken',
      behindMacro('v=spf1 include:x.example', { 'x.example': 'text' }),
      behindMacro('v=spf1 include:x.example', { 'x.example': 'v=spf1' }),
      {
        subject: 'x.example',
        evidence: {
          domain: own,
          term: 'include:x.example',
          reason: 'no-record',
          path: ['example.com', own, 'x.example'],
        },
      },
    ],
    [
      'inconclusive',
      behindMacro('v=spf1 a:x.example', { 'x.example': { A: 'timeout' } }),
      behindMacro('v=spf1 a:x.example', { 'x.example': { A: ['11.0.0.1'] } }),
      {
        subject: IP,
        message: `The A lookup of x.example failed (timeout) (by way of example.com → ${own}).`,
        evidence: {
          reason: 'evaluation-lookup-failed',
          path: ['example.com', own],
          query: { name: 'x.example', type: 'A', rcode: 'timeout' },
        },
      },
    ],
  ])('spf/%s', async (code, world, nearest, expected) => {
    const found = await run(world);
    expect(found.filter((each) => each.code !== 'spf/dynamic-macro')).toMatchObject([
      { code: `spf/${code}`, ...expected },
    ]);
    expect(await codes(world)).toContain('dynamic-macro');
    expect(await codes(nearest)).toEqual(['dynamic-macro']);
  });

  test('a broken record is named with the term that leads to it, past others', async () => {
    const found = await only(
      'include-broken',
      behindMacro('v=spf1 ptr include:ok.example include:x.example', {
        'ok.example': 'v=spf1 include:i.example',
        'i.example': 'v=spf1',
        'x.example': 'v=spf1 foo',
      }),
    );
    expect(found.evidence).toMatchObject({ domain: `${IP}.example`, term: 'include:x.example', target: 'x.example' });
  });

  test('a check without end is not one that passed', async () => {
    let seconds = 0;
    const now = () => {
      seconds += 21;
      return seconds * 1000;
    };
    const zone: Zone = { 'example.com': { TXT: `v=spf1 a ip4:${IP} -all`, A: ['11.0.0.1'], AAAA: ['2001:db8::1'] } };
    expect(await run({ zone }, { now })).toMatchObject([
      {
        code: 'spf/inconclusive',
        subject: IP,
        message: 'The check takes longer than 20 seconds.',
        evidence: { reason: 'too-slow', path: ['example.com'] },
        remediation: { summary: 'Run the check again, with more time if it was cut off.' },
      },
    ]);
  });

  test('a record that is gone at the second question', async () => {
    const [before, after] = [zoneResolver({ 'example.com': GOOD }), zoneResolver({ 'example.com': 'other' })];
    let isAsked = false;
    const resolver: Resolver = {
      query(name, type) {
        const now = isAsked ? after : before;
        isAsked = true;
        return now.query(name, type);
      },
    };
    expect(await run({ zone: {} }, { resolver })).toMatchObject([
      {
        code: 'spf/inconclusive',
        subject: 'example.com',
        message: 'The TXT records of example.com changed while they were being read.',
        evidence: { reason: 'record-changed', name: 'example.com' },
      },
    ]);
  });

  test('a broken record is named with the term that leads to it', async () => {
    const found = await only('include-broken', behindMacro('v=spf1 include:x.example', { 'x.example': 'v=spf1 foo' }));
    expect(found).toMatchObject({
      subject: 'x.example',
      evidence: { domain: `${IP}.example`, term: 'include:x.example', reason: 'syntax', problems: [{ term: 'foo' }] },
    });
  });
});

describe('codes', () => {
  test.each(rows.map((row) => [row.code, row.name, row] as const))('spf/%s: %s', async (code, _, row) => {
    const found = await run(row.world);
    expect([...new Set(found.map((each) => each.code.replace('spf/', '')))].sort()).toEqual(row.expected ?? [code]);
    expect(found.filter((each) => each.code === `spf/${code}`)).toMatchObject([
      { subject: row.subject, evidence: row.evidence, ...(row.message ? { message: row.message } : {}) },
    ]);
    expect(await codes(row.nearest)).toEqual(row.remaining ?? []);
  });

  test('every code of the catalogue has a row', () => {
    expect([...new Set(rows.map(({ code }) => `spf/${code}`))].sort()).toEqual(Object.keys(findings).sort());
  });

  test('every finding reads to its end, and its records are records', async () => {
    for (const { world } of rows) {
      for (const { message, remediation } of await run(world)) {
        expect(message).toMatch(/^\S.*[.]$/s);
        expect(`${message} ${remediation.summary}`).not.toMatch(/undefined|null|NaN|\[object/);
        for (const { name, type, value } of remediation.records ?? []) {
          expect({ name, type }).toMatchObject({ type: 'TXT' });
          expect(parseRecord(value).problems).toEqual([]);
        }
      }
    }
  });
});

describe('the record to publish', () => {
  test.each(
    rows
      .filter(({ code }) =>
        [
          'ip-not-authorized',
          'ipv6-not-authorized',
          'missing',
          'near-miss',
          'multiple-records',
          'syntax-error',
        ].includes(code),
      )
      .map((row) => [row.code, row.name, row] as const),
  )('spf/%s (%s) lets every tested address pass', async (code, _, { world }) => {
    const { remediation } = await only(code, world);
    const [published] = remediation.records ?? [];
    expect(published).toMatchObject({ name: 'example.com', type: 'TXT' });
    const resolver = zoneResolver({ ...world.zone, 'example.com': published?.value ?? '' });
    const outcome = await checkHost({ ip: address(IP), sender: 'x@example.com', heloName: 'x.example', resolver });
    expect(outcome.result).toBe('pass');
  });

  test('changes nothing but what is needed, for all addresses at once', async () => {
    const zone: Zone = { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 ~all' };
    const found = await run({ zone, ips: [IP, '2001:db8::5'] });
    const values = found.flatMap(({ remediation }) => remediation.records?.map(({ value }) => value) ?? []);
    const whole = `v=spf1 include:x.example ip4:${IP} ip6:2001:db8::5 -all`;
    expect(values).toEqual([whole, whole]);
  });

  test('over the limit, says what each include costs and what to replace', async () => {
    const zone: Zone = { ...ten.zone, 'example.com': { TXT: `v=spf1 a ${ten.terms} -all`, A: [IP] } };
    const { message, remediation } = await only('too-many-lookups', { zone });
    expect(message).toContain('11 lookups where 10 are allowed: a 1, include:i0.example 1');
    expect(remediation.summary).toContain(`write "a" as ip4:${IP} (saves 1)`);
    expect(remediation.records?.[0]?.value).toBe(`v=spf1 ip4:${IP} ${ten.terms} -all`);
  });

  test('over the limit by includes alone, names the most expensive', async () => {
    const zone: Zone = {
      ...eleven.zone,
      'example.com': `v=spf1 ip4:${IP} include:big.example -all`,
      'big.example': `v=spf1 ${eleven.terms}`,
    };
    const { remediation } = await only('too-many-lookups', { zone });
    expect(remediation.records).toBeUndefined();
    expect(remediation.summary).toContain('"include:big.example" with 12');
  });
});

describe('evidence', () => {
  test('an address that is not allowed has its result and the path to the term that decided', async () => {
    const zone: Zone = { 'example.com': 'v=spf1 redirect=x.example', 'x.example': 'v=spf1 ?all' };
    const { evidence, subject, message } = await only('ip-not-authorized', { zone });
    expect(subject).toBe(IP);
    expect(message).toContain('"?all" of x.example');
    expect(evidence).toMatchObject({
      ip: IP,
      result: 'neutral',
      matched: [
        { domain: 'example.com', term: 'redirect=x.example' },
        { domain: 'x.example', term: '?all' },
      ],
    });
  });

  test('a broken include under a public suffix is told from one that could be bought', async () => {
    const record = `v=spf1 ip4:${IP} include:spf.unclaimed-name.com -all`;
    const buyable = await only('include-broken', { zone: { 'example.com': record } });
    expect(buyable.evidence).toMatchObject({
      reason: 'no-name',
      registrable: true,
      path: ['example.com', 'spf.unclaimed-name.com'],
    });
    const taken = await only('include-broken', {
      zone: { 'example.com': record, 'unclaimed-name.com': { NS: ['ns.example'] } },
    });
    expect(taken.evidence).toMatchObject({ registrable: false });
  });

  test('an unanswered question is kept, and reported once', async () => {
    const zone: Zone = {
      'example.com': 'v=spf1 include:x.example include:x.example -all',
      'x.example': { TXT: 'refused' },
    };
    const found = await run({ zone, ips: [IP, '203.0.113.6'] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      code: 'spf/inconclusive',
      severity: 'inconclusive',
      evidence: { query: { name: 'x.example', type: 'TXT', rcode: 'refused' }, path: ['example.com', 'x.example'] },
    });
  });

  test('the host is asked for its name where the record uses it', async () => {
    const zone: Zone = {
      'example.com': 'v=spf1 exists:%{h}.ok.example -all',
      'mail.example.com.ok.example': { A: ['127.0.0.2'] },
      'mail.example.com': {},
    };
    expect(await codes({ zone, helo: 'mail.example.com' })).toEqual(['dynamic-macro']);
    expect(await codes({ zone, helo: 'other.example.com' })).toContain('ip-not-authorized');
  });
});

/** Each world with all findings of one code in it; none where it says so. */
const details: readonly (readonly [string, Row['code'], World, readonly object[]])[] = [
  [
    'a record at spf. of the domain is at the wrong name as well',
    'near-miss',
    { zone: { 'example.com': 'x', 'spf.example.com': 'v=spf1 what:x.example' } },
    [{ subject: 'spf.example.com', evidence: { cause: 'wrong-name', text: 'v=spf1 what:x.example', correct: GOOD } }],
  ],
  [
    'a misread record comes before a misplaced one, and lets the addresses pass',
    'near-miss',
    { zone: { 'example.com': { TXT: ['x', 'v=spf1;mx ~all'] }, '_spf.example.com': GOOD } },
    [{ subject: 'example.com', evidence: { name: 'example.com', correct: `v=spf1 mx ip4:${IP} ~all` } }],
  ],
  [
    'without an address there is no record to propose',
    'missing',
    { zone: {}, ips: [] },
    [{ evidence: { correct: null } }],
  ],
  [
    'nor one for what cannot be read',
    'near-miss',
    { zone: { 'example.com': ' v=spf1 what:x.example' }, ips: [] },
    [{ evidence: { cause: 'leading-characters', correct: null } }],
  ],
  [
    'a corrected record lets every address pass',
    'syntax-error',
    { zone: { 'example.com': 'v=spf1 ipv4:192.0.2.1 mx. ~all' } },
    ['ipv4:192.0.2.1', 'mx.'].map((term) => ({
      subject: 'example.com',
      evidence: { term, correct: `v=spf1 ip4:192.0.2.1 mx ip4:${IP} ~all` },
    })),
  ],
  [
    'what cannot be corrected has no record to publish',
    'syntax-error',
    { zone: { 'example.com': 'v=spf1 foo -all' } },
    [{ evidence: { term: 'foo', correct: null } }],
  ],
  ...(
    [
      ['the HELO name given', { helo: 'mail.example.com' }, 'mail.example.com'],
      ['the domain where none is given', {}, 'example.com'],
    ] as const
  ).map(([name, world, host]): (typeof details)[number] => [
    `a corrected record is tried with ${name}`,
    'syntax-error',
    {
      zone: { 'example.com': 'v=spf1 mx. exists:%{h}.ok.example -all', [`${host}.ok.example`]: { A: ['127.0.0.2'] } },
      ...world,
    },
    [{ evidence: { correct: 'v=spf1 mx exists:%{h}.ok.example -all' } }],
  ]),
  [
    'other texts are told with their strings joined',
    'missing',
    { zone: { 'example.com': { TXT: [['a', 'b'], 'c'] } } },
    [{ evidence: { otherTxt: ['ab', 'c'] } }],
  ],
  [
    'a record is found with its strings joined',
    'missing',
    { zone: { 'example.com': { TXT: [['v=sp', `f1 ip4:${IP} -all`]] } } },
    [],
  ],
  [
    'ten errors are enough',
    'syntax-error',
    { zone: { 'example.com': `v=spf1 ${'foo '.repeat(11)}-all` } },
    Array.from({ length: 10 }, (_, n) => ({ evidence: { offset: 7 + 4 * n } })),
  ],
  [
    'a record with errors is not evaluated, but its size is',
    'record-too-long',
    { zone: { 'example.com': `v=spf1 ${'foo '.repeat(120)}-all` } },
    [{ evidence: { octets: 491 } }],
  ],
  [
    'all reverse names, with those of other records, which cannot be removed',
    'ptr-mechanism',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} include:x.example ptr redirect=y.example`,
        'x.example': 'v=spf1 ptr',
        'y.example': 'v=spf1 -all',
      },
    },
    [
      {
        subject: 'example.com',
        evidence: {
          terms: [
            { domain: 'x.example', term: 'ptr' },
            { domain: 'example.com', term: 'ptr' },
          ],
          correct: `v=spf1 ip4:${IP} include:x.example redirect=y.example`,
        },
      },
    ],
  ],
  [
    'those of other records alone leave nothing to correct',
    'ptr-mechanism',
    { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 ptr' } },
    [{ evidence: { terms: [{ domain: 'x.example', term: 'ptr' }], correct: null } }],
  ],
  [
    'a record without ptr still lets the address pass',
    'ptr-mechanism',
    {
      zone: {
        'example.com': { TXT: 'v=spf1 ptr:mail.example.com -all' },
        'mail.example.com': { A: [IP] },
        '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
      },
    },
    [{ evidence: { correct: GOOD } }],
  ],
  [
    'everything ignored at once, but not exp',
    'redirect-ignored',
    { zone: { 'example.com': `v=spf1 exp=e.example redirect=r.example ip4:${IP} -all mx x=y ~all` } },
    [
      {
        evidence: { terms: ['redirect=r.example', 'mx', '~all'], correct: `v=spf1 exp=e.example ip4:${IP} -all x=y` },
      },
    ],
  ],
  [
    'the end of a redirect has its own record to publish',
    'no-all',
    { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1  mx exp=e.example' } },
    [{ subject: 'x.example', evidence: { domain: 'x.example', correct: 'v=spf1 mx exp=e.example ~all' } }],
  ],
  [
    'of ?all too',
    'all-neutral',
    { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=x.example`, 'x.example': 'v=spf1 a ?all mx' } },
    [{ subject: 'x.example', evidence: { record: 'v=spf1 a ?all mx', correct: 'v=spf1 a mx ~all' } }],
  ],
  [
    'an end that is not known is not judged',
    'no-all',
    { zone: { 'example.com': `v=spf1 ip4:${IP} redirect=%{i}.example` } },
    [],
  ],
  [
    'wide ranges of both families, with the addresses they cover',
    'range-too-wide',
    {
      zone: { 'example.com': 'v=spf1 ip4:203.0.113.0/16 ip6:2001:db8::/32 -all' },
      ips: [IP, '203.0.113.6', '2001:db8::5', '198.51.100.1'],
    },
    [
      {
        subject: 'example.com',
        evidence: { term: 'ip4:203.0.113.0/16', ipv4Addresses: 65536, prefixLength: 16, covers: [IP, '203.0.113.6'] },
      },
      { evidence: { term: 'ip6:2001:db8::/32', ipv4Addresses: null, prefixLength: 32, covers: ['2001:db8::5'] } },
    ],
  ],
  [
    'a range is not too wide that is narrower, or does not pass',
    'range-too-wide',
    {
      zone: { 'example.com': `v=spf1 ip4:${IP}/17 ip6:2001:db8::/33 -ip4:198.51.100.0/8 ?ip6:2001:db8::/16 a/8 -all` },
    },
    [],
  ],
  [
    'special ranges of both families',
    'not-public-range',
    { zone: { 'example.com': `v=spf1 ip4:${IP} ip4:127.0.0.1 ip6:fe80::/64 -ip4:10.0.0.1 -all` } },
    [
      { subject: 'example.com', evidence: { term: 'ip4:127.0.0.1' } },
      { subject: 'example.com', evidence: { term: 'ip6:fe80::/64' } },
    ],
  ],
  [
    'a length of zero is no special range',
    'not-public-range',
    { zone: { 'example.com': `v=spf1 ip4:${IP} ip4:0.0.0.0/0 ip6:::/0 -all` } },
    [],
  ],
  [
    'one address more than a /8',
    'permits-everyone',
    { zone: { 'example.com': `v=spf1 ip4:203.0.0.0/8 ip4:198.51.100.1 -all` } },
    [
      {
        evidence: {
          terms: [{ domain: 'example.com', term: 'ip4:203.0.0.0/8' }],
          ipv4Addresses: 2 ** 24 + 1,
          probes: [],
        },
      },
    ],
  ],
  [
    'all the widest terms are named, wherever they stand',
    'permits-everyone',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} include:x.example ip4:203.0.0.0/8 ip6:2001:db8::/4 ?all`,
        'x.example': 'v=spf1 ip4:198.0.0.0/8 ip4:192.0.2.0/9',
      },
    },
    [
      {
        evidence: {
          terms: [
            { domain: 'x.example', term: 'ip4:198.0.0.0/8' },
            { domain: 'example.com', term: 'ip4:203.0.0.0/8' },
          ],
          ipv4Addresses: 2.5 * 2 ** 24,
        },
      },
    ],
  ],
  [
    'an open term for one family is not for everyone',
    'permits-everyone',
    { zone: { 'example.com': { TXT: `v=spf1 ip4:${IP} a/0 -all`, A: [IP] } } },
    [],
  ],
  [
    'open terms for each family together are, with what to publish where the record is not open itself',
    'permits-everyone',
    { zone: { 'example.com': { TXT: 'v=spf1 a/0//0 -all', A: [IP], AAAA: ['2001:db8::5'] } } },
    [{ evidence: { terms: [{ domain: 'example.com', term: 'a/0//0' }], ipv4Addresses: 0, correct: null } }],
  ],
  [
    'a listed network of examples is no open term',
    'permits-everyone',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 exists:%{i}.example -all`,
      },
    },
    [],
  ],
  [
    '"+all" is closed with the addresses that send',
    'permits-everyone',
    { zone: { 'example.com': 'v=spf1 mx +all exp=e.example' } },
    [{ evidence: { correct: `v=spf1 mx exp=e.example ip4:${IP} -all` } }],
  ],
  [
    'an answer of 512 octets is none too long',
    'record-too-long',
    { zone: { 'example.com': { TXT: [GOOD, 'y'.repeat(430)] } } },
    [],
  ],
  [
    'one of 513 is, counting each string of each record',
    'record-too-long',
    { zone: { 'example.com': { TXT: [GOOD, ['y'.repeat(200), 'y'.repeat(230)]] } } },
    [{ subject: 'example.com', evidence: { octets: GOOD.length, answerOctets: 513, txtRecords: 2 } }],
  ],
  [
    'an address refused alone has the record with itself, its IPv6 sibling that with both',
    'ip-not-authorized',
    { zone: { 'example.com': 'v=spf1 -all', 'h.example.com': { AAAA: ['2001:db8::5'] } }, helo: 'h.example.com' },
    [{ subject: IP, evidence: { correct: GOOD } }],
  ],
  [
    'an IPv6 sibling beside refused addresses',
    'ipv6-not-authorized',
    {
      zone: { 'example.com': 'v=spf1 ~all', 'h.example.com': { AAAA: ['2001:db8::5', '2001:db8::6'] } },
      helo: 'h.example.com',
    },
    ['2001:db8::5', '2001:db8::6'].map((ip) => ({
      subject: ip,
      evidence: {
        ip,
        name: 'h.example.com',
        tested: IP,
        result: 'softfail',
        record: 'v=spf1 ~all',
        correct: `v=spf1 ip4:${IP} ip6:2001:db8::5 ip6:2001:db8::6 ~all`,
      },
    })),
  ],
  [
    'an IPv6 address of two tested hosts is named once, with the first',
    'ipv6-not-authorized',
    {
      zone: { 'example.com': 'v=spf1 ip4:203.0.113.0/24 -all', 'h.example.com': { AAAA: ['2001:db8::5'] } },
      ips: [IP, '203.0.113.6'],
      helo: 'h.example.com',
    },
    [{ subject: '2001:db8::5', evidence: { tested: IP } }],
  ],
  [
    'one that is tested itself is no sibling',
    'ipv6-not-authorized',
    {
      zone: { 'example.com': `v=spf1 ip4:${IP} -all`, 'h.example.com': { AAAA: ['2001:db8::5'] } },
      ips: [IP, '2001:db8::5'],
      helo: 'h.example.com',
    },
    [],
  ],
  [
    'nor one of a reverse name that does not lead back',
    'ipv6-not-authorized',
    {
      zone: {
        'example.com': GOOD,
        '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
        'mail.example.com': { A: ['203.0.113.6'], AAAA: ['2001:db8::5'] },
      },
    },
    [],
  ],
  [
    'nor one of the host of an IPv6 address',
    'ipv6-not-authorized',
    {
      zone: { 'example.com': 'v=spf1 ip6:2001:db8::5 -all', 'h.example.com': { AAAA: ['2001:db8::6'] } },
      ips: ['2001:db8::5'],
      helo: 'h.example.com',
    },
    [],
  ],
  [
    'a HELO name that is no host name is not asked for',
    'inconclusive',
    { zone: { 'example.com': GOOD, '[203.0.113.5]': { AAAA: 'timeout' } }, helo: '[203.0.113.5]' },
    [],
  ],
  [
    'a host whose IPv6 addresses are not known',
    'inconclusive',
    { zone: { 'example.com': GOOD, 'h.example.com': { AAAA: 'servfail' } }, helo: 'h.example.com' },
    [
      {
        subject: 'h.example.com',
        message: 'The AAAA lookup of h.example.com failed: test says servfail.',
        evidence: { reason: 'lookup-failed', path: ['example.com'] },
      },
    ],
  ],
  [
    'an address that is neutral since nothing matches',
    'ip-not-authorized',
    { zone: { 'example.com': 'v=spf1 ip4:11.0.0.1' } },
    [{ evidence: { result: 'neutral', matched: [], correct: `v=spf1 ip4:11.0.0.1 ip4:${IP}` } }],
  ],
  [
    'an address refused by a term of its own goes left of that',
    'ip-not-authorized',
    { zone: { 'example.com': `v=spf1 -ip4:203.0.113.0/24 mx -all` }, ips: [IP, '203.0.113.6'] },
    [IP, '203.0.113.6'].map((ip) => ({
      subject: ip,
      evidence: { correct: `v=spf1 ip4:${IP} ip4:203.0.113.6 -ip4:203.0.113.0/24 mx -all` },
    })),
  ],
  [
    'where another address ends in an error, those refused are still put left of what refuses them',
    'ip-not-authorized',
    {
      zone: {
        'example.com': 'v=spf1 -ip4:203.0.113.0/24 ~exists:%{ir}.%{v}.x.example include:no.example -all',
        '1.100.51.198.in-addr.x.example': { A: ['127.0.0.2'] },
      },
      ips: ['198.51.100.1', '198.51.100.2', IP],
    },
    ['198.51.100.1', IP].map((ip) => ({ subject: ip })),
  ],
  [
    'a tree over the limit is said once, though an address meets it as well',
    'too-many-lookups',
    { zone: { ...eleven.zone, 'example.com': `v=spf1 ${eleven.terms} -all` } },
    [{ subject: 'example.com', evidence: { count: 11, isMinimum: false, tree: { domain: 'example.com', cost: 11 } } }],
  ],
  [
    'a loop is not a matter of lookups for the address that meets it',
    'too-many-lookups',
    { zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 include:example.com' } },
    [],
  ],
  [
    'nor near the limit',
    'near-lookup-limit',
    {
      zone: {
        ...nine.zone,
        'example.com': `v=spf1 ip4:${IP} ${nine.terms.replace(/ \S+$/, '')} include:example.com -all`,
      },
    },
    [],
  ],
  [
    'the limit itself is near the limit',
    'near-lookup-limit',
    { zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` } },
    [{ subject: 'example.com', evidence: { count: 10, tree: { cost: 10 } } }],
  ],
  [
    'a tree that is not walked to its end has a minimum',
    'too-many-lookups',
    {
      zone: {
        'example.com': {
          TXT: `v=spf1 ip4:${IP} ${Array.from({ length: 31 }, (_, n) => `a:h${n}.${IP}.example`).join(' ')} -all`,
        },
      },
    },
    [{ evidence: { count: 31, isMinimum: true } }],
  ],
  [
    'void lookups are said once, though an address meets them as well',
    'too-many-void-lookups',
    {
      zone: {
        'example.com': 'v=spf1 a:1.example a:2.example include:x.example -all',
        'x.example': 'v=spf1 a:3.example',
      },
    },
    [
      {
        evidence: {
          count: 3,
          names: [{ target: '1.example' }, { target: '2.example' }, { domain: 'x.example', target: '3.example' }],
          correct: 'v=spf1 include:x.example -all',
        },
      },
    ],
  ],
  [
    'a void lookup tells a name without records from one that does not exist',
    'void-lookup',
    { zone: { 'example.com': `v=spf1 ip4:${IP} a:1.example exists:2.example -all`, '1.example': {} } },
    [
      {
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
  ],
  [
    'of another record it has nothing to correct',
    'void-lookup',
    { zone: { 'example.com': `v=spf1 ip4:${IP} include:x.example -all`, 'x.example': 'v=spf1 a:1.example' } },
    [{ evidence: { names: [{ domain: 'x.example', term: 'a:1.example' }], correct: null } }],
  ],
  [
    'two void for every client are a remark where a third is void only for clients not tested',
    'void-lookup',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} a:1.example a:2.example a:4.example -all`,
        '4.example': { A: ['11.0.0.1'] },
      },
    },
    [{ evidence: { count: 2 } }],
  ],
  [
    'and an error where such a client is tested beside others',
    'too-many-void-lookups',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} ip6:2001:db8::5 a:1.example a:2.example a:4.example -all`,
        '4.example': { A: ['11.0.0.1'] },
      },
      ips: [IP, '2001:db8::5'],
    },
    [{ evidence: { count: 3 } }],
  ],
  [
    'too many MX hosts of another record, once though an address meets them',
    'too-many-mx',
    {
      zone: {
        'example.com': 'v=spf1 include:x.example -all',
        'x.example': { TXT: 'v=spf1 mx:m.example', MX: [] },
        'm.example': { MX: Array.from({ length: 12 }, (_, n) => [n, 'h.example'] as const) },
      },
    },
    [{ subject: 'x.example', evidence: { domain: 'x.example', term: 'mx:m.example', target: 'm.example', count: 12 } }],
  ],
  [
    'each way in which an include can be broken',
    'include-broken',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} include:a.example include:b.example include:c.example include:d.example include:e.example include:${'a'.repeat(64)}.example -all`,
        'b.example': {},
        'c.example': 'text',
        'd.example': { TXT: ['v=spf1', 'v=spf1'] },
        'e.example': `v=spf1 ${'foo '.repeat(11)}`,
      },
    },
    [
      { subject: 'a.example', evidence: { reason: 'no-name', registrable: false } },
      { subject: 'b.example', evidence: { reason: 'no-txt', path: ['example.com', 'b.example'] } },
      { subject: 'c.example', evidence: { reason: 'no-record' } },
      { subject: 'd.example', evidence: { reason: 'several-records', problems: [] } },
      {
        subject: 'e.example',
        evidence: { reason: 'syntax', problems: Array.from({ length: 10 }, () => ({ term: 'foo' })) },
      },
      { evidence: { reason: 'not-a-name' } },
    ],
  ],
  [
    'a broken include is said once, though the address meets it as well',
    'include-broken',
    { zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'v=spf1 foo' } },
    [{ evidence: { problems: [{ term: 'foo' }], correct: 'v=spf1 -all' } }],
  ],
  [
    'so is one that has none',
    'include-broken',
    { zone: { 'example.com': 'v=spf1 include:x.example -all', 'x.example': 'text' } },
    [{ evidence: { reason: 'no-record', correct: 'v=spf1 -all' } }],
  ],
  [
    'in another record it has nothing to correct',
    'include-broken',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} include:x.example -all`,
        'x.example': 'v=spf1 include:y.example',
        'y.example': 'text',
      },
    },
    [{ evidence: { domain: 'x.example', path: ['example.com', 'x.example', 'y.example'], correct: null } }],
  ],
  [
    'a name that exists without records cannot be bought',
    'include-broken',
    { zone: { 'example.com': `v=spf1 ip4:${IP} include:spf.unclaimed-name.com -all`, 'spf.unclaimed-name.com': {} } },
    [{ evidence: { reason: 'no-txt', registrable: false } }],
  ],
  [
    'an include of itself can be removed',
    'loop',
    { zone: { 'example.com': `v=spf1 ip4:${IP} include:example.com -all` } },
    [
      {
        subject: 'example.com',
        evidence: { term: 'include:example.com', path: ['example.com', 'example.com'], correct: GOOD },
      },
    ],
  ],
  [
    'questions without an answer, each once, by the way they were met',
    'inconclusive',
    {
      zone: {
        'example.com': 'v=spf1 a:d.example include:x.example mx:d.example -all',
        'd.example': { fails: 'timeout' },
        'x.example': 'v=spf1 a:d.example exists:e.example',
        'e.example': { A: 'refused' },
      },
    },
    [
      { subject: 'd.example', evidence: { query: { type: 'A' }, path: ['example.com'] } },
      { subject: 'd.example', evidence: { query: { type: 'AAAA' }, path: ['example.com'] } },
      { subject: 'e.example', evidence: { query: { type: 'A' }, path: ['example.com', 'x.example'] } },
      { subject: 'd.example', evidence: { query: { type: 'MX' }, path: ['example.com'] } },
    ],
  ],
  [
    'what cannot be followed ahead, in all records',
    'dynamic-macro',
    {
      zone: {
        'example.com': `v=spf1 ip4:${IP} include:x.example a:%{i}.example -all`,
        'x.example': 'v=spf1 exists:%{l}.example',
      },
    },
    [
      {
        subject: 'example.com',
        evidence: {
          terms: [
            { domain: 'x.example', term: 'exists:%{l}.example' },
            { domain: 'example.com', term: 'a:%{i}.example' },
          ],
        },
      },
    ],
  ],
];

describe('details', () => {
  test.each(details)('%s', async (_, code, world, expected) => {
    const found = await run(world);
    expect(found.filter((each) => each.code === `spf/${code}`)).toMatchObject([...expected]);
  });
});

/** The questions on which the only finding of a code rests, as `name TYPE`. */
async function restsOf(code: string, world: World): Promise<string[]> {
  return (await only(code, world)).rests.map(({ name, type }) => `${name} ${type}`);
}

describe('what a finding is about, and what it rests on', () => {
  const worlds: readonly (readonly [string, World])[] = [
    ...rows.map(({ code, name, world }) => [`${code}: ${name}`, world] as const),
    ...details.map(([name, , world]) => [name, world] as const),
    ['errors that are written alike', { zone: { 'example.com': 'v=spf1 foo bar foo -all' } }],
    ['networks that are written alike', { zone: { 'example.com': `${GOOD} ip4:10.0.0.0/8 ip4:10.0.0.0/8` } }],
    [
      'a broken include that is reached by two ways',
      {
        zone: {
          'example.com': 'v=spf1 include:a.example include:b.example include:no.example include:no.example -all',
          'a.example': 'v=spf1 include:c.example',
          'b.example': 'v=spf1 include:c.example',
          'c.example': 'v=spf1 include:no.example include:c.example',
        },
      },
    ],
  ];

  test.each(worlds)(
    '%s: no two findings of one code are about the same, and each rests on a question',
    async (_, world) => {
      const found = await run(world);
      const identities = found.map(({ code, about }) => JSON.stringify([code, about]));
      expect(new Set(identities).size).toBe(identities.length);
      const baseless = found.filter(({ rests }) => rests.length === 0);
      expect(baseless.map(({ evidence }) => evidence)).toEqual(baseless.map(() => ({ reason: 'no-address' })));
    },
  );

  test('what it is about does not change with the order of terms', async () => {
    const identities = async (record: string) =>
      (await run({ zone: { 'example.com': record } })).map(({ code, about }) => JSON.stringify([code, about])).sort();
    const [before, after] = ['ip4:10.0.0.1 ip4:127.0.0.1', 'ip4:127.0.0.1 ip4:10.0.0.1'];
    expect(await identities(`v=spf1 ip4:${IP} ${before} -all`)).toEqual(
      await identities(`v=spf1 ip4:${IP} ${after} -all`),
    );
  });

  const tree: Zone = {
    'example.com': 'v=spf1 include:a.example include:b.example -all',
    'a.example': 'v=spf1 a:h.example mx:m.example ?all',
    'h.example': { CNAME: 'host.example' },
    'host.example': { A: ['11.0.0.1'], AAAA: ['2001:db8::1'] },
    'm.example': { MX: [[1, 'x.example']] },
    'x.example': { A: ['11.0.0.2'] },
    'b.example': 'v=spf1 include:gone.example',
  };

  test.each<[string, string, World, readonly string[]]>([
    [
      'an address rests on all that its check looked at, aliases included',
      'ip-not-authorized',
      { zone: { ...tree, 'b.example': 'v=spf1 ?all' } },
      [
        'example.com TXT',
        'a.example TXT',
        'h.example A',
        'host.example A',
        'm.example MX',
        'x.example A',
        'b.example TXT',
      ],
    ],
    [
      'a broken include rests on the records that lead to it and on its own, not on their neighbours',
      'include-broken',
      { zone: tree },
      ['example.com TXT', 'b.example TXT', 'gone.example TXT'],
    ],
    [
      'a lookup that fails rests on the records that lead to it and on itself',
      'inconclusive',
      {
        zone: {
          'example.com': `v=spf1 ip4:${IP} include:a.example -all`,
          'a.example': 'v=spf1 exists:e.example',
          'e.example': { A: 'servfail' },
        },
      },
      ['example.com TXT', 'a.example TXT', 'e.example A'],
    ],
    [
      'a count of lookups rests on every record of the tree',
      'near-lookup-limit',
      { zone: { ...ten.zone, 'example.com': `v=spf1 ip4:${IP} ${ten.terms} -all` } },
      ['example.com TXT', ...Object.keys(ten.zone).map((name) => `${name} TXT`)],
    ],
    [
      'the ending of a record rests on the redirects that lead to it',
      'no-all',
      {
        zone: {
          'example.com': `v=spf1 ip4:${IP} include:a.example redirect=r.example`,
          'a.example': 'v=spf1',
          'r.example': 'v=spf1',
        },
      },
      ['example.com TXT', 'r.example TXT'],
    ],
    [
      'an IPv6 address rests on the names that lead to it, too',
      'ipv6-not-authorized',
      {
        zone: {
          'example.com': GOOD,
          '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
          'mail.example.com': { A: [IP], AAAA: ['2001:db8::5'] },
        },
      },
      ['example.com TXT', '5.113.0.203.in-addr.arpa PTR', 'mail.example.com AAAA'],
    ],
    [
      'a missing record rests on the names where it may be instead',
      'missing',
      { zone: {} },
      ['example.com TXT', '_spf.example.com TXT', 'spf.example.com TXT'],
    ],
  ])('%s', async (_, code, world, expected) => {
    expect(await restsOf(code, world)).toEqual(expected);
  });
});

describe('severity', () => {
  test('a private network is a remark in a lab, a warning elsewhere, and nothing where it is tested itself', async () => {
    const zone: Zone = { 'example.com': `v=spf1 ip4:${IP} ip4:10.0.0.0/24 -all` };
    const of = async (world: World) => (await run(world)).map(({ severity }) => severity);
    expect(await of({ zone, allowPrivate: true })).toEqual(['info']);
    expect(await of({ zone, allowPrivate: false })).toEqual(['warning']);
    expect(await of({ zone, allowPrivate: false, ips: [IP, '10.0.0.9'] })).toEqual([]);
  });
});

describe('hostile records', () => {
  test.each([
    ['64 KiB', `v=spf1 a:${'x'.repeat(65_000)} -all`],
    ['1000 terms', `v=spf1 ${'a:x.example '.repeat(1000)}-all`],
    ['1000 errors', `v=spf1 ${'foo '.repeat(1000)}-all`],
    ['NUL and escape octets', 'v=spf1 a:\u0000\u001b[31m.example -all'],
    ['a macro that makes no name', 'v=spf1 a:%{h}..%{h} include:%{d}.%{d}..x -all'],
    ['itself', 'v=spf1 include:example.com redirect=example.com'],
  ])('%s: findings, never a crash', async (_, text) => {
    const found = await run({ zone: { 'example.com': text } });
    expect(found.some(({ severity }) => severity === 'error')).toBe(true);
    expect(found.length).toBeLessThan(30);
  });
});
