/** Reads what a run needs to know about this machine: its addresses, its EHLO name and its DNS servers. */
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type DnsServer, systemServers } from '../network/dns/servers.ts';
import { isHostName } from '../network/domain.ts';
import { type IpAddress, ipFamily, isLinkLocal, parseIp } from '../network/ip.ts';
import { addressLiteral } from '../network/smtp/address-literal.ts';
import { ownCacheFolder } from './cache-folder.ts';

/** The machine that the check runs on. */
export interface Machine {
  /** The addresses of all its network interfaces. */
  readonly addresses: readonly IpAddress[];
  /** The name to send in EHLO: a full host name or an address literal. */
  readonly name: string;
  /** The DNS servers in the system's configuration. */
  readonly dnsServers: readonly DnsServer[];
  /** The folder of mailcheck in the cache of the user, which may not exist yet. `null` when there is no place for it. */
  readonly cacheFolder: string | null;
}

/** @returns this machine. Each property is read when it is asked for, and the addresses only once. */
export function readMachine(): Machine {
  let addresses: readonly IpAddress[] | undefined;
  return {
    get addresses() {
      addresses ??= ownAddresses();
      return addresses;
    },
    get name() {
      return ownName();
    },
    get dnsServers() {
      return systemServers();
    },
    get cacheFolder() {
      return ownCacheFolder();
    },
  };
}

function ownAddresses(kept: (found: NetworkInterfaceInfo) => boolean = () => true): IpAddress[] {
  return interfaceAddresses()
    .filter(kept)
    .map(({ address }) => parseIp(address))
    .filter((ip) => ip !== undefined);
}

/** @returns the addresses of all network interfaces. Empty in a sandbox that does not let a process read them. */
function interfaceAddresses(): NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  } catch {
    return [];
  }
}

/**
 * Chooses the EHLO name. RFC 5321 §4.1.1.1: a client sends its full name or, if it has none, an address literal. The
 * address has to be chosen before there is a socket, so the literal holds the first address that can reach other hosts.
 */
function ownName(): string {
  const name = hostname();
  if (isHostName(name) && !/(^|\.)localhost$|\.localdomain\d*$/i.test(name)) return name.toLowerCase();
  const addresses = ownAddresses(({ internal }) => !internal).filter((ip) => !isLinkLocal(ip));
  const own = addresses.find((ip) => ipFamily(ip) === 4) ?? addresses[0];
  return own === undefined ? '[127.0.0.1]' : addressLiteral(own);
}
