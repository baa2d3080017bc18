/**
 * Asks one server as many questions as it can. It prints the number of questions a second and the CPU time of each.
 *
 *     node dns-driver.mjs <mailcheck|c-ares> <port> <questions>
 */
import { Resolver } from 'node:dns/promises';
import { createDnsClient } from '../src/network/dns/client.ts';
import { parseServer } from '../src/network/dns/servers.ts';
import { Upstreams } from '../src/network/dns/upstreams.ts';

/** The result of the driver for one tool. */
export interface DnsSpeed {
  readonly answered: number;
  readonly perSecond: number;
  /** The CPU time of this process for each question, user and system. */
  readonly cpuMicroseconds: number;
}

/** The number of open questions, which is the most that a run of mailcheck has. */
const CONCURRENCY = 96;
const WARM_UP = 2000;

const [tool = '', port = '', questions = ''] = process.argv.slice(2);
const server = `127.0.0.1:${port}`;

function asker(): (name: string) => Promise<boolean> {
  if (tool === 'mailcheck') {
    const { signal } = new AbortController();
    const client = createDnsClient({ servers: [parseServer(server)], signal, upstreams: new Upstreams(CONCURRENCY) });
    return async (name) => (await client.query(name, 'A')).status === 'answer';
  }
  const resolver = new Resolver();
  resolver.setServers([server]);
  return async (name) => (await resolver.resolve4(name)).length === 1;
}

const ask = asker();

async function round(from: number, to: number): Promise<number> {
  let next = from;
  let answered = 0;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < to) {
        next += 1;
        if (await ask(`h${next}.bench.example`)) answered += 1;
      }
    }),
  );
  return answered;
}

await round(0, WARM_UP);
const cpu = process.cpuUsage();
const started = performance.now();
const count = Number(questions);
const answered = await round(WARM_UP, WARM_UP + count);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
const speed: DnsSpeed = { answered, perSecond: count / seconds, cpuMicroseconds: (user + system) / count };
process.stdout.write(`${JSON.stringify(speed)}\n`);
process.exit();
