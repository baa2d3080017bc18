/**
 * Evaluates SPF many times with mailcheck or mailauth, with all DNS answers in memory. It prints the evaluations a
 * second.
 *
 * node spf-driver.mjs <mailcheck|mailauth> <evaluations>
 */
import { spf } from 'mailauth/lib/spf/index.js';
import { type DnsAnswer, type RecordType, type Resolver, unasked } from '../src/network/dns/answer.ts';
import { parseIp } from '../src/network/ip.ts';
import { checkHost } from '../src/standards/spf/index.ts';

/** The result of the driver for one tool. */
export interface SpfSpeed {
  readonly perSecond: number;
  readonly result: string;
}

/**
 * A record as customers of a hosting provider have it: nested includes, addresses and an MX, with nine lookups in all.
 */
const TXT: Readonly<Record<string, string>> = {
  'example.com': 'v=spf1 mx a:mail.example.com include:_spf.example.net include:relay.example.org ip4:203.0.113.5 -all',
  '_spf.example.net':
    'v=spf1 include:_a.example.net include:_b.example.net include:_c.example.net ip4:198.51.100.0/25 ~all',
  '_a.example.net': `v=spf1 ${networks(0)} ~all`,
  '_b.example.net': `v=spf1 ${networks(40)} ~all`,
  '_c.example.net': `v=spf1 ${networks(80)} ip6:2001:db8:1::/48 ~all`,
  'relay.example.org': 'v=spf1 a:out.example.org ip4:192.0.2.128/25 ?all',
};
const A: Readonly<Record<string, string>> = {
  'mx.example.com': '203.0.113.9',
  'mail.example.com': '203.0.113.8',
  'out.example.org': '192.0.2.9',
};
const MX: Readonly<Record<string, string>> = { 'example.com': 'mx.example.com' };

function networks(from: number): string {
  return Array.from({ length: 16 }, (_, index) => `ip4:198.51.100.${from + index}/32`).join(' ');
}

const CLIENT = '203.0.113.5';
const WARM_UP = 300;
const [tool = '', evaluations = ''] = process.argv.slice(2);

function answers(name: string, type: RecordType): DnsAnswer {
  const exchange = unasked(name, type);
  const found = (records: readonly unknown[]): DnsAnswer =>
    // Each table has only records of its own type.
    ({ ...exchange, status: 'answer', records, ttl: 300 }) as unknown as DnsAnswer;
  const text = type === 'TXT' ? TXT[name] : undefined;
  if (text !== undefined) return found([[text]]);
  const host = type === 'MX' ? MX[name] : undefined;
  if (host !== undefined) return found([{ preference: 10, exchange: host }]);
  const address = type === 'A' ? A[name] : undefined;
  if (address !== undefined) return found([address]);
  return { ...exchange, status: 'nodata', ttl: 300, zone: null };
}

const known = new Map<string, DnsAnswer>();
const resolver: Resolver = {
  query: async (name, type) => {
    const key = `${type} ${name}`;
    const answer = known.get(key) ?? answers(name, type);
    known.set(key, answer);
    // `answers` returns records of the type asked for.
    return answer as never;
  },
};

async function byMailcheck(): Promise<string> {
  const ip = parseIp(CLIENT);
  if (ip === undefined) throw new Error('no address');
  const { result } = await checkHost({ ip, sender: 'user@example.com', heloName: 'mail.example.com', resolver });
  return result;
}

/** Answers as Node's resolver does. mailauth's types allow only texts, but it reads MX records as objects. */
async function lookUp(name: string, type: string): Promise<string[]> {
  const answer = answers(name.toLowerCase(), type as RecordType);
  if (answer.status !== 'answer') throw Object.assign(new Error('no data'), { code: 'ENODATA' });
  const records: unknown = type === 'MX' ? [{ priority: 10, exchange: MX[name] }] : answer.records;
  return records as string[];
}

async function byMailauth(): Promise<string> {
  const { status } = await spf({
    ip: CLIENT,
    sender: 'user@example.com',
    helo: 'mail.example.com',
    mta: 'mx.example.net',
    resolver: lookUp,
  });
  return status.result;
}

const evaluate = tool === 'mailcheck' ? byMailcheck : byMailauth;
let result = '';
for (let count = 0; count < WARM_UP; count += 1) result = await evaluate();
const started = performance.now();
for (let count = 0; count < Number(evaluations); count += 1) await evaluate();
const perSecond = Number(evaluations) / ((performance.now() - started) / 1000);
const speed: SpfSpeed = { perSecond, result };
process.stdout.write(`${JSON.stringify(speed)}\n`);
