/**
 * Measures one whole check over wires with 20 and 100 ms of delay. It compares the check with the longest chain of round
 * trips in it, with an earlier commit, and with the other tools that a postmaster would run one after the other. The
 * servers are real (BIND, Postfix) and run in network namespaces. A third host delays each refusal.
 */
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLists } from '../src/knowledge/lists/catalogue.ts';
import type { Report } from '../src/report/status.ts';
import { layer, machine } from '../test/lab/layers.ts';
import { postfix } from '../test/lab/mail-software.ts';
import { createNet, type Host } from '../test/lab/netns.ts';
import type { NameScript } from '../test/world/dns.ts';
import { scenes } from '../test/world/scenes.ts';
import { worldAuthority } from '../test/world/world.ts';
import { median, type Row } from './table.ts';
import { rootZone } from './zone.ts';

const NEAR_MS = 20;
const FAR_MS = 100;
const ROUNDS = 7;
const SLOW_ROUNDS = 3;
/** The last commit before connections of the relay test were made beside each other. */
const BEFORE = '48f18894';
const RESOLVER = '192.0.2.53';
const IP = '203.0.113.5';
const SLOW_IP = '198.51.100.7';

const TRIPS = 16;
const NEAR_TARGET_MS = 2000;
const FAR_TARGET_MS = 4000;
const SLOW_TARGET_MS = 60_000;
/** Seconds that the slow host holds each refusal back. */
const DELAYS = [1, 5] as const;

/**
 * Starts the servers, and measures the check and the other tools in turn.
 *
 * @param cli the path of the built command line.
 * @param root the root folder of the repository, with a slash at the end.
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @param directory a folder for temporary files.
 * @returns the rows of the comparison, with times in milliseconds.
 */
export async function fullCheckRows(cli: string, root: string, drivers: string, directory: string): Promise<Row[]> {
  const software = await layer('postfix', 'bind9');
  const before = join(directory, 'before');
  const git = (...words: string[]) => execFileSync('git', ['-C', root, 'worktree', ...words], { stdio: 'ignore' });
  git('add', '--detach', before, BEFORE);
  symlinkSync(join(root, 'node_modules'), join(before, 'node_modules'));
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: before, stdio: 'ignore' });
  const net = await createNet(
    { client: ['192.0.2.10'], far: ['192.0.2.11'], dns: [RESOLVER], mail: [IP], slow: [SLOW_IP] },
    { resolver: RESOLVER, delays: { client: NEAR_MS, far: FAR_MS } },
  );
  const zone: Readonly<Record<string, NameScript>> = scenes.healthy.world.dns.zone;
  const bind = machine(net.host('dns'), software, {
    '/etc/lab/named.conf':
      'options { directory "/tmp"; listen-on { any; }; listen-on-v6 { none; }; recursion yes; allow-recursion { any; }; dnssec-validation no; empty-zones-enable no; pid-file none; session-keyfile none; };\ncontrols {};\nzone "." { type primary; file "/etc/lab/root.zone"; };\n',
    '/etc/lab/root.zone': rootZone(zone),
  });
  const certificate = worldAuthority.issue({ names: ['mail.example.com'] });
  const { files, command } = postfix({ name: 'mail.example.com', domain: 'example.com', certificate });
  const mail = machine(net.host('mail'), software, files);
  try {
    bind.start(['named', '-f', '-c', '/etc/lab/named.conf']);
    mail.start(command);
    const client = net.host('client');
    await listens(client, RESOLVER, 53);
    await listens(client, IP, 25);
    const authority = join(directory, 'ca.pem');
    writeFileSync(authority, worldAuthority.certificate);
    const options = ['--selector', 's1', '--dns', RESOLVER, '--allow-private', '--vantage', 'outside'];
    const common = [...options, '--ca-file', authority, '--no-config', '-q'];
    const args = [cli, 'example.com', IP, ...common];
    const earlier = join(before, 'dist/cli.js');
    return [
      ...(await compare(client, args, root, earlier)),
      ...(await compareFar(net.host('far'), args, earlier)),
      ...(await slowRows(client, net.host('slow'), drivers, [cli, 'example.com', SLOW_IP, ...common])),
    ];
  } finally {
    git('remove', '--force', before);
    await net.close();
    bind.close();
    mail.close();
  }
}

/** Runs a command to its end. Gives the milliseconds that it took, and what it printed. */
async function timed(client: Host, command: readonly string[], codes: readonly number[] = [0]) {
  const started = performance.now();
  const { code, stdout, stderr } = await client.run(command);
  if (code === null || !codes.includes(code)) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
  return { ms: performance.now() - started, stdout };
}

/** Runs a check that must pass, and gives its report with the waterfall of its exchanges. */
async function reportOf(client: Host, program: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await client.run([process.execPath, ...program, '--timing', '-f', 'json']);
  const found: Report = JSON.parse(stdout || `{"verdict": ${JSON.stringify(stderr)}}`);
  if (found.verdict === 'pass') return found;
  const failing = found.rules?.filter(({ status }) => status !== 'pass' && status !== 'skipped');
  const messages = failing?.map(({ findings }) => findings.map(({ code, message }) => `${code} ${message}`));
  throw new Error(`the check says ${found.verdict}: ${JSON.stringify(messages)}`);
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

function againstTarget(what: string, own: number, target: number, show = ms): Row {
  return { what, own: show(own), other: show(target), against: 'target', ratio: own / target, atMost: 1 };
}

async function compare(client: Host, args: readonly string[], root: string, before: string): Promise<Row[]> {
  const runs = { own: [] as Report[], before: [] as Report[], whole: [] as number[], wholeBefore: [] as number[] };
  const others = { shell: [] as number[], lists: [] as number[], mailauth: [] as number[], spf: [] as number[] };
  const zones = defaultLists().filter(({ kind, families }) => kind !== 'domain' && families.includes(4));
  const mailauth = join(root, 'node_modules/mailauth/bin/mailauth.js');
  const lookups = zones.map(({ zone }) => `dig +short 5.113.0.203.${zone} A`).join('\n');
  const evaluate = [mailauth, 'spf', '-f', 'user@example.com', '-i', IP, '-e', 'mail.example.com'];
  // The first round fills caches and does not count.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const isSlowRound = round <= SLOW_ROUNDS;
    const earlier = [before, ...args.slice(1)];
    const found = {
      own: await reportOf(client, args),
      whole: (await timed(client, [process.execPath, ...args, '-f', 'json'])).ms,
      // These commands take ten seconds and more, so they run in fewer rounds.
      before: isSlowRound ? await reportOf(client, earlier) : null,
      wholeBefore: isSlowRound ? (await timed(client, [process.execPath, ...earlier, '-f', 'json'])).ms : null,
      shell: isSlowRound ? (await timed(client, ['sh', '-c', BY_HAND])).ms : null,
      lists: (await timed(client, ['sh', '-c', lookups])).ms,
      mailauth: (await timed(client, [process.execPath, ...evaluate])).ms,
      spf: (await timed(client, [process.execPath, args[0] ?? '', 'spf', IP, 'user@example.com', '--dns', RESOLVER]))
        .ms,
    };
    if (round === 0) continue;
    runs.own.push(found.own);
    runs.whole.push(found.whole);
    if (found.before !== null) runs.before.push(found.before);
    if (found.wholeBefore !== null) runs.wholeBefore.push(found.wholeBefore);
    if (found.shell !== null) others.shell.push(found.shell);
    others.lists.push(found.lists);
    others.mailauth.push(found.mailauth);
    others.spf.push(found.spf);
  }
  const roundTrip = await roundTripTo(client, IP);
  const took = median(runs.own.map(({ timing }) => timing.durationMs));
  const trips = tripsOf(runs.own);
  const tripsBefore = tripsOf(runs.before);
  const floor = trips * roundTrip;
  const whole = median(runs.whole);
  const wholeBefore = median(runs.wholeBefore);
  return [
    againstTarget('check, 20 ms away: round trips of its longest chain', trips, TRIPS, String),
    {
      what: 'the same',
      own: String(trips),
      other: String(tripsBefore),
      against: BEFORE,
      ratio: trips / tripsBefore,
    },
    {
      what: 'check, 20 ms away: its own time',
      own: ms(took),
      other: ms(floor),
      against: `its longest chain (${trips} × ${roundTrip.toFixed(1)} ms)`,
      ratio: took / floor,
    },
    againstTarget('check, 20 ms away: the whole process', whole, NEAR_TARGET_MS),
    { what: 'the same', own: ms(whole), other: ms(wholeBefore), against: BEFORE, ratio: whole / wholeBefore },
    {
      what: 'the same',
      own: ms(whole),
      other: ms(median(others.shell)),
      against: 'dig, swaks, openssl, nmap one by one',
      ratio: whole / median(others.shell),
    },
    {
      what: 'the same',
      own: ms(whole),
      other: ms(median(others.lists)),
      against: `a loop of dig over ${zones.length} lists alone`,
      ratio: whole / median(others.lists),
    },
    {
      what: 'mailcheck spf, 20 ms away, the whole process',
      own: ms(median(others.spf)),
      other: ms(median(others.mailauth)),
      against: 'mailauth spf',
      ratio: median(others.spf) / median(others.mailauth),
    },
  ];
}

function tripsOf(reports: readonly Report[]): number {
  return median(reports.map(({ timing }) => timing.waterfall?.chain.roundTrips ?? Number.NaN));
}

/** Measures the whole process from a machine that is far away. */
async function compareFar(far: Host, args: readonly string[], before: string): Promise<Row[]> {
  const times = { own: [] as number[], before: [] as number[] };
  for (let round = 0; round < SLOW_ROUNDS; round += 1) {
    times.own.push((await timed(far, [process.execPath, ...args, '-f', 'json'])).ms);
    times.before.push((await timed(far, [process.execPath, before, ...args.slice(1), '-f', 'json'])).ms);
  }
  const [own, other] = [median(times.own), median(times.before)];
  return [
    againstTarget('check, 100 ms away: the whole process', own, FAR_TARGET_MS),
    { what: 'the same', own: ms(own), other: ms(other), against: BEFORE, ratio: own / other },
  ];
}

/** Measures the whole check of a host that delays each refusal. It ends before the time limit of the run cuts it off. */
async function slowRows(client: Host, slow: Host, drivers: string, args: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const seconds of DELAYS) {
    const server = slow.start([process.execPath, `${drivers}slow-driver.mjs`, SLOW_IP, String(seconds)]);
    try {
      await listens(client, SLOW_IP, 25);
      const { ms: own, stdout } = await timed(client, [process.execPath, ...args, '-f', 'json'], [1, 3]);
      const { timing }: Report = JSON.parse(stdout);
      if (timing.deadlineReached) throw new Error('the time limit cut the check off');
      rows.push(againstTarget(`check, each refusal delayed by ${seconds} s`, own, SLOW_TARGET_MS));
    } finally {
      server.kill('SIGKILL');
    }
  }
  return rows;
}

/**
 * Measures a real round trip to the mail host, by the time of a TCP connection. The wire adds a little to its delay.
 *
 * @returns the median in milliseconds.
 */
export async function roundTripTo(client: Host, ip: string): Promise<number> {
  const script = `
const { connect } = require('node:net');
const times = [];
const next = () => {
  const started = performance.now();
  const socket = connect(25, '${ip}', () => {
    times.push(performance.now() - started);
    socket.destroy();
    if (times.length < 41) setTimeout(next, 20);
    else process.stdout.write(JSON.stringify(times.slice(10)));
  });
};
next();`;
  const { stdout } = await client.run([process.execPath, '-e', script]);
  const times: number[] = JSON.parse(stdout);
  return median(times);
}

/** The commands that a postmaster would type to learn a part of the same. */
const BY_HAND = `
dig +short example.com MX; dig +short example.com TXT; dig +short _dmarc.example.com TXT
dig +short s1._domainkey.example.com TXT; dig +short -x 203.0.113.5; dig +short mail.example.com A
swaks --silent 3 --server 203.0.113.5 --to postmaster@example.com --from user@example.net --quit-after RCPT
swaks --silent 3 --server 203.0.113.5 --to user@example.org --from user@example.net --quit-after RCPT
openssl s_client -starttls smtp -connect 203.0.113.5:25 </dev/null >/dev/null 2>&1
nmap -Pn -n -p25 --script smtp-open-relay 203.0.113.5
exit 0`;

async function listens(client: Host, address: string, port: number): Promise<void> {
  const script = `require('node:net').connect(${port}, '${address}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { code } = await client.run([process.execPath, '-e', script]);
    if (code === 0) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on ${address} port ${port}`);
  }
}
