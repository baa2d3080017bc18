/** This machine as a run sees it: its addresses, the name it gives, and the DNS servers it asks. */
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type DnsServer, systemServers } from '../network/dns/servers.ts';
import { isHostName } from '../network/domain.ts';
import { type IpAddress, ipFamily, isLinkLocal, parseIp } from '../network/ip.ts';
import { addressLiteral } from '../network/smtp/client.ts';

export interface Machine {
  readonly addresses: readonly IpAddress[];
  /** The name given in EHLO: a full host name, or an address literal. */
  readonly name: string;
  /** The DNS servers that the system asks. */
  readonly dnsServers: readonly DnsServer[];
}

/** @returns this machine as it is now. */
export function readMachine(): Machine {
  return { addresses: ownAddresses(), name: ownName(), dnsServers: systemServers() };
}

function ownAddresses(kept: (found: NetworkInterfaceInfo) => boolean = () => true): IpAddress[] {
  return interfaceAddresses()
    .filter(kept)
    .map(({ address }) => parseIp(address))
    .filter((ip) => ip !== undefined);
}

/** Some sandboxes do not let a process see them; it then has none. */
function interfaceAddresses(): NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  } catch {
    return [];
  }
}

/**
 * RFC 5321 §4.1.1.1: a client gives its own full name or, where it has none, an address literal. An address must be
 * chosen before there is a socket; the first one that could be used for the outside stands for the machine.
 */
function ownName(): string {
  const name = hostname();
  if (isHostName(name) && !/(^|\.)localhost$|\.localdomain\d*$/i.test(name)) return name.toLowerCase();
  const addresses = ownAddresses(({ internal }) => !internal).filter((ip) => !isLinkLocal(ip));
  const own = addresses.find((ip) => ipFamily(ip) === 4) ?? addresses[0];
  return own === undefined ? '[127.0.0.1]' : addressLiteral(own);
}
