/** A DNS client that asks nobody: for `--offline`. */
import { type DnsFailure, type RecordType, unasked } from './answer.ts';
import { type DnsClient, failedSigned, type NameServerClient } from './client.ts';
import type { DnsServer } from './servers.ts';

const STATUS = 'unasked';
const DETAIL = 'not asked: --offline';

/** @returns a client whose questions all fail with `unasked`, and are in no log. */
export function unaskedDns(servers: readonly DnsServer[], signal: AbortSignal): DnsClient {
  const asking = {
    servers,
    query: async <T extends RecordType>(name: string, type: T): Promise<DnsFailure & { readonly type: T }> => ({
      ...unasked(name, type),
      status: STATUS,
      detail: DETAIL,
    }),
    signed: async () => failedSigned(STATUS, DETAIL),
  };
  const nameServers: NameServerClient = {
    ...asking,
    towards: () => nameServers,
    delegation: (zone) => asking.query(zone, 'NS'),
  };
  const client: DnsClient = {
    ...asking,
    signal,
    log: [],
    signedLog: [],
    isCanaryListed: async () => false,
    towards: () => client,
    atNameServers: () => nameServers,
  };
  return client;
}
