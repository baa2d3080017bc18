/** The providers and relays known to mailcheck. */
import { rowsOf } from '../data-folder.ts';
import relayData from './relays.json' with { type: 'json' };
import type { Provider, Relay } from './schema.ts';

// The tests hold every row to the schema, so that no run has to.
const rows = rowsOf('providers/data', import.meta.url) as readonly Provider[];

/** Rows that no address can be recognised as; they are there to be named by the user or by advice. */
const GENERIC = ['physical', 'third-party-email', 'unknown'];

/** Every provider, by name, the generic rows last. */
export const providers: readonly Provider[] = [...rows].sort(
  (a, b) => GENERIC.indexOf(a.id) - GENERIC.indexOf(b.id) || a.name.localeCompare(b.name, 'en'),
);

// JSON modules have wide types; the tests hold every row to the schema.
export const relays = relayData.relays as readonly Relay[];

export function providerOf(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** @returns whether the row stands for a kind of place rather than for one company. */
export function isGeneric(provider: Provider): boolean {
  return GENERIC.includes(provider.id);
}

/** @returns the endings of default reverse names. */
export function defaultReverseSuffixes(): string[] {
  return [...new Set(providers.flatMap(({ detect }) => detect.ptrSuffixes))];
}
