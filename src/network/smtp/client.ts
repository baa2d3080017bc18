/** The SMTP client of a run: who may be connected to, how many connections at a time, and under which name. */
import { isIP } from 'node:net';
import type { OnFault } from '../fault.ts';
import { type IpAddress, ipFamily, specialPurpose } from '../ip.ts';
import { SmtpBudgets } from './budgets.ts';
import { canOffer } from './capability.ts';
import { DEFAULT_TIMEOUTS, type Dial, openConnection, reachPort, type SmtpTimeouts } from './connection.ts';
import { TranscriptLog } from './transcript.ts';
import type { SmtpClient, SmtpConnectResult, SmtpFailure } from './types.ts';

/** Key of `connectTo` for every address and port that it does not name. */
export const ANYWHERE = '*';

export interface SmtpClientOptions {
  /** Ends everything: pending operations resolve as `aborted`, sockets are destroyed. */
  readonly signal: AbortSignal;
  /** Whether special-purpose addresses (RFC 6890) may be connected to. */
  readonly allowPrivate: boolean;
  /** The name given in EHLO. */
  readonly probeName: string;
  /** Connects elsewhere: `203.0.113.5:25` or `[2001:db8::5]:25` → an address and port, for labs, tunnels and tests. */
  readonly connectTo?: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** What other clients of this process share with it; its own when absent. */
  readonly budgets?: SmtpBudgets;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** PEM certificates trusted besides the built-in roots. */
  readonly extraRoots?: readonly string[];
  /** Called with a fault of mailcheck itself; the session then ends as if the run had been cut short. */
  readonly onFault?: OnFault;
}

/** @throws RangeError for a `connectTo` that names something other than an address. */
export function createSmtpClient(options: SmtpClientOptions): SmtpClient {
  const { signal, allowPrivate, connectTo = new Map(), extraRoots = [], onFault = () => {} } = options;
  for (const { host } of connectTo.values()) {
    if (isIP(host) === 0) throw new RangeError(`connectTo needs addresses, not ${JSON.stringify(host)}`);
  }
  const { budgets = new SmtpBudgets() } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const onAbort = abortListeners(signal);
  const transcripts: TranscriptLog[] = [];
  const called = new Map<string, number>();

  /** Waits for its turn; @returns how to dial and the transcript of it, or why it must not be. */
  async function admit(
    ip: IpAddress,
    port: number,
    purpose: string,
  ): Promise<SmtpFailure | { status: 'admitted'; dial: Dial }> {
    const id = nextId(called, ip, port, purpose);
    const special = specialPurpose(ip);
    if (special !== undefined && !allowPrivate) return { status: 'forbidden', detail: `${ip} is ${special}` };
    if (!budgets.takeDial(ip)) {
      return { status: 'capped', detail: `no more than ${budgets.maxDials} connections to ${ip}` };
    }
    const release = await budgets.slots.take(ip, onAbort);
    if (release === null || signal.aborted) {
      release?.();
      return ABORTED;
    }
    const name = hostPort(ip, port);
    const transcript = new TranscriptLog(id);
    transcripts.push(transcript);
    const { host, port: dialPort } = connectTo.get(name) ?? connectTo.get(ANYWHERE) ?? { host: ip, port };
    const mayCommand = (cost: number) => budgets.takeCommands(ip, cost);
    const limits = { timeouts, mayCommand, onAbort, onClosed: release };
    const dial = { host, port: dialPort, transcript, extraRoots, onFault, ...limits };
    return { status: 'admitted', dial };
  }

  return {
    probeName: options.probeName,
    transcripts,
    canOffer,
    async connect(ip, port, { purpose, implicitTls }): Promise<SmtpConnectResult> {
      const admitted = await admit(ip, port, purpose);
      if (admitted.status !== 'admitted') return admitted;
      return openConnection(implicitTls ? { ...admitted.dial, implicitTls } : admitted.dial);
    },
    async reach(ip, port, { purpose }) {
      const admitted = await admit(ip, port, purpose);
      return admitted.status === 'admitted' ? reachPort(admitted.dial) : admitted;
    },
  };
}

const ABORTED: SmtpFailure = { status: 'aborted', detail: 'the run was cut short' };

/** @returns `203.0.113.5:25` or `[2001:db8::5]:25`. */
export function hostPort(ip: IpAddress, port: number): string {
  return ipFamily(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** @returns the address as mail writes it (RFC 5321 §4.1.3): `[203.0.113.5]` or `[IPv6:2001:db8::5]`. */
export function addressLiteral(ip: IpAddress): string {
  return ipFamily(ip) === 6 ? `[IPv6:${ip}]` : `[${ip}]`;
}

/** @returns the transcript's id of the next connection for this purpose: whoever asks first is first. */
export function nextId(called: Map<string, number>, ip: IpAddress, port: number, purpose: string): string {
  const id = `${hostPort(ip, port)} ${purpose}`;
  const count = (called.get(id) ?? 0) + 1;
  called.set(id, count);
  return count === 1 ? id : `${id} #${count}`;
}

/** Shares one listener on the signal among all that wait, and removes it when nobody does. */
function abortListeners(signal: AbortSignal): (end: () => void) => () => void {
  const waiting = new Set<() => void>();
  const endAll = () => {
    for (const end of [...waiting]) end();
  };
  return (end) => {
    if (waiting.size === 0) signal.addEventListener('abort', endAll);
    // A wrapper of its own, so that the same function may wait twice.
    const entry = () => end();
    waiting.add(entry);
    return () => {
      waiting.delete(entry);
      if (waiting.size === 0) signal.removeEventListener('abort', endAll);
    };
  };
}
