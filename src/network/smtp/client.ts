/**
 * The SMTP client of a run. Decides which addresses it may connect to, and when, and under which EHLO name. It goes slower
 * where a host limits connections, and notices a host that has stopped to answer it.
 */
import { isIP } from 'node:net';
import type { OnFault } from '../fault.ts';
import { type GateOptions, hostPort, type Redirections, redirected, refusal } from '../gate.ts';
import { type IpAddress, ipFamily } from '../ip.ts';
import { SmtpBudgets } from './budgets.ts';
import { canOffer } from './capability.ts';
import { DEFAULT_TIMEOUTS, type Dial, openConnection, reachPort, type SmtpTimeouts } from './connection.ts';
import { namesLimit } from './pace.ts';
import { BARRED, Presence } from './presence.ts';
import { TranscriptLog } from './transcript.ts';
import type { SmtpClient, SmtpConnectResult, SmtpFailure, SmtpReply } from './types.ts';

export interface SmtpClientOptions extends GateOptions {
  /** Ends the client: pending operations resolve as `aborted`, and all sockets are destroyed. */
  readonly signal: AbortSignal;
  /** The name that the client sends in EHLO. */
  readonly probeName: string;
  /** Redirects connections, for labs, tunnels and tests. */
  readonly connectTo?: Redirections;
  /** The limits that the clients of this process share. Absent: the client has its own. */
  readonly budgets?: SmtpBudgets;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Milliseconds between the starts of two connections to an address. None when absent. */
  readonly spacingMs?: number;
  /** CA certificates (PEM) to trust in addition to the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** Receives each fault of mailcheck itself. The session then ends as if the run had been aborted. */
  readonly onFault?: OnFault;
}

/**
 * Creates the SMTP client of a run.
 *
 * @returns a client whose methods never reject: every failure of the network is a value.
 * @throws RangeError when `connectTo` redirects to something other than an IP address.
 */
export function createSmtpClient(options: SmtpClientOptions): SmtpClient {
  const { signal, connectTo = new Map(), extraRoots = [], onFault = () => {} } = options;
  for (const { host } of connectTo.values()) {
    if (isIP(host) === 0) throw new RangeError(`connectTo needs addresses, not ${JSON.stringify(host)}`);
  }
  const { budgets = new SmtpBudgets() } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const onAbort = abortListeners(signal);
  const transcripts: TranscriptLog[] = [];
  const called = new Map<string, number>();
  const { spacingMs = 0 } = options;

  const presences = new Map<string, Presence>();

  /** @returns the parameters of a connection, or the reason why the client must not connect. */
  async function admit(
    ip: IpAddress,
    port: number,
    purpose: string,
  ): Promise<SmtpFailure | { status: 'admitted'; dial: Omit<Dial, 'onClosed'> }> {
    const id = nextId(called, ip, port, purpose);
    const refused = await refusal(ip, options);
    if (refused !== undefined) return { status: 'forbidden', detail: `${ip} is ${refused}` };
    const transcript = new TranscriptLog(id);
    const { host, port: dialPort } = redirected(ip, port, connectTo);
    const mayCommand = (cost: number) => budgets.takeCommands(ip, cost);
    const mayDial = () => budgets.takeDial(ip);
    const limits = { timeouts, mayCommand, mayDial, onAbort };
    return { status: 'admitted', dial: { host, port: dialPort, transcript, extraRoots, onFault, ...limits } };
  }

  /**
   * Waits for a free slot and for the pace of the host.
   *
   * @returns the function that frees the slot, or the reason why the client must not connect.
   */
  async function takeTurn(ip: IpAddress, transcript: TranscriptLog): Promise<SmtpFailure | (() => void)> {
    const { pace, slots } = budgets;
    const release = await slots.take(ip, onAbort);
    if (release === null) return cutShort(ip);
    const reserved = pace.reserve(ip, spacingMs, performance.now());
    if (reserved > 0) await sleep(reserved, onAbort);
    // The host may refuse another connection during the wait.
    for (let held = pace.held(ip, performance.now()); held > 0 && !signal.aborted; ) {
      await sleep(held, onAbort);
      held = pace.held(ip, performance.now());
    }
    if (!signal.aborted && budgets.takeDial(ip)) {
      if (!transcripts.includes(transcript)) transcripts.push(transcript);
      return release;
    }
    release();
    if (signal.aborted) return cutShort(ip);
    return { status: 'capped', detail: `no more than ${budgets.maxDials} connections to ${ip}` };
  }

  /** @returns why a connection was not made when the run ended. The limit of the host is the reason if it refuses. */
  function cutShort(ip: IpAddress): SmtpFailure {
    return budgets.pace.isRefused(ip) || budgets.pace.isSlow(ip) ? limited(ip) : ABORTED;
  }

  function limited(ip: IpAddress): SmtpFailure {
    const { pace } = budgets;
    return { status: 'limited', detail: pace.refusal(ip), pauseSeconds: pace.advisedPause(ip) };
  }

  /** @returns whether a greeting refuses the connection for a limit. 421 alone says so of a host that took others. */
  function isLimit(ip: IpAddress, greeting: SmtpReply): boolean {
    return namesLimit(greeting) || (greeting.code === 421 && budgets.pace.hasLetIn(ip));
  }

  /** Dials until the host lets the client in, or refuses it for another reason than its limit. */
  async function dialPatiently(
    ip: IpAddress,
    dial: Omit<Dial, 'onClosed'>,
    takesLimit: boolean,
  ): Promise<SmtpConnectResult> {
    const { pace, slots } = budgets;
    for (;;) {
      if (pace.isGivenUp(ip, performance.now())) return limited(ip);
      const release = await takeTurn(ip, dial.transcript);
      if (typeof release !== 'function') return release;
      if (dial.presence?.gone) {
        release();
        return dial.presence.gone;
      }
      const result = await openConnection({ ...dial, onClosed: release });
      if (result.status !== 'connected') return result;
      const { greeting } = result.session;
      if (takesLimit || !isLimit(ip, greeting)) {
        if (greeting.code < 400) pace.letIn(ip, performance.now());
        return result;
      }
      const isAlone = slots.openTo(ip) <= 1;
      await result.session.quit();
      slots.limitToOne(ip);
      const isWorthIt = pace.refuse(ip, greeting, isAlone, timeouts.limitMs, performance.now());
      if (!isWorthIt) return limited(ip);
      dial.transcript.add('note', 'the host limits connections; trying again later');
    }
  }

  function presenceOf(ip: IpAddress, port: number): Presence {
    const name = hostPort(ip, port);
    const known = presences.get(name);
    if (known !== undefined) return known;
    const presence = new Presence(timeouts.quietMs, async (timeoutMs) => {
      const admitted = await admit(ip, port, 'still there');
      if (admitted.status !== 'admitted') return admitted;
      if (!budgets.takeDial(ip)) return ABORTED;
      const short = { ...timeouts, connectMs: timeoutMs, greetingMs: timeoutMs };
      return openConnection({ ...admitted.dial, timeouts: short, onClosed: () => {} });
    });
    presences.set(name, presence);
    return presence;
  }

  return {
    probeName: options.probeName,
    transcripts,
    canOffer,
    async connect(ip, port, options): Promise<SmtpConnectResult> {
      const { purpose, implicitTls, takesLimit = false, asksSilent = false } = options;
      const presence = presenceOf(ip, port);
      const admitted = await admit(ip, port, purpose);
      if (admitted.status !== 'admitted') return admitted;
      if (presence.gone !== null) return presence.gone;
      const hadAnswered = presence.hasAnswered;
      const dial = { ...admitted.dial, presence, asksSilent, ...(implicitTls ? { implicitTls } : {}) };
      const result = await dialPatiently(ip, dial, takesLimit);
      if (!hadAnswered || !BARRED.includes(result.status)) return result;
      // The host has answered before, and refuses a connection now. It may be one too many, or a ban.
      const gone = await presence.check();
      if (gone !== null) return gone;
      budgets.slots.limitToOne(ip);
      return dialPatiently(ip, dial, takesLimit);
    },
    async reach(ip, port, { purpose }) {
      const admitted = await admit(ip, port, purpose);
      if (admitted.status !== 'admitted') return admitted;
      const release = await takeTurn(ip, admitted.dial.transcript);
      return typeof release === 'function' ? reachPort({ ...admitted.dial, onClosed: release }) : release;
    },
  };
}

/** Waits for some milliseconds, or until the run ends. */
function sleep(milliseconds: number, onAbort: (end: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    const stopListening = onAbort(end);
    function end(): void {
      clearTimeout(timer);
      stopListening();
      resolve();
    }
  });
}

const ABORTED: SmtpFailure = { status: 'aborted', detail: 'the run was cut short' };

/** @returns the address literal of SMTP (RFC 5321 §4.1.3): `[203.0.113.5]` or `[IPv6:2001:db8::5]`. */
export function addressLiteral(ip: IpAddress): string {
  return ipFamily(ip) === 6 ? `[IPv6:${ip}]` : `[${ip}]`;
}

/**
 * Counts a connection for a purpose. Later connections with the same address, port and purpose get a number.
 *
 * @returns the id of the connection's transcript, such as `203.0.113.5:25 relay` or `203.0.113.5:25 relay #2`.
 */
export function nextId(called: Map<string, number>, ip: IpAddress, port: number, purpose: string): string {
  const id = `${hostPort(ip, port)} ${purpose}`;
  const count = (called.get(id) ?? 0) + 1;
  called.set(id, count);
  return count === 1 ? id : `${id} #${count}`;
}

/** Shares one listener on the signal among all waiting operations, and removes it when no operation waits. */
function abortListeners(signal: AbortSignal): (end: () => void) => () => void {
  const waiting = new Set<() => void>();
  const endAll = () => {
    for (const end of [...waiting]) end();
  };
  return (end) => {
    if (waiting.size === 0) signal.addEventListener('abort', endAll);
    // The set needs a new function for each call, because callers may register the same function twice.
    const entry = () => end();
    waiting.add(entry);
    return () => {
      waiting.delete(entry);
      if (waiting.size === 0) signal.removeEventListener('abort', endAll);
    };
  };
}
