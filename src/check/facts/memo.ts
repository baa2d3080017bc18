/** Gathers each fact once, however many rules ask, also while the first asker still waits. */
import { observed } from '../../network/fault.ts';

/** @returns a function that calls `gather` on its first call only and gives everyone the same promise. */
export function once<T>(gather: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= observed(gather());
    return result;
  };
}

/** A fact per key; `known` tells whether anyone has asked for it yet. */
export interface KeyedFact<K, T> {
  (key: K): Promise<T>;
  known(key: K): boolean;
}

/** As `once`, per key. */
export function oncePer<K, T>(gather: (key: K) => Promise<T>): KeyedFact<K, T> {
  const results = new Map<K, Promise<T>>();
  const ask = (key: K): Promise<T> => {
    let result = results.get(key);
    if (result === undefined) {
      result = observed(gather(key));
      results.set(key, result);
    }
    return result;
  };
  return Object.assign(ask, { known: (key: K) => results.has(key) });
}
