/** Name servers on loopback, each at an address of documentation, and a resolver that knows where they are. */
import type { Settings } from '../../src/check/settings.ts';
import { type DnsScript, type DnsWorld, type NameScript, startDns } from './dns.ts';
import { started } from './running.ts';
import { NOBODY_LISTENS } from './world.ts';

/** What a name server has, or `no-route` if this machine cannot connect to its address. */
export type NameServerScript = DnsScript | 'no-route';

export interface NameServers {
  readonly connectTo: NonNullable<Settings['connectTo']>;
  /** Address → the server there. */
  readonly at: ReadonlyMap<string, DnsWorld>;
  close(): Promise<void>;
}

/** An address that no packet is sent to, because no machine has a route to it. */
const NOWHERE = '255.255.255.255';

/** Starts a server for each address. Nothing listens at any other address. */
export async function startNameServers(servers: Readonly<Record<string, NameServerScript>>): Promise<NameServers> {
  const at = new Map<string, DnsWorld>();
  const connectTo = new Map(NOBODY_LISTENS);
  for (const [address, script] of Object.entries(servers)) {
    const world = script === 'no-route' ? undefined : await startDns({ isAuthoritative: true, ...script });
    if (world !== undefined) at.set(address, world);
    const from = address.includes(':') ? `[${address}]:53` : `${address}:53`;
    connectTo.set(from, world ? { host: '127.0.0.1', port: world.port } : { host: NOWHERE, port: 53 });
  }
  return {
    connectTo,
    at,
    close: started(async () => {
      await Promise.all([...at.values()].map((world) => world.close()));
    }),
  };
}

/** The addresses of the name servers in these worlds. */
export const PARENT = '192.0.2.1';
export const FIRST = '192.0.2.53';
export const SECOND = '198.51.100.53';

/** Where the name servers of example.com and of the reverse zone of 203.0.113.0/24 are, as every resolver knows. */
export const SIGNPOSTS: Readonly<Record<string, NameScript>> = {
  arpa: { NS: ['ns.parent.example'] },
  com: { NS: ['ns.parent.example'] },
  '0.203.in-addr.arpa': { NS: ['ns.parent.example'] },
  'example.com': { NS: ['ns1.example.com', 'ns2.example.com'] },
  '113.0.203.in-addr.arpa': { NS: ['ns1.example.com', 'ns2.example.com'] },
  'ns.parent.example': { A: [PARENT] },
  'ns1.example.com': { A: [FIRST] },
  'ns2.example.com': { A: [SECOND] },
};

const DELEGATED = ['ns1.example.com', 'ns2.example.com'];

/** The server of the zones above. */
export const parent: DnsScript = {
  zone: { com: { SOA: ['ns.parent.example hostmaster.parent.example 1'] } },
  delegations: { 'example.com': DELEGATED, '113.0.203.in-addr.arpa': DELEGATED },
};

/** What a server of both zones has beside these records. */
export function child(zone: DnsScript['zone'], { serial = 7 }: { readonly serial?: number } = {}): DnsScript {
  const start = {
    SOA: { records: [`ns1.example.com hostmaster.example.com ${serial} 3600`], ttl: 7200 },
    NS: DELEGATED,
  };
  return {
    apexes: ['example.com', '113.0.203.in-addr.arpa'],
    zone: {
      ...zone,
      'example.com': { ...start, ...(typeof zone['example.com'] === 'object' ? zone['example.com'] : {}) },
      '113.0.203.in-addr.arpa': start,
    },
  };
}
