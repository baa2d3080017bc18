/**
 * Arranges the terms of one or several records as one record: terms before the ending, one ending, one `redirect`. What
 * a term was plainly meant to let pass, passes.
 */
import type { SpfSlip } from './slip.ts';

export interface Arranged {
  readonly terms: readonly string[];
  readonly slips: readonly SpfSlip[];
  /** The terms that are left out. */
  readonly leftOut: readonly string[];
}

/** The qualifiers of `all` from strict to lax. */
const STRICTNESS = ['-', '~', '?', '+'] as const;

/** @returns the terms of all records as one record. A single record in the right order stays as it is. */
export function arrange(records: readonly (readonly string[])[]): Arranged {
  const [record = [], ...others] = records;
  return others.length === 0 ? inOrder(record) : merged(records);
}

/** Arranges the terms of one record. */
function inOrder(record: readonly string[]): Arranged {
  const alls = record.filter(isAll);
  const redirects = distinct(record.filter(isRedirect));
  const exps = record.filter((term) => /^exp=/i.test(term));
  const firstAll = record.findIndex(isAll);
  const isAfterAll = record.some(
    (term, index) => firstAll !== -1 && index > firstAll && isDirective(term) && !isAll(term),
  );
  const isInOrder =
    alls.length < 2 &&
    !isAfterAll &&
    exps.length < 2 &&
    record.filter(isRedirect).length < 2 &&
    (alls.length === 0 || redirects.length === 0);
  return isInOrder ? { terms: record, slips: [], leftOut: [] } : rewritten(record, alls[0]);
}

/**
 * Merges records. The stricter ending counts. Endings that let everyone pass do not count.
 */
function merged(records: readonly (readonly string[])[]): Arranged {
  const endings = records.flatMap((record) => record.find(isAll) ?? []);
  const all = STRICTNESS.slice(0, 3).flatMap(
    (qualifier) => endings.find((term) => qualifierOf(term) === qualifier) ?? [],
  )[0];
  const open = endings.length > 0 && all === undefined ? '~all' : all;
  const terms = records.flatMap((record) => record.filter((term) => !isAll(term)));
  const { terms: arranged, slips, leftOut } = rewritten([...terms, ...(open === undefined ? [] : [open])], open);
  const others = distinct(endings).filter((term) => term.toLowerCase() !== open?.toLowerCase());
  const hasEnding = arranged.some((term) => isAll(term) || isRedirect(term));
  return {
    terms: hasEnding ? arranged : [...arranged, '~all'],
    slips: [
      ...slips,
      ...(hasEnding ? [] : [{ kind: 'ending-missing' as const, saw: '', meant: '~all' }]),
      ...others.map((saw): SpfSlip => ({ kind: 'merged-ending', saw, meant: open ?? '' })),
    ],
    leftOut,
  };
}

/** Writes terms once each, then the redirects as includes if they would not count, then the ending. */
function rewritten(record: readonly string[], all: string | undefined): Arranged {
  const slips: SpfSlip[] = [];
  const leftOut: string[] = [];
  const redirects = distinct(record.filter(isRedirect));
  const keepsRedirect = all === undefined && redirects.length === 1;
  const terms = new Map<string, string>();
  let exp: string | undefined;
  let isAfterAll = false;
  const keep = (term: string) => {
    const key = term.toLowerCase().replace(/^\+/, '');
    if (!terms.has(key)) terms.set(key, term);
  };
  for (const term of record) {
    if (isAll(term)) {
      if (isAfterAll) slips.push({ kind: 'second-all', saw: term, meant: '' });
      isAfterAll = true;
    } else if (/^exp=/i.test(term)) {
      if (exp !== undefined && exp.toLowerCase() !== term.toLowerCase()) {
        slips.push({ kind: 'second-exp', saw: term, meant: '' });
        leftOut.push(term);
      }
      exp ??= term;
    } else if (!isRedirect(term)) {
      if (isAfterAll && isDirective(term)) slips.push({ kind: 'after-all', saw: term, meant: term });
      keep(term);
    }
  }
  if (!keepsRedirect) {
    const kind = all === undefined ? 'second-redirect' : 'redirect-beside-all';
    for (const redirect of redirects) {
      const include = `include:${redirect.slice('redirect='.length)}`;
      slips.push({ kind, saw: redirect, meant: include });
      keep(include);
    }
  } else if (record.filter(isRedirect).length > 1) {
    slips.push({ kind: 'second-redirect', saw: redirects[0] ?? '', meant: redirects[0] ?? '' });
  }
  const ending = keepsRedirect ? redirects : all !== undefined ? [all] : redirects.length > 0 ? ['~all'] : [];
  return { terms: [...terms.values(), ...ending, ...(exp === undefined ? [] : [exp])], slips, leftOut };
}

function qualifierOf(all: string): string {
  return /^[-~?+]/.exec(all)?.[0] ?? '+';
}

function isAll(term: string): boolean {
  return /^[-~?+]?all$/i.test(term);
}

function isRedirect(term: string): boolean {
  return /^redirect=/i.test(term);
}

/** Tells whether a term is no modifier (§4.6.1). */
function isDirective(term: string): boolean {
  return !/^[a-z][a-z0-9._-]*=/i.test(term);
}

function distinct(terms: readonly string[]): string[] {
  return [...new Map(terms.map((term) => [term.toLowerCase(), term])).values()];
}

/** @returns the terms, each once. The first place of a term counts. */
export function withoutDuplicates(terms: readonly string[]): string[] {
  const known = new Set<string>();
  return terms.filter((term) => {
    const key = term.toLowerCase().replace(/^\+/, '');
    return !known.has(key) && known.add(key);
  });
}

/**
 * Ends a record in another `all`. The other terms stay as they are.
 *
 * @returns the text, and the `all` that was there before, or `null` if there was none.
 */
export function withEnding(
  text: string,
  ending: '~all' | '-all',
): { readonly text: string; readonly replaced: string | null } {
  const terms = text.split(' ').filter((term) => term !== '');
  const replaced = terms.find(isAll) ?? null;
  if (replaced?.toLowerCase() === ending) return { text, replaced };
  const kept = replaced === null ? [...terms, ending] : terms.map((term) => (term === replaced ? ending : term));
  return { text: kept.join(' '), replaced };
}
