/** Changes DMARC records, so that a remediation can offer the correct one. */

/**
 * @param changes tag name → new value, or `null` to take the tag out
 * @returns the record with its tags in their order, new ones at the end, separated by `; `
 */
export function editRecord(text: string, changes: Readonly<Record<string, string | null>>): string {
  // Tag names come from the network: "constructor" must not find what every object has.
  const wanted = new Map(Object.entries(changes));
  const pending = new Map(wanted);
  const tags = text
    .split(';')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .flatMap((piece) => {
      const name = piece.split('=')[0]?.trim() ?? '';
      const change = wanted.get(name);
      if (change === undefined) return [piece];
      // A tag that is there twice keeps its first place.
      const isFirst = pending.delete(name);
      return change === null || !isFirst ? [] : [`${name}=${change}`];
    });
  const added = [...pending].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  // Receivers of RFC 7489 want p= right after v= (§6.4).
  const [version = 'v=DMARC1', ...rest] = tags;
  const isPolicy = (tag: string) => /^p\s*=/.test(tag);
  const all = [...rest, ...added];
  return [version, ...all.filter(isPolicy), ...all.filter((tag) => !isPolicy(tag))].join('; ');
}
