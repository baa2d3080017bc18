/**
 * Reads the MTA-STS record of the domain and the policy that its web server gives (RFC 8461 §3). The policy is fetched
 * only if there is a record, or if the name of the web server has an address.
 */
import {
  type DnsAnswer,
  isAbsent,
  isFailure,
  type MxRecord,
  type Resolver,
  recordsOf,
} from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import type { HttpsOutcome } from '../../network/https/types.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { POLICY_PATH, policyHost, stsName } from '../../standards/mta-sts/places.ts';
import { MAX_POLICY_BYTES, parsePolicy, type StsPolicy, usablePolicy } from '../../standards/mta-sts/policy.ts';
import { isDiscarded, isStsRecord, parseStsRecord, type StsRecord } from '../../standards/mta-sts/record.ts';
import { fact, type HostNeeds, hostFact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Milliseconds for the policy. RFC 8461 §3.3 suggests that senders wait for one minute. */
const FETCH_MS = 60_000;
/** The same where no record asks for the policy. Many names have an address only by a wildcard. */
const FETCH_WITHOUT_RECORD_MS = 10_000;

/** The record and the policy of the domain. */
export interface MtaSts {
  /** The TXT answer at `_mta-sts.<domain>`. */
  readonly txt: DnsAnswer<'TXT'>;
  /** The texts at the name, and those of them that senders take for records. */
  readonly texts: readonly string[];
  readonly records: readonly StsRecord[];
  /** The record that senders follow. `null` when there is none, or when they discard it. */
  readonly record: StsRecord | null;
  /** The address answers of the web server. The second one is asked for only if the first does not deny the name. */
  readonly hostAnswers: readonly DnsAnswer[];
  readonly addresses: readonly IpAddress[];
  /** What came of the request for the policy. `null` when none was made. */
  readonly outcome: HttpsOutcome | null;
  /** The policy as senders read it. `null` when there was no response with the code 200. */
  readonly policy: StsPolicy | null;
}

type StsNeeds = Needs<'dns' | 'https' | 'published' | 'target'>;

/** Reads the record and the policy of the domain under test. */
export const mtaSts = fact(async ({ dns, facts, published, target }: StsNeeds): Promise<MtaSts> => {
  const name = policyHost(target.domain);
  const [{ txt, texts, records }, a] = await Promise.all([
    facts(stsRecords),
    hostAnswer(name, 'A', { dns, published }),
  ]);
  const [first] = records;
  const record = first !== undefined && records.length === 1 && !isDiscarded(first) ? first : null;
  const hostAnswers = a.status === 'nxdomain' ? [a] : [a, await hostAnswer(name, 'AAAA', { dns, published })];
  const addresses = hostAnswers.flatMap((answer) => recordsOf(answer)).flatMap((text) => parseIp(text) ?? []);
  const isWanted = addresses.length > 0 && !isFailure(txt);
  const outcome = isWanted ? await facts(policyFile, name, addresses.join(' ')) : null;
  const isGiven = outcome?.status === 'response' && outcome.code === 200;
  const policy = isGiven ? parsePolicy(outcome.body, outcome.isTooLong) : null;
  return { txt, texts, records, record, hostAnswers, addresses, outcome, policy };
});

/**
 * Asks for addresses of the web server. Behind a web proxy it may have any of the proxy's, so the published ones do as well.
 * The rule reports that there are none yet, if somebody wants a policy from them.
 */
async function hostAnswer(
  name: string,
  type: 'A' | 'AAAA',
  { dns, published }: { readonly dns: DnsClient; readonly published: Resolver | null },
): Promise<DnsAnswer<'A' | 'AAAA'>> {
  const early = await unwatched(dns).query(name, type);
  if (!isFailure(early) || early.proxy === undefined) return dns.query(name, type);
  const shown = published === null ? early : await published.query(name, type);
  return shown.status === 'answer' ? shown : early;
}

/** Fetches the policy. It is seen at a host, so it stays as it was when the rules run again over planned records. */
const policyFile = hostFact(
  async (
    { https, facts }: HostNeeds<'dns' | 'https' | 'target'>,
    host: string,
    addresses: string,
  ): Promise<HttpsOutcome> => {
    const { records } = await facts(stsRecords);
    return https.get({
      host,
      addresses: addresses.split(' ').flatMap((text) => parseIp(text) ?? []),
      path: POLICY_PATH,
      maxBytes: MAX_POLICY_BYTES,
      timeoutMs: records.length > 0 ? FETCH_MS : FETCH_WITHOUT_RECORD_MS,
      purpose: 'MTA-STS policy',
    });
  },
);

const stsRecords = fact(async ({ dns, target }: Needs<'dns' | 'target'>) => {
  // The rule reports the failure of this lookup itself.
  const txt = await unwatched(dns).query(stsName(target.domain), 'TXT');
  const texts = recordsOf(txt).map((strings) => strings.join(''));
  return { txt, texts, records: texts.filter(isStsRecord).map(parseStsRecord) };
});

/** @returns the policy that senders apply: there is a record, and the policy is usable. `null` when there is none. */
export function appliedPolicy({ record, policy }: MtaSts) {
  return record === null || policy === null ? null : usablePolicy(policy);
}

/**
 * The MX records that are published now, for a check of proposed records. `null` when there are no proposed records, or
 * when nothing is known of them.
 */
export const publishedMx = fact(
  async ({ published, target }: Needs<'published' | 'target'>): Promise<readonly MxRecord[] | null> => {
    if (published === null) return null;
    const answer = await published.query(target.domain, 'MX');
    if (isFailure(answer)) return null;
    return isAbsent(answer) ? [] : answer.records;
  },
);
