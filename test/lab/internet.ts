/**
 * A small internet with everything that a mail host is judged by: a signed DNS tree from the root down on BIND, unbound
 * as resolver, block lists on rbldnsd, and mail servers. mailcheck runs on the host `prober` in it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { createAuthority, selfSigned } from '../world/certificates.ts';
import { CLI } from '../world/world.ts';
import { layersOf, type Machine, machine } from './layers.ts';
import { type Datasets, emptyDefaultLists, LISTS, writeRbl } from './lists-servers.ts';
import { exim, postfix, type SetUp } from './mail-software.ts';
import { createNet, type Finished, type Host, listens, type Net, type RunSettings, whyNoNet } from './netns.ts';
import { type Tree, unboundConfiguration, writeTree } from './tree-servers.ts';
import { HOST, HOST6, LISTED, type MailHostId, mailHosts, nameServers, zones } from './tree-zones.ts';

export const RESOLVER = '192.0.2.53';
export const RESOLVER6 = '2001:db8:53::53';
/** The same resolver, but its answers over UDP, or all of TCP, are lost on the way. */
export const NO_UDP = '192.0.2.61';
export const NO_TCP = '192.0.2.62';
/** Addresses for resolvers that a test starts itself. */
export const SPARE = ['192.0.2.63', '192.0.2.64', '192.0.2.65', '192.0.2.66'] as const;

export interface Judged {
  readonly code: number | null;
  readonly report: Report;
  /** Status and codes of every rule that ran: `fail ptr/missing`. */
  readonly rules: Readonly<Record<string, string>>;
}

export interface Internet {
  readonly net: Net;
  readonly prober: Host;
  readonly tree: Tree;
  readonly directory: string;
  /** Where the options of every run of this lab are in. */
  mailcheck(args: readonly string[], from?: Host, settings?: RunSettings): Promise<Judged>;
  /** As it is, with the arguments given and nothing read from it. */
  run(args: readonly string[], from?: Host): Promise<Finished>;
  /** A resolver or relay of a test's own; `stop` kills it (SIGKILL). */
  startResolver(command: (configuration: string) => readonly string[], options: SpareResolver): Promise<Stoppable>;
  close(): Promise<void>;
}

export interface SpareResolver {
  readonly address: string;
  readonly unbound?: string;
  readonly onOutput?: (line: string) => void;
}

export interface Stoppable {
  stop(): Promise<void>;
}

export const RELAY = fileURLToPath(new URL('./relay.mjs', import.meta.url));

const lists: Datasets = {
  ...emptyDefaultLists(),
  'zen.spamhaus.org': {
    ip4set: [
      ':127.0.0.2:https://check.spamhaus.org/query/ip/$',
      '127.0.0.2',
      `${LISTED.spamhaus4} :127.0.0.3:CSS $`,
      `${LISTED.policy4} :127.0.0.11:PBL $`,
    ],
    ip6trie: [':127.0.0.3:CSS $', '0:0:0:0:0:ffff:7f00:2 :127.0.0.2:$', '2001:db8:113:1::/64'],
  },
  'refusing.example.org': { ip4set: [':127.255.255.254:Error: open resolver', '0.0.0.0/1', '128.0.0.0/1'] },
  'empty.example.org': LISTS['empty.example'] ?? {},
};

const authority = createAuthority('Lab Root');
const DAY_MS = 86_400_000;

function mailSetUp(id: MailHostId | 'good'): SetUp | undefined {
  const domain = id === 'good' ? 'example.com' : `${id}.example.net`;
  const name = `mail.${domain}`;
  const plan = { name, domain, certificate: authority.issue({ names: [name] }) };
  switch (id) {
    case 'relay':
      return exim(plan, { rcpt: 'accept' });
    case 'slow':
      return exim(plan, { bannerDelay: 4 });
    case 'cleartext':
      return postfix(plan, { smtpd_tls_security_level: 'none' });
    case 'selfsigned':
      return postfix({ ...plan, certificate: selfSigned({ names: [name] }) });
    case 'expired': {
      const past = { notBefore: Date.now() - 90 * DAY_MS, notAfter: Date.now() - DAY_MS };
      return postfix({ ...plan, certificate: authority.issue({ names: [name], ...past }) });
    }
    case 'v4only':
      return postfix(plan, { inet_protocols: 'ipv4' });
    case 'closed':
    case 'blocked':
      return undefined;
    default:
      return postfix(plan);
  }
}

/** @param ids the mail hosts that are started beside the good one. */
export async function startInternet(ids: readonly MailHostId[]): Promise<Internet> {
  const why = whyNoNet();
  if (why !== null) throw new Error(why);
  for (const program of ['named', 'rbldnsd', 'dnssec-signzone', 'dig']) execFileSync('which', [program]);
  const layers = await layersOf({ unbound: 'unbound', postfix: 'postfix', exim: 'exim4-daemon-light' });
  const directory = mkdtempSync(join(tmpdir(), 'mailcheck-internet-'));
  // rbldnsd gives its rights up, and reads its data after that.
  chmodSync(directory, 0o755);
  const machines: Machine[] = [];
  let net: Net | undefined;
  const close = async (): Promise<void> => {
    await net?.close();
    for (const made of machines) made.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const tree = await writeTree(directory, zones);
    writeFileSync(join(directory, 'ca.pem'), authority.certificate);
    const { silent: _silent, second: _second, ...servers } = nameServers;
    const made = await createNet(
      {
        prober: ['198.51.100.10', '2001:db8:1::10'],
        far: ['198.51.100.20'],
        resolver: [RESOLVER, RESOLVER6, NO_UDP, NO_TCP],
        spare: SPARE,
        ...servers,
        good: [HOST, HOST6],
        ...Object.fromEntries(ids.map((id) => [id, mailHosts[id]])),
      },
      { resolver: RESOLVER },
    );
    net = made;
    const prober = made.host('prober');
    for (const [server, configuration] of tree.named) {
      made.host(server).start(['named', '-f', '-n', '1', '-c', configuration]);
    }
    const rbl = ['rbldnsd', '-n', '-u', 'nobody', '-w', directory, '-b', `${nameServers.lists[0]}/53`];
    made.host('lists').start([...rbl, ...writeRbl(directory, lists, 'lists.ns.lab.example')]);
    for (const id of ['good', ...ids] as const) {
      const setUp = mailSetUp(id);
      if (setUp === undefined) continue;
      const software = id === 'relay' || id === 'slow' ? layers.exim : layers.postfix;
      start(machine(made.host(id), software, setUp.files), setUp.command);
    }
    loseAnswers(made.host('resolver'));
    // A resolver that finds its servers dead does not ask them again for a while.
    await Promise.all([...tree.named.keys()].map((server) => loads(prober, server)));
    const main = unboundConfiguration(tree, { addresses: [RESOLVER, RESOLVER6, NO_UDP, NO_TCP] });
    start(machine(made.host('resolver'), layers.unbound, { '/etc/lab/unbound.conf': main }), UNBOUND);
    await resolves(prober, RESOLVER);
    await resolves(prober, RESOLVER, '2.0.0.127.zen.spamhaus.org', '127.0.0.2');
    const listening = ['good', ...ids] as const;
    await Promise.all(
      listening.map((id) => {
        const ip = id === 'good' ? HOST : mailHosts[id][0];
        return mailSetUp(id) === undefined ? undefined : listens(prober, ip, 25);
      }),
    );
    return {
      net: made,
      prober,
      tree,
      directory,
      run: (args, from = prober) => from.run([process.execPath, CLI, ...args]),
      async mailcheck(args, from = prober, settings = {}) {
        const { code, stdout, stderr } = await from.run(
          [process.execPath, CLI, ...args, ...commonOptions(args, directory)],
          settings,
        );
        if (stderr !== '') throw new Error(stderr);
        const report = reportSchema.parse(JSON.parse(stdout));
        return { code, report, rules: summary(report) };
      },
      async startResolver(command, { address, unbound = '', onOutput }) {
        const own = machine(made.host('spare'), layers.unbound, { '/etc/lab/unbound.conf': unbound });
        machines.push(own);
        const child = own.start(command('/etc/lab/unbound.conf'), {
          stdio: ['ignore', 'pipe', process.env.LAB_LOG ? 'inherit' : 'ignore'],
        });
        child.stdout?.on('data', (bytes) => onOutput?.(String(bytes)));
        const stop = async (): Promise<void> => {
          const ended = new Promise((resolve) => child.once('exit', resolve));
          if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
          own.close();
        };
        try {
          await listens(prober, address, 53);
          return { stop };
        } catch (error) {
          await stop();
          throw error;
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  function start(own: Machine, command: readonly string[]): void {
    machines.push(own);
    own.start(command, { stdio: process.env.LAB_LOG ? 'inherit' : 'ignore' });
  }
}

const UNBOUND = ['unbound', '-d', '-c', '/etc/lab/unbound.conf'];

/** Options that a test may give otherwise: the first word of each decides. */
function commonOptions(args: readonly string[], directory: string): string[] {
  const options = [
    ['--dns', RESOLVER],
    ['--vantage', 'outside'],
    ['--allow-private'],
    ['--ca-file', join(directory, 'ca.pem')],
    // The root of the lab has a key of its own.
    ['--trust-anchor', join(directory, 'root.key')],
    ['--probe-pause', '0'],
    ['-q'],
    ['-f', 'json'],
  ];
  const given = (name = ''): boolean => args.includes(name) || args.includes(`--no-${name.slice(2)}`);
  return options.filter(([name]) => !given(name)).flat();
}

/** @returns status and codes of every rule that ran. */
function summary(report: Report): Record<string, string> {
  return Object.fromEntries(
    report.rules
      .filter(({ status }) => status !== 'skipped')
      .map(({ id, status, findings }) => [id, [status, ...findings.map(({ code }) => code)].join(' ')]),
  );
}

/** Sends what comes from port 53 of these addresses to a link address that nobody has. */
function loseAnswers(host: Host): void {
  sinkhole(host);
  host.ip('rule', 'add', 'from', NO_UDP, 'ipproto', 'udp', 'sport', '53', 'lookup', SINK);
  host.ip('rule', 'add', 'from', NO_TCP, 'ipproto', 'tcp', 'sport', '53', 'lookup', SINK);
  // The name server that never says anything.
  host.ip('neigh', 'replace', nameServers.silent[0], 'lladdr', NOBODY, 'dev', 'eth0');
}

const NOBODY = '02:00:00:00:02:00';
/** The routing table that `sinkhole` makes. */
export const SINK = '99';

/** Makes a routing table in which every packet vanishes, by IPv4 and IPv6. */
export function sinkhole(host: Host): void {
  for (const [family, gateway] of [
    ['-4', '192.0.2.254'],
    ['-6', '2001:db8:53::254'],
  ] as const) {
    host.ip(family, 'neigh', 'replace', gateway, 'lladdr', NOBODY, 'dev', 'eth0');
    host.ip(family, 'route', 'add', 'default', 'via', gateway, 'dev', 'eth0', 'onlink', 'table', SINK);
  }
}

/** Waits until a name server has read its zones. */
async function loads(from: Host, server: keyof typeof nameServers): Promise<void> {
  const [address] = nameServers[server];
  const expected = server === 'lame' ? 'status: REFUSED' : 'flags: qr aa';
  const zone = { root: '.', tld: 'ip6.arpa', auth: 'example.com', holder: '100.51.198.in-addr.arpa' }[String(server)];
  await untilItSays(
    from,
    ['dig', '+norec', '+tries=1', '+time=1', `@${address}`, zone ?? 'example.com', 'SOA'],
    expected,
  );
}

async function resolves(from: Host, resolver: string, name = 'mail.example.com', address = HOST): Promise<void> {
  await untilItSays(from, ['dig', '+short', '+tries=1', '+time=2', `@${resolver}`, name, 'A'], address);
}

/** @throws Error when it does not within 30 s. */
export async function untilItSays(from: Host, command: readonly string[], expected: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { stdout } = await from.run(command);
    if (stdout.includes(expected)) return;
    if (Date.now() > deadline) throw new Error(`${command.join(' ')}: not ${expected}, but ${stdout}`);
  }
}
