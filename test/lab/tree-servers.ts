/** BIND's and unbound's files for the lab's internet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey, signZone, type ZoneKey } from './dnssec.ts';
import { type NameServer, nameServers, parentOf, type Zone } from './tree-zones.ts';

export interface Tree {
  /** Configuration of each server that is a BIND. */
  readonly named: ReadonlyMap<NameServer, string>;
  /** What a validating resolver of this internet starts from. */
  readonly rootHints: string;
  readonly trustAnchor: string;
}

const BIND_SERVERS = ['root', 'tld', 'auth', 'second', 'holder', 'lame'] as const satisfies readonly NameServer[];
const SOA = '@ SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60';

const fqdn = (name: string): string => (name === '.' ? '.' : `${name}.`);
const nameOf = (server: NameServer): string => `${server}.ns.lab.example.`;
const isOurs = ({ servers }: Zone): boolean => servers.some((server) => BIND_SERVERS.some((bind) => bind === server));

/** Writes every zone, signs it, and links it into its parent. */
export async function writeTree(directory: string, zones: readonly Zone[]): Promise<Tree> {
  const keys = new Map<Zone, ZoneKey>();
  await Promise.all(
    zones.filter(({ dnssec }) => dnssec).map(async (zone) => keys.set(zone, await makeKey(zone, directory))),
  );
  const fileOf = (zone: Zone, server?: NameServer): string =>
    join(directory, server && zone.copies?.[server] ? `zone-${zone.name}-${server}` : `zone-${zone.name}`);
  const owned = zones.filter(isOurs);
  await Promise.all(
    owned.map(async (zone) => {
      const delegations = delegationsIn(zone, zones, keys);
      const write = (lines: readonly string[], server?: NameServer): void =>
        writeFileSync(fileOf(zone, server), zoneText(zone, [...lines, ...delegations]));
      write(zone.lines ?? []);
      for (const [server, lines] of Object.entries(zone.copies ?? {})) write(lines, server as NameServer);
      if (zone.fault === 'unreadable') writeFileSync(fileOf(zone), 'this is no zone file\n');
      const key = keys.get(zone);
      if (key) await signZone(zone, fileOf(zone), key);
    }),
  );
  const named = new Map(
    BIND_SERVERS.filter((server) => zones.some(({ servers }) => servers.includes(server))).map((server) => {
      const work = join(directory, server);
      mkdirSync(work);
      const held = owned.filter(({ servers }) => servers.includes(server) && server !== 'lame');
      const path = join(work, 'named.conf');
      writeFileSync(
        path,
        namedConfiguration(work, held, (zone) => fileOf(zone, server)),
      );
      return [server, path] as const;
    }),
  );
  const rootHints = join(directory, 'root.hints');
  writeFileSync(rootHints, `. 3600 NS ${nameOf('root')}\n${nameOf('root')} 3600 A ${nameServers.root[0]}\n`);
  const trustAnchor = join(directory, 'root.key');
  const root = zones.find(({ name }) => name === '.');
  writeFileSync(trustAnchor, (root && keys.get(root)?.record) ?? '');
  return { named, rootHints, trustAnchor };
}

function delegationsIn(zone: Zone, zones: readonly Zone[], keys: ReadonlyMap<Zone, ZoneKey>): readonly string[] {
  const children = zones.filter((candidate) => parentOf(candidate, zones) === zone);
  return children.flatMap((child) => [
    ...child.servers.map((server) => `${fqdn(child.name)} NS ${nameOf(server)}`),
    ...(keys.get(child)?.ds ?? []),
  ]);
}

function zoneText(zone: Zone, records: readonly string[]): string {
  const lines = [
    `$ORIGIN ${fqdn(zone.name)}`,
    '$TTL 60',
    SOA,
    ...zone.servers.map((server) => `@ NS ${nameOf(server)}`),
    ...records,
  ];
  return `${lines.join('\n')}\n`;
}

function namedConfiguration(work: string, held: readonly Zone[], fileOf: (zone: Zone) => string): string {
  const lines = [
    `options { directory "${work}"; pid-file none; session-keyfile none; lock-file none;`,
    'listen-on { any; }; listen-on-v6 { any; }; recursion no; allow-query { any; }; dnssec-validation no;',
    'max-udp-size 1232; edns-udp-size 1232; };',
    'controls { };',
    ...held.map((zone) => {
      const access = zone.fault === 'refused' ? 'allow-query { none; };' : '';
      const updates = zone.isUpdatable ? 'allow-update { any; };' : '';
      return `zone "${zone.name}" { type primary; file "${fileOf(zone)}"; ${access}${updates} };`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** Reverse zones that unbound answers itself, unless told that they are real (its manual, "local-zone"). */
const DOCUMENTATION = [
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '8.b.d.0.1.0.0.2.ip6.arpa',
];

export interface ResolverOptions {
  readonly addresses: readonly string[];
  readonly port?: number;
  /** More lines of the section "server". */
  readonly server?: readonly string[];
  /** Sections of their own. */
  readonly sections?: readonly string[];
}

/** @returns the text of unbound.conf: a resolver that validates from the lab's own trust anchor. */
export function unboundConfiguration(tree: Tree, options: ResolverOptions): string {
  const port = options.port ?? 53;
  const server = [
    'directory: "/tmp"',
    'chroot: ""',
    'username: ""',
    'pidfile: ""',
    'do-daemonize: no',
    'use-syslog: no',
    'num-threads: 1',
    ...options.addresses.map((address) => `interface: ${address}@${port}`),
    'access-control: 0.0.0.0/0 allow',
    'access-control: ::/0 allow',
    `root-hints: "${tree.rootHints}"`,
    `trust-anchor-file: "${tree.trustAnchor}"`,
    'ede: yes',
    ...DOCUMENTATION.map((zone) => `local-zone: "${zone}." nodefault`),
    ...(options.server ?? []),
  ];
  return `server:\n${server.map((line) => `  ${line}\n`).join('')}${(options.sections ?? []).join('\n')}\nremote-control:\n  control-enable: no\n`;
}
