/**
 * Dials an address at the pace that it takes: one connection at a time and slower where it refuses or drops further
 * ones, and never more often than the limits of this process allow.
 */
import type { IpAddress } from '../ip.ts';
import type { SmtpBudgets } from './budgets.ts';
import type { Dial, OnAbort } from './dial.ts';
import { openConnection, reachPort } from './open.ts';
import { namesLimit } from './pace.ts';
import { isDropped, type Presence } from './presence.ts';
import type { TranscriptLog } from './transcript.ts';
import type { ReachResult, SmtpConnectResult, SmtpFailure, SmtpReply } from './types.ts';
import { sleep } from './wait.ts';

/** The failure of everything that the end of the run has ended. */
export const ABORTED: SmtpFailure = { status: 'aborted', detail: 'the run was cut short' };

/** The parameters of a connection, before it has its turn. */
export type Plan = Omit<Dial, 'onClosed'>;

interface Pacing {
  readonly budgets: SmtpBudgets;
  readonly signal: AbortSignal;
  readonly onAbort: OnAbort;
  /** Milliseconds between the starts of two connections to an address. */
  readonly spacingMs: number;
  /** The wait after the first refusal, in milliseconds. */
  readonly limitMs: number;
}

/** Makes the connections of one client. Its methods never reject for what a server does. */
export class PatientDial {
  /** The dialogues of all connections so far. */
  readonly transcripts: TranscriptLog[] = [];
  readonly #pacing: Pacing;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
  }

  /**
   * Dials until the host lets the client in, or refuses it for another reason than its limit. A connection that is
   * dropped beside another one is tried again alone.
   */
  async connect(ip: IpAddress, plan: Plan, takesLimit: boolean): Promise<SmtpConnectResult> {
    const { budgets, limitMs } = this.#pacing;
    const { pace, slots } = budgets;
    let isSecondTry = false;
    for (;;) {
      const release = await this.#takeTurn(ip, plan);
      if (typeof release !== 'function') return release;
      const { result, isCrowded } = await this.#open(ip, plan, release);
      if (isCrowded && !isSecondTry && isDropped(result)) {
        isSecondTry = true;
        slots.limitToOne(ip);
        pace.drop(ip, limitMs, performance.now());
        plan.transcript.add('note', 'dropped beside another connection; trying again alone');
        continue;
      }
      if (result.status !== 'connected') return result;
      const { greeting } = result.session;
      if (takesLimit || !this.#isLimit(ip, greeting)) {
        if (greeting.code < 400) pace.letIn(ip, performance.now());
        if (isSecondTry) slots.proveOne(ip);
        return result;
      }
      const isAlone = slots.openTo(ip) <= 1;
      await result.session.quit();
      slots.limitToOne(ip);
      const isWorthIt = pace.refuse(ip, greeting, isAlone, limitMs, performance.now());
      if (!isWorthIt) return this.#limited(ip);
      plan.transcript.add('note', 'the host limits connections; trying again later');
    }
  }

  /**
   * Dials once, to find out whether a host still answers that has dropped a connection. No other connection is open
   * then. The host may count the last one for a moment, so this waits a little.
   */
  async connectAlone(ip: IpAddress, plan: Plan): Promise<SmtpConnectResult> {
    const { budgets, limitMs } = this.#pacing;
    budgets.slots.limitToOne(ip);
    budgets.pace.hold(ip, limitMs, performance.now());
    const release = await this.#takeTurn(ip, plan);
    return typeof release === 'function' ? openConnection({ ...plan, onClosed: release }) : release;
  }

  /**
   * Notes that a host dropped a connection although no other one was open, and took a later one. It may still have
   * counted an earlier connection. The next ones wait longer.
   */
  rest(ip: IpAddress): void {
    const { budgets, limitMs } = this.#pacing;
    budgets.slots.proveOne(ip);
    budgets.pace.drop(ip, limitMs, performance.now());
  }

  /**
   * Waits until another connection may be made beside those that are open.
   *
   * @param isWanted whether the connection is still to be made, at the end of the wait.
   * @returns the function that frees its slot. `null` when none may be made: the host limits connections, or this
   *   client does, or the run has ended.
   */
  async turnBeside(ip: IpAddress, { transcript }: Plan, isWanted: () => boolean): Promise<(() => void) | null> {
    const { budgets, signal } = this.#pacing;
    const { pace, slots } = budgets;
    const holdsBack = () => pace.isRefused(ip) || pace.isGivenUp(ip, performance.now()) || slots.takesOne(ip);
    const mayDial = () => !signal.aborted && isWanted() && !holdsBack();
    if (!mayDial()) return null;
    await this.#keepPace(ip);
    await budgets.takePlace(ip, signal);
    if (!mayDial() || !budgets.takeDial(ip)) return null;
    return this.#start(ip, transcript, slots.takeBeside(ip));
  }

  /** Connects, and closes at once without sending anything. */
  async reach(ip: IpAddress, plan: Plan): Promise<ReachResult> {
    const release = await this.#takeTurn(ip, plan);
    return typeof release === 'function' ? reachPort({ ...plan, onClosed: release }) : release;
  }

  /** Opens a connection, and tells whether another one was open that the host has answered or may still answer. */
  async #open(
    ip: IpAddress,
    plan: Plan,
    release: () => void,
  ): Promise<{ result: SmtpConnectResult; isCrowded: boolean }> {
    const { slots } = this.#pacing.budgets;
    const wasCrowded = slots.openTo(ip) > 1;
    const wasVisited = plan.presence?.isVisited === true;
    let own = 1;
    const onClosed = () => {
      own = 0;
      release();
    };
    const result = await openConnection({ ...plan, isBeside: wasCrowded, onClosed });
    const isLive = wasVisited || plan.presence?.hasAnswered === true;
    return { result, isCrowded: isLive && (wasCrowded || slots.openTo(ip) > own) };
  }

  /**
   * Waits for the pace of the host and for a free slot. No slot is held during the wait for the pace, so a slow host
   * takes none from others.
   *
   * @returns the function that frees the slot, or the reason why the client must not connect.
   */
  async #takeTurn(ip: IpAddress, { transcript, presence }: Plan): Promise<SmtpFailure | (() => void)> {
    const { budgets, signal, onAbort } = this.#pacing;
    const { pace, slots } = budgets;
    for (;;) {
      const early = this.#heldBack(ip, presence);
      if (early !== null) return early;
      await this.#keepPace(ip);
      if (signal.aborted) return this.#cutShort(ip);
      const release = await slots.take(ip, onAbort);
      if (release === null) return this.#cutShort(ip);
      const place = budgets.takePlace(ip, signal);
      if (place !== null) await place;
      const refused = signal.aborted ? this.#cutShort(ip) : this.#heldBack(ip, presence);
      // The host may have refused another connection, or another one has started, during the wait for the slot.
      const isInTime = pace.waitMs(ip, performance.now()) === 0;
      if (refused === null && isInTime && budgets.takeDial(ip)) return this.#start(ip, transcript, release);
      release();
      if (refused !== null) return refused;
      if (isInTime) return { status: 'capped', detail: `no more than ${budgets.maxDials} connections to ${ip}` };
    }
  }

  /** Waits until the pace of the host allows a connection, or the run ends. */
  async #keepPace(ip: IpAddress): Promise<void> {
    const { budgets, signal, onAbort } = this.#pacing;
    const leftMs = () => (signal.aborted ? 0 : budgets.pace.waitMs(ip, performance.now()));
    for (let left = leftMs(); left > 0; left = leftMs()) await sleep(left, onAbort);
  }

  /** @returns the function that frees the slot at the end of the connection. */
  #start(ip: IpAddress, transcript: TranscriptLog, release: () => void): () => void {
    const { pace } = this.#pacing.budgets;
    pace.start(ip, this.#pacing.spacingMs, performance.now());
    transcript.dial();
    if (!this.transcripts.includes(transcript)) this.transcripts.push(transcript);
    return () => {
      pace.end(ip, performance.now());
      release();
    };
  }

  /** @returns why no further connection is made to a host that holds this client back, or `null`. */
  #heldBack(ip: IpAddress, presence: Presence | undefined): SmtpFailure | null {
    if (presence?.gone) return presence.gone;
    return this.#pacing.budgets.pace.isGivenUp(ip, performance.now()) ? this.#limited(ip) : null;
  }

  /** @returns why a connection was not made when the run ended. The limit of the host is the reason if it refuses. */
  #cutShort(ip: IpAddress): SmtpFailure {
    const { pace } = this.#pacing.budgets;
    return pace.isRefused(ip) || pace.isSlow(ip) ? this.#limited(ip) : ABORTED;
  }

  #limited(ip: IpAddress): SmtpFailure {
    const { pace } = this.#pacing.budgets;
    return { status: 'limited', detail: pace.refusal(ip), pauseSeconds: pace.advisedPause(ip) };
  }

  /** @returns whether a greeting refuses the connection for a limit. 421 alone says so of a host that took others. */
  #isLimit(ip: IpAddress, greeting: SmtpReply): boolean {
    return namesLimit(greeting) || (greeting.code === 421 && this.#pacing.budgets.pace.hasLetIn(ip));
  }
}
