/**
 * Learns how fast a host takes connections, from the greetings with which it refuses one: down to one connection at a
 * time, then slower and slower. Servers limit connections at a time and per minute, and nobody can know their limits
 * before.
 */
import { forgetOldest } from '../forget.ts';
import type { IpAddress } from '../ip.ts';
import { quoteReply } from './quote.ts';
import type { SmtpReply } from './types.ts';

/** A host that refuses for so many times the first wait is given up: a limit per minute, and some more. */
const LONGEST_WAIT = 65;
/** The longest rest after a connection, in first waits. */
const LONGEST_REST = 4;
/** The window of most limits: a minute. It gives the pause to advise if no wait was long enough to show the real one. */
const USUAL_WINDOW_MS = 60_000;

/** The words with which servers refuse a connection for their limit, whatever the code. */
const LIMIT =
  /too many (?:\S+ ){0,3}(?:connect|session|client)|(?:connection|session|concurrency|connect|client|rate)s?[- ](?:\w+ )?limit|limit(?:s|ed)? (?:\S+ ){0,3}(?:connection|session)|(?:max(?:imum)?|concurrent|simultaneous|parallel) (?:\S+ ){0,3}(?:connection|session)|(?:connection|session)s? (?:\S+ ){0,2}(?:exceed|reached|too)|(?:exceed|reached)\w* (?:\S+ ){0,4}(?:connection|session|rate)|connect\w* too (?:fast|often|frequent|quick|many)|slow down|throttl|too (?:fast|frequent)|zu viele (?:\S+ )?verbindungen|trop de connexions|demasiadas conexiones|troppe connessioni|muitas conex/i;

/** @returns whether the words of a greeting say that the host limits connections. */
export function namesLimit({ code, lines }: SmtpReply): boolean {
  return code >= 400 && LIMIT.test(lines.join(' '));
}

/** The most addresses whose pace is remembered. Those that never held this client back are forgotten first. */
const MAX_LEARNT = 20_000;

interface Learnt {
  /** The starts of the connections that the host let in since it last slowed down, in milliseconds. */
  letIn: number[];
  /** The time between the starts of two connections, in milliseconds. */
  spacingMs: number;
  /** The earliest start of the next connection. */
  next: number;
  /** The end of the wait after a refusal. */
  heldUntil: number;
  /** The time between the end of a connection and the start of the next one, in milliseconds. */
  restMs: number;
  /** When the host began to refuse. `null` while it lets connections in. */
  refusedSince: number | null;
  /** The refusals in a row while no other connection was open. */
  refusals: number;
  givenUpAt: number | null;
  /** The last greeting that refused a connection. */
  refusal: string;
}

/** The pace at which each address takes connections. Times are milliseconds of one clock that only goes forward. */
export class Pace {
  readonly #learnt = new Map<string, Learnt>();

  #of(ip: IpAddress): Learnt {
    const known = this.#learnt.get(ip);
    if (known !== undefined) return known;
    const fresh = {
      letIn: [],
      spacingMs: 0,
      next: 0,
      heldUntil: 0,
      restMs: 0,
      refusedSince: null,
      refusals: 0,
      givenUpAt: null,
      refusal: '',
    };
    this.#learnt.set(ip, fresh);
    forgetOldest(this.#learnt, MAX_LEARNT, (other) => other !== fresh && isUnremarkable(other));
    return fresh;
  }

  /** @returns the milliseconds to wait before the next connection: the pace of the host, and its last refusal. */
  waitMs(ip: IpAddress, now: number): number {
    const learnt = this.#learnt.get(ip);
    return learnt === undefined ? 0 : Math.max(0, learnt.next - now, learnt.heldUntil - now);
  }

  /** Notes the start of a connection. The next one starts at least `spacingMs` later. */
  start(ip: IpAddress, spacingMs: number, now: number): void {
    const learnt = this.#of(ip);
    learnt.next = now + Math.max(spacingMs, learnt.spacingMs);
  }

  /**
   * Notes that the host dropped a connection without a word. It may still count one that is over, so a rest follows
   * each connection from now on. The rest begins with a quarter of the first wait, and doubles with each further drop.
   */
  drop(ip: IpAddress, firstWaitMs: number, now: number): void {
    const learnt = this.#of(ip);
    learnt.restMs = Math.min(Math.max(firstWaitMs / 4, 2 * learnt.restMs), LONGEST_REST * firstWaitMs);
    this.hold(ip, learnt.restMs, now);
  }

  /** Notes that a connection is over. */
  end(ip: IpAddress, now: number): void {
    const learnt = this.#learnt.get(ip);
    if (learnt !== undefined && learnt.restMs > 0) this.hold(ip, learnt.restMs, now);
  }

  /** Lets the next connection wait, because the host has dropped one. */
  hold(ip: IpAddress, milliseconds: number, now: number): void {
    const learnt = this.#of(ip);
    learnt.heldUntil = Math.max(learnt.heldUntil, now + milliseconds);
  }

  /** Whether the host has let a connection in before. */
  hasLetIn(ip: IpAddress): boolean {
    return (this.#learnt.get(ip)?.letIn.length ?? 0) > 0;
  }

  /** Whether the host has refused a connection for its limit, and has let none in since. */
  isRefused(ip: IpAddress): boolean {
    return (this.#learnt.get(ip)?.refusedSince ?? null) !== null;
  }

  /** Whether the host was given up within the last minute. */
  isGivenUp(ip: IpAddress, now: number): boolean {
    const at = this.#learnt.get(ip)?.givenUpAt ?? null;
    return at !== null && now - at < USUAL_WINDOW_MS;
  }

  /** Notes that the host let a connection in. After refusals, the pace at which it did so is kept. */
  letIn(ip: IpAddress, now: number): void {
    const learnt = this.#of(ip);
    const [first] = learnt.letIn;
    if (learnt.refusals > 0) {
      const pace = first === undefined ? 0 : (now - first) / learnt.letIn.length;
      learnt.spacingMs = Math.max(learnt.spacingMs, pace);
      learnt.next = now + learnt.spacingMs;
      learnt.letIn = [];
    }
    learnt.letIn.push(now);
    learnt.refusedSince = null;
    learnt.givenUpAt = null;
    learnt.refusals = 0;
  }

  /**
   * Notes that the host refused a connection for its limit. The next connection waits.
   *
   * @param isAlone whether no other connection to the host was open. Otherwise the limit may be one at a time.
   * @param firstWaitMs the wait after the first refusal. It doubles with each further one.
   * @returns whether it is worth trying again.
   */
  refuse(ip: IpAddress, greeting: SmtpReply, isAlone: boolean, firstWaitMs: number, now: number): boolean {
    const learnt = this.#of(ip);
    learnt.refusedSince ??= now;
    learnt.refusal = quoteReply(greeting);
    if (isAlone) learnt.refusals += 1;
    const waitMs = isAlone ? firstWaitMs * 2 ** (learnt.refusals - 1) : firstWaitMs / 4;
    learnt.heldUntil = now + waitMs;
    const isWorthIt = now - learnt.refusedSince < LONGEST_WAIT * firstWaitMs;
    if (!isWorthIt) learnt.givenUpAt = now;
    return isWorthIt;
  }

  /** Whether the host has made the client slower than it wants to be. */
  isSlow(ip: IpAddress): boolean {
    return (this.#learnt.get(ip)?.spacingMs ?? 0) > 0;
  }

  /** The last greeting that refused a connection. */
  refusal(ip: IpAddress): string {
    return this.#of(ip).refusal;
  }

  /** @returns the whole seconds between two connections that the host probably takes, as far as it has shown them. */
  advisedPause(ip: IpAddress): number {
    const { letIn, spacingMs } = this.#of(ip);
    const usual = USUAL_WINDOW_MS / Math.max(1, letIn.length);
    return Math.ceil((spacingMs > 0 ? 1.5 * spacingMs : usual) / 1000);
  }
}

function isUnremarkable({ spacingMs, restMs, refusals, refusedSince, givenUpAt }: Learnt): boolean {
  return spacingMs === 0 && restMs === 0 && refusals === 0 && refusedSince === null && givenUpAt === null;
}
