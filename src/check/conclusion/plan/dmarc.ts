/**
 * Folds the edits of a DMARC record into one final value. The record that was meant comes first. Then tags change as
 * findings ask, report addresses are asked for, and at last the stages follow by which the owner tightens the policy.
 */
import { policyIn, readDmarcTexts } from '../../../standards/dmarc/correct.ts';
import { editRecord } from '../../../standards/dmarc/edit.ts';
import { isWeaker } from '../../../standards/dmarc/policy.ts';
import {
  type DmarcRecord,
  HISTORIC_TAGS,
  POLICIES,
  type Policy,
  parseDmarcRecord,
} from '../../../standards/dmarc/record.ts';
import { quoteInput } from '../../../usage-error.ts';
import { notesOf } from '../../rules/dmarc/slip-words.ts';
import type { DmarcChange } from '../../rules/edit.ts';
import { type Proposal, type Stage, type TextPlanner, type Undecided, unchanged } from './planner.ts';

type ChangeOf<D extends DmarcChange['do']> = Extract<DmarcChange, { readonly do: D }>;

/** @returns the changes of one kind, in their order. */
function only<D extends DmarcChange['do']>(changes: readonly DmarcChange[], kind: D): ChangeOf<D>[] {
  return changes.filter((change): change is ChangeOf<D> => change.do === kind);
}

/** A record while changes are folded into it. */
interface Folded {
  readonly text: string;
  readonly notes: readonly string[];
}

/** Takes out the tags that RFC 9989 removed (App. C.5.2). */
const WITHOUT_HISTORIC: ChangeOf<'set'> = {
  do: 'set',
  tags: Object.fromEntries(HISTORIC_TAGS.map((tag) => [tag, null])),
  because: 'which DMARC no longer has',
};

/** Plans the DMARC record at a name `_dmarc.…` (RFC 9989). */
export const planDmarc: TextPlanner<DmarcChange> = async (name, published, changes) => {
  const { texts, meaning } = readDmarcTexts(published.map((strings) => strings.join('')));
  if (meaning.kind === 'unclear') return undecided(name, texts, meaning.unread);
  const publish = only(changes, 'publish');
  const moves = publish.filter(({ moves: from }) => from !== undefined);
  const own: Folded[] =
    meaning.kind === 'right'
      ? [{ text: texts[0] ?? '', notes: [] }]
      : meaning.kind === 'corrected'
        ? [{ text: meaning.text, notes: notesOf(meaning.slips, meaning.leftOut) }]
        : [];
  const others = own.length === 0 && moves.length === 0 ? publish : moves;
  const base = joined(name, own, others);
  if (base === undefined) return unchanged();
  if ('kind' in base) return base;

  const set = only(changes, 'set').reduce(withTags, base);
  const asked = only(changes, 'ask-for-reports').reduce(withReports, set);
  const isForLater = changes.every((change) => change.do === 'tighten-later');
  const isSame = texts.length === 1 && texts[0] === asked.text;
  // A record that changes anyway keeps nothing of what has no effect.
  const final = isForLater || isSame ? asked : withTags(asked, WITHOUT_HISTORIC);
  const later = only(changes, 'tighten-later').length > 0 ? stagesOf(final.text) : [];
  if (isForLater || isSame) return unchanged(later);
  const proposal: Proposal = { kind: 'proposal', remove: texts, add: [final.text], notes: final.notes };
  return later.length > 0 ? { ...proposal, later } : proposal;
};

function undecided(name: string, texts: readonly string[], unread: readonly string[]): Undecided {
  const pieces = unread.slice(0, 3).map((piece) => quoteInput(piece));
  if (unread.includes('p')) {
    const decide = `Decide which policy p= should have in the record at ${name}: none, quarantine or reject. The record has no p=, and its policy for subdomains does not show what was meant for the domain.`;
    return { kind: 'undecided', decide };
  }
  const isPolicy = unread.some((piece) => /^\s*(?:p|sp|np)\b/i.test(piece));
  const choice = isPolicy ? ': none, quarantine or reject' : '';
  const records = texts.length > 1 ? `${texts.length} records` : 'record';
  return {
    kind: 'undecided',
    decide: `Decide what ${pieces.join(', ')} means in the ${records} at ${name}${choice}. No record is proposed, because the meaning is not certain.`,
  };
}

/** Joins the record at the name and those at other names by mistake, or takes the first record of a domain. */
function joined(
  name: string,
  own: readonly Folded[],
  publish: readonly ChangeOf<'publish'>[],
): Folded | Undecided | undefined {
  if (publish.length === 0) return own[0];
  const sources = [...own.map(({ text }) => text), ...new Set(publish.map(({ text }) => text))];
  const { texts, meaning } = readDmarcTexts(sources);
  if (meaning.kind === 'unrelated') return undefined;
  if (meaning.kind === 'unclear') return undecided(name, texts, meaning.unread);
  const notes = own.flatMap((record) => record.notes);
  for (const { moves } of publish) {
    notes.push(moves === undefined ? 'publishes a first record' : `takes over the record at ${moves}`);
  }
  if (meaning.kind === 'right') return { text: texts[0] ?? '', notes };
  return { text: meaning.text, notes: [...notes, ...notesOf(meaning.slips, meaning.leftOut)] };
}

/** Sets tags and takes tags out. A policy is never made weaker. */
function withTags(record: Folded, { tags, because }: ChangeOf<'set'>): Folded {
  const published = new Map((parseDmarcRecord(record.text)?.tags ?? []).map(({ name, value }) => [name, value]));
  const changed = Object.entries(tags).filter(
    ([tag, value]) => (published.get(tag) ?? null) !== value && !isWeakening(tag, published, value),
  );
  if (changed.length === 0) return record;
  const clauses = changed.map(([tag, value]) =>
    value === null ? `removes ${tag}=${published.get(tag) ?? ''}` : `sets ${tag}=${value}`,
  );
  const note = `${clauses.join(' and ')}, ${because}`;
  return { text: editRecord(record.text, Object.fromEntries(changed)), notes: [...record.notes, note] };
}

/** @returns whether the change would weaken a policy that the record has. */
function isWeakening(tag: string, published: ReadonlyMap<string, string>, value: string | null): boolean {
  const policyOf = (text: string | null | undefined): Policy | undefined =>
    POLICIES.find((policy) => policy === text?.toLowerCase());
  if (tag === 'p') {
    const [now, then] = [policyOf(published.get('p')), policyOf(value)];
    return now !== undefined && (then === undefined || isWeaker(then, now));
  }
  if (tag !== 'sp' && tag !== 'np') return false;
  const now = policyOf(published.get(tag));
  // Without a tag of their own, subdomains have the policy of the domain.
  const then = policyOf(value ?? published.get('p'));
  return now !== undefined && then !== undefined && isWeaker(then, now);
}

/** Asks for aggregate reports, if nobody gets them yet. */
function withReports(record: Folded, { uri }: ChangeOf<'ask-for-reports'>): Folded {
  const rua = parseDmarcRecord(record.text)?.rua ?? [];
  if (rua.some(({ host }) => host !== null)) return record;
  const value = [...rua.filter(({ fault }) => fault !== 'empty').map((one) => one.uri), uri].join(',');
  const note = `asks for reports to ${uri.replace(/^mailto:/, '')}`;
  return { text: editRecord(record.text, { rua: value }), notes: [...record.notes, note] };
}

const WHEN: Readonly<Record<Policy, string>> = {
  none: '',
  quarantine: 'Publish this when the reports of some weeks show that all your mail passes.',
  reject: 'Publish this when quarantine has caught no mail of your own for some weeks.',
};

/**
 * @returns the stages by which the policy is tightened to reject, each with its whole record. None if nobody gets
 *   reports, because only reports show when a stage is due.
 */
function stagesOf(text: string): Stage[] {
  const record = parseDmarcRecord(text);
  if (!record?.rua.some(({ host }) => host !== null)) return [];
  const stages: Stage[] = [];
  let current: DmarcRecord = record;
  const add = (changes: Readonly<Record<string, string | null>>, when: string): void => {
    const next = editRecord(current.text, changes);
    const parsed = parseDmarcRecord(next);
    if (!parsed || next === current.text) return;
    stages.push({ text: next, when });
    current = parsed;
  };
  const p = policyIn(record.p);
  if (record.testing && p !== undefined && p !== 'none') {
    add(
      { t: null },
      `Publish this when the reports show that all your mail passes. Without t=y, receivers apply p=${p}.`,
    );
  }
  const looser = p === undefined ? [] : (['sp', 'np'] as const).filter((tag) => isWeakerTag(record, tag, p));
  if (looser.length > 0) {
    const goes = Object.fromEntries(looser.map((tag) => [tag, null]));
    add(
      goes,
      `Publish this when the reports show that all mail of subdomains passes. Without ${looser.map((tag) => `${tag}=`).join(' and ')}, p=${p} applies to them.`,
    );
  }
  for (const policy of POLICIES) {
    const now = policyIn(current.p);
    if (now === undefined || !isWeaker(now, policy)) continue;
    const weaker = (['sp', 'np'] as const).filter((tag) => isWeakerTag(current, tag, policy));
    const gone = weaker.map((tag) => `${tag}=${current.tags.find(({ name }) => name === tag)?.value ?? ''}`);
    const left =
      gone.length === 0 ? '' : ` It also removes ${gone.join(' and ')}, so that subdomains are protected too.`;
    add({ p: policy, t: null, ...Object.fromEntries(weaker.map((tag) => [tag, null])) }, `${WHEN[policy]}${left}`);
  }
  return stages;
}

function isWeakerTag(record: DmarcRecord, tag: 'sp' | 'np', policy: Policy): boolean {
  const value = policyIn(record[tag]);
  return value !== undefined && isWeaker(value, policy);
}
