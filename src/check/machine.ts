/** What a run finds on this machine when it begins: its names and addresses, the time, and a seed for what must not be guessed. */
import { randomBytes } from 'node:crypto';
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type DnsServer, systemServers } from '../network/dns/servers.ts';
import { isHostName } from '../network/domain.ts';
import { type IpAddress, ipFamily, isLinkLocal, parseIp } from '../network/ip.ts';
import { addressLiteral } from '../network/smtp/client.ts';
import { selectorsOf } from '../standards/dkim/message.ts';
import { readSigningKey, type SigningKeyReading } from '../standards/dkim/private-key.ts';
import type { Settings } from './settings.ts';

export interface Environment {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What the run's tokens are made of. */
  readonly seed: string;
  /** Every address of this machine. */
  readonly addresses: readonly IpAddress[];
  /** The name given in EHLO. */
  readonly probeName: string;
  readonly dnsServers: readonly DnsServer[];
  /** What the private key in the settings is; the key itself goes no further. */
  readonly signingKey: SigningKeyReading | null;
  /** The selectors that the message in the settings was signed with for the domain. */
  readonly messageSelectors: readonly string[];
}

export interface Given {
  readonly domain: string;
  readonly settings: Settings;
  /** The system's when absent. */
  readonly dnsServers?: readonly DnsServer[];
  readonly clock?: { now(): number };
}

export function takeEnvironment({ domain, settings, dnsServers, clock = Date }: Given): Environment {
  const { dkimKeyPem, message } = settings;
  return {
    startedAt: clock.now(),
    seed: randomBytes(16).toString('hex'),
    addresses: ownAddresses(),
    probeName: settings.probeName ?? ownName(),
    dnsServers: dnsServers ?? systemServers(),
    signingKey: dkimKeyPem === undefined ? null : readSigningKey(dkimKeyPem),
    messageSelectors: message === undefined ? [] : selectorsOf(message, domain),
  };
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
