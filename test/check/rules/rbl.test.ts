import { describe, expect, test } from 'vitest';
import { sampleNeighbours } from '../../../src/check/facts/neighbours.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { listOfZone } from '../../../src/knowledge/lists/catalogue.ts';
import { matches, readAnswer } from '../../../src/knowledge/lists/verdict.ts';
import { type CheckCase, checkIn, codesOf, resultOf } from '../../world/check.ts';
import { fixedClock } from '../../world/clock.ts';
import type { NameScript } from '../../world/dns.ts';
import { listZone, reversed } from '../../world/world.ts';

const ip = '203.0.113.5';
const never = (): never => {
  throw new Error('an address was expected');
};
const own = '5.113.0.203';
const base: Record<string, NameScript> = { 'example.com': { TXT: [] } };

/** A world with one list, which lists the tested address as told. */
function withList(zone: string, answers: readonly string[] | undefined, txt: readonly string[] = []): CheckCase {
  const entry: Record<string, NameScript> = answers ? { [own]: { A: answers, TXT: txt } } : {};
  return {
    dns: { zone: { ...base, ...listZone(listOfZone(zone), entry) } },
    settings: { dnsblZones: [zone] },
    helo: 'mail.example.com',
  };
}

const broken = (zone: string, names: Record<string, NameScript>): CheckCase => ({
  dns: {
    zone: {
      ...base,
      ...Object.fromEntries(Object.entries(names).map(([name, script]) => [`${name}.${zone}`, script])),
    },
  },
  settings: { dnsblZones: [zone] },
  helo: 'mail.example.com',
});

const cases: [name: string, world: CheckCase, codes: string[]][] = [
  ['not listed', withList('zen.spamhaus.org', undefined), []],
  ['CSS .3', withList('zen.spamhaus.org', ['127.0.0.3']), ['rbl/listed']],
  ['XBL .4', withList('zen.spamhaus.org', ['127.0.0.4']), ['rbl/listed']],
  ['SBL .2 speaks for a network', withList('zen.spamhaus.org', ['127.0.0.2']), ['rbl/block-listed']],
  ['PBL .10 by the provider', withList('zen.spamhaus.org', ['127.0.0.10']), ['rbl/listed-policy']],
  ['PBL .11 by Spamhaus', withList('zen.spamhaus.org', ['127.0.0.11']), ['rbl/listed-policy']],
  [
    'several codes at once',
    withList('zen.spamhaus.org', ['127.0.0.4', '127.0.0.11']),
    ['rbl/listed', 'rbl/listed-policy'],
  ],
  ['refused: the resolver is public', withList('zen.spamhaus.org', ['127.255.255.254']), ['rbl/query-refused']],
  [
    'a refusal outweighs a listing beside it',
    withList('zen.spamhaus.org', ['127.0.0.2', '127.255.255.254']),
    ['rbl/query-refused'],
  ],
  [
    'SBL whose TXT names the address alone',
    withList('zen.spamhaus.org', ['127.0.0.2'], ['SBL999999: 203.0.113.5/32 is listed']),
    ['rbl/listed'],
  ],
  [
    'CSS whose TXT names a network',
    withList('zen.spamhaus.org', ['127.0.0.3'], ['https://www.spamhaus.org/ 203.0.113.0/27']),
    ['rbl/block-listed'],
  ],
  [
    'a TXT record that names another network',
    withList('zen.spamhaus.org', ['127.0.0.3'], ['as 198.51.100.0/24 was']),
    ['rbl/listed'],
  ],
  [
    'SBL and DROP beside it are one listing',
    withList('zen.spamhaus.org', ['127.0.0.2', '127.0.0.9']),
    ['rbl/block-listed'],
  ],
  ['a lesser list', withList('psbl.surriel.com', ['127.0.0.2']), ['rbl/listed-minor']],
  [
    'a code that is not in the table',
    withList('psbl.surriel.com', ['127.0.0.77']),
    ['rbl/code-unknown', 'rbl/listed-minor'],
  ],
  [
    'a code beside a known one adds no listing',
    withList('zen.spamhaus.org', ['127.0.0.3', '127.0.0.77']),
    ['rbl/code-unknown', 'rbl/listed'],
  ],
  [
    'a list whose operator says that other codes are errors',
    withList('all.spamrats.com', ['127.0.0.77']),
    ['rbl/code-unknown'],
  ],
  ['a list’s remark is no listing', withList('dnsbl.dronebl.org', ['127.0.0.2']), []],
  ['a whole allocation', withList('dnsbl-2.uceprotect.net', ['127.0.0.2']), ['rbl/block-listed']],
  ['an allow list', withList('list.dnswl.org', ['127.0.5.1']), ['rbl/welcome-listed']],
  ['a list that mailcheck does not know', withList('bl.example.net', ['127.0.0.2']), ['rbl/listed']],
  ['an answer outside 127/8', withList('bl.example.net', ['198.51.100.1']), ['rbl/list-broken']],
  ['an answer of 127.0.0.1', withList('bl.example.net', ['127.0.0.1']), ['rbl/list-broken']],
  ['RFC 5782 §5: it lists everything', broken('bl.example.net', { '*': { A: ['127.0.0.2'] } }), ['rbl/list-broken']],
  ['RFC 5782 §5: no test entry', broken('bl.example.net', { other: { A: ['127.0.0.2'] } }), ['rbl/list-broken']],
  ['a parked zone', broken('bl.example.net', { '*': { A: ['198.51.100.1'] } }), ['rbl/list-broken']],
  [
    'everything refused by code',
    broken('zen.spamhaus.org', { '*': { A: ['127.255.255.254'] } }),
    ['rbl/query-refused'],
  ],
  ['SERVFAIL', broken('bl.example.net', { '*': 'servfail' }), ['rbl/inconclusive']],
  ['REFUSED', broken('bl.example.net', { '*': 'refused' }), ['rbl/inconclusive']],
  [
    'the test entry works, the question fails',
    broken('bl.example.net', { '2.0.0.127': { A: ['127.0.0.2'] }, [own]: 'servfail' }),
    ['rbl/inconclusive'],
  ],
  [
    'the question works, the entry that must not be listed fails',
    broken('bl.example.net', { '2.0.0.127': { A: ['127.0.0.2'] }, '1.0.0.127': 'servfail' }),
    ['rbl/inconclusive'],
  ],
  [
    'only the test entry is refused by code',
    broken('zen.spamhaus.org', { '2.0.0.127': { A: ['127.255.255.254'] } }),
    ['rbl/query-refused'],
  ],
  ['no address to look up', { ...withList('bl.example.net', undefined), ips: [] }, ['rbl/inconclusive']],
  [
    'IPv6 on lists that carry IPv4 only',
    { ...withList('psbl.surriel.com', undefined), ips: ['2001:db8::5'] },
    ['rbl/inconclusive'],
  ],
  ['a list that has closed is not asked', withList('ix.dnsbl.manitu.net', ['127.0.0.2']), ['rbl/list-broken']],
  ['nor is a zone below it', withList('spam.dnsbl.sorbs.net', undefined), ['rbl/list-broken']],
  ['a list that needs a key, without one', withList('combined.mail.abusix.zone', undefined), ['rbl/query-refused']],
];

test.each(cases)('%s', async (_, world, codes) => {
  expect(await codesOf('rbl', world)).toEqual(codes);
});

describe('lists that nobody can verify', () => {
  const zone = (extra: Record<string, NameScript>): Record<string, NameScript> => ({
    ...base,
    ...listZone(listOfZone('zen.spamhaus.org')),
    ...extra,
  });
  const world = (extra: Record<string, NameScript>, zones: readonly string[]): CheckCase => ({
    dns: { zone: zone(extra) },
    settings: { dnsblZones: zones },
    helo: 'mail.example.com',
    rules: ['rbl'],
  });
  const rats = 'all.spamrats.com';
  const barracuda = 'b.barracudacentral.org';

  test.each([
    ['silence of a list without a known test entry', {}, rats],
    ['silence of a list that wants registered resolvers', {}, barracuda],
    ['SERVFAIL of a list that wants registered resolvers', { [`*.${barracuda}`]: 'servfail' as const }, barracuda],
  ])('%s is neither clean nor inconclusive', async (_, extra, list) => {
    const result = resultOf(await checkIn(world(extra, ['zen.spamhaus.org', list])), 'rbl');
    expect(result.findings.map(({ code }) => code)).toEqual(['rbl/not-verified']);
    expect(result).toMatchObject({ status: 'pass', note: 'clean on 1 of 2 lists; 1 not verified' });
  });

  test('a test entry that answers verifies it', async () => {
    const result = resultOf(
      await checkIn(world({ [`2.0.0.127.${rats}`]: { A: ['127.0.0.38'] } }, ['zen.spamhaus.org', rats])),
      'rbl',
    );
    expect(result).toMatchObject({ status: 'pass', findings: [], note: 'clean on 2 of 2 lists' });
  });

  test('a listing counts all the same', async () => {
    const extra = { [`${own}.${rats}`]: { A: ['127.0.0.38'] } };
    expect(await codesOf('rbl', world(extra, ['zen.spamhaus.org', rats]))).toEqual(['rbl/listed-minor']);
  });

  test('SERVFAIL of a list that answers everybody is inconclusive', async () => {
    const extra = { [`*.${rats}`]: 'servfail' as const };
    expect(await codesOf('rbl', world(extra, ['zen.spamhaus.org', rats]))).toEqual(['rbl/inconclusive']);
  });

  test('where nothing can be verified, the address was not checked', async () => {
    const report = await checkIn(world({}, [rats, barracuda]));
    expect(resultOf(report, 'rbl').findings.map(({ code }) => code)).toEqual(['rbl/not-verified', 'rbl/inconclusive']);
    expect(report.verdict).toBe('inconclusive');
  });
});

describe('what the user is told', () => {
  const only = async (world: CheckCase) => {
    const [first] = resultOf(await checkIn({ ...world, rules: ['rbl'] }, { clock: fixedClock }), 'rbl').findings;
    if (first === undefined) throw new Error('no finding');
    return first;
  };

  test('a dead zone: why it is not asked', async () => {
    const { message, evidence } = await only(withList('ix.dnsbl.manitu.net', undefined));
    expect(message).toMatch(/^Not believed: ix\.dnsbl\.manitu\.net \(.*2025.*: not asked\)\.$/);
    expect(evidence).toMatchObject({ lists: [{ zone: 'ix.dnsbl.manitu.net', fault: 'dead' }] });
  });

  test('PBL by Spamhaus: about this listing, with the address filled in', async () => {
    const { remediation, details } = await only(withList('zen.spamhaus.org', ['127.0.0.11'], ['https://example.net/']));
    expect(remediation).toEqual({
      summary:
        'Set a PTR of your own for 203.0.113.5. Then ask Spamhaus ZEN yourself: exclude this single address in the checker. It never ends by itself. It costs nothing.',
      links: ['https://check.spamhaus.org/results/?query=203.0.113.5', 'https://check.spamhaus.org/'],
    });
    expect(details).toEqual([
      { label: 'Code', text: 'PBL-Spamhaus (127.0.0.11): range Spamhaus judges must not send mail directly' },
      { label: 'It says', text: 'https://example.net/' },
      { label: 'Impact', text: 'critical: most large receivers refuse mail from what it lists' },
    ]);
  });

  test('PBL by the provider: only the provider may ask', async () => {
    const { remediation } = await only(withList('zen.spamhaus.org', ['127.0.0.10']));
    expect(remediation.summary).toContain('Only the provider can take 203.0.113.5 off');
    expect(remediation.summary).not.toContain('yourself:');
  });

  test('two codes with two ways off: each has its own', async () => {
    const { remediation } = await only(withList('zen.spamhaus.org', ['127.0.0.3', '127.0.0.4']));
    expect(remediation.summary).toContain('CSS: Then ask');
    expect(remediation.summary).toContain('XBL: Then ask');
    expect(remediation.summary).not.toMatch(/SBL:|PBL/);
  });

  test('SBL with a CIDR in its TXT: the network, and the provider', async () => {
    const { code, severity, evidence, remediation } = await only(
      withList('zen.spamhaus.org', ['127.0.0.2'], ['SBL123456 203.0.113.0/25']),
    );
    expect({ code, severity }).toEqual({ code: 'rbl/block-listed', severity: 'error' });
    expect(evidence).toMatchObject({ network: '203.0.113.0/25' });
    expect(remediation.summary).toContain('ask the provider to have 203.0.113.0/25 cleared');
  });

  test('UCEPROTECT 2 is a warning', async () => {
    const { code, severity } = await only(withList('dnsbl-2.uceprotect.net', ['127.0.0.2']));
    expect({ code, severity }).toEqual({ code: 'rbl/block-listed', severity: 'warning' });
  });

  test.each([
    ['whose data is a guess', 'dnsbl.justspam.org'],
    ['whose data is more than two years old', 'all.s5h.net'],
  ])('a list %s is marked', async (_, zone) => {
    const { details } = await only(withList(zone, ['127.0.0.2']));
    expect(details?.at(-1)).toEqual({ label: 'Impact', text: expect.stringMatching(/ \(not confirmed\)$/) });
  });

  test('a way off that is not confirmed is marked', async () => {
    const { remediation } = await only(withList('dnsbl-2.uceprotect.net', ['127.0.0.2']));
    expect(remediation.summary).toMatch(/ \(not confirmed\)$/);
  });

  test('a refused resolver: which, why, and both ways out', async () => {
    const { message, remediation } = await only(withList('zen.spamhaus.org', ['127.255.255.254']));
    expect(message).toMatch(
      /^Asked through 127\.0\.0\.1#\d+: zen\.spamhaus\.org refuses it \(query came through a public or unattributable resolver\)\.$/,
    );
    expect(remediation.summary).toContain('a recursive resolver of your own');
    expect(remediation.commands).toEqual([
      'mailcheck example.com 203.0.113.5 --dns 127.0.0.1',
      'read -rs SPAMHAUS_DQS_KEY && export SPAMHAUS_DQS_KEY',
    ]);
  });

  test('IPv6: another address in the same /64 is no help', async () => {
    const nibbles = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;
    const { remediation } = await only({
      dns: { zone: { ...base, ...listZone(listOfZone('zen.spamhaus.org'), { [nibbles]: { A: ['127.0.0.3'] } }) } },
      ips: ['2001:db8::5'],
      helo: 'mail.example.com',
      settings: { dnsblZones: ['zen.spamhaus.org'] },
    });
    expect(remediation.summary).toContain('an address outside its /64');
  });
});

describe('neighbours', () => {
  const network = '203.0.113';
  const sample = sampleNeighbours(parseArguments('example.com', [ip]).ips[0] ?? never());
  const world = (listed: readonly string[], script: NameScript = { A: ['127.0.0.3'] }): CheckCase => ({
    dns: {
      zone: {
        ...base,
        ...listZone(
          listOfZone('zen.spamhaus.org'),
          Object.fromEntries(listed.map((neighbour) => [reversed(neighbour), script])),
        ),
      },
    },
    settings: { dnsblZones: ['zen.spamhaus.org'], neighbours: true },
    helo: 'mail.example.com',
    rules: ['rbl'],
  });

  test('the sample is 32 addresses of the /24, spread, without the address itself', () => {
    expect(new Set(sample).size).toBe(32);
    expect(sample.every((neighbour) => neighbour.startsWith(`${network}.`) && neighbour !== ip)).toBe(true);
    expect(sample.slice(0, 3)).toEqual([`${network}.1`, `${network}.9`, `${network}.17`]);
  });

  test('four of 32 are too many: a strip shows which', async () => {
    const result = resultOf(await checkIn(world(sample.slice(0, 4))), 'rbl');
    expect(result.findings).toMatchObject([
      {
        code: 'rbl/neighbours-listed',
        severity: 'warning',
        subject: '203.0.113.0/24',
        evidence: { sampled: 32, known: 32, listed: 4 },
      },
    ]);
    expect(result.findings[0]?.details?.[0]).toEqual({ label: 'Sample', text: `■■■■${'·'.repeat(28)}` });
    expect(result.note).toBe('clean on 1 of 1 lists; 4 of 32 neighbours in 203.0.113.0/24 listed');
  });

  test('three of 32 are few', async () => {
    expect(await codesOf('rbl', world(sample.slice(0, 3)))).toEqual(['rbl/neighbours-clean']);
  });

  test.each([
    [16, [{ code: 'rbl/neighbours-clean', subject: '203.0.113.0/24', evidence: { known: 16, listed: 0 } }]],
    [
      17,
      [
        {
          code: 'rbl/inconclusive',
          subject: '203.0.113.0/24',
          evidence: { reason: 'Of 32 sampled neighbours in 203.0.113.0/24, 15 could be looked up' },
        },
      ],
    ],
  ])('with %i of 32 that cannot be looked up', async (count, expected) => {
    const report = await checkIn(world(sample.slice(0, count), 'servfail'));
    expect(resultOf(report, 'rbl').findings).toMatchObject(expected);
  });

  test('policy listings are of whole ranges and accuse no neighbour', async () => {
    expect(await codesOf('rbl', world(sample, { A: ['127.0.0.11'] }))).toEqual(['rbl/neighbours-clean']);
  });

  test('they are not asked unless told to, nor for IPv6', async () => {
    const { settings, ...rest } = world(sample);
    const plain = { ...rest, settings: { ...settings, neighbours: false } };
    expect(await codesOf('rbl', plain)).toEqual([]);
    expect(await codesOf('rbl', { ...world(sample), ips: ['2001:db8::5'] })).toEqual([]);
  });
});

describe('names', () => {
  const dbl = 'dbl.spamhaus.org';
  const zone = (entries: Record<string, NameScript>): Record<string, NameScript> => ({
    ...base,
    ...listZone(listOfZone(dbl), entries),
    'mail.example.net': { A: [ip] },
    [`${own}.in-addr.arpa`]: { PTR: ['mail.example.net'] },
  });

  test.each([
    ['the domain', 'example.com'],
    ['the HELO name’s domain', 'example.org'],
    ['the reverse name’s domain', 'example.net'],
  ])('%s is listed', async (_, name) => {
    const world: CheckCase = {
      dns: { zone: zone({ [name]: { A: ['127.0.1.2'] } }) },
      settings: { dnsblZones: [dbl] },
      helo: 'mx.example.org',
    };
    const report = await checkIn({ ...world, rules: ['rbl'] });
    expect(resultOf(report, 'rbl').findings).toMatchObject([{ code: 'rbl/domain-listed', subject: name }]);
  });

  test.each([
    ['low reputation', '127.0.1.2', 'rbl/domain-listed'],
    ['phishing', '127.0.1.4', 'rbl/domain-listed'],
    ...['102', '103', '104', '105', '106'].map((last) => [`abused .${last}`, `127.0.1.${last}`, 'rbl/domain-abused']),
    ['a code that nobody knows', '127.0.1.77', 'rbl/code-unknown'],
    ['the answer to an address', '127.0.1.255', 'rbl/query-refused'],
  ])('DBL: %s (%s) is %s', async (_, answer, code) => {
    const world = { dns: { zone: zone({ 'example.com': { A: [answer ?? ''] } }) }, settings: { dnsblZones: [dbl] } };
    expect(await codesOf('rbl', { ...world, helo: 'mail.example.com' })).toEqual([code]);
  });

  test('SURBL: bits of one address are read apart', async () => {
    const surbl = listOfZone('multi.surbl.org');
    const dns = { zone: { ...base, ...listZone(surbl, { 'example.com': { A: ['127.0.0.192'] } }) } };
    const world: CheckCase = { dns, settings: { dnsblZones: [surbl.zone] }, helo: 'mail.example.com' };
    expect(await codesOf('rbl', world)).toEqual(['rbl/domain-abused', 'rbl/domain-listed']);
  });

  test.each([
    ['of fifteen days', '127.0.0.2', ['rbl/domain-new']],
    ['of more', undefined, []],
  ])('a domain %s', async (_, answer, codes) => {
    const list = listOfZone('fresh15.spameatingmonkey.net');
    const entry: Record<string, NameScript> = answer === undefined ? {} : { 'example.com': { A: [answer] } };
    const dns = { zone: { ...base, ...listZone(list, entry) } };
    expect(await codesOf('rbl', { dns, settings: { dnsblZones: [list.zone] }, helo: 'mail.example.com' })).toEqual(
      codes,
    );
  });

  test('an address is never asked of a name list', async () => {
    const asked: string[] = [];
    const report = await checkIn(
      { dns: { zone: zone({}) }, settings: { dnsblZones: [dbl] }, helo: 'mx.example.org', rules: ['rbl'] },
      { transcript: true },
    );
    asked.push(...(report.transcript?.dns ?? []).map(({ name }) => name));
    expect(asked.filter((name) => name.endsWith(dbl)).sort()).toEqual(
      ['dbltest.com', 'example.com', 'example.net', 'example.org', 'invalid'].map((name) => `${name}.${dbl}`),
    );
    expect(resultOf(report, 'rbl').status).toBe('pass');
  });

  const reverse = (name: string): Record<string, NameScript> => ({ [`${own}.in-addr.arpa`]: { PTR: [name] } });
  test.each<[string, Partial<CheckCase>, Record<string, NameScript>, readonly string[]]>([
    ['without a name of the host', {}, {}, []],
    ['a HELO name without a dot', { helo: 'localhost' }, {}, []],
    ['a HELO name that ends as an address does', { helo: 'mx.203.0.113.9' }, {}, []],
    ['an address as the HELO name', { helo: '[203.0.113.9]' }, {}, []],
    ['a HELO name in capitals', { helo: 'MX.EXAMPLE.ORG' }, {}, ['example.org']],
    ['a HELO name in the same domain', { helo: 'mail.example.com' }, {}, []],
    ['a domain below the registered one', { domain: 'news.example.com' }, {}, []],
    [
      'a reverse name that is confirmed',
      { helo: 'mail.example.com' },
      { ...reverse('h.example.net'), 'h.example.net': { A: [ip] } },
      ['example.net'],
    ],
    [
      'one that is not',
      { helo: 'mail.example.com' },
      { ...reverse('h.example.net'), 'h.example.net': { A: ['203.0.113.77'] } },
      [],
    ],
    [
      'reverse names of every address',
      { ips: [ip, '203.0.113.6'], helo: 'mail.example.com' },
      {
        ...reverse('mail.example.org'),
        'mail.example.org': { A: [ip] },
        '6.113.0.203.in-addr.arpa': { PTR: ['h.example.net'] },
        'h.example.net': { A: ['203.0.113.6'] },
      },
      ['example.net', 'example.org'],
    ],
    ['no address', { ips: [] }, {}, []],
  ])('asked about, beside the domain: %s', async (_, world, names, expected) => {
    const dns = { zone: { ...base, ...listZone(listOfZone(dbl)), ...names } };
    const report = await checkIn(
      { dns, settings: { dnsblZones: [dbl] }, ...world, rules: ['rbl'] },
      { transcript: true },
    );
    const asked = (report.transcript?.dns ?? []).map(({ name }) => name).filter((name) => name.endsWith(dbl));
    expect([...new Set(asked)].sort()).toEqual(
      ['dbltest.com', 'example.com', 'invalid', ...expected].map((name) => `${name}.${dbl}`).sort(),
    );
  });
});

describe('the note', () => {
  const zen = 'zen.spamhaus.org';
  const psbl = 'psbl.surriel.com';
  const dnswl = 'list.dnswl.org';
  const rats = 'all.spamrats.com';
  const noted = async (
    zones: readonly string[],
    entries: Record<string, NameScript>,
    ips: readonly string[] = [ip],
  ) => {
    const lists = zones.filter((zone) => zone !== rats).map((zone) => listZone(listOfZone(zone)));
    const dns = { zone: Object.assign({}, base, ...lists, entries) as Record<string, NameScript> };
    const report = await checkIn({
      dns,
      ips,
      settings: { dnsblZones: zones },
      helo: 'mail.example.com',
      rules: ['rbl'],
    });
    return resultOf(report, 'rbl').note;
  };
  const other = '203.0.113.6';
  const otherName = '6.113.0.203';

  test.each<[string, readonly string[], Record<string, NameScript>, readonly string[], string]>([
    ['an allow list is none of them', [zen, dnswl], {}, [ip], 'clean on 1 of 1 lists'],
    ['a list is one for all addresses', [zen, psbl], {}, [ip, other], 'clean on 2 of 2 lists'],
    [
      'and clean if it is for each',
      [zen],
      { [`${otherName}.${zen}`]: { A: ['127.0.0.3'] } },
      [ip, other],
      'clean on 0 of 1 lists',
    ],
    [
      'not verified where it is so for one',
      [zen, rats],
      { [`${own}.${rats}`]: { A: ['127.0.0.38'] } },
      [ip, other],
      'clean on 1 of 2 lists; 1 not verified',
    ],
  ])('%s', async (_, zones, entries, ips, text) => {
    expect(await noted(zones, entries, ips)).toBe(text);
  });
});

describe('which lists', () => {
  const settings = { dnsblZones: ['zen.spamhaus.org', 'psbl.surriel.com'] };
  const listed = { [own]: { A: ['127.0.0.2'] } };

  test('one that is left out is not asked', async () => {
    const dns = {
      zone: {
        ...base,
        ...listZone(listOfZone('zen.spamhaus.org')),
        ...listZone(listOfZone('psbl.surriel.com'), listed),
      },
    };
    const world = { dns, helo: 'mail.example.com' };
    expect(await codesOf('rbl', { ...world, settings })).toEqual(['rbl/listed-minor']);
    expect(await codesOf('rbl', { ...world, settings: { ...settings, dnsblExcept: ['psbl.surriel.com'] } })).toEqual(
      [],
    );
  });

  test('one that needs a key is asked with it', async () => {
    const list = { ...listOfZone('combined.mail.abusix.zone'), zone: 'secret.combined.mail.abusix.zone' };
    const report = await checkIn({
      dns: { zone: { ...base, ...listZone(list, listed) } },
      settings: { dnsblZones: ['combined.mail.abusix.zone'], listKeys: { ABUSIX_API_KEY: 'secret' } },
      helo: 'mail.example.com',
      rules: ['rbl'],
    });
    expect(resultOf(report, 'rbl').findings).toMatchObject([
      { code: 'rbl/listed', evidence: { zone: 'combined.mail.abusix.zone', keyedBy: 'ABUSIX_API_KEY' } },
    ]);
  });
});

test('without an address: what is missing, and what to type', async () => {
  const report = await checkIn({ ...withList('bl.example.net', undefined), ips: [], rules: ['rbl'] });
  expect(resultOf(report, 'rbl').findings).toMatchObject([
    {
      subject: 'example.com',
      evidence: {
        reason: 'There is no address to look up: none was given and the MX hosts have none that could be found',
        lacksAddress: true,
      },
      remediation: { summary: 'Give the address to test: mailcheck <domain> <ip>.' },
    },
  ]);
});

test('IPv6 is asked in nibbles, and only of lists that carry it', async () => {
  const nibbles = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;
  const zone = {
    ...base,
    ...listZone(listOfZone('zen.spamhaus.org'), { [nibbles]: { A: ['127.0.0.3'] } }),
    ...listZone(listOfZone('psbl.surriel.com')),
  };
  const report = await checkIn({
    dns: { zone },
    ips: ['2001:db8::5'],
    helo: 'mail.example.com',
    settings: { dnsblZones: ['zen.spamhaus.org', 'psbl.surriel.com'] },
    rules: ['rbl'],
  });
  expect(resultOf(report, 'rbl').findings.map(({ code }) => code)).toEqual(['rbl/listed']);
  expect(resultOf(report, 'rbl').note).toBe('clean on 0 of 1 lists');
});

test('one dead list does not spoil the others', async () => {
  const zone = {
    ...base,
    ...listZone(listOfZone('zen.spamhaus.org'), { [own]: { A: ['127.0.0.3'] } }),
    '*.bl.example.net': 'servfail' as const,
  };
  const report = await checkIn({
    dns: { zone },
    helo: 'mail.example.com',
    settings: { dnsblZones: ['zen.spamhaus.org', 'bl.example.net'] },
    rules: ['rbl'],
  });
  expect(resultOf(report, 'rbl')).toMatchObject({
    status: 'fail',
    findings: [{ code: 'rbl/listed' }, { code: 'rbl/inconclusive' }],
  });
});

describe('return codes', () => {
  test.each([
    ['127.0.0.2', '127.0.0.2', true],
    ['127.0.0.2', '127.0.0.3', false],
    ['127.0.*.3', '127.0.15.3', true],
    ['127.0.0.2-21', '127.0.0.21', true],
    ['127.0.0.2-21', '127.0.0.22', false],
    ['127.0.0.&8', '127.0.0.10', true],
    ['127.0.0.&8', '127.0.0.4', false],
  ])('%s fits %s: %s', (pattern, address, fits) => {
    expect(matches(pattern, address)).toBe(fits);
  });

  test('bit masks: several codes in one address', () => {
    const verdict = readAnswer(listOfZone('multi.surbl.org'), ['127.0.0.72']);
    expect(verdict).toMatchObject({ kind: 'listed', codes: [{ name: 'PH' }, { name: 'ABUSE' }] });
  });

  test('the refusal bit of URIBL', () => {
    expect(readAnswer(listOfZone('multi.uribl.com'), ['127.0.0.1'])).toMatchObject({ kind: 'refused' });
  });
});

test('a list that fails altogether is no part of the neighbours’ sample', async () => {
  const zone = { ...base, ...listZone(listOfZone('zen.spamhaus.org')), '*.bl.spamcop.net': 'servfail' as const };
  const result = resultOf(
    await checkIn({
      dns: { zone },
      settings: { dnsblZones: ['zen.spamhaus.org', 'bl.spamcop.net'], neighbours: true },
      helo: 'mail.example.com',
      rules: ['rbl'],
    }),
    'rbl',
  );
  expect(result.findings).toMatchObject([
    { code: 'rbl/neighbours-clean', evidence: { zones: ['zen.spamhaus.org'], known: 32 } },
    { code: 'rbl/inconclusive' },
  ]);
});
