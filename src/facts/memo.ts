/** Gathers each fact once, however many rules ask, also while the first asker still waits. */

/** @returns a function that calls `gather` on its first call only and gives everyone the same promise. */
export function once<T>(gather: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= gather();
    return result;
  };
}

/** As `once`, per key. */
export function oncePer<K, T>(gather: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const results = new Map<K, Promise<T>>();
  return (key) => {
    let result = results.get(key);
    if (result === undefined) {
      result = gather(key);
      results.set(key, result);
    }
    return result;
  };
}
