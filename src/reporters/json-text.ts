/** JSON as text that is safe to print: what a terminal or an editor would act on stands as an escape. */

// JSON.stringify escapes C0 controls and lone surrogates; these it writes as they are.
const INVISIBLE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** @returns `value` as JSON, which parses to the same value, and a final newline. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
