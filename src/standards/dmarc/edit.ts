/** Edits DMARC records, so that a remediation can show the correct record. */

/**
 * Changes, adds and removes tags of a record.
 *
 * @param changes the new value by tag name. `null` removes the tag.
 * @returns the record with `p=` directly after `v=`, the other tags in their order, new tags at the end, and `; `
 *   between tags.
 */
export function editRecord(text: string, changes: Readonly<Record<string, string | null>>): string {
  // Tag names come from the network. A lookup of "constructor" in an object would find an inherited property.
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
      // Only the first of two tags with the same name is kept.
      const isFirst = pending.delete(name);
      return change === null || !isFirst ? [] : [`${name}=${change}`];
    });
  const added = [...pending].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  // RFC 7489 §6.4 requires p= directly after v=.
  const [version = 'v=DMARC1', ...rest] = tags;
  const isPolicy = (tag: string) => /^p\s*=/.test(tag);
  const all = [...rest, ...added];
  return [version, ...all.filter(isPolicy), ...all.filter((tag) => !isPolicy(tag))].join('; ');
}
