/** A small file of a web server that a DNS record of the domain names, fetched once. */
import { type DnsAnswer, type DnsFailure, isFailure, recordsOf } from '../../network/dns/answer.ts';
import type { HttpsOutcome } from '../../network/https/types.ts';
import { parseIp } from '../../network/ip.ts';
import { fact, type HostNeeds, hostFact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** The most addresses of one host that are tried. */
const MAX_ADDRESSES = 4;

/** Milliseconds that one file may take. */
const TIMEOUT_MS = 15_000;

/** What came of fetching a file. The answers are those about the host. */
export type WebFile =
  | { readonly kind: 'asked'; readonly outcome: HttpsOutcome; readonly answers: readonly DnsAnswer[] }
  /** The host has no address. */
  | { readonly kind: 'no-address'; readonly answers: readonly DnsAnswer[] }
  /** The lookup of the addresses failed, and no address is known. */
  | { readonly kind: 'unknown'; readonly query: DnsFailure; readonly answers: readonly DnsAnswer[] };

/**
 * Fetches a file from port 443 of a host. It follows no redirect.
 *
 * @param path the path with its query.
 * @param maxBytes the most octets that are read.
 * @param purpose what the file is, for transcripts.
 */
export const webFile = fact(
  async (
    { dns, facts }: Needs<'dns' | 'https'>,
    host: string,
    path: string,
    maxBytes: number,
    purpose: string,
  ): Promise<WebFile> => {
    // One address is enough to fetch the file. The caller reports a failure if there is none.
    const own = unwatched(dns);
    const [a, aaaa] = await Promise.all([own.query(host, 'A'), own.query(host, 'AAAA')]);
    const answers = [a, aaaa];
    const addresses = [...recordsOf(a), ...recordsOf(aaaa)].flatMap((text) => parseIp(text) ?? []);
    if (addresses.length === 0) {
      const failed = answers.find((answer) => isFailure(answer));
      return failed === undefined ? { kind: 'no-address', answers } : { kind: 'unknown', query: failed, answers };
    }
    const at = addresses.slice(0, MAX_ADDRESSES).join(' ');
    return { kind: 'asked', outcome: await facts(fileAt, host, at, path, maxBytes, purpose), answers };
  },
);

/** Fetches the file from these addresses, which are separated by spaces. */
const fileAt = hostFact(
  (
    { https }: HostNeeds<'https'>,
    host: string,
    addresses: string,
    path: string,
    maxBytes: number,
    purpose: string,
  ): Promise<HttpsOutcome> =>
    https.get({
      host,
      addresses: addresses.split(' ').flatMap((text) => parseIp(text) ?? []),
      path,
      maxBytes,
      timeoutMs: TIMEOUT_MS,
      purpose,
    }),
);
