/** The domain's DKIM keys: those at the selectors that the user gave, otherwise those that a search finds. */

import { type DnsAnswer, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import type { Domain } from '../../network/domain.ts';
import { assessKeyRecord } from '../../standards/dkim/assess.ts';
import { type Discovery, discoverKeys, unusedSelector } from '../../standards/dkim/discover.ts';
import { isUsable, lookUpSelector, type SelectorLookup } from '../../standards/dkim/lookup.ts';
import { findMisplaced, type Misplaced, searchMisplaced, withoutAppended } from '../../standards/dkim/misplaced.ts';
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
  /** The records that stand at a wrong name. They are looked for only where a record is missing. */
  readonly misplaced: readonly Misplaced[];
  /**
   * The targets with a key that were meant: where an alias leads to nowhere because the domain was appended to its
   * target, and where the target stands in a TXT record.
   */
  readonly meantTargets: readonly MeantTarget[];
}

/** The target that a CNAME record should have. */
export interface MeantTarget {
  /** The name at which the CNAME record belongs. */
  readonly name: string;
  readonly target: string;
  readonly query: DnsAnswer<'TXT'>;
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
      const [misplaced, meantTargets] = await Promise.all([
        misplacedOf(dns, domain, lookups),
        meantTargetsOf(dns, domain, lookups),
      ]);
      const verified = verifiable(lookups, false);
      return { lookups, wildcard, discovery: null, signingKey, verifiable: verified, answers, misplaced, meantTargets };
    }
    const hints = await signerNames(dns, domain, facts(mailRoute));
    const candidates = candidateSelectors(hints, clock.now());
    const discovery = await discoverKeys(dns, domain, candidates, token);
    const { found, wildcard, existence, answers, control } = discovery;
    // An unusable key does not rule out a usable one: the DNS cannot list the selectors of a domain.
    const canVerify = verifiable(found, existence !== 'none');
    // A wildcard of the whole zone makes every wrong name exist.
    const isWorthLooking = found.length === 0 && control.status === 'nxdomain';
    const [misplaced, meantTargets] = await Promise.all([
      isWorthLooking ? searchMisplaced(dns, domain, candidates) : [],
      meantTargetsOf(dns, domain, found),
    ]);
    return { lookups: found, wildcard, discovery, signingKey, verifiable: canVerify, answers, misplaced, meantTargets };
  },
);

/** Largest number of selectors whose records are looked for at other names. Each costs some twenty queries. */
const MAX_LOOKED_FOR = 5;

/** Looks for the records of the selectors that have none at other names. */
async function misplacedOf(
  dns: DnsClient,
  domain: Domain,
  lookups: readonly SelectorLookup[],
): Promise<readonly Misplaced[]> {
  const absent = lookups.filter(({ outcome }) => outcome === 'absent').slice(0, MAX_LOOKED_FOR);
  const found = await Promise.all(absent.map(({ selector }) => findMisplaced(dns, domain, selector)));
  return found.filter((one) => one !== undefined);
}

/** Looks for a key at the targets that were meant. */
async function meantTargetsOf(
  dns: DnsClient,
  domain: Domain,
  lookups: readonly SelectorLookup[],
): Promise<readonly MeantTarget[]> {
  const found = await Promise.all(
    lookups.map(async (lookup): Promise<MeantTarget | undefined> => {
      const target = meantTargetOf(lookup, domain);
      if (target === undefined) return undefined;
      const query = await dns.query(target, 'TXT');
      // An alias to a key that no receiver can use would settle nothing.
      const hasKey = recordsOf(query).some((strings) => assessKeyRecord(strings).usable);
      return hasKey ? { name: lookup.name, target, query } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

function meantTargetOf({ outcome, meaning, query: { chain } }: SelectorLookup, domain: Domain): string | undefined {
  const [first, ...others] = chain;
  if (first === undefined) return meaning?.kind === 'alias' ? meaning.target : undefined;
  return outcome === 'dangling' && others.length === 0 ? withoutAppended(first, domain) : undefined;
}

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
