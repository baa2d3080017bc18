/** Makes a DNS client that changes something of another one and passes the rest on. */
import type { DnsClient } from './client.ts';

/** The methods of a client that asks. */
type Methods = Pick<DnsClient, 'query' | 'signed' | 'towards' | 'atNameServers' | 'isCanaryListed'>;

/** @returns the client with these methods in the place of its own. */
export function through(dns: DnsClient, changed: Partial<Methods>): DnsClient {
  return {
    servers: dns.servers,
    signal: dns.signal,
    get log() {
      return dns.log;
    },
    get signedLog() {
      return dns.signedLog;
    },
    isCanaryListed: (testAddress, zone) => dns.isCanaryListed(testAddress, zone),
    towards: (servers) => dns.towards(servers),
    atNameServers: (from) => dns.atNameServers(from),
    query: (name, type) => dns.query(name, type),
    signed: (name, type) => dns.signed(name, type),
    ...changed,
  };
}
