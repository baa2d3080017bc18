/** Tests which answers of a list count: only those of a server whose test entries are right, answer for answer. */
import { describe, expect, test } from 'vitest';
import { createFacts } from '../../../src/check/facts/fact.ts';
import type { ListOutcome } from '../../../src/check/facts/list-outcome.ts';
import { askList } from '../../../src/check/facts/lists.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { chooseLists } from '../../../src/knowledge/lists/catalogue.ts';
import { type DnsAnswer, type DnsFailureStatus, type RecordType, unasked } from '../../../src/network/dns/answer.ts';
import type { DnsClient } from '../../../src/network/dns/client.ts';
import { type DnsServer, parseServer, serverLabel } from '../../../src/network/dns/servers.ts';

const FIRST = parseServer('192.0.2.1');
const SECOND = parseServer('192.0.2.2');
const [IP] = parseArguments('example.com', ['203.0.113.5']).ips;

/** `yes` is a listing, `no` is NXDOMAIN. Anything else is a failure. */
type Said = 'yes' | 'no' | DnsFailureStatus;

interface Lists {
  /** The answers about the test entry that must be there, in order. The last one stays. */
  readonly entry: readonly Said[];
  /** The answer about the address. */
  readonly address: Said;
  /** The server that answers about the address. */
  readonly from?: DnsServer;
  /** What the second server says about the test entry when it is asked alone. */
  readonly second?: Said;
  /** What the package `dnsbl` says. */
  readonly canary: boolean;
  /** What is said about the entry that must not be there. */
  readonly absent?: Said;
}

/** A client of two servers, of which the first answers unless the script says otherwise. */
function clientOf(zone: string, lists: Lists): DnsClient {
  const left = [...lists.entry];
  const towards = (servers: readonly DnsServer[]): DnsClient => ({
    servers,
    signal: new AbortController().signal,
    log: [],
    signedLog: [],
    signed: () => {
      throw new Error('no list is asked for signatures');
    },
    isCanaryListed: async () => lists.canary,
    towards,
    atNameServers: () => {
      throw new Error('the zone has no name servers');
    },
    async query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      const [asked, ...others] = servers;
      const isSecond = asked === SECOND && others.length === 0;
      const isEntry = name === `2.0.0.127.${zone}`;
      const isAbsentEntry = name === `1.0.0.127.${zone}`;
      const said = isAbsentEntry
        ? (lists.absent ?? 'no')
        : isEntry && isSecond
          ? (lists.second ?? 'no')
          : isEntry
            ? left.length > 1
              ? left.shift()
              : left[0]
            : lists.address;
      const from = isSecond ? SECOND : isEntry || isAbsentEntry ? FIRST : (lists.from ?? FIRST);
      const facts = { ...unasked(name, type), server: serverLabel(from) };
      if (said === 'no') return { ...facts, status: 'nxdomain', ttl: null, zone: null };
      if (said !== 'yes') return { ...facts, status: said ?? 'timeout', detail: 'as the test says' };
      // The data of an A record. No other type is asked for here but the reasons of a listing.
      const records = type === 'TXT' ? [['a reason']] : ['127.0.0.2'];
      return { ...facts, status: 'answer', records, ttl: 60 } as unknown as DnsAnswer<T>;
    },
  });
  return towards([FIRST, SECOND]);
}

async function outcomeOf(zone: string, lists: Lists): Promise<ListOutcome> {
  const [list] = chooseLists({ zones: [zone] }).asked;
  if (list === undefined || IP === undefined) throw new Error('no such list');
  const dns = clientOf(zone, lists);
  const settings = { smtpPort: 25, allowPrivate: true, listsDirect: false };
  return (await askList({ dns, settings, facts: createFacts({ dns, settings }) }, { list, subject: IP })).outcome;
}

const SURE = { entry: ['yes'], canary: true } as const;

const CASES: readonly [string, Lists, Partial<ListOutcome>][] = [
  ['the entry is there, the address is not', { ...SURE, address: 'no' }, { kind: 'clean' }],
  ['both are there', { ...SURE, address: 'yes' }, { kind: 'listed' }],
  [
    'only the package finds the entry',
    { entry: ['no'], canary: true, address: 'no' },
    { kind: 'broken', fault: 'no-test-entry' },
  ],
  [
    'the package finds no entry, and a third question does',
    { entry: ['yes'], canary: false, address: 'no' },
    { kind: 'clean' },
  ],
  [
    'the entry is there once, and never again',
    { entry: ['yes', 'no'], canary: false, address: 'no' },
    { kind: 'broken', fault: 'unsteady' },
  ],
  [
    'the entry is there once, and the third question fails',
    { entry: ['yes', 'servfail'], canary: false, address: 'no' },
    { kind: 'failed', status: 'servfail' },
  ],
  [
    'another server answers about the address, which has no entry',
    { ...SURE, address: 'no', from: SECOND, second: 'no' },
    { kind: 'broken', fault: 'no-test-entry' },
  ],
  [
    'another server answers about the address, which cannot be asked for its entry',
    { ...SURE, address: 'no', from: SECOND, second: 'timeout' },
    { kind: 'failed', status: 'timeout' },
  ],
  [
    'another server answers about the address, which has the entry',
    { ...SURE, address: 'no', from: SECOND, second: 'yes' },
    { kind: 'clean' },
  ],
  ['the lookup of the address fails', { ...SURE, address: 'servfail' }, { kind: 'failed', status: 'servfail' }],
  [
    'the lookup of the entry that must not be there fails',
    { ...SURE, absent: 'timeout', address: 'no' },
    { kind: 'failed' },
  ],
  ['everything is listed', { ...SURE, absent: 'yes', address: 'yes' }, { kind: 'broken', fault: 'lists-everything' }],
];

describe('the answers of a list', () => {
  test.each(CASES)('%s', async (_, lists, expected) => {
    expect(await outcomeOf('zen.spamhaus.org', lists)).toMatchObject(expected);
  });
});

/** A list that answers only registered resolvers. */
const REGISTERED: readonly [string, Lists, Partial<ListOutcome>][] = [
  [
    'no question is answered: the resolver is not registered',
    { entry: ['timeout'], canary: false, address: 'timeout' },
    { kind: 'unverified', reason: 'resolver-not-registered' },
  ],
  [
    'the entry is there, and only the address is not answered',
    { ...SURE, address: 'timeout' },
    { kind: 'failed', status: 'timeout' },
  ],
  [
    'the address is listed, and only the entry is not answered',
    { entry: ['timeout'], canary: false, address: 'yes' },
    { kind: 'failed', status: 'timeout' },
  ],
  [
    'no server can be reached',
    { entry: ['unreachable'], canary: false, address: 'unreachable' },
    { kind: 'failed', status: 'unreachable' },
  ],
];

describe('the answers of a list that knows its resolvers', () => {
  test.each(REGISTERED)('%s', async (_, lists, expected) => {
    expect(await outcomeOf('b.barracudacentral.org', lists)).toMatchObject(expected);
  });
});
