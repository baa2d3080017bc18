/** Makes the record that was meant out of the tags that were read: the values corrected, each tag once. */
import { isTagName, meantTags, nearestPolicy, slipsBetween } from './nearness.ts';
import { isWeaker } from './policy.ts';
import { readAddresses } from './read-addresses.ts';
import type { ReadTag, ReadTags } from './read-tags.ts';
import { KNOWN_TAGS, POLICIES, type Policy } from './record.ts';
import type { DmarcSlip } from './slip.ts';

/** A record in the making. */
export interface Draft {
  /** The value of each tag in the order of the record. `v`, `rua` and `ruf` are not among them. */
  readonly values: Map<string, string>;
  readonly addresses: Record<ReportTag, string[]>;
  readonly slips: DmarcSlip[];
  /** The pieces that are left out. None of them could be a policy or an address. */
  readonly leftOut: string[];
  /** The pieces that cannot be read and could be a policy or an address. */
  readonly unread: string[];
}

export type ReportTag = 'rua' | 'ruf';

export function isReportTag(tag: string): tag is ReportTag {
  return tag === 'rua' || tag === 'ruf';
}

export function isPolicyTag(tag: string): tag is 'p' | 'sp' | 'np' {
  return tag === 'p' || tag === 'sp' || tag === 'np';
}

/** Reads the values of tags. */
export function draftOf({ tags, slips, unread }: ReadTags): Draft {
  const draft: Draft = {
    values: new Map(),
    addresses: { rua: [], ruf: [] },
    slips: [...slips],
    leftOut: [],
    unread: [],
  };
  const seen = new Set<string>();
  const bare = tags.some(({ tag }) => tag === 'p') ? [] : unread.filter(isPolicyWord);
  for (const piece of unread) {
    if (bare.length === 1 && isPolicyWord(piece)) readBarePolicy(draft, piece, seen);
    else putAside(draft, piece);
  }
  for (const [index, read] of tags.entries()) {
    if (seen.has(read.tag)) draft.slips.push({ kind: 'duplicate', tag: read.tag });
    seen.add(read.tag);
    if (read.tag === 'v') {
      if (read.value !== 'DMARC1') {
        draft.slips.push({ kind: 'version-spelling', tag: 'v', found: read.written, meant: 'v=DMARC1' });
      }
      if (index > 0 && !tags.slice(0, index).some(({ tag }) => tag === 'v')) {
        draft.slips.push({ kind: 'version-not-first' });
      }
    } else if (isReportTag(read.tag)) readReportTag(draft, read.tag, read.value);
    else if (isPolicyTag(read.tag)) readPolicyTag(draft, read.tag, read);
    else if (isTagName(read.tag)) readPlainTag(draft, read);
    else readExtension(draft, read);
  }
  if (!seen.has('v')) draft.slips.push({ kind: 'no-version' });
  checkPolicies(draft, seen);
  return draft;
}

function isPolicyWord(piece: string): boolean {
  return POLICIES.some((policy) => policy === piece.toLowerCase());
}

/** Reads the word of a policy without its tag. */
function readBarePolicy(draft: Draft, piece: string, seen: Set<string>): void {
  draft.values.set('p', piece.toLowerCase());
  draft.slips.push({ kind: 'bare-policy', tag: 'p', found: piece, meant: `p=${piece.toLowerCase()}` });
  seen.add('p');
}

/** Puts a piece aside that is no tag. It is left out, unless it could be a policy or an address. */
function putAside(draft: Draft, piece: string): void {
  const isPolicy = piece.split(/[^A-Za-z]+/).some((word) => {
    const lower = word.toLowerCase();
    return lower.length > 3 && nearestPolicy(lower) !== undefined;
  });
  const mayBeMeant = isPolicy || /@|mailto|:\/\//i.test(piece) || /^(?:p|sp|np|ru[af])\b/i.test(piece);
  if (mayBeMeant) draft.unread.push(piece);
  else {
    draft.leftOut.push(piece);
    draft.slips.push({ kind: 'no-tag', found: piece });
  }
}

function readReportTag(draft: Draft, tag: ReportTag, value: string): void {
  const { uris, slips, unread } = readAddresses(tag, value);
  draft.slips.push(...slips);
  draft.unread.push(...unread.map((piece) => `${tag}=${piece}`));
  addAddresses(draft, tag, uris);
}

/** Adds report addresses to a draft, each once. */
export function addAddresses({ addresses }: Draft, tag: ReportTag, uris: readonly string[]): void {
  const known = new Set(addresses[tag].map((uri) => uri.toLowerCase()));
  for (const uri of uris) {
    if (!known.has(uri.toLowerCase())) addresses[tag].push(uri);
    known.add(uri.toLowerCase());
  }
}

function readPolicyTag(draft: Draft, tag: 'p' | 'sp' | 'np', { value, written }: ReadTag): void {
  const policy = nearestPolicy(value.replace(/^[^A-Za-z]+|[^A-Za-z]+$/g, ''));
  if (policy === undefined) {
    if (value !== '' || tag === 'p') draft.unread.push(written);
    else {
      draft.leftOut.push(written);
      draft.slips.push({ kind: 'bad-value', tag, found: value });
    }
    return;
  }
  if (policy !== value.toLowerCase()) draft.slips.push({ kind: 'value', tag, found: value, meant: policy });
  const known = POLICIES.find((one) => one === draft.values.get(tag));
  if (known === undefined || isWeaker(known, policy)) draft.values.set(tag, policy);
}

/** @returns the alignment that a value says in a letter or in a word, which may be misspelt. */
function alignment(value: string): string | undefined {
  const letters = value.replace(/[^a-z]/g, '');
  if (letters === 'r' || letters === 's') return letters;
  if (letters.length < 4) return undefined;
  if (slipsBetween(letters, 'relaxed') <= 2) return 'r';
  return slipsBetween(letters, 'strict') <= 2 ? 's' : undefined;
}

/** @returns the value that was meant, as the standard has it, or `undefined` when receivers ignore the value. */
function meantValue(tag: string, value: string): string | undefined {
  const lower = value.toLowerCase();
  switch (tag) {
    case 'adkim':
    case 'aspf':
      return alignment(lower);
    case 't':
      return /^[yn]$/.test(lower) ? lower : undefined;
    case 'psd':
      return /^[ynu]$/.test(lower) ? lower : undefined;
    case 'fo':
      return failureOptions(lower);
    case 'pct': {
      const number = /^(\d{1,3})%?$/.exec(lower)?.[1];
      // Receivers ignore a value with a percent sign, so that it must not get an effect that weakens the policy.
      return number !== undefined && Number(number) <= 100 && (number === lower || number === '100')
        ? number
        : undefined;
    }
    case 'ri':
      return /^\d{1,10}$/.test(lower) ? lower : undefined;
    default:
      return /^[\x21-\x3a\x3c-\x7e]+$/.test(value) ? value : undefined;
  }
}

/** @returns the options of `fo=` that are known, each once. `1` includes `0`. */
function failureOptions(value: string): string | undefined {
  const options = [...new Set(value.match(/[01ds]/g) ?? [])];
  if (options.length === 0 || /[^01ds:,|/\s]/.test(value)) return undefined;
  return options.filter((option) => option !== '0' || !options.includes('1')).join(':');
}

function readPlainTag(draft: Draft, { tag, value, written }: ReadTag): void {
  const meant = meantValue(tag, value);
  if (meant === undefined) {
    draft.leftOut.push(written);
    draft.slips.push({ kind: 'bad-value', tag, found: value });
    return;
  }
  const known = draft.values.get(tag);
  if (known !== undefined) {
    if (known !== meant) draft.leftOut.push(written);
    return;
  }
  if (meant !== value.toLowerCase() && meant !== value) draft.slips.push({ kind: 'value', tag, found: value, meant });
  draft.values.set(tag, meant);
}

/** Keeps a tag that DMARC does not know, because it may be an extension. */
function readExtension(draft: Draft, { tag, value, written }: ReadTag): void {
  const isLikePolicyOrAddress = /@|mailto/i.test(value) || (value.length > 3 && nearestPolicy(value) !== undefined);
  const near = meantTags(tag);
  if (near.length > 0 && isLikePolicyOrAddress) draft.unread.push(written);
  else if (near.length > 0 || !/^[\x20-\x3a\x3c-\x7e\t]*$/.test(value) || !/^[A-Za-z][A-Za-z0-9_]*$/.test(tag)) {
    draft.leftOut.push(written);
    draft.slips.push({ kind: 'no-tag', found: written });
  } else if (draft.values.has(tag)) {
    if (draft.values.get(tag) !== value) draft.leftOut.push(written);
  } else draft.values.set(tag, value);
}

/** Decides on policies that are missing or cannot be read. */
function checkPolicies(draft: Draft, seen: ReadonlySet<string>): void {
  const p = policyOf(draft, 'p');
  // The policy of subdomains is left out where the strictest policy takes its place, so that nothing gets weaker.
  if (p === 'reject') {
    const unreadPolicies = draft.unread.filter((piece) => /^(?:sp|np)\s*=\s*[A-Za-z0-9]*$/i.test(piece));
    for (const piece of unreadPolicies) {
      draft.unread.splice(draft.unread.indexOf(piece), 1);
      draft.leftOut.push(piece);
      draft.slips.push({ kind: 'bad-value', tag: piece.slice(0, 2), found: piece.slice(3).trim() });
    }
  }
  if (p !== undefined || draft.unread.length > 0 || seen.has('p')) return;
  // `sp=` says that the owner has a policy, and not which one is meant for the domain itself.
  if (draft.values.has('sp') || draft.values.has('np')) draft.unread.push('p');
  else {
    draft.values.set('p', 'none');
    draft.slips.push({ kind: 'no-policy', tag: 'p', meant: 'none' });
  }
}

/** @returns the policy of a tag of a draft. */
export function policyOf(draft: Draft, tag: 'p' | 'sp' | 'np'): Policy | undefined {
  return POLICIES.find((policy) => policy === draft.values.get(tag));
}

/**
 * Writes a draft as a record.
 *
 * @returns the record with `v=` and `p=` first, as RFC 7489 §6.4 requires, and then the other tags in their order.
 */
export function textOf({ values, addresses }: Draft, order: readonly string[] = []): string {
  const lists = (['rua', 'ruf'] as const).flatMap((tag) =>
    addresses[tag].length > 0 ? [[tag, addresses[tag].join(',')] as const] : [],
  );
  const tags = [...values, ...lists].sort(([a], [b]) => place(a, order) - place(b, order));
  return ['v=DMARC1', ...tags.map(([tag, value]) => `${tag}=${value}`)].join('; ');
}

/** The order of tags: `p` first, then as published, and those that are not published in the order of the standard. */
function place(tag: string, order: readonly string[]): number {
  if (tag === 'p') return -1;
  const published = order.indexOf(tag);
  if (published >= 0) return published;
  const standard = (KNOWN_TAGS as readonly string[]).indexOf(tag);
  return 1000 + (standard < 0 ? 100 : standard);
}
