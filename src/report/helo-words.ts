/** Says in words where a HELO name was seen. The findings and the reporters use the same words. */

const SOURCES: ReadonlyMap<string, string> = new Map([
  ['option', 'you gave it'],
  ['greeting', 'from its SMTP greeting'],
  ['ehlo', 'from its EHLO reply'],
  ['submission', 'from its greeting on a submission port'],
  ['other-address', 'from its greeting at another address'],
  ['ptr', 'assumed from the PTR record'],
]);

/** @returns the words for the source of a HELO name, as what stands in brackets behind the name. */
export function heloSourceWords(source: string): string {
  return SOURCES.get(source) ?? source;
}
