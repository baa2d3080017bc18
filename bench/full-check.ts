/**
 * Measures one whole check over a wire with 20 ms of delay. It compares the check with the longest chain of round trips
 * in it, and with the other tools that a postmaster would run one after the other. The servers are real (BIND, Postfix)
 * and run in network namespaces.
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

const ROUND_TRIP_MS = 20;
const ROUNDS = 7;
const SLOW_ROUNDS = 3;
/** The last commit before the rules dnssec, dane, mta-sts, tls-rpt and bimi. */
const BEFORE = 'c8c15690';
const RESOLVER = '192.0.2.53';
const IP = '203.0.113.5';

/**
 * Starts the servers, and measures the check and the other tools in turn.
 *
 * @param cli the path of the built command line.
 * @param root the root folder of the repository, with a slash at the end.
 * @param directory a folder for temporary files.
 * @returns the rows of the comparison, with times in milliseconds.
 */
export async function fullCheckRows(cli: string, root: string, directory: string): Promise<Row[]> {
  const software = await layer('postfix', 'bind9');
  const before = join(directory, 'before');
  const git = (...words: string[]) => execFileSync('git', ['-C', root, 'worktree', ...words], { stdio: 'ignore' });
  git('add', '--detach', before, BEFORE);
  symlinkSync(join(root, 'node_modules'), join(before, 'node_modules'));
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: before, stdio: 'ignore' });
  const net = await createNet(
    { client: ['192.0.2.10'], dns: [RESOLVER], mail: [IP] },
    { resolver: RESOLVER, delays: { client: ROUND_TRIP_MS } },
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
    const check = ['example.com', IP, '--selector', 's1', '--dns', RESOLVER, '--allow-private', '--vantage', 'outside'];
    const args = [cli, ...check, '--ca-file', authority, '--no-config', '-q'];
    return await compare(client, args, root, join(before, 'dist/cli.js'));
  } finally {
    git('remove', '--force', before);
    await net.close();
    bind.close();
    mail.close();
  }
}

async function compare(client: Host, args: readonly string[], root: string, before: string): Promise<Row[]> {
  const runs = { own: [] as Report[], before: [] as Report[], whole: [] as number[] };
  const others = { shell: [] as number[], lists: [] as number[], mailauth: [] as number[], spf: [] as number[] };
  const timed = async (command: readonly string[], codes: readonly number[] = [0]): Promise<number> => {
    const started = performance.now();
    const { code, stderr } = await client.run(command);
    if (code === null || !codes.includes(code)) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
    return performance.now() - started;
  };
  const report = async (program: readonly string[], ...more: string[]): Promise<Report> => {
    const { stdout, stderr } = await client.run([process.execPath, ...program, '--timing', '-f', 'json', ...more]);
    const found: Report = JSON.parse(stdout || `{"verdict": ${JSON.stringify(stderr)}}`);
    if (found.verdict !== 'pass') {
      const failing = found.rules?.filter(({ status }) => status !== 'pass' && status !== 'skipped');
      throw new Error(
        `the check says ${found.verdict}: ${JSON.stringify(failing?.map(({ findings }) => findings.map(({ code, message }) => `${code} ${message}`)))}`,
      );
    }
    return found;
  };
  const zones = defaultLists().filter(({ kind, families }) => kind !== 'domain' && families.includes(4));
  const mailauth = join(root, 'node_modules/mailauth/bin/mailauth.js');
  // The first round fills caches and does not count.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const found = {
      own: await report(args, '--probe-pause', '0'),
      before: await report([before, ...args.slice(1)], '--probe-pause', '0'),
      whole: await timed([process.execPath, ...args, '--probe-pause', '0', '-f', 'json']),
      // These commands take half a minute, so they run in fewer rounds.
      ...(round <= SLOW_ROUNDS ? { shell: await timed(['sh', '-c', BY_HAND]) } : {}),
      lists: await timed(['sh', '-c', zones.map(({ zone }) => `dig +short 5.113.0.203.${zone} A`).join('\n')]),
      mailauth: await timed([
        process.execPath,
        mailauth,
        'spf',
        '-f',
        'user@example.com',
        '-i',
        IP,
        '-e',
        'mail.example.com',
      ]),
      spf: await timed([process.execPath, args[0] ?? '', 'spf', IP, 'user@example.com', '--dns', RESOLVER]),
    };
    if (round === 0) continue;
    runs.own.push(found.own);
    runs.before.push(found.before);
    runs.whole.push(found.whole);
    if (found.shell !== undefined) others.shell.push(found.shell);
    others.lists.push(found.lists);
    others.mailauth.push(found.mailauth);
    others.spf.push(found.spf);
  }
  const patient = await report(args);
  const roundTrip = await roundTripTo(client, IP);
  const took = median(runs.own.map(({ timing }) => timing.durationMs));
  const tookBefore = median(runs.before.map(({ timing }) => timing.durationMs));
  const tripsOf = (reports: readonly Report[]): number =>
    median(reports.map(({ timing }) => timing.waterfall?.chain.roundTrips ?? Number.NaN));
  const trips = tripsOf(runs.own);
  const tripsBefore = tripsOf(runs.before);
  const floor = trips * roundTrip;
  const patientFloor =
    (patient.timing.waterfall?.chain.roundTrips ?? Number.NaN) * roundTrip +
    (patient.timing.waterfall?.chain.pausesMs ?? Number.NaN);
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const whole = median(runs.whole);
  return [
    {
      what: 'check, 20 ms away, no pauses: its own time',
      own: ms(took),
      other: ms(floor),
      against: `its longest chain (${trips} × ${roundTrip.toFixed(1)} ms)`,
      ratio: took / floor,
      atMost: 1.15,
    },
    {
      what: 'check, 20 ms away, polite pauses: its own time',
      own: ms(patient.timing.durationMs),
      other: ms(patientFloor),
      against: 'its longest chain and the pauses in it',
      ratio: patient.timing.durationMs / patientFloor,
      atMost: 1.15,
    },
    {
      what: 'check, 20 ms away, no pauses: its own time',
      own: ms(took),
      other: ms(tookBefore),
      against: `without the rules for transport (${BEFORE})`,
      ratio: took / tookBefore,
    },
    {
      what: 'the same: round trips of its longest chain',
      own: String(trips),
      other: String(tripsBefore),
      against: 'the same',
      ratio: trips / tripsBefore,
    },
    {
      what: 'check, 20 ms away, no pauses: the whole process',
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
