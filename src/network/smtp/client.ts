/**
 * The SMTP client of a run. Decides which addresses it may connect to, and under which EHLO name. It goes slower where a
 * host limits connections, and notices a host that has stopped answering it.
 */
import { abortListeners } from '../abort-listeners.ts';
import type { OnFault } from '../fault.ts';
import { assertAddresses, type GateOptions, hostPort, type Redirections, redirected, refusal } from '../gate.ts';
import type { IpAddress } from '../ip.ts';
import { SmtpBudgets } from './budgets.ts';
import { canOffer } from './capability.ts';
import type { Dial } from './dial.ts';
import { PatientDial, type Plan } from './patient-dial.ts';
import { isBarred, type Presence } from './presence.ts';
import { type Admit, Presences } from './presences.ts';
import { DEFAULT_TIMEOUTS, type SmtpTimeouts } from './timeouts.ts';
import { TranscriptLog } from './transcript.ts';
import type { SmtpClient, SmtpConnectResult } from './types.ts';

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

/** The number of times that a host is dialled which drops a connection and takes others. */
const MOST_TRIES = 4;
/** The same for a host that lets the client wait. Each try takes long. */
const MOST_TRIES_OF_SILENT = 2;

/**
 * Creates the SMTP client of a run.
 *
 * @returns a client whose methods never reject: every failure of the network is a value.
 * @throws RangeError when `connectTo` redirects to something other than an IP address.
 */
export function createSmtpClient(options: SmtpClientOptions): SmtpClient {
  const { signal, connectTo = new Map(), extraRoots = [], onFault = () => {} } = options;
  assertAddresses(connectTo);
  const { budgets = new SmtpBudgets(), spacingMs = 0 } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const onAbort = abortListeners(signal);
  const called = new Map<string, number>();
  const patiently = new PatientDial({ budgets, signal, onAbort, spacingMs, limitMs: timeouts.limitMs });

  const admit: Admit = async (ip, port, purpose, cause) => {
    const id = nextId(called, ip, port, purpose);
    const refused = await refusal(ip, options);
    if (refused !== undefined) return { status: 'forbidden', detail: `${ip} is ${refused}` };
    const transcript = new TranscriptLog(id, cause);
    const { host, port: dialPort } = redirected(ip, port, connectTo);
    const mayCommand = (cost: number) => budgets.takeCommands(ip, cost);
    const limits = { timeouts, mayCommand, onAbort };
    return { status: 'admitted', plan: { host, port: dialPort, transcript, extraRoots, onFault, ...limits } };
  };
  const presences = new Presences(timeouts.quietMs, admit, patiently);

  /** @returns the function that prepares another connection beside one in which the port says nothing. */
  function dialBeside(ip: IpAddress, port: number, silent: Plan, presence: Presence) {
    return async (what: string, isWanted: () => boolean): Promise<Dial | null> => {
      const admitted = await admit(ip, port, what, silent.transcript.id);
      if (admitted.status !== 'admitted') return null;
      // An answer to a trial is no answer of a mail server, so the trial does not tell the presence of it.
      const onClosed = await patiently.turnBeside(ip, admitted.plan, () => isWanted() && presence.gone === null);
      return onClosed && { ...admitted.plan, onClosed };
    };
  }

  return {
    probeName: options.probeName,
    transcripts: patiently.transcripts,
    canOffer,
    async connect(ip, port, options): Promise<SmtpConnectResult> {
      const { purpose, implicitTls, takesLimit = false, asksSilent = false, from } = options;
      const presence = presences.of(ip, port, implicitTls !== undefined);
      const admitted = await admit(ip, port, purpose);
      if (admitted.status !== 'admitted') return admitted;
      if (presence.gone !== null) return presence.gone;
      const plan = {
        ...admitted.plan,
        presence,
        ...(implicitTls ? { implicitTls } : {}),
        ...(from !== undefined && admitted.plan.host === ip ? { localAddress: from } : {}),
        ...(asksSilent ? { dialBeside: dialBeside(ip, port, admitted.plan, presence) } : {}),
      };
      for (let tries = 1; ; tries += 1) {
        const result = await patiently.connect(ip, plan, takesLimit);
        if (!presence.hasAnswered || !isBarred(result)) return result;
        // The host has answered before, and bars a connection now that no other one is open.
        const gone = await presence.check(plan.transcript.id);
        const most = result.status === 'timeout' ? MOST_TRIES_OF_SILENT : MOST_TRIES;
        if (gone !== null || tries >= most) return gone ?? result;
        patiently.rest(ip);
      }
    },
    async reach(ip, port, { purpose }) {
      const admitted = await admit(ip, port, purpose);
      return admitted.status === 'admitted' ? patiently.reach(ip, admitted.plan) : admitted;
    },
  };
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
