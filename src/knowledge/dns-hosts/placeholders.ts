/**
 * The names in braces that a command template of a DNS host may have, and the cases in which a pitfall is told. A row may
 * have placeholders of its own, each with words that say where the user finds the value.
 */

/** The types of the records that mailcheck proposes. */
export const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'TLSA', 'PTR'] as const;

/** The placeholders that become JSON numbers where one of them is the whole string. */
export const NUMBERS = ['ttl', 'preference', 'usage', 'selector', 'matching'] as const;

/** The parts of a command that have templates of their own. */
const PARTS = ['each', 'body', 'lines'] as const;

/** The placeholders with a value from the change of the records. */
const VALUES = ['zone', 'name', 'type', 'value', 'oldValue', 'exchange', 'data', ...NUMBERS] as const;

/** The name of a placeholder with a value from the change of the records. */
export type ValueName = (typeof VALUES)[number];

/** The values of placeholders. One without a value cannot be filled in. */
export type PlaceholderValues = { readonly [name in ValueName]?: string | undefined };

/** The records for which a pitfall is told. */
export const PITFALL_CASES = [
  /** Any record. */
  'any',
  /** A record at the apex of the zone. */
  'apex',
  'apex-txt',
  'apex-cname',
  'txt',
  /** A text of more than 255 octets, which is published as several strings. */
  'long-txt',
  'dmarc',
  'cname',
  'mx',
  /** An MX record that says that the domain takes no mail (RFC 7505). */
  'null-mx',
  'address',
  'tlsa',
  'ptr',
  /** A record with a host name in its data: CNAME, MX, PTR. */
  'target',
  /** A name of several labels below the apex. */
  'deep',
  /** A record set in which other values stay. */
  'shared',
  /** A record set in which values take the place of others. */
  'replaced',
  /** A record set that goes. */
  'gone',
] as const;

export type PitfallCase = (typeof PITFALL_CASES)[number];

const PLACEHOLDER = /\{([a-z][A-Za-z]*)\}/g;

/** @returns the names of the placeholders in all texts of a template, each once. */
export function placeholdersIn(template: unknown): string[] {
  if (typeof template === 'string')
    return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name))];
  if (typeof template !== 'object' || template === null) return [];
  return [...new Set(Object.values(template).flatMap(placeholdersIn))];
}

/** @returns whether the name is that of a placeholder which every row may use. */
export function isKnownPlaceholder(name: string): boolean {
  return isValueName(name) || PARTS.some((part) => part === name);
}

/** @returns whether the placeholder has a value from the change of the records. */
export function isValueName(name: string): name is ValueName {
  return VALUES.some((known) => known === name);
}

/** @returns whether the placeholder stands for a number in JSON. */
export function isNumberName(name: string): boolean {
  return NUMBERS.some((known) => known === name);
}

/**
 * @param give gives the text for a placeholder, with what stands before it in the template. `undefined` ends the filling.
 * @returns the template with each placeholder replaced, or `undefined`.
 */
export function filled(
  template: string,
  give: (name: string, before: string) => string | undefined,
): string | undefined {
  let isWhole = true;
  const text = template.replace(PLACEHOLDER, (whole, name: string, at: number) => {
    const value = give(name, template.slice(0, at));
    if (value === undefined) isWhole = false;
    return value ?? whole;
  });
  return isWhole ? text : undefined;
}
