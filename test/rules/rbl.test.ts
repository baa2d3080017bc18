import { describe, expect, test } from 'vitest';
import { listOfZone } from '../../src/lists/catalogue.ts';
import { matches, readAnswer } from '../../src/lists/verdict.ts';
import { type CheckCase, checkIn, codesOf, resultOf } from '../world/check.ts';
import type { NameScript } from '../world/dns.ts';
import { listZone } from '../world/world.ts';

const ip = '203.0.113.5';
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
  ['a lesser list', withList('psbl.surriel.com', ['127.0.0.2']), ['rbl/listed-minor']],
  ['a code that is not in the table', withList('psbl.surriel.com', ['127.0.0.77']), ['rbl/code-unknown', 'rbl/listed-minor']],
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
  ['no address to look up', { ...withList('bl.example.net', undefined), ips: [] }, ['rbl/inconclusive']],
];

test.each(cases)('%s', async (_, world, codes) => {
  expect(await codesOf('rbl', world)).toEqual(codes);
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
