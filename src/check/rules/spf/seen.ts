/** Says what SPF gave for the tested addresses, and what that rests on. */
import { MAX_LOOKUPS, type SpfOutcome } from '../../../standards/spf/index.ts';
import { seenTexts } from '../seen.ts';

/** @returns the result, the term that matched and the lookups: `pass by "mx" (3 of 10 lookups)`. */
export function seenSpf(outcomes: readonly SpfOutcome[]): string {
  return seenTexts(
    outcomes.map((outcome) => (outcomes.length === 1 ? textOf(outcome) : `${outcome.ip}: ${textOf(outcome)}`)),
  );
}

function textOf({ result, matched, domain, lookups }: SpfOutcome): string {
  const [own] = matched;
  const term = matched.at(-1);
  const inner = own && term && term !== own && term.domain !== domain ? ` in ${term.domain}` : '';
  const by = term === undefined ? '' : ` by "${term.term}"${inner}`;
  return `${result}${by} (${lookups} of ${MAX_LOOKUPS} lookups)`;
}
