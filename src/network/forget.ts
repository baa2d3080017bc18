/**
 * Keeps a map within its bound. Forgets the oldest entries first, a tenth at a time, so that a full map is not searched at
 * each new entry.
 *
 * @param most the most entries that stay.
 * @param mayGo tells which entries are forgotten before others. All when absent.
 */
export function forgetOldest<K, V>(
  map: Map<K, V>,
  most: number,
  mayGo: (value: V, key: K) => boolean = () => true,
): void {
  if (map.size <= most) return;
  const wanted = Math.floor(most * 0.9);
  for (const [key, value] of map) {
    if (map.size <= wanted) return;
    if (mayGo(value, key)) map.delete(key);
  }
  for (const key of map.keys()) {
    if (map.size <= wanted) return;
    map.delete(key);
  }
}
