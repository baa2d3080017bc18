/** What a connection is made with. */
import { faultText, type OnFault } from '../fault.ts';
import type { IpAddress } from '../ip.ts';
import type { Presence } from './presence.ts';
import type { SmtpTimeouts } from './timeouts.ts';
import type { TranscriptLog } from './transcript.ts';
import type { SmtpFailure, TlsOptions } from './types.ts';

/**
 * Registers a function to call when the run ends.
 *
 * @returns the function that unregisters it.
 */
export type OnAbort = (end: () => void) => () => void;

/** The parameters of one connection. */
export interface Dial {
  readonly host: string;
  readonly port: number;
  /** The address of this machine to connect from. The system picks one when absent. */
  readonly localAddress?: IpAddress;
  readonly transcript: TranscriptLog;
  readonly timeouts: SmtpTimeouts;
  readonly implicitTls?: TlsOptions;
  /** Whether the host answers this client. Absent for a connection that finds that out. */
  readonly presence?: Presence;
  /** Whether another connection to the address was open. Then this one may be one too many for the host. */
  readonly isBeside?: boolean;
  /**
   * Waits until another connection may be made beside this one, to find out what a silent port waits for.
   *
   * @param what the first bytes that the other connection sends, in words.
   * @param isWanted whether the other connection is still to be made, at the end of the wait.
   * @returns its parameters, or `null` when none may be made. Absent when nobody wants to know.
   */
  dialBeside?(what: string, isWanted: () => boolean): Promise<Dial | null>;
  /** CA certificates (PEM) to trust in addition to the built-in roots. */
  readonly extraRoots: readonly string[];
  readonly onAbort: OnAbort;
  /**
   * Counts `cost` commands to this address.
   *
   * @returns whether the limit allows them.
   */
  mayCommand(cost: number): boolean;
  /** Called once, after the connection has released all its resources. */
  onClosed(): void;
  /** Receives each fault of mailcheck itself. */
  readonly onFault: OnFault;
}

/** Reports a fault of mailcheck itself. The session ends as `aborted`, because the fault is not the server's. */
export function brokenOff({ onFault }: Pick<Dial, 'onFault'>, error: unknown): SmtpFailure {
  onFault('the SMTP client', error);
  return { status: 'aborted', detail: `mailcheck broke off by a fault of its own (${faultText(error)})` };
}
