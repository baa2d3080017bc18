/** Tells how near a mistyped word is to a word of DMARC. */
import { HISTORIC_TAGS, KNOWN_TAGS, POLICIES, type Policy } from './record.ts';

/** Longest word that is compared, in characters. Every word of DMARC is shorter. */
const MAX_WORD = 24;

/**
 * Counts the slips between two words (optimal string alignment): a letter added, left out, changed, or swapped with the
 * next one.
 *
 * @returns the number of slips. `Infinity` for a word that is longer than any of DMARC.
 */
export function slipsBetween(a: string, b: string): number {
  if (a.length > MAX_WORD || b.length > MAX_WORD) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The number of slips after which a policy is still plain, and the shortest beginning that is as plain. */
const PLAIN: Readonly<Record<Policy, { readonly slips: number; readonly beginning: number }>> = {
  none: { slips: 1, beginning: 4 },
  quarantine: { slips: 3, beginning: 4 },
  reject: { slips: 2, beginning: 3 },
};

/**
 * Reads a policy that may be misspelt: `rejct`, `quarantaine`, `rejected`, `quar`.
 *
 * @returns the policy, or `undefined` when none is plain. Words of other languages of policy, such as `block`, are not
 *   guessed.
 */
export function nearestPolicy(written: string): Policy | undefined {
  const word = written.toLowerCase();
  const exact = POLICIES.find((policy) => policy === word);
  if (exact) return exact;
  return POLICIES.find((policy) => {
    const { slips, beginning } = PLAIN[policy];
    const isShortened = word.length >= beginning && policy.startsWith(word);
    const isLengthened = policy !== 'none' && word.length <= MAX_WORD && word.startsWith(policy.slice(0, -1));
    return isShortened || isLengthened || slipsBetween(word, policy) <= slips;
  });
}

/** Words that people write instead of the names of tags. */
const SPOKEN_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    policy: 'p',
    subdomain: 'sp',
    subpolicy: 'sp',
    subdomainpolicy: 'sp',
    subdomain_policy: 'sp',
    report: 'rua',
    reports: 'rua',
    version: 'v',
    ver: 'v',
    test: 't',
    percent: 'pct',
    percentage: 'pct',
  }),
);

const ALL_TAGS: readonly string[] = [...KNOWN_TAGS, ...HISTORIC_TAGS];

/**
 * Lists the tags that a name may have been meant as: the tag itself, its name in another case, the word for it, or the
 * tags of at least three letters that are one slip away.
 *
 * @returns the tags, the likeliest first. Several when the name is as near to one as to another.
 */
export function meantTags(written: string): readonly string[] {
  const lower = written.toLowerCase();
  const known = ALL_TAGS.find((tag) => tag === lower) ?? SPOKEN_NAMES.get(lower);
  if (known !== undefined) return [known];
  return ALL_TAGS.filter((tag) => tag.length > 2 && slipsBetween(tag, lower) <= 1);
}

/** @returns whether the name is a tag of DMARC in exactly this spelling. */
export function isTagName(name: string): boolean {
  return ALL_TAGS.includes(name);
}
