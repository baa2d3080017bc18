/**
 * Looks up addresses on block lists with one tool, in the way that its users would. It runs inside the lab, once for
 * each tool and task. It prints what the tool reports about each list, and the time of each round.
 *
 * node lists-driver.mjs <tool> <address of the resolver> <rounds> <zone,zone,…> <ip,ip,…>
 */
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { createFacts } from '../src/check/facts/fact.ts';
import { askList } from '../src/check/facts/lists.ts';
import { chooseLists } from '../src/knowledge/lists/catalogue.ts';
import { createDnsClient } from '../src/network/dns/client.ts';
import { parseServer } from '../src/network/dns/servers.ts';
import { parseIp, reversedLabels } from '../src/network/ip.ts';

/** The result of the driver for one tool. */
export interface Reading {
  /** Maps a zone to the tool's result for the first address: `clean`, `listed`, or the reason why it is not known. */
  readonly said: Readonly<Record<string, string>>;
  /** The time of each round, in milliseconds. */
  readonly times: readonly number[];
}

type Tool = (zones: readonly string[], ips: readonly string[]) => Promise<Record<string, string>>;

const [toolName = '', server = '', rounds = '1', zoneText = '', ipText = ''] = process.argv.slice(2);

const tools: Readonly<Record<string, Tool>> = { mailcheck, 'dnsbl.batch': batch, adnshost, 'c-ares loop': cares };

async function mailcheck(zones: readonly string[], ips: readonly string[]): Promise<Record<string, string>> {
  const dns = createDnsClient({ servers: [parseServer(server)], signal: AbortSignal.timeout(60_000) });
  // The lists are asked of the resolver alone, as the other tools ask them.
  const settings = { smtpPort: 25, allowPrivate: false, listsDirect: false };
  const facts = createFacts({ dns, settings });
  const { asked } = chooseLists({ zones });
  const questions = ips.flatMap((text) => asked.map((list) => ({ list, subject: parseIp(text) ?? text })));
  const results = await Promise.all(questions.map((question) => askList({ dns, facts, settings }, question)));
  return Object.fromEntries(
    results
      .slice(0, asked.length)
      .map(({ list, outcome }) => [list.zone, outcome.kind === 'broken' ? `broken: ${outcome.fault}` : outcome.kind]),
  );
}

/** Runs `dnsbl.batch`. The package has no types for it, and reports only whether an address is listed. */
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

/** Runs one adnshost process for all queries. Its output contains the status of each query. */
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

/** Loops over c-ares as one would write it by hand. An A record is a listing, and an error is reported by its code. */
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
