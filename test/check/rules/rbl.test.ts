import { describe, expect, test } from 'vitest';
import { sampleNeighbours } from '../../../src/check/facts/neighbours.ts';
import rbl from '../../../src/check/rules/rbl/rule.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { listOfZone } from '../../../src/knowledge/lists/catalogue.ts';
import { matches, readAnswer } from '../../../src/knowledge/lists/verdict.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import { defaultListZones, listZone, reversed } from '../../world/world.ts';
import type { DnsScript, NameScript } from '../../world/zone.ts';

type Code = keyof typeof rbl.findings;
type Case = RuleCase<Code>;
type Finds = readonly (Code | ExpectedFinding<Code>)[];
type Names = Readonly<Record<string, NameScript>>;

const ip = '203.0.113.5';
const own = '5.113.0.203';
const helo = 'mail.example.com';
const base: Names = { 'example.com': { TXT: [] } };

const zen = 'zen.spamhaus.org';
const psbl = 'psbl.surriel.com';
const dbl = 'dbl.spamhaus.org';
const rats = 'all.spamrats.com';
const barracuda = 'b.barracudacentral.org';
const unknownList = 'bl.example.net';

/** The names below a list's zone. */
function below(list: string, names: Names): Names {
  return Object.fromEntries(Object.entries(names).map(([name, script]) => [`${name}.${list}`, script]));
}

/** The names that are not below a list's zone. */
const without = (list: string, names: Names): Names =>
  Object.fromEntries(Object.entries(names).filter(([name]) => !name.endsWith(`.${list}`)));

/** A world with these lists chosen, each alive, and more names. */
function withLists(lists: readonly string[], names: Names = {}): Pick<Case, 'zone' | 'settings' | 'helo'> {
  const alive = lists.map((list) => listZone(listOfZone(list)));
  return { zone: Object.assign({}, base, ...alive, names), settings: { dnsblZones: lists }, helo };
}

/** A world with one list, which answers so for the tested address. */
function listedOn(list: string, answers: readonly string[], txt: readonly string[] = []) {
  return withLists([list], { [`${own}.${list}`]: { A: answers, TXT: txt } });
}

/** A world with one list, whose zone has these names only. */
function broken(list: string, names: Names): Pick<Case, 'zone' | 'settings' | 'helo'> {
  return { zone: { ...base, ...below(list, names) }, settings: { dnsblZones: [list] }, helo };
}

const listings: Case[] = [
  { when: 'not listed', ...withLists([zen]), note: 'clean on 1 of 1 lists' },
  {
    when: 'CSS, code .3',
    ...listedOn(zen, ['127.0.0.3']),
    finds: [
      {
        code: 'rbl/listed',
        subject: ip,
        about: { ip, zone: zen },
        rests: [`A ${own}.${zen}`],
      },
    ],
  },
  { when: 'XBL, code .4', ...listedOn(zen, ['127.0.0.4']), finds: ['rbl/listed'] },
  {
    when: 'SBL, code .2, which speaks for a network',
    ...listedOn(zen, ['127.0.0.2']),
    finds: [{ code: 'rbl/block-listed', severity: 'error' }],
  },
  { when: 'PBL by the provider, code .10', ...listedOn(zen, ['127.0.0.10']), finds: ['rbl/listed-policy'] },
  { when: 'PBL by Spamhaus, code .11', ...listedOn(zen, ['127.0.0.11']), finds: ['rbl/listed-policy'] },
  {
    when: 'several codes at once',
    ...listedOn(zen, ['127.0.0.4', '127.0.0.11']),
    finds: ['rbl/listed', 'rbl/listed-policy'],
  },
  {
    when: 'a refusal, since the resolver is public',
    ...listedOn(zen, ['127.255.255.254']),
    finds: [{ code: 'rbl/query-refused', subject: ip, about: { ip }, rests: [`A ${own}.${zen}`] }],
  },
  {
    when: 'a refusal, which outweighs a listing beside it',
    ...listedOn(zen, ['127.0.0.2', '127.255.255.254']),
    finds: ['rbl/query-refused'],
  },
  {
    when: 'SBL whose TXT names the address alone',
    ...listedOn(zen, ['127.0.0.2'], ['SBL999999: 203.0.113.5/32 is listed']),
    finds: ['rbl/listed'],
  },
  {
    when: 'CSS whose TXT names a network',
    ...listedOn(zen, ['127.0.0.3'], ['https://www.spamhaus.org/ 203.0.113.0/27']),
    finds: [{ code: 'rbl/block-listed', severity: 'error' }],
  },
  {
    when: 'a TXT record that names another network',
    ...listedOn(zen, ['127.0.0.3'], ['as 198.51.100.0/24 was']),
    finds: ['rbl/listed'],
  },
  {
    when: 'SBL and DROP beside it are one listing',
    ...listedOn(zen, ['127.0.0.2', '127.0.0.9']),
    finds: [{ code: 'rbl/block-listed', severity: 'error' }],
  },
  { when: 'a lesser list', ...listedOn(psbl, ['127.0.0.2']), finds: ['rbl/listed-minor'] },
  {
    when: 'a code that is not in the table',
    ...listedOn(psbl, ['127.0.0.77']),
    finds: ['rbl/code-unknown', 'rbl/listed-minor'],
  },
  {
    when: 'an unknown code beside a known one adds no listing',
    ...listedOn(zen, ['127.0.0.3', '127.0.0.77']),
    finds: ['rbl/listed', 'rbl/code-unknown'],
  },
  {
    when: 'an unknown code of a list whose operator says that other codes are errors',
    ...listedOn(rats, ['127.0.0.77']),
    finds: ['rbl/code-unknown'],
  },
  { when: 'a list’s remark is no listing', ...listedOn('dnsbl.dronebl.org', ['127.0.0.2']) },
  { when: 'a whole allocation', ...listedOn('dnsbl-2.uceprotect.net', ['127.0.0.2']), finds: ['rbl/block-listed'] },
  { when: 'an allow list', ...listedOn('list.dnswl.org', ['127.0.5.1']), finds: ['rbl/welcome-listed'] },
  { when: 'a list that mailcheck does not know', ...listedOn(unknownList, ['127.0.0.2']), finds: ['rbl/listed'] },
];

const blindness: Case[] = [
  {
    when: 'an answer outside 127/8',
    ...listedOn(unknownList, ['198.51.100.1']),
    finds: [{ code: 'rbl/list-broken', subject: ip, about: { ip }, rests: [`A ${own}.${unknownList}`] }],
  },
  { when: 'an answer of 127.0.0.1', ...listedOn(unknownList, ['127.0.0.1']), finds: ['rbl/list-broken'] },
  {
    when: 'a list that lists everything (RFC 5782 §5)',
    ...broken(unknownList, { '*': { A: ['127.0.0.2'] } }),
    finds: ['rbl/list-broken'],
  },
  {
    when: 'a list without a test entry (RFC 5782 §5)',
    ...broken(unknownList, { other: { A: ['127.0.0.2'] } }),
    finds: ['rbl/list-broken'],
  },
  { when: 'a parked zone', ...broken(unknownList, { '*': { A: ['198.51.100.1'] } }), finds: ['rbl/list-broken'] },
  {
    when: 'everything refused by code',
    ...broken(zen, { '*': { A: ['127.255.255.254'] } }),
    finds: ['rbl/query-refused'],
  },
  {
    when: 'SERVFAIL for everything',
    ...broken(unknownList, { '*': 'servfail' }),
    finds: [
      {
        code: 'rbl/inconclusive',
        subject: ip,
        about: { ip, item: 'silent' },
        rests: [`A ${own}.${unknownList}`],
        evidence: { reason: 'silent', lists: [{ zone: unknownList, status: 'servfail' }] },
        says: `No usable answer from ${unknownList} (SERVFAIL from the resolver).`,
        fix: 'Run the check again. If the result stays the same, use another resolver (--dns) or leave these lists out.',
        remediation: {
          commands: [`mailcheck example.com 203.0.113.5 --helo mail.example.com --dnsbl-except ${unknownList}`],
        },
      },
    ],
  },
  {
    when: 'SERVFAIL for everything, of a list that is said to be closed',
    ...broken('bl.tiopan.com', { '*': 'servfail' }),
    finds: [
      {
        code: 'rbl/inconclusive',
        says: 'No usable answer from bl.tiopan.com (SERVFAIL from the resolver; known: Closed (not confirmed)).',
      },
    ],
  },
  { when: 'REFUSED for everything', ...broken(unknownList, { '*': 'refused' }), finds: ['rbl/inconclusive'] },
  {
    when: 'a test entry that works, and a question that fails',
    ...broken(unknownList, { '2.0.0.127': { A: ['127.0.0.2'] }, [own]: 'servfail' }),
    finds: ['rbl/inconclusive'],
  },
  {
    when: 'a question that works, and an entry that must not be listed and fails',
    ...broken(unknownList, { '2.0.0.127': { A: ['127.0.0.2'] }, '1.0.0.127': 'servfail' }),
    finds: ['rbl/inconclusive'],
  },
  {
    when: 'only the test entry is refused by code',
    ...broken(zen, { '2.0.0.127': { A: ['127.255.255.254'] } }),
    finds: ['rbl/query-refused'],
  },
  {
    when: 'no address to look up',
    ...withLists([unknownList]),
    ips: [],
    finds: [
      {
        code: 'rbl/inconclusive',
        subject: 'example.com',
        about: {},
        evidence: { reason: 'no-address' },
        says: 'There is no address to test: you gave none, and the MX hosts have none.',
        fix: 'Pass the mail server’s IP address after the domain.',
      },
    ],
  },
  {
    when: 'no address to look up, and a list of names that is silent',
    ...broken(dbl, { '*': 'servfail' }),
    ips: [],
    finds: [
      { code: 'rbl/inconclusive', about: {}, evidence: { reason: 'no-address' } },
      {
        code: 'rbl/inconclusive',
        subject: 'example.com',
        about: { name: 'example.com', item: 'silent' },
        evidence: { reason: 'silent' },
      },
    ],
  },
  {
    when: 'an IPv6 address, and lists that carry IPv4 only',
    ...withLists([psbl]),
    ips: ['2001:db8::5'],
    finds: [
      {
        code: 'rbl/inconclusive',
        subject: '2001:db8::5',
        about: { ip: '2001:db8::5' },
        evidence: { reason: 'no-list-carries', ip: '2001:db8::5' },
        says: 'None of the chosen lists covers 2001:db8::5.',
      },
    ],
  },
  {
    when: 'a list that has closed is not asked',
    ...listedOn('ix.dnsbl.manitu.net', ['127.0.0.2']),
    finds: [
      {
        code: 'rbl/list-broken',
        says: /^Ignored ix\.dnsbl\.manitu\.net: closed, so it was not asked: .*2025.*\.$/,
        evidence: { lists: [{ zone: 'ix.dnsbl.manitu.net', fault: 'dead' }] },
      },
    ],
  },
  {
    when: 'a zone below a list that has closed is not asked',
    ...withLists(['spam.dnsbl.sorbs.net']),
    finds: ['rbl/list-broken'],
  },
  {
    when: 'a list that needs a key, without one',
    ...withLists(['combined.mail.abusix.zone']),
    finds: ['rbl/query-refused'],
  },
  {
    when: 'one dead list does not spoil the others',
    ...withLists([zen, unknownList], {}),
    zone: {
      ...base,
      ...listZone(listOfZone(zen), { [own]: { A: ['127.0.0.3'] } }),
      [`*.${unknownList}`]: 'servfail',
    },
    finds: ['rbl/listed', 'rbl/inconclusive'],
    status: 'fail',
  },
];

/** The delegation of a list, as the resolver has it. */
const delegated: Names = {
  'spamhaus.org': { NS: ['ns.example.net'] },
  'ns.example.net': { A: ['192.0.2.53'] },
};
const refusing: Names = { [`*.${zen}`]: { A: ['127.255.255.254'] } };
const LABEL = '192.0.2.53#53';

/** A resolver that the list refuses, and what the list's own name server has. */
function direct(
  names: Names,
  script: Omit<DnsScript, 'zone'> = {},
  settings: RuleCase['settings'] = {},
): Pick<Case, 'zone' | 'dns' | 'settings' | 'helo'> {
  return {
    zone: { ...base, ...delegated, ...refusing },
    dns: { nameServers: { '192.0.2.53': { ...script, zone: names } } },
    settings: { dnsblZones: [zen], ...settings },
    helo,
  };
}

const askedDirectly: Case[] = [
  {
    when: 'a list that refuses the resolver, and not this machine',
    ...direct(listZone(listOfZone(zen))),
    finds: [
      {
        code: 'rbl/asked-directly',
        says: '1 list was asked at its own name servers, because the answers through 127.0.0.1#53 are not usable.',
        details: [{ label: 'Asked', text: `${zen} at ${LABEL}` }],
        evidence: { lists: [{ zone: zen, servers: [LABEL] }], isChosen: false },
      },
    ],
    status: 'pass',
    note: 'clean on 1 of 1 lists; 1 asked at their own name servers',
  },
  {
    when: 'a listing that only the name servers tell',
    ...direct(listZone(listOfZone(zen), { [own]: { A: ['127.0.0.4'], TXT: ['a reason'] } })),
    finds: [{ code: 'rbl/listed', evidence: { txt: ['a reason'] } }, 'rbl/asked-directly'],
    status: 'fail',
  },
  {
    when: 'name servers that refuse this machine as well',
    ...direct({ [`*.${zen}`]: { A: ['127.255.255.254'] } }),
    finds: [
      {
        code: 'rbl/query-refused',
        says: /refuses to answer \(query came .*\)\. Its own name servers refuse this machine’s address too\.$/,
        fix: /^Get a free key/,
      },
    ],
    status: 'inconclusive',
  },
  {
    when: 'name servers that answer with REFUSED',
    ...direct({}, { fault: 'refused' }),
    finds: [{ code: 'rbl/query-refused', says: /\(query came .*\)\. Its own name servers refuse/ }],
  },
  {
    when: 'name servers that do not answer',
    ...direct({}),
    dns: {},
    finds: [{ code: 'rbl/query-refused', says: /did not answer this machine either; .*port 53/, fix: /port 53/ }],
  },
  {
    when: 'an answer that is not authoritative',
    ...direct({}, { fault: 'referral' }),
    finds: [{ code: 'rbl/query-refused', says: /another server answers in their place\.$/ }],
  },
  {
    when: 'name servers without the test entry are not believed',
    ...direct({ other: { A: ['127.0.0.2'] } }),
    finds: [{ code: 'rbl/query-refused', says: /Its own name servers gave no usable answer either\.$/ }],
  },
  {
    when: 'name servers at an address that is not public',
    ...direct(listZone(listOfZone(zen)), {}, { allowPrivate: false }),
    finds: [{ code: 'rbl/query-refused', says: /the resolver gives addresses for them that are not public\.$/ }],
  },
  {
    when: 'the user does not want name servers to be asked',
    ...direct(listZone(listOfZone(zen)), {}, { listsDirect: false }),
    finds: [{ code: 'rbl/query-refused', fix: /^Run the check again without --no-lists-direct\./ }],
    also: ({ asked }) => expect(asked).not.toContain('NS spamhaus.org'),
  },
  {
    when: 'the user wants all lists to be asked there, also those that answer the resolver',
    ...direct(listZone(listOfZone(zen)), {}, { listsDirect: true }),
    zone: { ...base, ...delegated, ...listZone(listOfZone(zen)) },
    finds: [{ code: 'rbl/asked-directly', says: /because of --lists-direct\.$/, evidence: { isChosen: true } }],
  },
  {
    when: 'the user wants it, and the resolver does not know the name servers',
    ...withLists([zen]),
    settings: { dnsblZones: [zen], listsDirect: true },
    finds: [
      {
        code: 'rbl/asked-directly',
        says: '0 of 1 list was asked at its own name servers, because of --lists-direct.',
        details: [{ label: 'Asked', text: `${zen} at the resolver, because its name servers gave no answer` }],
      },
    ],
    note: 'clean on 1 of 1 lists',
  },
  {
    when: 'an allow list that refuses everybody changes nothing',
    ...withLists([zen], { '*.list.dnswl.org': 'refused' }),
    settings: { dnsblZones: [zen, 'list.dnswl.org'] },
    finds: [
      {
        code: 'rbl/not-asked',
        says: 'No usable answer from list.dnswl.org (an allow list; REFUSED).',
        evidence: { lists: [{ zone: 'list.dnswl.org', isAllowList: true, status: 'refused' }] },
      },
    ],
    status: 'pass',
    note: 'clean on 1 of 1 lists',
  },
  {
    when: 'a default list of little weight that is dead changes nothing',
    zone: { ...base, ...without(psbl, defaultListZones()), [`*.${psbl}`]: 'servfail' },
    helo,
    finds: [{ code: 'rbl/not-asked', evidence: { lists: [{ zone: psbl, status: 'servfail' }] } }],
    status: 'pass',
  },
  {
    when: 'a default list of little weight that answers in part is not passed over',
    zone: { ...base, ...defaultListZones(), [`${own}.${psbl}`]: 'servfail' },
    helo,
    finds: [{ code: 'rbl/inconclusive', evidence: { reason: 'silent' } }],
    status: 'inconclusive',
  },
  {
    when: 'the resolver takes the answers of all default lists out',
    zone: { ...base, '2.0.0.127.zen.spamhaus.org': { TXT: ['test entry'] } },
    helo,
    finds: [
      {
        code: 'rbl/inconclusive',
        about: { ip, item: 'resolver' },
        says: /^The resolver 127\.0\.0\.1#53 removes addresses in 127\.0\.0\.0\/8 from its answers \(rebinding protection\)/,
        fix: /^Exempt the lists .* or use another resolver \(--dns\)\./,
        remediation: { commands: [expect.stringMatching(/^rebind-domain-ok=\/zen\.spamhaus\.org\/.*\/$/)] },
      },
    ],
    note: 'clean on 0 of 14 lists; 6 not verified; 8 without an answer',
  },
];

/** Lists that nobody can verify, beside one that works. */
const unverified: Case[] = [
  ...(
    [
      ['silence of a list without a known test entry', {}, rats],
      ['silence of a list that wants registered resolvers', {}, barracuda],
      ['SERVFAIL of a list that wants registered resolvers', { [`*.${barracuda}`]: 'servfail' }, barracuda],
    ] as const
  ).map(
    ([when, names, list]): Case => ({
      when: `${when} is neither clean nor inconclusive`,
      zone: { ...base, ...listZone(listOfZone(zen)), ...names },
      settings: { dnsblZones: [zen, list] },
      helo,
      finds: [{ code: 'rbl/not-verified', subject: ip, about: { ip }, rests: [`A ${own}.${list}`] }],
      status: 'pass',
      note: 'clean on 1 of 2 lists; 1 not verified',
    }),
  ),
  {
    when: 'a list without a known test entry is verified by one that answers all the same',
    ...withLists([zen], { [`2.0.0.127.${rats}`]: { A: ['127.0.0.38'] } }),
    settings: { dnsblZones: [zen, rats] },
    status: 'pass',
    note: 'clean on 2 of 2 lists',
  },
  {
    when: 'a listing of a list that cannot be verified counts all the same',
    ...withLists([zen], { [`${own}.${rats}`]: { A: ['127.0.0.38'] } }),
    settings: { dnsblZones: [zen, rats] },
    finds: ['rbl/listed-minor'],
  },
  {
    when: 'SERVFAIL of a list that answers everybody is inconclusive',
    ...withLists([zen], { [`*.${rats}`]: 'servfail' }),
    settings: { dnsblZones: [zen, rats] },
    finds: ['rbl/inconclusive'],
  },
  {
    when: 'where nothing can be verified, the address was not checked',
    ...withLists([zen]),
    settings: { dnsblZones: [rats, barracuda] },
    finds: [
      'rbl/not-verified',
      {
        code: 'rbl/inconclusive',
        about: { ip },
        evidence: { reason: 'none-works', ip },
        says: `None of the lists that were asked about ${ip} could be verified.`,
      },
    ],
    also: ({ report }) => {
      expect(report.verdict).toBe('inconclusive');
    },
  },
];

const nibbles = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`;

/** What the user is told. */
const told: Case[] = [
  {
    when: 'PBL by Spamhaus: the way off is about this listing, with the address filled in',
    ...listedOn(zen, ['127.0.0.11'], ['https://example.net/']),
    finds: [
      {
        code: 'rbl/listed-policy',
        details: [
          { label: 'Code', text: 'PBL-Spamhaus (127.0.0.11): a range that Spamhaus says must not send mail directly' },
          { label: 'Reason', text: 'https://example.net/' },
          { label: 'Impact', text: 'critical; most large receivers reject mail from listed addresses and domains' },
        ],
      },
    ],
    also: ({ findings }) => {
      expect(findings[0]?.remediation).toEqual({
        summary:
          'Make sure that the PTR record of 203.0.113.5 names your mail server. Then request removal from Spamhaus ZEN (free): exclude this single address in the checker. The listing does not expire.',
        links: ['https://check.spamhaus.org/results/?query=203.0.113.5', 'https://check.spamhaus.org/'],
        atProvider: { action: 'leave-policy-list', ip },
      });
    },
  },
  {
    when: 'PBL by the provider: the checker says first who may ask',
    ...listedOn(zen, ['127.0.0.10']),
    finds: ['rbl/listed-policy'],
    also: ({ findings }) => {
      expect(findings[0]?.remediation).toEqual({
        summary:
          'Look up 203.0.113.5 in the Spamhaus ZEN checker. If the checker lets you remove this address, make sure that its PTR record names your mail server, then request removal. If it does not, ask the provider, or send through a relay. The listing does not expire.',
        links: ['https://check.spamhaus.org/results/?query=203.0.113.5', 'https://check.spamhaus.org/'],
        atProvider: { action: 'leave-policy-list', ip },
      });
    },
  },
  {
    when: 'a policy listing that only the owner of the network can end',
    ...listedOn('korea.services.net', ['127.0.0.2']),
    finds: [
      {
        code: 'rbl/listed-policy',
        fix: /^(?!.*yourself).*Only the provider can have 203\.0\.113\.5 removed/,
        remediation: { atProvider: { action: 'leave-policy-list', ip } },
      },
    ],
  },
  {
    when: 'two codes with two ways off: each has its own',
    ...listedOn(zen, ['127.0.0.3', '127.0.0.4']),
    finds: [{ code: 'rbl/listed', fix: /^(?!.*(?:SBL:|PBL))(?=.*CSS: Request removal).*XBL: Request removal/ }],
  },
  {
    when: 'SBL with a network in its TXT: the network, and the provider',
    ...listedOn(zen, ['127.0.0.2'], ['SBL123456 203.0.113.0/25']),
    finds: [
      {
        code: 'rbl/block-listed',
        severity: 'error',
        evidence: { network: '203.0.113.0/25' },
        fix: /Ask the provider to have 203\.0\.113\.0\/25 removed/,
      },
    ],
  },
  {
    when: 'UCEPROTECT 2 is a warning, and its way off is marked as not confirmed',
    ...listedOn('dnsbl-2.uceprotect.net', ['127.0.0.2']),
    finds: [{ code: 'rbl/block-listed', severity: 'warning', fix: / \(not confirmed\)$/ }],
  },
  ...(
    [
      ['whose data is a guess', 'dnsbl.justspam.org'],
      ['whose data is more than two years old', 'all.s5h.net'],
    ] as const
  ).map(
    ([which, list]): Case => ({
      when: `a list ${which} is marked as not confirmed`,
      ...listedOn(list, ['127.0.0.2']),
      finds: ['rbl/listed-minor'],
      also: ({ findings }) => {
        const impact = { label: 'Impact', text: expect.stringMatching(/ \(not confirmed\)$/) };
        expect(findings[0]?.details?.at(-1)).toEqual(impact);
      },
    }),
  ),
  {
    when: 'a refused resolver of one’s own: which, why, and the way out',
    ...listedOn(zen, ['127.255.255.254']),
    finds: [
      {
        code: 'rbl/query-refused',
        says: 'Not checked through 127.0.0.1#53: zen.spamhaus.org refuses to answer (query came through a public or unattributable resolver). Its own name servers could not be asked instead: the resolver finds no addresses for them.',
        fix: /^Get a free key from the list/,
        remediation: { commands: ['read -rs SPAMHAUS_DQS_KEY && export SPAMHAUS_DQS_KEY'] },
      },
    ],
  },
  {
    when: 'an IPv6 address that is listed: another one in the same /64 is no help',
    ...withLists([zen], { [`${nibbles}.${zen}`]: { A: ['127.0.0.3'] } }),
    ips: ['2001:db8::5'],
    finds: [{ code: 'rbl/listed', fix: /an address outside its \/64/ }],
  },
  {
    when: 'an IPv6 address is asked in nibbles, and only of lists that carry it',
    ...withLists([zen, psbl], { [`${nibbles}.${zen}`]: { A: ['127.0.0.3'] } }),
    ips: ['2001:db8::5'],
    finds: [{ code: 'rbl/listed', about: { ip: '2001:db8::5', zone: zen } }],
    note: 'clean on 0 of 1 lists; listed on 1',
  },
];

const [firstIp] = parseArguments('example.com', [ip]).ips;
const sample = firstIp === undefined ? [] : sampleNeighbours(firstIp);
const network = '203.0.113.0/24';

/** A world in which neighbours are looked up, and the list answers so for some of them. */
function withNeighbours(some: readonly string[], script: NameScript = { A: ['127.0.0.3'] }) {
  const entries = Object.fromEntries(some.map((neighbour) => [`${reversed(neighbour)}.${zen}`, script]));
  return { ...withLists([zen], entries), settings: { dnsblZones: [zen], neighbours: true } };
}

const neighbours: Case[] = [
  {
    when: 'four of 32 neighbours are listed, which are too many: a strip shows which',
    ...withNeighbours(sample.slice(0, 4)),
    finds: [
      {
        code: 'rbl/neighbours-listed',
        subject: network,
        about: { network },
        evidence: { sampled: 32, known: 32, listed: 4 },
      },
    ],
    note: `clean on 1 of 1 lists; 4 of 32 neighbours in ${network} listed`,
    also: ({ findings }) => {
      expect(findings[0]?.details?.[0]).toEqual({ label: 'Sample', text: `■■■■${'·'.repeat(28)}` });
    },
  },
  {
    when: 'three of 32 neighbours are listed, which are few',
    ...withNeighbours(sample.slice(0, 3)),
    finds: ['rbl/neighbours-clean'],
  },
  {
    when: '3 of 32 neighbours cannot be looked up',
    ...withNeighbours(sample.slice(0, 3), 'servfail'),
    finds: [
      {
        code: 'rbl/neighbours-clean',
        subject: network,
        about: { network },
        evidence: { known: 29, listed: 0 },
      },
    ],
  },
  {
    when: '4 of 32 neighbours cannot be looked up, which may be listed',
    ...withNeighbours(sample.slice(0, 4), 'servfail'),
    finds: [
      {
        code: 'rbl/inconclusive',
        subject: network,
        about: { network },
        evidence: { reason: 'neighbours-unknown', network, sampled: 32, known: 28 },
        says: `Only 28 of 32 sampled neighbours in ${network} could be looked up.`,
      },
    ],
  },
  {
    when: 'policy listings are of whole ranges and accuse no neighbour',
    ...withNeighbours(sample, { A: ['127.0.0.11'] }),
    finds: ['rbl/neighbours-clean'],
  },
  {
    when: 'neighbours are not asked unless told to',
    ...withNeighbours(sample),
    settings: { dnsblZones: [zen], neighbours: false },
  },
  { when: 'neighbours are not asked for IPv6', ...withNeighbours(sample), ips: ['2001:db8::5'] },
  {
    when: 'a list that fails altogether is no part of the neighbours’ sample',
    zone: { ...base, ...listZone(listOfZone(zen)), '*.bl.spamcop.net': 'servfail' },
    settings: { dnsblZones: [zen, 'bl.spamcop.net'], neighbours: true },
    helo,
    finds: [{ code: 'rbl/neighbours-clean', evidence: { zones: [zen], known: 32 } }, 'rbl/inconclusive'],
  },
];

const confirmedReverse: Names = {
  'mail.example.net': { A: [ip] },
  [`${own}.in-addr.arpa`]: { PTR: ['mail.example.net'] },
};

const names: Case[] = [
  ...(
    [
      ['the domain', 'example.com'],
      ['the HELO name’s domain', 'example.org'],
      ['the reverse name’s domain', 'example.net'],
    ] as const
  ).map(
    ([which, name]): Case => ({
      when: `${which} is listed`,
      ...withLists([dbl], { ...confirmedReverse, [`${name}.${dbl}`]: { A: ['127.0.1.2'] } }),
      helo: 'mx.example.org',
      finds: [
        {
          code: 'rbl/domain-listed',
          subject: name,
          about: { name, zone: dbl },
          rests: [`A ${name}.${dbl}`],
        },
      ],
    }),
  ),
  ...(
    [
      ['low reputation', '127.0.1.2', ['rbl/domain-listed']],
      ['phishing', '127.0.1.4', ['rbl/domain-listed']],
      ['abused .102', '127.0.1.102', ['rbl/domain-abused']],
      ['abused .103', '127.0.1.103', ['rbl/domain-abused']],
      ['abused .104', '127.0.1.104', ['rbl/domain-abused']],
      ['abused .105', '127.0.1.105', ['rbl/domain-abused']],
      ['abused .106', '127.0.1.106', ['rbl/domain-abused']],
      ['a code that nobody knows', '127.0.1.77', [{ code: 'rbl/code-unknown', severity: 'warning' }]],
      ['the answer to an address', '127.0.1.255', ['rbl/query-refused']],
    ] as const satisfies readonly [string, string, Finds][]
  ).map(
    ([which, answer, finds]): Case => ({
      when: `DBL says ${which} (${answer}) of the domain`,
      ...withLists([dbl], { ...confirmedReverse, [`example.com.${dbl}`]: { A: [answer] } }),
      finds,
    }),
  ),
  {
    when: 'SURBL: bits of one address are read apart',
    ...withLists(['multi.surbl.org'], { 'example.com.multi.surbl.org': { A: ['127.0.0.192'] } }),
    finds: ['rbl/domain-listed', 'rbl/domain-abused'],
  },
  {
    when: 'a domain of fifteen days',
    ...withLists(['fresh15.spameatingmonkey.net'], {
      'example.com.fresh15.spameatingmonkey.net': { A: ['127.0.0.2'] },
    }),
    finds: ['rbl/domain-new'],
  },
  { when: 'a domain of more than fifteen days', ...withLists(['fresh15.spameatingmonkey.net']) },
];

/** @returns the names below DBL that were asked for, without its zone. */
function askedOfDbl({ asked }: Shown): string[] {
  const suffix = `.${dbl}`;
  const questions = asked.map((question) => question.replace(/^\S+ /, ''));
  const below = questions.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  return [...new Set(below)].sort();
}

const reverse = (name: string): Names => ({ [`${own}.in-addr.arpa`]: { PTR: [name] } });

/** A list of names is asked about the domain, the test entries of the list, and these. */
const askedNames: Case[] = (
  [
    [
      'the names of the host, and never its address',
      { helo: 'mx.example.org' },
      confirmedReverse,
      ['example.net', 'example.org'],
    ],
    ['nothing, without a name of the host', { helo: undefined }, {}, []],
    ['nothing, for a HELO name without a dot', { helo: 'localhost' }, {}, []],
    ['nothing, for a HELO name that ends as an address does', { helo: 'mx.203.0.113.9' }, {}, []],
    ['nothing, for an address as the HELO name', { helo: '[203.0.113.9]' }, {}, []],
    ['the domain of a HELO name in capitals', { helo: 'MX.EXAMPLE.ORG' }, {}, ['example.org']],
    ['nothing, for a HELO name in the same domain', { helo }, {}, []],
    ['nothing, for a domain below the registered one', { helo: undefined, domain: 'news.example.com' }, {}, []],
    [
      'the domain of a reverse name that is confirmed',
      { helo },
      { ...reverse('h.example.net'), 'h.example.net': { A: [ip] } },
      ['example.net'],
    ],
    [
      'nothing, for a reverse name that is not confirmed',
      { helo },
      { ...reverse('h.example.net'), 'h.example.net': { A: ['203.0.113.77'] } },
      [],
    ],
    [
      'the domains of the reverse names of every address',
      { ips: [ip, '203.0.113.6'], helo },
      {
        ...reverse('mail.example.org'),
        'mail.example.org': { A: [ip] },
        '6.113.0.203.in-addr.arpa': { PTR: ['h.example.net'] },
        'h.example.net': { A: ['203.0.113.6'] },
      },
      ['example.net', 'example.org'],
    ],
    ['nothing, without an address', { helo: undefined, ips: [] }, {}, []],
  ] as const
).map(([which, { helo: announced, ...target }, more, expected]): Case => {
  const { helo: _, ...world } = withLists([dbl], more);
  return {
    when: `a list of names is asked about, beside the domain: ${which}`,
    ...world,
    ...target,
    ...(announced === undefined ? {} : { helo: announced }),
    finds: 'ips' in target && target.ips.length === 0 ? ['rbl/inconclusive'] : [],
    also: (shown) => {
      expect(askedOfDbl(shown)).toEqual(['dbltest.com', 'example.com', 'invalid', ...expected].sort());
    },
  };
});

const other = '203.0.113.6';

const notes: Case[] = [
  {
    when: 'the note counts no allow list',
    ...withLists([zen, 'list.dnswl.org']),
    note: 'clean on 1 of 1 lists',
  },
  {
    when: 'the note counts a list once for all addresses',
    ...withLists([zen, psbl]),
    ips: [ip, other],
    note: 'clean on 2 of 2 lists',
  },
  {
    when: 'the note calls a list clean if it is for each address',
    ...withLists([zen], { [`${reversed(other)}.${zen}`]: { A: ['127.0.0.3'] } }),
    ips: [ip, other],
    finds: [{ code: 'rbl/listed', about: { ip: other, zone: zen } }],
    note: 'clean on 0 of 1 lists; listed on 1',
  },
  {
    when: 'the note calls a list not verified where it is so for one address',
    ...withLists([zen], { [`${own}.${rats}`]: { A: ['127.0.0.38'] } }),
    settings: { dnsblZones: [zen, rats] },
    ips: [ip, other],
    finds: ['rbl/listed-minor', 'rbl/not-verified'],
    note: 'clean on 1 of 2 lists; 1 not verified',
  },
];

const keyed = { ...listOfZone('combined.mail.abusix.zone'), zone: 'secret.combined.mail.abusix.zone' };

const choices: Case[] = [
  {
    when: 'two lists that are both asked',
    ...withLists([zen, psbl], { [`${own}.${psbl}`]: { A: ['127.0.0.2'] } }),
    finds: ['rbl/listed-minor'],
  },
  {
    when: 'a list that is left out is not asked',
    ...withLists([zen, psbl], { [`${own}.${psbl}`]: { A: ['127.0.0.2'] } }),
    settings: { dnsblZones: [zen, psbl], dnsblExcept: [psbl] },
  },
  {
    when: 'a list that needs a key is asked with it',
    zone: { ...base, ...listZone(keyed, { [own]: { A: ['127.0.0.2'] } }) },
    settings: { dnsblZones: ['combined.mail.abusix.zone'], listKeys: { ABUSIX_API_KEY: 'secret' } },
    helo,
    finds: [
      {
        code: 'rbl/listed',
        about: { ip, zone: 'combined.mail.abusix.zone' },
        evidence: { zone: 'combined.mail.abusix.zone', keyedBy: 'ABUSIX_API_KEY' },
      },
    ],
  },
];

ruleTest(rbl, [
  ...listings,
  ...blindness,
  ...askedDirectly,
  ...unverified,
  ...told,
  ...neighbours,
  ...names,
  ...askedNames,
  ...notes,
  ...choices,
]);

test('the sample is 32 addresses of the /24, spread, without the address itself', () => {
  expect(new Set(sample).size).toBe(32);
  expect(sample.every((neighbour) => neighbour.startsWith('203.0.113.') && neighbour !== ip)).toBe(true);
  expect(sample.slice(0, 3)).toEqual(['203.0.113.1', '203.0.113.9', '203.0.113.17']);
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
