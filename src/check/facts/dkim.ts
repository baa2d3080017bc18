/** The domain's DKIM keys: those at the selectors that the user gave, else those that can be found. */

import { type DnsAnswer, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import type { Domain } from '../../network/domain.ts';
import { type Discovery, discoverKeys, unusedSelector } from '../../standards/dkim/discover.ts';
import { isUsable, lookUpSelector, type SelectorLookup } from '../../standards/dkim/lookup.ts';
import type { SigningKeyReading } from '../../standards/dkim/private-key.ts';
import { candidateSelectors, namesInSpf } from '../../standards/dkim/selectors.ts';
import { fact, type Needs } from './fact.ts';
import { type MailRoute, mailRoute } from './mx.ts';

export interface DkimFact {
  /** The selectors given, or those found. */
  readonly lookups: readonly SelectorLookup[];
  /** A random selector: `records` when a wildcard answers for all. */
  readonly wildcard: SelectorLookup;
  /** How the selectors were looked for; `null` when they were given. */
  readonly discovery: Discovery | null;
  /** The key with which the host will sign; `null` where the user did not show it. */
  readonly signingKey: SigningKeyReading | null;
  /** Whether a signature of this domain can be verified: `no` only where that is proven. */
  readonly verifiable: 'yes' | 'no' | 'unknown';
  /** The answers on which `verifiable` rests. */
  readonly answers: readonly DnsAnswer[];
}

/** The DKIM keys of the domain under test. */
export const dkim = fact(
  async (needs: Needs<'clock' | 'dns' | 'signingKey' | 'target' | 'token'>): Promise<DkimFact> => {
    const {
      dns,
      facts,
      signingKey,
      token,
      clock,
      target: { domain, selectors },
    } = needs;
    if (selectors.length > 0) {
      const [wildcard, ...lookups] = await Promise.all([
        lookUpSelector(dns, domain, unusedSelector(token)),
        ...selectors.map((selector) => lookUpSelector(dns, domain, selector)),
      ]);
      const answers = lookups.map(({ query }) => query);
      return { lookups, wildcard, discovery: null, signingKey, verifiable: verifiable(lookups, false), answers };
    }
    const hints = await signerNames(dns, domain, facts(mailRoute));
    const discovery = await discoverKeys(dns, domain, candidateSelectors(hints, clock.now()), token);
    const { found, wildcard, existence, answers } = discovery;
    // A key that cannot be used says nothing of other selectors, which nobody can list.
    const canVerify = verifiable(found, existence !== 'none');
    return { lookups: found, wildcard, discovery, signingKey, verifiable: canVerify, answers };
  },
);

/** @returns names in the SPF record and among the MX hosts; without them, the guesses are less sharp and no worse. */
async function signerNames(dns: DnsClient, domain: Domain, coming: Promise<MailRoute>): Promise<string[]> {
  const [txt, route] = await Promise.all([dns.query(domain, 'TXT'), coming]);
  return [...recordsOf(txt).flatMap((strings) => namesInSpf(strings.join(''))), ...route.hosts.map(({ name }) => name)];
}

function verifiable(lookups: readonly SelectorLookup[], others: boolean): DkimFact['verifiable'] {
  if (lookups.some(isUsable)) return 'yes';
  // Which of several records a receiver takes is undefined (RFC 6376 §3.6.2.2).
  const open = lookups.some(({ outcome, records }) => outcome === 'unknown' || records.length > 1);
  return others || open ? 'unknown' : 'no';
}
