/**
 * Folds the edits of an SPF record into one final value. It begins with what the owner meant by all TXT records of the
 * name, makes the changes, and judges the result as receivers would: whom it lets pass, and whether it keeps the limits.
 */
import { isFailure, type Resolver, recordsOf } from '../../../network/dns/answer.ts';
import { sameName } from '../../../network/domain.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { lettersOf, type OctetString } from '../../../network/octet-string.ts';
import {
  authorise,
  authoriseAll,
  effectiveRedirect,
  findAll,
  MAX_LOOKUPS,
  parseRecord,
  publishedAs,
  readMeaning,
  recordFor,
  relieve,
  type SpfReading,
  selectRecords,
  slipNotes,
  walk,
  withEnding,
  withoutDuplicates,
} from '../../../standards/spf/index.ts';
import { testSender } from '../../facts/spf.ts';
import type { SpfChange } from '../../rules/edit.ts';
import { type Proposal, type TextPlanner, type Undecided, unchanged } from './planner.ts';

/** Largest number of terms that a sentence names. */
const MAX_NAMED = 3;

/** The record as it is after some changes, and what they were. */
interface Draft {
  readonly text: string;
  readonly notes: readonly string[];
}

type Ask = Parameters<typeof authoriseAll>[3];

export const planSpf: TextPlanner<SpfChange> = async (name, published, changes, sources) => {
  const reading = readMeaning(published);
  const texts = reading.sources.map((place) => (published[place] ?? []).join(''));
  if (reading.meaning.kind === 'unclear') return undecided(unclear(name, reading.meaning.unread));
  const ips = [...new Set(changes.flatMap((change) => (change.do === 'authorise' ? change.ips : [])))];
  if (reading.meaning.kind === 'unrelated') return fresh(ips);
  const ask: Ask = {
    resolver: sources.dns,
    sender: sameName(name, sources.target.domain) ? testSender(sources.target.domain) : `postmaster@${name}`,
    heloName: sources.heloName,
  };
  const meant = await asMeant(reading, texts, changes, sources.dns);
  const due = await stillDue(name, meant.text, changes, sources.dns);
  const edited = due.reduce(edit, ended(meant, due));
  const settled = await settle(name, edited, ips, ask);
  if (settled.kind === 'undecided') return settled;
  return proposalOf(texts, settled.draft);
};

function undecided(decide: string): Undecided {
  return { kind: 'undecided', decide };
}

function unclear(name: string, unread: readonly string[]): string {
  if (unread.length === 0)
    return `The SPF record of ${name} is too long to be corrected with certainty. Correct it by hand.`;
  const pieces = unread.slice(0, MAX_NAMED).map((piece) => `"${piece}"`);
  const parts = unread.length === 1 ? 'a part' : 'parts';
  const more = unread.length > MAX_NAMED ? ' and more' : '';
  return `The SPF record of ${name} has ${parts} whose meaning is not certain (${pieces.join(', ')}${more}). Decide which senders were meant, and write them as ip4:, ip6:, a: or include:.`;
}

function fresh(ips: readonly IpAddress[]): Proposal {
  if (ips.length === 0) return unchanged();
  return {
    kind: 'proposal',
    remove: [],
    add: [recordFor(ips)],
    notes: [`adds an SPF record that authorises ${ips.join(', ')}`],
  };
}

/** @returns the record that the owner meant, or the published one if no finding asks for a correction. */
async function asMeant(
  { meaning }: SpfReading,
  [text = '', ...others]: readonly OctetString[],
  changes: readonly SpfChange[],
  dns: Resolver,
): Promise<Draft> {
  if (meaning.kind !== 'corrected') return { text, notes: [] };
  const isUsable =
    others.length === 0 && selectRecords([[text]]).length === 1 && parseRecord(text).problems.length === 0;
  if (isUsable && !changes.some((change) => change.do === 'correct')) return { text, notes: [] };
  const idle = meaning.slips.filter(({ kind }) => kind === 'redirect-beside-all');
  const dead = new Set<string>();
  for (const { saw, meant } of idle) {
    const target = meant.slice('include:'.length);
    const answer = await dns.query(target, 'TXT');
    if (!isFailure(answer) && !target.includes('%') && selectRecords(recordsOf(answer)).length !== 1) dead.add(saw);
  }
  const leftOut = idle.filter(({ saw }) => dead.has(saw));
  const kept = meaning.slips.filter((slip) => !leftOut.includes(slip));
  const texts = meaning.text.split(' ').filter((term) => !leftOut.some(({ meant }) => meant === term));
  const because = 'receivers ignore it, and that name has no SPF record';
  return {
    text: texts.join(' '),
    notes: [...slipNotes(kept), ...leftOut.map(({ saw }) => `removes "${saw}": ${because}`)],
  };
}

/**
 * @returns the changes without those of terms that find something by now, because the plan gives their hosts an address
 *   or an MX record. Such terms are changed only because their lookups find nothing.
 */
async function stillDue(
  name: string,
  text: string,
  changes: readonly SpfChange[],
  dns: Resolver,
): Promise<readonly SpfChange[]> {
  const { root } = await walk(name, publishedAs(dns, name, text));
  const found = root.terms.filter(({ term, answers, voidFor }) => {
    const isLookup = term.kind === 'directive' && ['a', 'mx', 'exists'].includes(term.mechanism.name);
    return isLookup && answers.length > 0 && voidFor.length === 0;
  });
  const living = new Set(found.map(({ term }) => term.text.toLowerCase()));
  return changes.flatMap((change): SpfChange[] => {
    if (change.do === 'replace') return living.has(change.term.toLowerCase()) ? [] : [change];
    if (change.do !== 'leave-out') return [change];
    const terms = change.terms.filter((term) => /%\{[^}]*p/i.test(term) || !living.has(term.toLowerCase()));
    return terms.length > 0 ? [{ ...change, terms }] : [];
  });
}

/**
 * Gives the record the ending that the changes ask for, the strictest of them. A correction may have given it a stricter
 * one, which stays.
 */
function ended(draft: Draft, changes: readonly SpfChange[]): Draft {
  const wanted = changes.flatMap((change) => (change.do === 'end' ? [change.with] : []));
  const ending = wanted.includes('-all') ? '-all' : wanted[0];
  const record = parseRecord(draft.text);
  if (ending === undefined || findAll(record)?.qualifier === '-' || effectiveRedirect(record)) return draft;
  const { text, replaced } = withEnding(draft.text, ending);
  if (text === draft.text) return draft;
  return {
    text,
    notes: [...draft.notes, replaced === null ? `ends with ${ending}` : `ends with ${ending}, not ${replaced}`],
  };
}

/** Leaves terms out, or writes others in their place. A term that the correction has changed is not found any more. */
function edit(draft: Draft, change: SpfChange): Draft {
  if (change.do !== 'leave-out' && change.do !== 'replace') return draft;
  const wanted = new Set((change.do === 'replace' ? [change.term] : change.terms).map((term) => term.toLowerCase()));
  const by = change.do === 'replace' ? change.by : [];
  const [version = '', ...terms] = draft.text.split(' ').filter((term) => term !== '');
  const found = terms.filter((term) => wanted.has(term.toLowerCase()));
  if (found.length === 0) return draft;
  const texts = terms.flatMap((term) => (wanted.has(term.toLowerCase()) ? by : [term]));
  const notes = [...new Set(found)].map((term) =>
    by.length === 0
      ? `removes "${term}": ${change.because}`
      : `changes "${term}" to "${by.join(' ')}": ${change.because}`,
  );
  const text = [version, ...withoutDuplicates(texts)].join(' ');
  return { text, notes: [...draft.notes, ...notes.filter((note) => !draft.notes.includes(note))] };
}

/** Lets the addresses pass, and brings the record within the limit of lookups. */
async function settle(
  name: string,
  draft: Draft,
  ips: readonly IpAddress[],
  ask: Ask,
): Promise<{ readonly kind: 'draft'; readonly draft: Draft } | Undecided> {
  const relieved = await withinLimit(name, draft, ask.resolver);
  if (relieved.kind === 'undecided') return relieved;
  const before = relieved.draft;
  if (ips.length === 0) return relieved;
  const text = (await authoriseAll(name, before.text, ips, ask)) ?? authorise(parseRecord(before.text), ips);
  if (text === before.text) return relieved;
  const known = new Set(before.text.split(' '));
  const added = text.split(' ').filter((term) => term !== '' && !known.has(term));
  const moved =
    ips.length > 0 && added.length === 0 ? ['moves the terms of the host before the term that rejects it'] : [];
  const authorised = { text, notes: [...before.notes, ...added.map((term) => `adds ${term}`), ...moved] };
  return { kind: 'draft', draft: authorised };
}

async function withinLimit(
  name: string,
  draft: Draft,
  dns: Resolver,
): Promise<{ readonly kind: 'draft'; readonly draft: Draft } | Undecided> {
  const { root } = await walk(name, publishedAs(dns, name, draft.text));
  if (root.cost <= MAX_LOOKUPS) return { kind: 'draft', draft };
  const { record, replacements } = await relieve(root, dns);
  if (record === null) return undecided(overLimit(name, root.cost, root.terms));
  const notes = replacements.map(({ term, by, isOthers }) => {
    if (by.length === 0) return `removes "${term}": it costs a lookup, and everyone it authorises passes without it`;
    const owner = isOthers ? '; ask its owner to tell you when they change' : '';
    return `changes "${term}" to "${by.join(' ')}": addresses cost no lookup${owner}`;
  });
  const text = withoutDuplicates(record.split(' ')).join(' ');
  return { kind: 'draft', draft: { text, notes: [...draft.notes, ...notes] } };
}

function overLimit(
  name: string,
  cost: number,
  terms: readonly { readonly term: { readonly text: string }; readonly cost: number }[],
): string {
  const dearest = [...terms].sort((a, b) => b.cost - a.cost).slice(0, MAX_NAMED);
  const named = dearest.map(({ term, cost: lookups }) => `"${lettersOf(term.text)}" (${lookups})`).join(', ');
  return `The SPF record of ${name} needs ${cost} DNS lookups, and ${MAX_LOOKUPS} are allowed. Decide which services no longer send and remove their includes, or move some senders to a subdomain with its own record. The most expensive terms are ${named}.`;
}

function proposalOf(published: readonly OctetString[], { text, notes }: Draft): Proposal | Undecided {
  if (parseRecord(text).problems.length > 0)
    return undecided('mailcheck could not make a valid SPF record of the published one. Correct it by hand.');
  if (published.length === 1 && published[0] === text) return unchanged();
  const remove = published.filter((value) => value !== text);
  // Records that differ only in where their strings are split have one text.
  const isOnlyText = remove.length === 0;
  return {
    kind: 'proposal',
    remove: isOnlyText ? [text] : remove,
    add: isOnlyText || !published.includes(text) ? [text] : [],
    notes: [...new Set(notes)],
  };
}
