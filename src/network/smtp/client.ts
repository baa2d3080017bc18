/** The SMTP client of a run. Decides which addresses it may connect to, and when, and under which EHLO name. */
import { isIP } from 'node:net';
import type { OnFault } from '../fault.ts';
import { type GateOptions, hostPort, type Redirections, redirected, refusal } from '../gate.ts';
import { type IpAddress, ipFamily } from '../ip.ts';
import { SmtpBudgets } from './budgets.ts';
import { canOffer } from './capability.ts';
import { DEFAULT_TIMEOUTS, type Dial, openConnection, reachPort, type SmtpTimeouts } from './connection.ts';
import { TranscriptLog } from './transcript.ts';
import type { SmtpClient, SmtpConnectResult, SmtpFailure } from './types.ts';

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

  /**
   * Checks the limits, and waits for a free connection slot.
   *
   * @returns the parameters of the connection, or the reason why the client must not connect.
   */
  async function admit(
    ip: IpAddress,
    port: number,
    purpose: string,
  ): Promise<SmtpFailure | { status: 'admitted'; dial: Dial }> {
    const id = nextId(called, ip, port, purpose);
    const refused = await refusal(ip, options);
    if (refused !== undefined) return { status: 'forbidden', detail: `${ip} is ${refused}` };
    if (!budgets.takeDial(ip)) {
      return { status: 'capped', detail: `no more than ${budgets.maxDials} connections to ${ip}` };
    }
    const release = await budgets.slots.take(ip, onAbort);
    if (release === null || signal.aborted) {
      release?.();
      return ABORTED;
    }
    const transcript = new TranscriptLog(id);
    transcripts.push(transcript);
    const { host, port: dialPort } = redirected(ip, port, connectTo);
    const mayCommand = (cost: number) => budgets.takeCommands(ip, cost);
    const mayDial = () => budgets.takeDial(ip);
    const limits = { timeouts, mayCommand, mayDial, onAbort, onClosed: release };
    const dial = { host, port: dialPort, transcript, extraRoots, onFault, ...limits };
    return { status: 'admitted', dial };
  }

  return {
    probeName: options.probeName,
    transcripts,
    canOffer,
    async connect(ip, port, { purpose, implicitTls, asksSilent = false }): Promise<SmtpConnectResult> {
      const admitted = await admit(ip, port, purpose);
      if (admitted.status !== 'admitted') return admitted;
      return openConnection({ ...admitted.dial, asksSilent, ...(implicitTls ? { implicitTls } : {}) });
    },
    async reach(ip, port, { purpose }) {
      const admitted = await admit(ip, port, purpose);
      return admitted.status === 'admitted' ? reachPort(admitted.dial) : admitted;
    },
  };
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
