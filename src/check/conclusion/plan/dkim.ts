/** Folds edits of a DKIM key record into one final value: what was meant, without the tags that have to go. */
import type { OctetString } from '../../../network/octet-string.ts';
import { assessKeyRecord } from '../../../standards/dkim/assess.ts';
import { withoutTag } from '../../../standards/dkim/edit.ts';
import { meaningOfSelector } from '../../../standards/dkim/selector-meaning.ts';
import { describeCorrection } from '../../rules/dkim/words.ts';
import type { DkimChange } from '../../rules/edit.ts';
import { shown } from '../../rules/quoted.ts';
import type { Proposal, TextPlanner, Undecided } from './planner.ts';

type Change<Do extends DkimChange['do']> = Extract<DkimChange, { readonly do: Do }>;

/** A text to publish, and how it differs from what is published. */
interface Draft {
  readonly text: OctetString;
  readonly notes: readonly string[];
}

/**
 * Folds the edits of one key record. Every TXT record at a selector is of this purpose, because a selector must have
 * exactly one (RFC 6376 §3.6.2.2).
 */
export const planDkim: TextPlanner<DkimChange> = async (name, published, changes) => {
  const texts = published.map((strings) => strings.join(''));
  const start = startOf(name, texts, changes);
  if ('kind' in start) return start;
  return proposalOf(texts, changes.filter(isLeaveOut).reduce(leaveOut, start));
};

const isLeaveOut = (change: DkimChange): change is Change<'leave-out'> => change.do === 'leave-out';
const isPublish = (change: DkimChange): change is Change<'publish'> => change.do === 'publish';

/** @returns the record before tags are taken out of it: a new one, or the one that was meant. */
function startOf(name: string, texts: readonly OctetString[], changes: readonly DkimChange[]): Draft | Undecided {
  const [publish, ...others] = changes.filter(isPublish);
  if (!publish) return meant(name, texts);
  if (others.some(({ text }) => text !== publish.text)) {
    return undecided(`Decide which of the keys belongs at ${name}: a selector can have only one.`);
  }
  const now = texts.length === 0 ? undefined : meant(name, texts);
  // The key that is to be published stands there already. Its record keeps its other tags.
  if (now && 'text' in now && hasKeyOf(now.text, publish.text)) return now;
  const replaced = texts.filter((text) => text !== publish.text);
  const from =
    publish.moves === undefined ? [] : [`moves the key record from ${publish.moves}, where it can then be deleted`];
  return { text: publish.text, notes: [...from, ...replaced.map((text) => `replaces ${shown(text)}`)] };
}

/** Tells whether two records have the same key. */
function hasKeyOf(text: OctetString, other: OctetString): boolean {
  const [one, two] = [text, other].map((record) => assessKeyRecord([record]).key?.fingerprint);
  return one !== undefined && one === two;
}

function meant(name: string, texts: readonly OctetString[]): Draft | Undecided {
  const [only] = texts;
  if (only === undefined) return undecided(`There is no key record at ${name} that could be corrected.`);
  const meaning = meaningOfSelector(texts);
  switch (meaning.kind) {
    case 'right':
      return { text: only, notes: [] };
    case 'corrected': {
      const slips = meaning.slips.map(describeCorrection);
      return {
        text: meaning.text,
        notes: [...slips, ...meaning.leftOut.map((text) => `removes ${shown(text)}`)],
      };
    }
    case 'several':
      return undecided(
        `Decide which of the ${meaning.texts.length} records at ${name} holds the key that the mail server signs with.`,
      );
    case 'alias':
      return undecided(`The TXT record at ${name} holds the name ${meaning.target}, not a key.`);
    case 'unclear':
    case 'unrelated':
      return undecided(`The key cannot be read from the TXT records at ${name}.`);
  }
}

function leaveOut({ text, notes }: Draft, { tag, items, because }: Change<'leave-out'>): Draft {
  const without = withoutTag(text, tag, items);
  if (without === text) return { text, notes };
  const what = items ? `${items.join(' and ')} in ${tag}=` : `${tag}=`;
  return { text: without, notes: [...notes, `removes ${what}, ${because}`] };
}

/** @returns the change from the published texts. A published text that is right stays exactly as it is. */
function proposalOf(texts: readonly OctetString[], { text, notes }: Draft): Proposal {
  const [first, ...others] = texts;
  if (first === text && others.length === 0) return { kind: 'proposal', remove: [], add: [], notes: [] };
  if (!texts.includes(text)) return { kind: 'proposal', remove: texts, add: [text], notes };
  const remove = texts.filter((published) => published !== text);
  // Records that differ only in where their strings are split have one text.
  return remove.length > 0
    ? { kind: 'proposal', remove, add: [], notes }
    : { kind: 'proposal', remove: [text], add: [text], notes };
}

function undecided(decide: string): Undecided {
  return { kind: 'undecided', decide };
}
