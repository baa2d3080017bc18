/**
 * Recognises the target of a CNAME record that was typed into a TXT record. Signing services ask for CNAME records at
 * selectors, and many forms for DNS records offer TXT first.
 */
import { canonicalName, MAX_NAME } from '../../network/domain.ts';

/** Longest text that is read, in octets: a name, and the words of a zone file before it. */
const MAX_TEXT = 600;

/** The words before the target: owner, TTL and class as in a zone file, and the type. */
const BEFORE_TARGET = /^(?:\S{1,255}\s+)?(?:\d{1,10}\s+)?(?:IN\s+)?(?:\d{1,10}\s+)?(?:CNAME|alias)\b[\s:=]*/i;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * @returns the name that a CNAME record should point to, in canonical form, or `undefined` when the text is no such name.
 *   A name without the word CNAME needs three labels, because a token may look like a shorter one.
 */
export function intendedAlias(published: string): string | undefined {
  if (published.length > MAX_TEXT) return undefined;
  const text = published
    .replace(/\xe2\x80[\x98-\x9f]/g, '"')
    .replace(/\\?["'`]/g, '')
    .trim();
  const target = text.replace(BEFORE_TARGET, '');
  const name = canonicalName(target.replace(/\s*[;,]$/, ''));
  const labels = name.split('.');
  const isName =
    name.length <= MAX_NAME && labels.every((label) => LABEL.test(label)) && /[a-z]/.test(labels.at(-1) ?? '');
  return isName && labels.length >= (target === text ? 3 : 2) ? name : undefined;
}
