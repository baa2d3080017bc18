/**
 * Many targets on loopback: BIND serves one root zone in which each of so many domains has what a sound sender publishes.
 * BIND generates the records itself, so that a million of them are a few lines.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { started } from '../world/running.ts';

/** Milliseconds until BIND has to answer, on a busy machine. */
const START_MS = 60_000;

/** The zone, the targets in it, and their server. */
export interface GeneratedTargets {
  /** The server, as `--dns` takes it. */
  readonly server: string;
  /** The path of a CSV file with a line for each target. */
  readonly file: string;
  stop(): Promise<void>;
}

/** The DKIM selector of every target. */
const SELECTOR = 's1';

/** @returns the domain of a target. */
export const domainOf = (index: number): string => `t${index}.example`;

/** @returns the address of a target. Targets share the addresses of a documentation network. */
export const addressOf = (index: number): string => `198.51.100.${index % 256}`;

/** An Ed25519 key (RFC 8032 §7.1, test 1), as a DKIM record has it. */
const KEY = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

/** @returns the zone file of `count` targets: MX, SPF, DKIM, DMARC, and a PTR record that is confirmed. */
function zoneText(count: number, others: readonly string[]): string {
  const targets = `0-${count - 1}`;
  return [
    '$TTL 300',
    '. SOA ns.host.example. hostmaster.host.example. 1 600 300 86400 60',
    '. NS ns.host.example.',
    'ns.host.example. A 192.0.2.53',
    'mail.host.example. A 198.51.100.0',
    `$GENERATE ${targets} t$.example. MX "10 mail.host.example."`,
    String.raw`$GENERATE ${targets} t$.example. TXT "\"v=spf1 ip4:198.51.100.0/24 -all\""`,
    String.raw`$GENERATE ${targets} ${SELECTOR}._domainkey.t$.example. TXT "\"v=DKIM1; k=ed25519; p=${KEY}\""`,
    String.raw`$GENERATE ${targets} _dmarc.t$.example. TXT "\"v=DMARC1; p=reject; rua=mailto:d@t$.example\""`,
    '$GENERATE 0-255 $.100.51.198.in-addr.arpa. PTR out$.host.example.',
    '$GENERATE 0-255 out$.host.example. A 198.51.100.$',
    ...others,
    '',
  ].join('\n');
}

/**
 * Starts BIND with so many targets, and writes them down as the input of a fleet.
 *
 * @param directory a folder for the zone and the targets.
 * @param others more lines of the root zone.
 * @throws where BIND ends, or does not answer within a minute.
 */
export async function startGenerated(
  count: number,
  directory: string,
  others: readonly string[] = [],
): Promise<GeneratedTargets> {
  const port = await freePort();
  writeFileSync(join(directory, 'root.zone'), zoneText(count, others));
  const conf = [
    `options { directory "${directory}"; pid-file none; session-keyfile none; lock-file none; recursion no;`,
    `listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; };`,
    'controls { };',
    'zone "." { type primary; file "root.zone"; };',
  ];
  writeFileSync(join(directory, 'named.conf'), `${conf.join('\n')}\n`);
  const named = spawn('named', ['-f', '-c', join(directory, 'named.conf')], { stdio: 'ignore' });
  const ending = new Promise<void>((resolve) => named.once('exit', () => resolve()));
  const stop = started(async () => {
    named.kill('SIGKILL');
    await ending;
  });
  const file = join(directory, 'targets.csv');
  await writeTargets(file, count);
  await Promise.race([
    untilItAnswers(port, domainOf(count - 1)),
    ending.then(() => Promise.reject(new Error('BIND has ended. See why: named -g -c named.conf'))),
  ]);
  return { server: `127.0.0.1:${port}`, file, stop };
}

async function writeTargets(file: string, count: number): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('domain,ips,selectors\n');
  for (let index = 0; index < count; index += 1) stream.write(`${domainOf(index)},${addressOf(index)},${SELECTOR}\n`);
  stream.end();
  await finished(stream);
}

async function untilItAnswers(port: number, domain: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    if (await resolver.resolveMx(domain).catch(() => null)) return;
    if (Date.now() > deadline) throw new Error('BIND does not answer');
    await new Promise((done) => setTimeout(done, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
