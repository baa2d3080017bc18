/** Writes JSON that is safe to print. Characters that a terminal or an editor would act on are escaped. */

// JSON.stringify escapes C0 controls and lone surrogates, but not these characters.
const INVISIBLE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** @returns `value` as JSON with a final newline. Parsing it gives the same value. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
