/**
 * Relay dialogues with hosts that lose, repeat and mix up replies. Each host relays for one vector, or for none. The
 * property: a host that relays is never called closed.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Asked } from '../../src/check/facts/relay/answers.ts';
import type { RelayClient } from '../../src/check/facts/relay/client.ts';
import { ask, askFurther } from '../../src/check/facts/relay/dialogue.ts';
import {
  VECTORS_PER_CONNECTION,
  type Vector,
  vectorsBehindTls,
  vectorsFor,
} from '../../src/check/facts/relay/vectors.ts';
import { openQuestion } from '../../src/check/rules/open-relay/open-question.ts';
import type { SmtpFailure, SmtpReply, SmtpResult, SmtpSession, TlsDetails } from '../../src/network/smtp/types.ts';
import fc from '../fast-check.ts';
import { tlsDetails } from '../world/tls-details.ts';
import { fuzz } from './fuzz.ts';

const plain = vectorsFor({
  domain: 'example.com',
  host: 'mail.example.com',
  ownNames: ['mail.example.com'],
  address: '203.0.113.5',
  literal: '[203.0.113.5]',
  foreign: { localPart: 'probe', domain: 'example.org' },
  foreignSender: 'probe@example.net',
  random: 'r1',
});
const vectors: readonly Vector[] = [...plain, ...vectorsBehindTls(plain)].filter(({ kind }) => kind !== 'control');
const POSTMASTER = '<postmaster@example.com>';

const VERBS = ['EHLO', 'MAIL', 'RCPT', 'RSET'] as const;
type Verb = (typeof VERBS)[number] | 'QUIT';

/** What is wrong with a host. Nothing is, where a part is absent. */
interface Faults {
  /** The index of the vector that the host relays for. Every other vector is refused. */
  readonly relaysFor?: number;
  readonly isPipelining?: boolean;
  readonly offersTls?: boolean;
  /** RSET is refused, or has no effect. */
  readonly reset?: 'refused' | 'without-effect';
  /** MAIL within a transaction gets 503, or 250 without effect. */
  readonly nested?: 'refused' | 'without-effect';
  /** A verb that gets one reply too many, or none. */
  readonly count?: { readonly verb: (typeof VERBS)[number]; readonly replies: 0 | 2; readonly extra: string };
  /** Whether a reply too many arrives only after the next command. */
  readonly isLate?: boolean;
  /** The number of commands of a connection after which the host changes, and what it does then. */
  readonly turn?: { readonly after: number; readonly does: 'close' | '421' | 'refuse' | 'defer' | 'silence' };
  /** The words of a refusal to relay. */
  readonly words?: string;
  /** The reply to a recipient of the host's own. */
  readonly own?: string;
}

const reply = (text: string): SmtpReply => ({ code: Number(text.slice(0, 3)), enhanced: null, lines: [text.slice(4)] });
const failure = (status: SmtpFailure['status'], detail: string): SmtpFailure => ({ status, detail });

/** One connection: the host behind it, and a client that reads one reply for each command. */
class Connection implements SmtpSession {
  readonly transcript = { id: 'x', lines: [] };
  readonly greeting = reply('220 mail.example.com');
  readonly timings = { connectMs: 0, greetingMs: 0 };
  extensions: ReadonlyMap<string, string> = new Map();
  tls: TlsDetails | null = null;
  #hello = '';
  #sender: string | null = null;
  #commands = 0;
  /** Replies that were sent and not read. */
  #unread: SmtpReply[] = [];
  #late: SmtpReply[] = [];
  #ended: SmtpFailure | null = null;
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  async hello(name: string): Promise<SmtpResult> {
    const result = await this.command(`EHLO ${name}`);
    this.#learn(result);
    return result;
  }

  #learn(result: SmtpResult | undefined): void {
    const isWelcome = result?.status === 'reply' && result.reply.code === 250;
    const offersTls = this.#faults.offersTls === true && this.tls === null;
    const keywords = [...(this.#faults.isPipelining ? ['PIPELINING'] : []), ...(offersTls ? ['STARTTLS'] : [])];
    this.extensions = new Map(isWelcome ? keywords.map((keyword) => [keyword, '']) : []);
  }

  async command(line: string): Promise<SmtpResult> {
    const early = this.#send(line);
    return early ?? this.#read();
  }

  async pipeline(lines: readonly string[]): Promise<SmtpResult[]> {
    const early = lines.map((line, index) => (index === 0 ? this.#send(line) : this.#take(line))).find(Boolean);
    const results = lines.map(() => early ?? this.#read());
    if (lines.at(-1)?.startsWith('EHLO')) this.#learn(results.at(-1));
    return results;
  }

  async message(): Promise<SmtpResult> {
    throw new Error('no message may be sent');
  }

  async startTls() {
    this.tls = tlsDetails;
    this.#sender = null;
    return { status: 'secured', tls: tlsDetails, plaintextAfterReply: false } as const;
  }

  async quit(): Promise<void> {
    this.#ended ??= failure('closed', 'ended');
  }

  /** Sends a command, unless a reply has arrived that no command asked for. */
  #send(line: string): SmtpResult | null {
    if (this.#unread.length > 0) this.#ended ??= failure('malformed', 'a reply that no command asked for');
    return this.#take(line);
  }

  #take(line: string): SmtpResult | null {
    if (this.#ended) return this.#ended;
    this.#unread.push(...this.#late.splice(0));
    this.#commands += 1;
    const verb = (/^[A-Z]+/.exec(line)?.[0] ?? 'QUIT') as Verb;
    const [first, ...more] = this.#repliesTo(verb, line);
    if (first !== undefined) this.#unread.push(reply(first));
    if (this.#faults.isLate) this.#late.push(...more.map(reply));
    else this.#unread.push(...more.map(reply));
    return null;
  }

  #read(): SmtpResult {
    const next = this.#unread.shift();
    if (next) return { status: 'reply', reply: next };
    this.#ended ??= failure('timeout', 'no reply');
    return this.#ended;
  }

  #repliesTo(verb: Verb, line: string): string[] {
    const { turn, count } = this.#faults;
    if (turn && this.#commands > turn.after && verb !== 'QUIT') {
      switch (turn.does) {
        case 'close':
          this.#ended ??= failure('closed', 'it hangs up');
          return [];
        case '421':
          return ['421 too many errors'];
        case 'refuse':
          return ['550 no'];
        case 'defer':
          return ['451 later'];
        case 'silence':
          return [];
      }
    }
    const said = this.#answer(verb, line);
    if (count?.verb !== verb) return [said];
    return count.replies === 0 ? [] : [said, count.extra];
  }

  #answer(verb: Verb, line: string): string {
    const { reset, nested } = this.#faults;
    switch (verb) {
      case 'EHLO':
        this.#hello = line.slice(5);
        this.#sender = null;
        return '250 mail.example.com';
      case 'MAIL': {
        const isNested = this.#sender !== null && nested !== undefined;
        if (isNested) return nested === 'refused' ? '503 5.5.1 Sender already specified' : '250 Ok';
        this.#sender = line.slice('MAIL FROM:'.length);
        return '250 Ok';
      }
      case 'RCPT':
        return this.#recipient(line.slice('RCPT TO:'.length));
      case 'RSET':
        if (reset === undefined) this.#sender = null;
        return reset === 'refused' ? '502 5.5.1 not implemented' : '250 Ok';
      case 'QUIT':
        return '221 Bye';
    }
  }

  #recipient(recipient: string): string {
    const { relaysFor, words = 'Relay access denied', own = '250 Ok' } = this.#faults;
    if (this.#sender === null) return '503 5.5.1 need MAIL';
    if (recipient === POSTMASTER) return own;
    const open = relaysFor === undefined ? undefined : vectors[relaysFor % vectors.length];
    const isOpen =
      open !== undefined &&
      open.mailFrom === this.#sender &&
      open.rcptTo === recipient &&
      (open.hello === null || open.hello === this.#hello) &&
      (!open.behindTls || this.tls !== null);
    return isOpen ? '250 Ok' : `550 ${words}`;
  }
}

function clientOf(faults: Faults): RelayClient {
  return {
    connect: async () => ({ status: 'connected', session: new Connection(faults) }),
    probeName: 'probe.example.net',
    serverName: null,
    control: { mailFrom: ['<>', '<probe@example.net>', POSTMASTER], rcptTo: POSTMASTER, foreign: ['<x@[192.0.2.1]>'] },
    pause: async () => {},
    atATime: 2,
  };
}

type Dialogue = (faults: Faults) => Promise<Asked>;

/** One connection after the other. */
const oneByOne: Dialogue = (faults) => ask(clientOf(faults), vectors);

/** A first connection, and the others two at a time, in which trials of the tls rule ride along. */
const besideEachOther: Dialogue = async (faults) => {
  const client = clientOf(faults);
  const rest = vectors.slice(VECTORS_PER_CONNECTION);
  const opening = await ask(client, vectors.slice(0, VECTORS_PER_CONNECTION));
  if (opening.unanswered.length > 0) return { ...opening, unanswered: [...opening.unanswered, ...rest] };
  const ride = async (session: SmtpSession, name: string): Promise<boolean> => {
    await session.startTls();
    const hello = await session.hello(name);
    return hello.status === 'reply' && hello.reply.code === 250;
  };
  const passengers = [true, false, false, false].map((isFirst, index) => ({ trips: index, isFirst, ride }));
  const further = await askFurther(client, rest, opening.learnt, passengers);
  return { ...further, attempts: [...opening.attempts, ...further.attempts] };
};

const dialogues = [oneByOne, besideEachOther];

async function holds(faults: Faults): Promise<void> {
  for (const dialogue of dialogues) holdsFor(await dialogue(faults), faults);
}

function holdsFor(asked: Asked, faults: Faults): void {
  // Each vector is answered or named, once. Those behind STARTTLS are left out where it is not offered.
  const told = [...asked.attempts.map(({ vector }) => vector.id), ...asked.unanswered.map(({ id }) => id)];
  const optional = vectors.filter(({ behindTls }) => behindTls && !faults.offersTls).map(({ id }) => id);
  expect(new Set(told).size).toBe(told.length);
  expect(vectors.filter(({ id }) => !told.includes(id) && !optional.includes(id))).toEqual([]);
  const { relaysFor } = faults;
  const open = relaysFor === undefined ? undefined : vectors[relaysFor % vectors.length];
  const canBeOpen = open !== undefined && !optional.includes(open.id);
  const isAccepted = asked.attempts.some(({ meaning }) => meaning === 'accepted');
  if (canBeOpen) expect(isAccepted || openQuestion(asked) !== null).toBe(true);
}

const faults: fc.Arbitrary<Faults> = fc.record(
  {
    relaysFor: fc.nat({ max: vectors.length - 1 }),
    isPipelining: fc.boolean(),
    offersTls: fc.boolean(),
    reset: fc.constantFrom('refused', 'without-effect'),
    nested: fc.constantFrom('refused', 'without-effect'),
    count: fc.record({
      verb: fc.constantFrom(...VERBS),
      replies: fc.constantFrom(0, 2),
      extra: fc.constantFrom('250 Ok', '550 Relay access denied', '503 need MAIL', '221 Bye', '550 no', '421 bye'),
    }),
    isLate: fc.boolean(),
    turn: fc.record({
      after: fc.nat({ max: 40 }),
      does: fc.constantFrom('close', '421', 'refuse', 'defer', 'silence'),
    }),
    words: fc.constantFrom('Relay access denied', 'no', '5.1.1 User unknown', 'syntax error', 'later', ''),
    own: fc.constantFrom('250 Ok', '550 no', '550 5.1.1 User unknown', '451 later', '503 bad sequence of commands'),
  },
  { requiredKeys: [] },
);

fuzz('a host that relays for one vector is never called closed', 4000, faults, holds);

const kept = JSON.parse(readFileSync(new URL('seeds/relay.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly faults: Faults;
}[];

test.each(kept)('kept: $name', ({ faults: given }) => holds(given));

test.each(dialogues)('a host without faults is called closed, and one that relays is not: %o', async (dialogueWith) => {
  for (const isPipelining of [false, true]) {
    const closed = await dialogueWith({ isPipelining, offersTls: true });
    expect(openQuestion(closed)).toBeNull();
    expect(closed.attempts).toHaveLength(vectors.length);
    for (const relaysFor of vectors.keys()) {
      const { attempts } = await dialogueWith({ isPipelining, offersTls: true, relaysFor });
      const accepted = attempts.filter(({ meaning }) => meaning === 'accepted').map(({ vector }) => vector.id);
      expect(accepted).toContain(vectors[relaysFor]?.id);
    }
  }
});
