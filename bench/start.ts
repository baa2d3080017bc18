/** Measures the start of mailcheck, against a Node.js process that does nothing. */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { median, type Row } from './table.ts';

const ROUNDS = 41;
/** Milliseconds after which a process is killed, because it has sent no packet. */
const HANGS_MS = 20_000;

/**
 * Runs whole processes in turn.
 *
 * @param cli the path of the built command line.
 * @returns the rows of the comparison, in milliseconds.
 */
export async function startRows(cli: string): Promise<Row[]> {
  const dns = createSocket('udp4');
  dns.bind(0, '127.0.0.1');
  await once(dns, 'listening');
  const measures = {
    nothing: () => wholeProcess(['-e', '0']),
    version: () => wholeProcess([cli, '--version']),
    help: () => wholeProcess([cli, '--help']),
    packet: () => firstPacket(cli, dns),
  };
  const times = { nothing: [] as number[], version: [] as number[], help: [] as number[], packet: [] as number[] };
  try {
    // The first round does not count, because it reads the files from the disk.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const name of ['nothing', 'version', 'help', 'packet'] as const) {
        const took = await measures[name]();
        if (round > 0) times[name].push(took);
      }
    }
  } finally {
    dns.close();
  }
  const nothing = median(times.nothing);
  const row = (name: 'version' | 'help' | 'packet', what: string, atMost: number): Row => ({
    what: `start: ${what}`,
    own: `${median(times[name]).toFixed(0)} ms`,
    other: `${nothing.toFixed(0)} ms`,
    against: 'node -e 0',
    ratio: median(times[name]) / nothing,
    atMost,
  });
  return [
    row('version', 'mailcheck --version', 1.1),
    row('help', 'mailcheck --help', 1.2),
    row('packet', 'a check, until its first DNS packet', 1.6),
  ];
}

/** @returns how long the process took, in milliseconds. */
async function wholeProcess(words: readonly string[]): Promise<number> {
  const started = performance.now();
  const [code] = await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  return performance.now() - started;
}

/**
 * Starts a check, and kills it when its first question arrives at the DNS server.
 *
 * @returns how long that took, in milliseconds.
 */
async function firstPacket(cli: string, dns: Socket): Promise<number> {
  const server = `127.0.0.1:${dns.address().port}`;
  // No packet leaves loopback, even if the process lives on for a moment.
  const args = ['example.com', '203.0.113.5', '--selector', 's1', '--dns', server, '--connect-to', '::127.0.0.1:1'];
  const more = ['--allow-private', '--vantage', 'outside', '--no-config', '--quiet'];
  const started = performance.now();
  const child = spawn(process.execPath, [cli, ...args, ...more], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    await once(dns, 'message', { signal: AbortSignal.timeout(HANGS_MS) });
    return performance.now() - started;
  } finally {
    child.kill('SIGKILL');
    await exited;
    // What the check sent before it ended must not count as the first packet of the next one.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
