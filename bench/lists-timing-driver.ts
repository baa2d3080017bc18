/**
 * Measures how long all default lists take for one address and its domain. It runs inside the lab. The floor is one
 * lookup with every test entry in parallel. This process measures both in turn, and compares the medians.
 */

import { createFacts } from '../src/check/facts/fact.ts';
import { listLiveness } from '../src/check/facts/list-liveness.ts';
import { askList, listsForIp } from '../src/check/facts/lists.ts';
import { chooseLists } from '../src/knowledge/lists/catalogue.ts';
import { createDnsClient } from '../src/network/dns/client.ts';
import { parseServer } from '../src/network/dns/servers.ts';
import { parseIp } from '../src/network/ip.ts';

/** The result of the driver. */
export interface Timing {
  /** The time of one question, in milliseconds. */
  readonly roundTripMs: number;
  /** The time of one lookup with all test entries in parallel, in milliseconds. */
  readonly floorMs: number;
  /** The time of all default lists in milliseconds: test entries, and lookups of the address and the domain. */
  readonly allMs: number;
  /** `allMs` divided by `floorMs`. */
  readonly ratio: number;
  readonly asked: number;
  readonly clean: number;
}

const ROUNDS = 9;
const ip = parseIp('203.0.113.5');
const server = parseServer(process.argv[2] ?? '');
if (ip === undefined) throw new Error('no address');
const lists = chooseLists().asked;
const questions = [
  ...listsForIp(lists, ip).map((list) => ({ list, subject: ip })),
  ...lists.filter(({ kind }) => kind === 'domain').map((list) => ({ list, subject: 'example.com' })),
];
/** The lists are asked of the resolver alone. */
const settings = { smtpPort: 25, allowPrivate: false, listsDirect: false };
const { signal } = new AbortController();
const newClient = () => createDnsClient({ servers: [server], signal });

async function time(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const roundTrip = () => newClient().query('5.113.0.203.zen.spamhaus.org', 'A');
/** Asks the test entries (RFC 5782 §5) as a run does, and makes one lookup. */
const floor = () => {
  const dns = newClient();
  const facts = createFacts({ dns, settings });
  const canaries = questions.map(({ list }) => facts(listLiveness, list, list.kind === 'domain' ? 'name' : 4, null));
  return Promise.all([dns.query('5.113.0.203.zen.spamhaus.org', 'A'), ...canaries]);
};
let clean = 0;
const all = async () => {
  const dns = newClient();
  const facts = createFacts({ dns, settings });
  const results = await Promise.all(questions.map((question) => askList({ dns, facts, settings }, question)));
  clean = results.filter(({ outcome }) => outcome.kind === 'clean').length;
};

const times = { roundTrip: [] as number[], floor: [] as number[], all: [] as number[] };
// The first round does not count, because it fills caches and compiles code.
for (let round = 0; round <= ROUNDS; round += 1) {
  const measured = { roundTrip: await time(roundTrip), floor: await time(floor), all: await time(all) };
  if (round === 0) continue;
  times.roundTrip.push(measured.roundTrip);
  times.floor.push(measured.floor);
  times.all.push(measured.all);
}
const round = (value: number): number => Math.round(value * 100) / 100;
const timing: Timing = {
  roundTripMs: round(median(times.roundTrip)),
  floorMs: round(median(times.floor)),
  allMs: round(median(times.all)),
  ratio: round(median(times.all) / median(times.floor)),
  asked: questions.length,
  clean,
};
process.stdout.write(`${JSON.stringify(timing)}\n`);
process.exit();
