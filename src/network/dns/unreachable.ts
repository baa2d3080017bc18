/** Explains in words why a DNS server is unreachable: the meaning of the socket's errno for the user. */
import { ipFamily } from '../ip.ts';
import { type DnsServer, hasZone, serverLabel } from './servers.ts';

/** The reason for each errno. It follows the name of the server in the message. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers on that port',
  ENETUNREACH: 'this machine has no route to it',
  EHOSTUNREACH: 'the network has no route to it',
  EHOSTDOWN: 'the host is down',
  ENETDOWN: 'the network of this machine is down',
  EADDRNOTAVAIL: 'this machine has no address to ask it from',
  EAFNOSUPPORT: 'this machine does not support its address family',
  ENODEV: 'this machine has no such interface',
  EINVAL: 'this machine cannot send to it',
  EACCES: 'a firewall of this machine does not let the question out',
  EPERM: 'a firewall of this machine does not let the question out',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the server reset the connection',
  EMFILE: 'this process has no file descriptor left (ulimit -n)',
  ENFILE: 'this machine has no file descriptor left',
};

/** @returns one line of text with the server, the reason and the errno. */
export function unreachableReason(server: DnsServer, error: NodeJS.ErrnoException): string {
  const { code = '' } = error;
  const reason = isWithoutInterface(server)
    ? `a link-local address needs its interface, such as ${server.address}%eth0`
    : isWithoutIpv6(server, code)
      ? 'this machine has no route to it over IPv6'
      : server.zoneIndex !== undefined && code === 'EINVAL'
        ? `this machine has no interface ${server.zoneIndex}`
        : REASONS[code];
  return `${serverLabel(server)} cannot be reached: ${reason ?? 'the system reports an error'} (${code})`;
}

function isWithoutInterface({ address, zoneIndex }: DnsServer): boolean {
  return hasZone(address) && zoneIndex === undefined;
}

function isWithoutIpv6({ address }: DnsServer, code: string): boolean {
  return ipFamily(address) === 6 && ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code);
}
