/** The providers and relays known to mailcheck. */
import { byPlace, rowsOf } from '../data-folder.ts';
import type { Provider, Relay } from './schema.ts';

// The tests hold every row to the schema, so that no run has to.
const rows = rowsOf('providers/data', import.meta.url) as readonly Provider[];

/** Every provider, by name, the generic rows last. */
export const providers: readonly Provider[] = [...rows].sort(
  (a, b) => Number(a.generic) - Number(b.generic) || a.name.localeCompare(b.name, 'en'),
);

/** Every relay, the one to offer first at the beginning. */
export const relays: readonly Relay[] = byPlace(rowsOf('providers/relays', import.meta.url) as readonly Relay[]);

/** @returns the provider of this id, or `undefined`. */
export function providerOf(id: string): Provider | undefined {
  return providers.find((provider) => provider.id === id);
}

/** @returns the endings of default reverse names. */
export function defaultReverseSuffixes(): string[] {
  return [...new Set(providers.flatMap(({ detect }) => detect.ptrSuffixes))];
}
