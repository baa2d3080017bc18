/**
 * Finds the name servers of a zone and asks each whether it has the zone. The parent tells which servers the zone is
 * delegated to (RFC 1034 §4.2.1), and the zone itself which it has. The two sets differ where one of them is old.
 *
 * A server that cannot be seen from here is not known to be lame: this machine may lack IPv6, the network may keep
 * port 53 for itself, or the gate lets nothing through to a special address.
 */
import type { DnsAnswer } from '../../../network/dns/answer.ts';
import { isFailure, recordsOf } from '../../../network/dns/answer.ts';
import type { DnsClient, NameServerClient } from '../../../network/dns/client.ts';
import { hostAddresses } from '../../../network/dns/host-addresses.ts';
import { isWithoutZone, MAX_ADDRESSES, MAX_NAMES, serversAt } from '../../../network/dns/name-servers.ts';
import { type DnsServer, serverLabel } from '../../../network/dns/servers.ts';
import { canonicalName } from '../../../network/domain.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { fact, type Needs } from '../fact.ts';
import { unwatched } from '../gaps.ts';
import { enclosingZone, parentOf } from './zone.ts';

/** How a server stands to a zone. */
export type Standing =
  /** It has the zone: it answers with authority. */
  | 'has-zone'
  /** It answers, but without authority. */
  | 'without-zone'
  | 'refuses'
  | 'fails'
  | 'silent'
  /** It answers some questions only, as one that limits how often it is asked, or not as a name server does. */
  | 'unsteady'
  /** It cannot be reached from here. */
  | 'unseen';

/** One address of a name server of a zone. */
export interface ZoneServer {
  /** The name of the server. */
  readonly name: string;
  readonly address: IpAddress;
  /** Whether the parent delegates the zone to it. `null` if the delegation could not be seen. */
  readonly isDelegated: boolean | null;
  readonly standing: Standing;
  /** What it said when it was asked for the zone. */
  readonly detail: string;
  /** The serial number of the zone that it has. */
  readonly serial: number | null;
  /** Seconds for which resolvers may keep what it denies (RFC 2308 §5). */
  readonly negativeTtl: number | null;
  /** Seconds after which it asks for changes of the zone at the latest, if it is a secondary (RFC 1035 §3.3.13). */
  readonly refresh: number | null;
  readonly client: NameServerClient;
}

/** The name servers of one zone. */
export interface Authority {
  readonly zone: string;
  readonly servers: readonly ZoneServer[];
  /** Whether every lookup that leads to the servers was answered, and each of them told whether it has the zone. */
  readonly isWhole: boolean;
}

/** The most addresses of the parent's servers that may be asked for the delegation, and those of a top-level domain. */
const MAX_OF_PARENT = 3;

/** Milliseconds. Nobody waits long for one of several servers. */
const WAITS = { tryTimeoutMs: 1400, retryAfterMs: 450 };

/** Finds the name servers of a zone. `null` where none of them has it, as far as that can be seen from here. */
export const authority = fact(
  async ({ dns: watched }: Needs<'dns'>, zone: string, known: string): Promise<Authority | null> => {
    // What is not seen of the name servers is a state of its own.
    const dns = unwatched(watched);
    const delegated = await delegationOf(dns, zone);
    const names = [...new Set([...(delegated ?? []), ...namesIn(known)])];
    const first = await serversOf(dns, { zone, names: names.slice(0, MAX_NAMES), delegated, except: [] });
    const own = first.asked.flatMap((one) => one.own).filter((name) => !names.includes(name));
    const second = await serversOf(dns, {
      zone,
      names: [...new Set(own)].sort().slice(0, MAX_NAMES),
      delegated,
      except: first.asked.map(({ server }) => server.address),
    });
    const servers = [...first.asked, ...second.asked].map(({ server }) => server);
    if (!servers.some(({ standing }) => standing === 'has-zone')) return null;
    const isSteady = servers.every(({ standing }) => standing !== 'unsteady');
    return { zone, servers, isWhole: delegated !== null && isSteady && !first.isPartial && !second.isPartial };
  },
);

/** @returns names in one text, for the key of a fact. */
export const keyOfNames = (names: readonly string[]): string => names.join(' ');

const namesIn = (key: string): string[] => key.split(' ').filter((name) => name !== '');

/** @returns the names that the parent refers to for a zone, sorted. `null` if that cannot be seen. */
async function delegationOf(dns: DnsClient, zone: string): Promise<readonly string[] | null> {
  const above = parentOf(zone);
  if (above === '') return null;
  const parent = await enclosingZone(dns, above);
  if (parent === null) return null;
  const { addresses } = await hostAddresses(parent.nameServers.slice(0, 2), dns);
  const servers = serversAt(addresses).slice(0, MAX_OF_PARENT);
  if (servers.length === 0) return null;
  const answer = await dns.atNameServers({ zone: parent.zone, servers, waits: WAITS }).delegation(zone);
  // A server that has both zones answers from the lower one, and resolvers that ask it follow that.
  if (answer.status !== 'answer') return null;
  return [...new Set(answer.records.map(canonicalName))].sort();
}

interface Sought {
  readonly zone: string;
  readonly names: readonly string[];
  readonly delegated: readonly string[] | null;
  /** The addresses that have been asked. */
  readonly except: readonly IpAddress[];
}

/** A server, and the name servers of the zone that it names. */
interface AskedServer {
  readonly server: ZoneServer;
  readonly own: readonly string[];
}

/** @returns the servers with these names, and whether there may be more of them. */
async function serversOf(
  dns: DnsClient,
  { zone, names, delegated, except }: Sought,
): Promise<{ readonly asked: readonly AskedServer[]; readonly isPartial: boolean }> {
  const found = await Promise.all(names.map(async (name) => ({ name, ...(await hostAddresses([name], dns)) })));
  const isTopLevel = parentOf(zone) === '';
  const servers = serversAt(found.flatMap(({ addresses }) => addresses)).filter(
    ({ address }) => !except.includes(address),
  );
  const room = Math.max(0, (isTopLevel ? MAX_OF_PARENT : MAX_ADDRESSES) - except.length);
  const asked = await Promise.all(
    servers.slice(0, room).map((server) => {
      const { name = '' } = found.find(({ addresses }) => addresses.includes(server.address)) ?? {};
      return askServer(dns, { zone, name, server, isDelegated: delegated === null ? null : delegated.includes(name) });
    }),
  );
  return { asked, isPartial: found.some(({ isPartial }) => isPartial) };
}

async function askServer(
  dns: DnsClient,
  {
    zone,
    name,
    server,
    isDelegated,
  }: { readonly server: DnsServer } & Pick<ZoneServer, 'name' | 'isDelegated'> & Pick<Authority, 'zone'>,
): Promise<AskedServer> {
  const client = dns.atNameServers({ zone, servers: [server], waits: WAITS });
  const [soa, ns] = await Promise.all([client.query(zone, 'SOA'), client.query(zone, 'NS')]);
  const [start] = recordsOf(soa);
  const standing = standingOf(soa, ns);
  return {
    server: {
      name,
      address: server.address,
      isDelegated,
      standing,
      detail: isFailure(soa) ? soa.detail : `${serverLabel(server)} answers`,
      serial: start?.serial ?? null,
      negativeTtl: soa.status === 'answer' && start !== undefined ? Math.min(soa.ttl, start.minimum) : null,
      refresh: start?.refresh ?? null,
      client,
    },
    own: standing === 'has-zone' ? recordsOf(ns).map(canonicalName) : [],
  };
}

/** A server that answers one of two questions is not lame: it may limit how often it is asked. */
function standingOf(soa: DnsAnswer, ns: DnsAnswer): Standing {
  if (soa.status === 'answer' && soa.authoritative) return 'has-zone';
  const [first, second] = [soa, ns].map(faultOf);
  return first === undefined || first !== second ? 'unsteady' : first;
}

function faultOf(answer: DnsAnswer): Standing {
  if (isWithoutZone(answer)) return 'without-zone';
  switch (answer.status) {
    case 'refused':
      return 'refuses';
    case 'servfail':
      return 'fails';
    case 'timeout':
      return answer.detail.startsWith('no reply') ? 'silent' : 'unsteady';
    case 'unreachable':
      return answer.detail.includes('(ECONNREFUSED)') ? 'silent' : 'unseen';
    default:
      return 'unsteady';
  }
}
