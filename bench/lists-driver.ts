/**
 * Runs inside the lab, once per tool and task: looks one address up on the lists given, in the way the tool's own users
 * would, and prints what it reports per list and how long each round took.
 *
 *     node lists-driver.mjs <tool> <address of the resolver> <rounds> <zone,zone,…> <ip,ip,…>
 */
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { createFacts } from '../src/check/facts/fact.ts';
import { askList } from '../src/check/facts/lists.ts';
import { chooseLists } from '../src/knowledge/lists/catalogue.ts';
import { createDnsClient } from '../src/network/dns/client.ts';
import { parseServer } from '../src/network/dns/servers.ts';
import { parseIp, reversedLabels } from '../src/network/ip.ts';

export interface Reading {
  /** Zone → what the tool says of the first address: `clean`, `listed`, or why it cannot say. */
  readonly said: Readonly<Record<string, string>>;
  /** Milliseconds per round. */
  readonly times: readonly number[];
}

type Tool = (zones: readonly string[], ips: readonly string[]) => Promise<Record<string, string>>;

const [toolName = '', server = '', rounds = '1', zoneText = '', ipText = ''] = process.argv.slice(2);

const tools: Readonly<Record<string, Tool>> = { mailcheck, 'dnsbl.batch': batch, adnshost, 'c-ares loop': cares };

async function mailcheck(zones: readonly string[], ips: readonly string[]): Promise<Record<string, string>> {
  const dns = createDnsClient({ servers: [parseServer(server)], signal: AbortSignal.timeout(60_000) });
  const facts = createFacts({ dns });
  const { asked } = chooseLists({ zones });
  const questions = ips.flatMap((text) => asked.map((list) => ({ list, subject: parseIp(text) ?? text })));
  const results = await Promise.all(questions.map((question) => askList({ dns, facts }, question)));
  return Object.fromEntries(
    results
      .slice(0, asked.length)
      .map(({ list, outcome }) => [list.zone, outcome.kind === 'broken' ? `broken: ${outcome.fault}` : outcome.kind]),
  );
}

/** The package has no types for `batch` here, and knows listed or not. */
async function batch(zones: readonly string[], ips: readonly string[]): Promise<Record<string, string>> {
  const { batch: ask }: { batch: BatchLookup } = await import('dnsbl' as string);
  const rows = await ask([...ips], [...zones], { servers: [server] });
  return Object.fromEntries(
    rows
      .filter(({ address }) => address === ips[0])
      .map(({ blacklist, listed }) => [blacklist, listed ? 'listed' : 'clean']),
  );
}

type BatchLookup = (
  ips: string[],
  zones: string[],
  options: { servers: string[] },
) => Promise<{ address: string; blacklist: string; listed: boolean }[]>;

/** One process for all; its answers carry the status of each query. */
function adnshost(zones: readonly string[], ips: readonly string[]): Promise<Record<string, string>> {
  const questions = ips.flatMap((ip) => zones.map((zone) => ({ ip, zone })));
  const args = ['--config', `nameserver ${server}`, '-f', '-a', '-Fa', '-ta'];
  return new Promise((resolve, reject) => {
    const child = execFile('adnshost', args, (error, stdout) => {
      if (error && error.code === 'ENOENT') reject(error);
      const said: Record<string, string> = {};
      for (const line of stdout.split('\n')) {
        // `<id> <records> <type of status> <number> <status> …`
        const [, id = '', kind = '', status = ''] = /^(\d+) \d+ (\S+) \d+ (\S+)/.exec(line) ?? [];
        const zone = zones[Number(id)];
        if (zone === undefined || id === '') continue;
        const isClean = status === 'nxdomain' || status === 'nodata';
        said[zone] = kind === 'ok' ? 'listed' : isClean ? 'clean' : status;
      }
      resolve(said);
    });
    const ask = ({ ip, zone }: { ip: string; zone: string }): string => `--reverse ${ip} ${zone}`;
    child.stdin?.end(`${questions.map(ask).join('\n')}\n`);
  });
}

/** What one writes by hand: an A record is a listing, and the error's name is kept. */
async function cares(zones: readonly string[], ips: readonly string[]): Promise<Record<string, string>> {
  const resolver = new Resolver();
  resolver.setServers([server]);
  const questions = ips.flatMap((ip) => zones.map((zone) => ({ ip: parseIp(ip), zone })));
  const answers = await Promise.all(
    questions.map(async ({ ip, zone }) => {
      try {
        await resolver.resolve4(`${ip === undefined ? '' : reversedLabels(ip)}.${zone}`);
        return [zone, 'listed'] as const;
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
        return [zone, code === 'ENOTFOUND' || code === 'ENODATA' ? 'clean' : code] as const;
      }
    }),
  );
  return Object.fromEntries(answers.slice(0, zones.length));
}

const run = tools[toolName];
if (run === undefined) throw new Error(`no tool ${toolName}`);
const times: number[] = [];
let said: Record<string, string> = {};
for (let round = 0; round < Number(rounds); round += 1) {
  const started = performance.now();
  said = await run(zoneText.split(','), ipText.split(','));
  times.push(performance.now() - started);
}
const reading: Reading = { said, times };
process.stdout.write(`${JSON.stringify(reading)}\n`);
process.exit();
