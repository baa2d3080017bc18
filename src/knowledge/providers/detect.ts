/** Which provider an address belongs to, from what the DNS says of it; nothing here asks anything. */
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import type { Provider } from './schema.ts';

/** One sign that an address belongs to a provider. */
export interface Signal {
  /** `given` by the user, its reverse name, the servers of its reverse zone, or the network (AS) that announces it. */
  readonly kind: 'given' | 'ptr' | 'reverse-zone' | 'asn';
  /** What was seen. */
  readonly value: string;
}

export interface Candidate {
  readonly provider: Provider;
  readonly signals: readonly Signal[];
}

/** What the DNS says of one address. */
export interface Clues {
  readonly ptrNames: readonly string[];
  /** Names of the servers that hold its reverse zone. */
  readonly zoneServers: readonly string[];
  readonly asns: readonly number[];
}

/**
 * How sure the detection is: `high` for one provider with two agreeing signs, `low` for several with one.
 * (How sure the provider's row is, is another matter.)
 */
export type Certainty = 'given' | 'high' | 'medium' | 'low';

/** @returns the providers that most signs speak for; several where they share a network and nothing else tells them apart. */
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
  return candidates.filter(({ signals }) => signals.length === most);
}

export function certaintyOf(candidates: readonly Candidate[]): Certainty | null {
  const [first] = candidates;
  if (first === undefined) return null;
  if (first.signals.some(({ kind }) => kind === 'given')) return 'given';
  const agreeing = first.signals.length >= 2;
  if (candidates.length === 1) return agreeing ? 'high' : 'medium';
  return agreeing ? 'medium' : 'low';
}

/** For each provider the first name that ends in one of its endings; a longer ending of another provider takes it away. */
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
