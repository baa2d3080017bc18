/**
 * Finds the SMTP replies in a pasted text: a single reply, a bounce (RFC 3464) or the log of a mail server. The text is
 * hostile. It is read line by line, and everything that is taken from it has a limit.
 */
import { INVISIBLE } from '../../../usage-error.ts';

/** An SMTP reply in a text. */
export interface Reply {
  /** The reply code, such as `550`. `null` when the text has only the enhanced code. */
  readonly basic: string | null;
  /** The enhanced status code, such as `5.7.25`. */
  readonly enhanced: string | null;
  /** The words of the reply on one line, without its codes. */
  readonly words: string;
  /** The hosts that the text names as the one that gave the reply. */
  readonly hosts: readonly string[];
}

/** The most characters of one reply that are read. A reply line has at most 512 octets (RFC 5321 §4.5.3.1.5). */
const MAX_WORDS = 4000;

/** The most replies that are told apart. A bounce has one for each recipient. */
const MAX_REPLIES = 200;

/** The most replies that are compared with each other. A bounce repeats each of its replies two or three times. */
const MAX_COMPARED = 5 * MAX_REPLIES;

const ENHANCED = String.raw`[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)`;

/** What a reply stands behind: the beginning of a line, a field, or what a mail server writes before it. */
const BEFORE = String.raw`(?:^|[:;("'<>#=]|\b(?:said|reply|error|code|with))[ \t]*`;

/** A reply code with an enhanced one wherever it stands, and either alone behind what a reply stands behind. */
const REPLY = new RegExp(
  String.raw`(?<![\w.-])([45][0-5]\d)(?:[-;, ]{1,3}|[ ]?\n)#?(${ENHANCED})[ \t-]*|${BEFORE}(?:(${ENHANCED})(?=[\s)"';:,-]|$)|([45][0-5]\d)(?=[- ]|$)(?! ?[-/:]?\d)(?! ?\n#?${ENHANCED}))[ \t-]*`,
  'gim',
);

/** The beginning of a field of a delivery status (RFC 3464 §2) or the end of a JSON string, at which the words of a reply end. */
const END = /\n[A-Z][A-Za-z]*(?:-[A-Za-z]+)+:|\n(?:Status|Action):|\\?"[,}\]]/;

/** A block of the header of a mail. It may have numbers that are no replies. */
const MAIL_HEADER = /^(?:received|message-id|dkim-signature|mime-version|return-path|x-mailer):/im;
const DELIVERY_STATUS = /^(?:diagnostic-code|status|remote-mta):/im;

/** @returns the replies in the text, each once. */
export function repliesIn(text: string): Reply[] {
  const blocks = blocksOf(text);
  const reports = blocks.filter((block) => !MAIL_HEADER.test(block) || DELIVERY_STATUS.test(block));
  const found = repliesOf(reports);
  return distinct(found.length > 0 ? found : repliesOf(blocks));
}

function repliesOf(blocks: readonly string[]): Reply[] {
  const replies: Reply[] = [];
  for (const block of blocks) {
    if (replies.length >= MAX_COMPARED) break;
    replies.push(...repliesOfBlock(block));
  }
  return replies;
}

/** The fields that name other hosts than the one that gave the reply. */
const OTHER_HOSTS = /^(?:reporting-mta|received-from-mta|x-[\w-]+|arrival-date|original-[\w-]+):.*$/gim;

/** @returns the host names in the text, without those in the header of a mail and those of the sending side. */
export function hostsOfReports(text: string): string[] {
  const blocks = blocksOf(text).filter((block) => !MAIL_HEADER.test(block));
  return hostsIn(blocks.join('\n').replace(OTHER_HOSTS, ''));
}

/** @returns the host names in the text, in small letters. The domain of an address is none. */
export function hostsIn(text: string): string[] {
  const names = text.matchAll(/(?<![@\w.-])(?:[a-z0-9_-]{1,63}\.){1,9}[a-z]{2,24}(?![\w@-])/gi);
  return [...new Set([...names].map(([name]) => name.toLowerCase()))];
}

/**
 * @returns the text without marks of quotation, soft line breaks (RFC 2045 §6.7) and characters that are not shown, cut
 *   at empty lines.
 */
function blocksOf(text: string): string[] {
  return plainText(decoded(text.replace(/\r\n?/g, '\n')))
    .replace(/=\n/g, '')
    .split('\n')
    .map((line) => line.replace(INVISIBLE, ' '))
    .join('\n')
    .replace(/^(?:[ ]?>)+ ?/gm, '')
    .split(/\n[ ]*\n/)
    .map((block) => block.replace(/^ +/gm, ''))
    .filter((block) => block !== '');
}

/** Decodes the parts of a mail in base64 and quoted-printable (RFC 2045 §6). The header of a part says how it is encoded. */
function decoded(text: string): string {
  let encoding = '';
  const blocks = text.split('\n\n').map((block) => {
    const [body = '', ...next] = PART_HEADER.test(block) ? ['', block] : block.split(/\n(?=--\S)/);
    const plain = decodedBody(body, encoding);
    const header = next.join('\n');
    if (PART_HEADER.test(header)) encoding = /^content-transfer-encoding:[ \t]*(\S+)/im.exec(header)?.[1] ?? '';
    return [plain, header].filter((part) => part !== '').join('\n\n');
  });
  return blocks.join('\n\n');
}

const PART_HEADER = /^content-(?:type|transfer-encoding):/im;

function decodedBody(body: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return body
        .replace(/=\n/g, '')
        .replace(/(?:=[0-9A-F]{2})+/g, (octets) => Buffer.from(octets.replaceAll('=', ''), 'hex').toString('utf8'));
    default:
      return body;
  }
}

const TAGS =
  /<\/?(?:a|b|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|small|span|strong|style|table|tbody|td|th|title|tr|tt|u|ul)(?=[\s/>])[^<>]{0,1000}>/gi;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', nbsp: ' ', '#39': "'" };

/** Returns the text without the tags and entities of HTML. The angle brackets of an address are none. */
function plainText(text: string): string {
  return text
    .replace(TAGS, ' ')
    .replace(/&(lt|gt|quot|amp|nbsp|#39);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

interface Place {
  readonly basic: string | null;
  readonly enhanced: string | null;
  /** Where the codes begin, and where the words behind them do. */
  readonly start: number;
  readonly end: number;
}

function repliesOfBlock(block: string): Reply[] {
  const places: Place[] = [];
  for (const match of block.matchAll(REPLY)) {
    if (places.length >= MAX_REPLIES) break;
    const [whole, beside = null, both = null, enhanced = null, basic = null] = match;
    places.push({
      basic: beside ?? basic,
      enhanced: both ?? enhanced,
      start: match.index,
      end: match.index + whole.length,
    });
  }
  const remote = hostsIn(/^Remote-MTA:.*$/im.exec(block)?.[0] ?? '');
  const replies: Reply[] = [];
  for (const [index, { basic, enhanced, start, end }] of places.entries()) {
    const before = block.slice(Math.max(places[index - 1]?.end ?? 0, start - MAX_WORDS), start);
    const after = block.slice(end, Math.min(places[index + 1]?.start ?? block.length, end + MAX_WORDS));
    const words = (after.split(END)[0] ?? '').replace(/\s+/g, ' ').trim();
    const saying = [...before.matchAll(/\b(?:host:?|talking to) +(\S{1,255})/gi)]
      .flatMap(([, name = '']) => hostsIn(name))
      .slice(-1);
    const last = replies.at(-1);
    // qmail writes the enhanced code behind the words: "550 no mailbox here by that name (#5.1.1)".
    const isBehind = basic === null && /[(#]/.test(block.slice(start, end)) && last?.basic?.[0] === enhanced?.[0];
    if (last !== undefined && last.enhanced === null && isBehind) {
      replies[replies.length - 1] = { ...last, enhanced };
      continue;
    }
    // A reply of several lines has its code in each of them (RFC 5321 §4.2.1).
    const isSame = last !== undefined && last.basic === basic && (last.enhanced === enhanced || enhanced === null);
    if (isSame && saying.length === 0 && !/remote-mta:/i.test(before)) {
      replies[replies.length - 1] = { ...last, words: `${last.words} ${words}`.trim().slice(0, MAX_WORDS) };
      continue;
    }
    replies.push({ basic, enhanced, words, hosts: [...saying, ...remote] });
  }
  return replies;
}

/**
 * @returns each reply once. A bounce repeats the reply in words for people, in its delivery status, and as the bare code
 *   of the field Status.
 */
function distinct(replies: readonly Reply[]): Reply[] {
  const kept: Reply[] = [];
  for (const reply of replies) {
    const same = kept.findIndex((other) => isRepeated(reply, other));
    const other = kept[same];
    if (other === undefined) kept.push(reply);
    else kept[same] = merged(other, reply);
  }
  return kept.slice(0, MAX_REPLIES);
}

function isRepeated(a: Reply, b: Reply): boolean {
  const areApart = a.hosts.length > 0 && b.hosts.length > 0 && !a.hosts.some((host) => b.hosts.includes(host));
  const isOneCode = a.enhanced === b.enhanced && (a.basic === b.basic || a.basic === null || b.basic === null);
  return !areApart && (isOneCode || isBare(a) || isBare(b));
}

/** Returns whether it is the field Status with the class alone. It has that where the server gave no enhanced code. */
function isBare({ basic, words, enhanced }: Reply): boolean {
  return basic === null && words === '' && /\.0\.0$/.test(enhanced ?? '');
}

function merged(a: Reply, b: Reply): Reply {
  return {
    basic: a.basic ?? b.basic,
    enhanced: isBare(a) ? b.enhanced : isBare(b) ? a.enhanced : (a.enhanced ?? b.enhanced),
    words: a.words.length >= b.words.length ? a.words : b.words,
    hosts: [...new Set([...a.hosts, ...b.hosts])],
  };
}
