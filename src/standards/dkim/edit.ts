/** Edits the tags of a valid key record. */
import { parseTagList } from '../tag-list.ts';

/**
 * Takes a tag out of a record, or only some items of its list.
 *
 * @param items the items that go, in lower case. The whole tag goes when absent, or when no item is left.
 * @returns the record. It is the same text when the tag or the items are not in it.
 */
export function withoutTag(text: string, tag: string, items?: readonly string[]): string {
  const { tags } = parseTagList(text);
  const found = tags.find(({ name }) => name === tag);
  if (!found) return text;
  const listed = found.value.split(':').map((item) => item.trim());
  const kept = items ? listed.filter((item) => item !== '' && !items.includes(item.toLowerCase())) : [];
  if (items && kept.length === listed.length) return text;
  return tags
    .flatMap(({ name, value }) => {
      const flat = value.replace(/[ \t\r\n]+/g, name === 'p' ? '' : ' ');
      if (name !== tag) return [`${name}=${flat}`];
      return kept.length > 0 ? [`${name}=${kept.join(':')}`] : [];
    })
    .join('; ');
}
