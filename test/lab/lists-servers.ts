/**
 * Block lists on real servers: rbldnsd holds the data as list operators keep it, and BIND is the resolver in front of
 * it, with a few zones and faults of its own. Needs the Debian packages rbldnsd and bind9.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLists } from '../../src/knowledge/lists/catalogue.ts';
import type { List } from '../../src/knowledge/lists/schema.ts';
import { createNet, type Host, type Net, whyNoNet } from './netns.ts';

export const RESOLVER = '192.0.2.53';

/** rbldnsd data files, by zone and type; the first line of each is its default answer and TXT record. */
export type Datasets = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const V6_CANARY = '0:0:0:0:0:ffff:7f00:2';

/** rbldnsd takes no /0. */
const EVERYTHING = ['0.0.0.0/1', '128.0.0.0/1'];

/** What the lab's lists say. Addresses: .2 SBL, .4 XBL and PBL, .10 and .11 PBL, .12 DROP, .13 a code nobody knows. */
export const LISTS: Datasets = {
  'zen.spamhaus.org': {
    ip4set: [
      ':127.0.0.2:https://check.spamhaus.org/query/ip/$',
      '127.0.0.2',
      '203.0.113.2 :127.0.0.2:SBL123456, 203.0.113.0/26',
      '203.0.113.3 :127.0.0.3:CSS $',
      '203.0.113.4 :127.0.0.4:XBL $',
      '203.0.113.4 :127.0.0.11:PBL $',
      '203.0.113.10 :127.0.0.10:PBL $',
      '203.0.113.11 :127.0.0.11:PBL $',
      '203.0.113.12 :127.0.0.2:SBL234567, 203.0.113.0/24',
      '203.0.113.12 :127.0.0.9:DROP 203.0.113.0/24',
      '203.0.113.13 :127.0.0.77:$',
      '203.0.113.14 :127.0.0.3:CSS $',
      '203.0.113.14 :127.255.255.254:Error: open resolver',
    ],
    ip6trie: [':127.0.0.3:CSS $', `${V6_CANARY} :127.0.0.2:$`, '2001:db8:1::/64'],
  },
  'bl.ipv6.spameatingmonkey.net': { ip6trie: [':127.0.0.2:$', V6_CANARY, '2001:db8:2::/64'] },
  'psbl.surriel.com': {
    ip4set: [':127.0.0.2:Listed in PSBL, see http://psbl.org/listing?ip=$', '127.0.0.2', '203.0.113.6'],
  },
  'list.dnswl.org': { ip4set: [':127.0.10.0:example.com', '127.0.0.2', '203.0.113.7 :127.0.5.2:example.com'] },
  'all.spamrats.com': { ip4set: [':127.0.0.38:see the web site', '203.0.113.8'] },
  'dbl.spamhaus.org': {
    dnset: [
      ':127.0.1.2:https://check.spamhaus.org/query/domain/$',
      'dbltest.com',
      'listed.example',
      'abused.example :127.0.1.104:$',
    ],
  },
  'multi.surbl.org': {
    dnset: [':127.0.0.64:$', 'surbl-org-permanent-test-point.com :127.0.0.126:test', 'bits.example :127.0.0.200:$'],
  },
  'sbl.spamhaus.org': { ip4set: [':127.255.255.254:Error: open resolver', ...EVERYTHING] },
  'wild.example': { ip4set: [':127.0.0.2:for sale', ...EVERYTHING] },
  'parked.example': { ip4set: [':198.51.100.80:', ...EVERYTHING] },
  'empty.example': { ip4set: [':127.0.0.2:$'] },
};

/** Zones that BIND serves itself. */
const BIND_ZONES: Readonly<Record<string, readonly string[]>> = {
  'example.com': ['@ IN TXT "v=spf1 -all"'],
  // The zone that shows that a resolver resolves something.
  arpa: [],
  '113.0.203.in-addr.arpa': [],
  // A wildcard over one /24, as lists of ranges are made of.
  'dnsbl-2.uceprotect.net': [
    '2.0.0.127 IN A 127.0.0.2',
    '*.113.0.203 IN A 127.0.0.2',
    '*.113.0.203 IN TXT "203.0.113.0/24 is UCEPROTECT-Level 2 listed"',
  ],
};

const SOA = '@ 60 IN SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60';

/** Every default list, alive and without anything listed but its test entries. */
export function emptyDefaultLists(): Datasets {
  return Object.fromEntries(defaultLists().map((list) => [list.zone, emptyList(list)]));
}

function emptyList({ kind, families, canary, codes }: List): Readonly<Record<string, readonly string[]>> {
  const [code] = codes;
  const value = `:127.0.0.${code?.match.includes('&') ? '254' : '2'}:test entry`;
  if (kind === 'domain') return { dnset: [value, canary?.domainListed ?? 'test'] };
  return {
    ...(families.includes(4) ? { ip4set: [value, canary?.listed ?? '127.0.0.2'] } : {}),
    ...(families.includes(6) ? { ip6trie: [value, V6_CANARY] } : {}),
  };
}

export interface ListLab {
  /** Where mailcheck runs. */
  readonly client: Host;
  /** What holds packets back, where there is a delay. */
  readonly delayedBy: 'netem' | 'relay' | null;
  close(): Promise<void>;
}

/** @returns why the lab cannot be made here, or `null`. */
export function whyNoLists(): string | null {
  for (const program of ['rbldnsd', 'named']) {
    try {
      execFileSync('which', [program]);
    } catch {
      return `${program} is not installed`;
    }
  }
  return whyNoNet();
}

/**
 * Starts the servers in a net of their own. `delayMs` lies on the wire from them to the client, so that it is the time
 * of a round trip: by netem, or where the kernel has none by a relay that holds every reply back.
 */
export async function startLists(datasets: Datasets, { delayMs = 0 }: { delayMs?: number } = {}): Promise<ListLab> {
  const net: Net = await createNet({ client: ['192.0.2.10'], lists: [RESOLVER] }, { resolver: RESOLVER });
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-lists-'));
  // rbldnsd gives its rights up, and reads its data after that.
  chmodSync(directory, 0o755);
  const close = async (): Promise<void> => {
    await net.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const server = net.host('lists');
    const netem = ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', `${delayMs}ms`];
    const delayedBy = delayMs === 0 ? null : (await server.run(netem)).code === 0 ? 'netem' : 'relay';
    const options = ['-n', '-u', 'nobody', '-w', directory, '-b', '127.0.0.1/5353'];
    const rbldnsd = server.start(['rbldnsd', ...options, ...writeRbl(directory, datasets)], { stdio: 'pipe' });
    let said = '';
    for (const stream of [rbldnsd.stdout, rbldnsd.stderr]) stream?.on('data', (chunk) => (said += chunk));
    server.start([process.execPath, '-e', SILENT_SERVER]);
    const listen = delayedBy === 'relay' ? 'port 5300 { 127.0.0.1; }' : `{ ${RESOLVER}; }`;
    server.start(['named', '-f', '-c', writeBind(directory, listen)]);
    if (delayedBy === 'relay') server.start([process.execPath, '-e', RELAY, RESOLVER, String(delayMs)]);
    const client = net.host('client');
    await untilItAnswers(client, Object.keys(datasets)[0] ?? '');
    // A line that it cannot read is left out, and a list would be emptier than it was written.
    if (said.includes('invalid')) throw new Error(said);
    return { client, delayedBy, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes questions and never answers. */
const SILENT_SERVER = `require('node:dgram').createSocket('udp4').bind(5354, '127.0.0.1')`;

/** Passes questions on at once, under IDs of its own, and holds every reply back. */
const RELAY = `
const { createSocket } = require('node:dgram');
const [address, delay] = process.argv.slice(1);
const front = createSocket('udp4').bind(53, address);
const back = createSocket('udp4').bind(0, '127.0.0.1', () => back.connect(5300, '127.0.0.1'));
const asked = new Map();
let last = 0;
front.on('message', (question, from) => {
  last = (last + 1) & 0xffff;
  asked.set(last, { id: question.readUInt16BE(0), from });
  question.writeUInt16BE(last, 0);
  back.send(question);
});
back.on('message', (reply) => {
  const { id, from } = asked.get(reply.readUInt16BE(0));
  reply.writeUInt16BE(id, 0);
  setTimeout(() => front.send(reply, from.port, from.address), Number(delay));
});`;

/** @returns rbldnsd's arguments for the zones. */
export function writeRbl(directory: string, datasets: Datasets, nameServer = 'ns.lab.example'): string[] {
  return Object.entries(datasets).flatMap(([zone, files]) =>
    Object.entries(files).map(([type, lines]) => {
      const name = `${zone}.${type}`;
      const soa = `$SOA 60 ${nameServer} hostmaster.lab.example 1 600 300 86400 60`;
      writeFileSync(join(directory, name), `${[soa, `$NS 60 ${nameServer}`, ...lines].join('\n')}\n`, { mode: 0o644 });
      return `${zone}:${type}:${name}`;
    }),
  );
}

function writeBind(directory: string, listen: string): string {
  const work = join(directory, 'bind');
  mkdirSync(work);
  for (const [zone, lines] of Object.entries(BIND_ZONES)) {
    writeFileSync(join(work, zone), `$TTL 60\n${[SOA, '@ IN NS ns.lab.example.', ...lines].join('\n')}\n`);
  }
  // A zone file that cannot be read makes SERVFAIL.
  writeFileSync(join(work, 'servfail.example'), 'this is no zone file\n');
  const primary = (zone: string, more = ''): string =>
    `zone "${zone}" { type primary; file "${join(work, zone)}"; ${more} };`;
  writeFileSync(join(work, 'refused.example'), `$TTL 60\n${SOA}\n@ IN NS ns.lab.example.\n`);
  const conf = join(work, 'named.conf');
  const text = [
    `options { directory "${work}"; pid-file none; session-keyfile none; lock-file none; listen-on ${listen}; listen-on-v6 { none; };`,
    'recursion yes; allow-query { any; }; allow-recursion { any; }; dnssec-validation no; empty-zones-enable no;',
    // Everything else goes to rbldnsd, and nothing leaves the net.
    'forward only; forwarders { 127.0.0.1 port 5353; }; };',
    'controls { };',
    'zone "silent.example" { type forward; forward only; forwarders { 127.0.0.1 port 5354; }; };',
    ...Object.keys(BIND_ZONES).map((zone) => primary(zone)),
    primary('servfail.example'),
    primary('refused.example', 'allow-query { none; };'),
  ];
  writeFileSync(conf, `${text.join('\n')}\n`);
  return conf;
}

async function untilItAnswers(client: Host, zone: string): Promise<void> {
  const script = `require('node:dns').resolveSoa('${zone}', (error) => process.exit(error ? 1 : 0))`;
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { code } = await client.run([process.execPath, '-e', script]);
    if (code === 0) return;
    if (Date.now() > deadline) throw new Error('the lists do not answer');
  }
}
