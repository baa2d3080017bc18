/** Makes the table of block list zones in SECURITY.md. */
import { chooseLists, defaultLists, keyVariables } from '../src/knowledge/lists/catalogue.ts';

/** The placeholder for the user's key in the name of a zone. */
const KEY = 'KEY';

/** @returns a table in Markdown: the zones asked by default, and those asked only with the user's key. */
export function listZonesTable(): string {
  const keys = Object.fromEntries(keyVariables().map((variable) => [variable, KEY]));
  const byDefault = new Set(defaultLists().map(({ zone }) => zone));
  const withKeys = new Set(chooseLists({ keys }).asked.flatMap(({ zone, queryZone }) => [zone, queryZone]));
  return [
    '| block lists | zones |',
    '| --- | --- |',
    `| asked by default | ${named([...byDefault])} |`,
    `| of these, the check is inconclusive without | ${named(defaultLists().flatMap(({ zone, gates }) => (gates ? [zone] : [])))} |`,
    `| asked with your key | ${named([...withKeys].filter((zone) => !byDefault.has(zone)))} |`,
  ].join('\n');
}

function named(zones: readonly string[]): string {
  return zones.map((zone) => `\`${zone}\``).join(' ');
}
