/** The providers and relays that mailcheck knows. */
import { byPlace, rowsOf } from '../data-folder.ts';
import type { Provider, Relay } from './schema.ts';

// The tests validate the rows, so a run does not have to.
const rows = rowsOf('providers/data') as readonly Provider[];

/** Every provider, sorted by name. The generic rows are last. */
export const providers: readonly Provider[] = [...rows].sort(
  (a, b) => Number(a.generic) - Number(b.generic) || a.name.localeCompare(b.name, 'en'),
);

/** Every relay, in the order in which they are offered. */
export const relays: readonly Relay[] = byPlace(rowsOf('providers/relays') as readonly Relay[]);

/** @returns the provider with this id, or `undefined`. */
export function providerOf(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** @returns the relay with this id, or `undefined`. */
export function relayOf(id: string): Relay | undefined {
  return relays.find((relay) => relay.id === id);
}

/** @returns the distinct endings of the names in the providers' default PTR records. */
export function defaultReverseSuffixes(): string[] {
  return [...new Set(providers.flatMap(({ detect }) => detect.ptrSuffixes))];
}
