/** Decides which provider an address belongs to, from DNS data. It does no lookups itself. */
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import type { Provider } from './schema.ts';

/** One sign that an address belongs to a provider. */
export interface Signal {
  /**
   * The origin: the user (`given`), the PTR record, the name servers of the reverse zone, or the announcing network
   * (AS).
   */
  readonly kind: 'given' | 'ptr' | 'reverse-zone' | 'asn';
  /** The name, AS number or provider id that was seen. */
  readonly value: string;
}

/** A provider that an address may belong to, with the signs for it. */
export interface Candidate {
  readonly provider: Provider;
  readonly signals: readonly Signal[];
}

/** The DNS data about one address. */
export interface Clues {
  /** The names in its PTR records. */
  readonly ptrNames: readonly string[];
  /** The names of the name servers of its reverse zone. */
  readonly zoneServers: readonly string[];
  /** The numbers of the autonomous systems that announce it. */
  readonly asns: readonly number[];
}

/**
 * The certainty of the detection: `high` for one provider with two signs or more, `low` for several providers with one
 * sign each, `medium` in between. The certainty of the provider's data is separate.
 */
export type Certainty = 'given' | 'high' | 'medium' | 'low';

/**
 * Matches the DNS data of an address against the providers.
 *
 * @returns the providers with the most signs. There are several when they share a network and nothing else tells them
 *   apart, and none when nothing matches. A provider that is gone or renamed is left out beside one that is not.
 */
export function matchProviders(clues: Clues, providers: readonly Provider[]): readonly Candidate[] {
  const ptr = longestEndings(clues.ptrNames, providers, ({ detect }) => detect.ptrSuffixes);
  const zone = longestEndings(clues.zoneServers, providers, ({ detect }) => detect.nsSuffixes);
  const candidates = providers
    .map((provider) => {
      const asn = clues.asns.find((number) => provider.detect.asns.includes(number));
      const signals: Signal[] = [
        ...(ptr.get(provider) ?? []).map((value) => ({ kind: 'ptr' as const, value })),
        ...(zone.get(provider) ?? []).map((value) => ({ kind: 'reverse-zone' as const, value })),
        ...(asn === undefined ? [] : [{ kind: 'asn' as const, value: `AS${asn}` }]),
      ];
      return { provider, signals };
    })
    .filter(({ signals }) => signals.length > 0);
  const most = Math.max(...candidates.map(({ signals }) => signals.length));
  const best = candidates.filter(({ signals }) => signals.length === most);
  const present = best.filter(({ provider }) => provider.status === 'active');
  return present.length > 0 ? present : best;
}

/** @returns the certainty of a detection, or `null` when there is no candidate. */
export function certaintyOf(candidates: readonly Candidate[]): Certainty | null {
  const [first] = candidates;
  if (first === undefined) return null;
  if (first.signals.some(({ kind }) => kind === 'given')) return 'given';
  const agreeing = first.signals.length >= 2;
  if (candidates.length === 1) return agreeing ? 'high' : 'medium';
  return agreeing ? 'medium' : 'low';
}

/**
 * @returns for each provider the first name that ends in one of its endings. A name counts only for the provider with
 *   the longest matching ending.
 */
function longestEndings(
  names: readonly string[],
  providers: readonly Provider[],
  endingsOf: (provider: Provider) => readonly string[],
): Map<Provider, [string]> {
  const found = new Map<Provider, [string]>();
  for (const name of names.map(canonicalName)) {
    const matches = providers.flatMap((provider) =>
      endingsOf(provider)
        .filter((ending) => isSameOrSubdomain(name, ending))
        .map((ending) => ({ provider, length: ending.length })),
    );
    const longest = Math.max(0, ...matches.map(({ length }) => length));
    for (const { provider, length } of matches) {
      if (length === longest && !found.has(provider)) found.set(provider, [name]);
    }
  }
  return found;
}
