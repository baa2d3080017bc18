/**
 * Reads the replies of receivers: which receiver gave each, which faults of the sender are behind it, and how sure that
 * is. The reply of a named receiver says most. The words of a reply say more than its enhanced code, which has many
 * meanings.
 */
import { allReceivers } from '../../../knowledge/receivers/catalogue.ts';
import type { CauseName } from '../../../knowledge/receivers/causes.ts';
import { enhancedCode } from '../../../knowledge/receivers/enhanced-codes.ts';
import type { Receiver } from '../../../knowledge/receivers/schema.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { type NamedList, namedList } from './named-list.ts';
import { hostsIn, hostsOfReports, type Reply, repliesIn } from './replies.ts';
import { isSameReply, knownReply, marksIn, wordsOf } from './similarity.ts';
import { WORDINGS } from './wordings.ts';

/**
 * How sure a statement is. `certain`: the text itself says it, or it is the known reply of the receiver that the text
 * names. `likely`: something of it is missing. `general`: the meaning of a code or of words, whoever said them.
 */
export type Certainty = 'certain' | 'likely' | 'general';

/** One statement about a reply. */
export interface Statement {
  readonly certainty: Certainty;
  readonly says: string;
  /** The id of the receiver whose rule it is. */
  readonly receiver: string | null;
  /** The faults of the sender that can be behind it, the likeliest first. */
  readonly causes: readonly CauseName[];
  /** The code of the finding for the listing that it names. `null` when it names none. */
  readonly listing: string | null;
  /** The page on which the receiver says so, or the standard. */
  readonly source: string | null;
}

/** A reply, and what is known about it. */
export interface ReadReply extends Omit<Reply, 'hosts'> {
  /** Whether the failure is permanent or temporary. */
  readonly failure: 'permanent' | 'temporary';
  /** The receivers that the text names as the one that gave the reply. */
  readonly receivers: readonly { readonly id: string; readonly name: string; readonly host: string }[];
  /** Whether the mailbox or the address of the recipient is the cause, and not the sending server. */
  readonly isAboutRecipient: boolean;
  /** The surest first. */
  readonly statements: readonly Statement[];
  readonly list: NamedList | null;
}

/** The most replies that are explained. */
const MAX_EXPLAINED = 5;

/** A text, and what is known about its replies. */
export interface ReadText {
  readonly replies: readonly ReadReply[];
  /** The number of further replies in the text. They are not explained. */
  readonly left: number;
}

/** @returns what is known about every reply in the text, or `undefined` when there is none. */
export function readReplies(text: string): ReadText | undefined {
  const replies = repliesIn(text);
  if (replies.length === 0) return undefined;
  const everywhere = namedIn(hostsOfReports(text.slice(0, MAX_SEARCHED)));
  return {
    replies: replies.slice(0, MAX_EXPLAINED).map((reply) => readReply(reply, namedBy(reply, everywhere))),
    left: Math.max(0, replies.length - MAX_EXPLAINED),
  };
}

/** The most characters in which hosts are searched. */
const MAX_SEARCHED = 65_536;

/** A receiver, and the host that tells it. */
export interface Named {
  readonly receiver: Receiver;
  readonly host: string;
}

/**
 * Returns the receivers that the hosts belong to. A host of two receivers counts only when no other host tells which of
 * them it is.
 */
function namedIn(hosts: readonly string[]): Named[] {
  const owners = hosts.map(ownersOf);
  const sole = owners.filter(({ length }) => length === 1).flat();
  const isTold = (group: readonly Named[]): boolean =>
    group.some(({ receiver }) => sole.some((one) => one.receiver === receiver));
  const found = [...sole, ...owners.filter((group) => group.length > 1 && !isTold(group)).flat()];
  return found.filter(({ receiver }, index) => found.findIndex((other) => other.receiver === receiver) === index);
}

/** Returns the receivers with a domain of the host. The closest domain decides. */
function ownersOf(host: string): Named[] {
  const owners = allReceivers.flatMap((receiver) =>
    receiver.hosts
      .flatMap(({ domains }) => domains.filter((own) => isSameOrSubdomain(host, own)))
      .map((own) => ({ receiver, host, own })),
  );
  const closest = Math.max(0, ...owners.map(({ own }) => own.length));
  return owners.filter(({ own }) => own.length === closest).map(({ receiver }) => ({ receiver, host }));
}

/** Returns the receivers whose address for unknown senders the words have. */
function askedIn(words: string): Named[] {
  return allReceivers.flatMap((receiver) =>
    addressesIn(receiver.askFirst ?? '')
      .filter((address) => words.includes(address))
      .map((host) => ({ receiver, host })),
  );
}

function addressesIn(text: string): string[] {
  return text.match(/[\w.-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [];
}

/** Returns the receivers that a reply in a text comes from. */
function namedBy({ hosts, words }: Reply, everywhere: readonly Named[]): readonly Named[] {
  const beside = namedIn(hosts);
  const within = [...namedIn(hostsIn(words)), ...askedIn(words)];
  // A text may quote other mails, so a host elsewhere in it counts only when the reply has none of its own.
  const elsewhere = hosts.length === 0 && everywhere.length === 1 ? everywhere : [];
  return [beside, within, elsewhere].find((group) => group.length > 0) ?? [];
}

/**
 * @param named the receivers that the reply comes from.
 * @returns what is known about one reply.
 */
export function readReply(reply: Omit<Reply, 'hosts'>, named: readonly Named[]): ReadReply {
  const { basic, enhanced, words } = reply;
  const list = namedList(words) ?? null;
  const statements = [
    ...receiverStatements(reply, named),
    ...(list === null ? [] : [listStatement(list)]),
    ...wordingStatements(words),
    ...codeStatements(reply, named),
    ...otherRules(reply, named),
  ];
  const isExplained = statements.some(({ certainty }) => certainty !== 'general');
  const blamesSender = statements.some(({ causes, listing }) => causes.length > 0 || listing !== null);
  const isAboutRecipient =
    !blamesSender &&
    ((enhanced !== null && enhancedCode(enhanced)?.isAboutRecipient === true) ||
      WORDINGS.some(({ sign, isAboutRecipient: isAbout }) => isAbout === true && sign.test(words)));
  return {
    basic,
    enhanced,
    words,
    // The reply code decides (RFC 5321 §4.2.1). A server that gives up has "554 4.4.7".
    failure: (basic ?? enhanced ?? '').startsWith('4') ? 'temporary' : 'permanent',
    isAboutRecipient,
    receivers: named.map(({ receiver, host }) => ({ id: receiver.id, name: receiver.name, host })),
    statements: [...statements, ...(isExplained || isAboutRecipient ? [] : unseenRules(named))].sort(
      (a, b) => ORDER.indexOf(a.certainty) - ORDER.indexOf(b.certainty),
    ),
    list,
  };
}

const ORDER: readonly Certainty[] = ['certain', 'likely', 'general'];

/** Returns what the published replies of receivers say about the reply. */
function receiverStatements(
  { enhanced, words }: Pick<Reply, 'enhanced' | 'words'>,
  named: readonly Named[],
): Statement[] {
  const said = { words: wordsOf(words), marks: marksIn(words) };
  const isNamed = (receiver: Receiver): boolean => named.some((one) => one.receiver === receiver);
  const known = allReceivers.flatMap((receiver) =>
    receiver.rules.flatMap((rule) =>
      rule.reply === null ? [] : [{ receiver, rule, reply: rule.reply, known: knownReply(rule.reply.text) }],
    ),
  );
  const isCode = (other: string | null): boolean => enhanced !== null && other !== null && other === enhanced;
  const isOtherCode = (other: string | null): boolean => enhanced !== null && other !== null && other !== enhanced;
  const same = known.filter(
    (one) =>
      !isOtherCode(one.known.enhanced) &&
      isSameReply(said.words, said.marks, one.known) &&
      // A reply about one list is not the reply about another.
      (one.known.marks.length > 0 || hostsIn(one.reply.text).every((host) => hostsIn(words).includes(host))),
  );
  // The software of many receivers gives its reply whatever the name of the host is.
  const own = same.filter(({ receiver }) => named.length === 0 || isNamed(receiver) || receiver.hosts.length === 0);
  if (own.length > 0) {
    return own.map(({ receiver, rule, reply }) => {
      const isCertain = isNamed(receiver);
      const says = isCertain
        ? `This is the reply of ${receiver.name} for one of its rules: it ${rule.because}.`
        : `${receiver.name} gives such a reply: it ${rule.because}. The text does not name the receiver.`;
      return statementOf(receiver, rule.when, isCertain ? 'certain' : 'likely', says, reply.source);
    });
  }
  const isVague = enhanced === null || enhancedCode(enhanced)?.isVague === true;
  const byCode = known.filter(
    (one) => !isVague && isCode(one.known.enhanced) && (named.length === 0 || isNamed(one.receiver)),
  );
  // Words with a note name a failure that has several causes.
  const mentioned = WORDINGS.filter(({ sign, note }) => note === undefined && sign.test(words)).flatMap(
    ({ causes }) => causes,
  );
  const isMentioned = (rule: Rule): boolean => rule.when.flat().some((cause) => mentioned.includes(cause));
  const agreeing = byCode.filter(({ receiver, rule }) => isNamed(receiver) && isMentioned(rule));
  if (agreeing.length > 0) {
    return agreeing.map(({ receiver, rule, reply }) => {
      const says = `${receiver.name} gives ${enhanced} for one of its rules: it ${rule.because}.`;
      return statementOf(receiver, rule.when, 'certain', says, reply.source);
    });
  }
  return byCode.map(({ receiver, rule, reply }) => {
    const use = `${receiver.name} uses ${enhanced} for one of its rules: it ${rule.because}.`;
    const says = words === '' ? use : `${use} The words of the reply are not those that mailcheck knows.`;
    return statementOf(receiver, rule.when, isNamed(receiver) ? 'likely' : 'general', says, reply.source);
  });
}

type Rule = Receiver['rules'][number];

function statementOf(
  receiver: Receiver,
  when: readonly (readonly CauseName[])[],
  certainty: Certainty,
  says: string,
  source: string,
): Statement {
  return { certainty, says, receiver: receiver.id, causes: distinct(when.flat()), listing: null, source };
}

const distinct = (causes: readonly CauseName[]): CauseName[] => [...new Set(causes)];

function listStatement({ name, zone, code, closed }: NamedList): Statement {
  const called = name === zone ? name : `${name} (${zone})`;
  const says =
    closed === null
      ? `The reply names the list ${called}.`
      : `The reply names the list ${called}, which is out of service: ${closed}.`;
  return { certainty: 'certain', says, receiver: null, causes: [], listing: code, source: null };
}

function wordingStatements(words: string): Statement[] {
  return WORDINGS.filter(({ sign }) => sign.test(words)).map(({ topic, causes, note }) => ({
    certainty: 'likely',
    says: `The reply mentions ${topic}.${note === undefined ? '' : ` ${note}`}`,
    receiver: null,
    causes: distinct(causes),
    listing: null,
    source: null,
  }));
}

/** Returns what the enhanced code means in the standards. A receiver that has its own sense for it may mean another. */
function codeStatements({ basic, enhanced }: Pick<Reply, 'basic' | 'enhanced'>, named: readonly Named[]): Statement[] {
  const meaning = enhanced === null ? undefined : enhancedCode(enhanced);
  if (enhanced === null || meaning === undefined) return [];
  const others = allReceivers.filter(({ id, rules: own }) => {
    const isIn = named.length === 0 || named.some(({ receiver }) => receiver.id === id);
    return isIn && own.some(({ reply }) => reply !== null && knownReply(reply.text).enhanced === enhanced);
  });
  const isVague = meaning.isVague === true ? ' Receivers use this code for many reasons.' : '';
  const isOther = others.length > 0 && meaning.causes === undefined && isVague === '';
  // Codes about the network are for a server that reached none. A receiver that answers means something else.
  const isAnswer = basic !== null && /^[45]\.4\./.test(enhanced);
  const own = isOther || isAnswer ? ' Some receivers use it in another sense.' : '';
  return [
    {
      certainty: 'general',
      says: `${enhanced} means: ${meaning.says}.${isVague}${own}`,
      receiver: null,
      causes: distinct(meaning.causes ?? []),
      listing: null,
      source: meaning.reference,
    },
  ];
}

/** Returns what named receivers look at besides, if the reply is one that they give for it. */
function otherRules({ enhanced, words }: Pick<Reply, 'enhanced' | 'words'>, named: readonly Named[]): Statement[] {
  const said = { words: wordsOf(words), marks: marksIn(words) };
  const sites = hostsIn(words);
  const hasSite = (text: string): boolean => hostsIn(text).some((site) => sites.includes(site));
  const isMeant = (text: string): boolean => {
    if (hasSite(text)) return true;
    if (addressesIn(text).some((address) => words.includes(address))) return true;
    const replies = [...text.matchAll(/\(([45]\d\d [^)]+)\)/g)].map(([, reply = '']) => knownReply(reply));
    const isSaid = replies.some((known) => known.marks.length === 0 && isSameReply(said.words, said.marks, known));
    return isSaid || marksIn(text).some((mark) => said.marks.includes(mark)) || isInRange(enhanced, text);
  };
  // A company keeps its list of addresses for many receivers, and the reply has the site of the list.
  const shared = allReceivers
    .filter((receiver) => named.every((one) => one.receiver !== receiver))
    .flatMap(({ notCheckable, source }) => notCheckable.filter(hasSite).map((text) => ({ text, source })))
    .map(({ text, source }) => ({
      certainty: 'certain' as const,
      says: `The reply names what no check can see: ${text}.`,
      receiver: null,
      causes: [],
      listing: null,
      source,
    }));
  const own = named.flatMap(({ receiver }) => {
    const { id, name, notCheckable, askFirst, source } = receiver;
    const reasons = [
      ...notCheckable
        .filter(isMeant)
        .map((text) => `${name} gives this reply for something that no check can see: ${text}.`),
      ...(askFirst !== null && isMeant(askFirst)
        ? [`This is how ${name} answers unknown addresses: it ${askFirst}.`]
        : []),
    ];
    return reasons.map((says) => ({
      certainty: 'certain' as const,
      says,
      receiver: id,
      causes: [],
      listing: null,
      source,
    }));
  });
  return [...own, ...shared.slice(0, 1)];
}

/** Returns what the named receivers look at that no check can see. It is all that is left when nothing else is known. */
function unseenRules(named: readonly Named[]): Statement[] {
  return named
    .filter(({ receiver }) => receiver.notCheckable.length > 0)
    .map(({ receiver: { id, name, notCheckable, source } }) => ({
      certainty: 'general',
      says: `${name} also judges mail by what no check can see: ${notCheckable.join('; ')}.`,
      receiver: id,
      causes: [],
      listing: null,
      source,
    }));
}

/** Returns whether the text has the code in a range such as "5.7.606 to 5.7.649", or has it alone. */
function isInRange(enhanced: string | null, text: string): boolean {
  if (enhanced === null || enhancedCode(enhanced)?.isVague === true) return false;
  const range = /(\d\.\d\.)(\d+) to \1(\d+)/.exec(text);
  if (range === null) return text.split(/[^\d.]+/).includes(enhanced);
  const [, start = '', first, last] = range;
  const number = Number(enhanced.slice(start.length));
  return enhanced.startsWith(start) && number >= Number(first) && number <= Number(last);
}
