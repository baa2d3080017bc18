/** The domain's DKIM keys: those at the selectors that the user gave, otherwise those that a search finds. */

import { type DnsAnswer, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import type { Domain } from '../../network/domain.ts';
import { type Discovery, discoverKeys, unusedSelector } from '../../standards/dkim/discover.ts';
import { isUsable, lookUpSelector, type SelectorLookup } from '../../standards/dkim/lookup.ts';
import type { SigningKeyReading } from '../../standards/dkim/private-key.ts';
import { candidateSelectors, namesInSpf } from '../../standards/dkim/selectors.ts';
import { fact, type Needs } from './fact.ts';
import { type MailRoute, mailRoute } from './mx.ts';

/** What the DNS shows about the DKIM keys of the domain. */
export interface DkimFact {
  /** One lookup for each selector that was given or found. */
  readonly lookups: readonly SelectorLookup[];
  /** The lookup of a random selector. Its outcome is `records` when a wildcard record answers for every selector. */
  readonly wildcard: SelectorLookup;
  /** The search for selectors. `null` when the user gave them. */
  readonly discovery: Discovery | null;
  /** The private key that the host will sign with. `null` when the user did not give it. */
  readonly signingKey: SigningKeyReading | null;
  /** Whether receivers can verify a signature of this domain. `no` means that this is proven impossible. */
  readonly verifiable: 'yes' | 'no' | 'unknown';
  /** The DNS answers that `verifiable` rests on. */
  readonly answers: readonly DnsAnswer[];
}

/** Looks up the DKIM keys of the domain under test (RFC 6376 §3.6.2). */
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
    // An unusable key does not rule out a usable one: the DNS cannot list the selectors of a domain.
    const canVerify = verifiable(found, existence !== 'none');
    return { lookups: found, wildcard, discovery, signingKey, verifiable: canVerify, answers };
  },
);

/**
 * Collects names that hint at who signs the domain's mail. A failed lookup gives fewer hints: the search is then less
 * targeted, but still correct.
 *
 * @returns the names in the SPF record, then the names of the MX hosts.
 */
async function signerNames(dns: DnsClient, domain: Domain, coming: Promise<MailRoute>): Promise<string[]> {
  const [txt, route] = await Promise.all([dns.query(domain, 'TXT'), coming]);
  return [...recordsOf(txt).flatMap((strings) => namesInSpf(strings.join(''))), ...route.hosts.map(({ name }) => name)];
}

function verifiable(lookups: readonly SelectorLookup[], others: boolean): DkimFact['verifiable'] {
  if (lookups.some(isUsable)) return 'yes';
  // RFC 6376 §3.6.2.2 leaves undefined which of several records a receiver uses.
  const open = lookups.some(({ outcome, records }) => outcome === 'unknown' || records.length > 1);
  return others || open ? 'unknown' : 'no';
}
