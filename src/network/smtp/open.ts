/** Opens the connections of a client, and finds out why a port says nothing. */
import { connect as dialTcp } from 'node:net';
import { isSystemError } from '../fault.ts';
import { Connection } from './connection.ts';
import { brokenOff, type Dial } from './dial.ts';
import { socketFailure } from './failure.ts';
import { attributed } from './route.ts';
import { type Trial, whatWaitsFor } from './trial.ts';
import type { ReachResult, SmtpConnectResult, SmtpFailure } from './types.ts';

/**
 * Connects, starts TLS when the dial has `implicitTls`, and waits for the greeting.
 *
 * @returns the session, or the failure with its time in milliseconds. Never rejects.
 */
export async function openConnection(dial: Dial): Promise<SmtpConnectResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return attributed(connection, dial.host);
  const started = performance.now();
  const elapsedMs = () => performance.now() - started;
  const refused = await connection.established();
  if (refused) return { ...(await attributed(refused, dial.host)), elapsedMs: elapsedMs(), connected: false };
  const connected = performance.now();
  const failed = (failure: SmtpFailure, { waitsFor, heard = '' }: Partial<Trial> = {}): SmtpFailure => ({
    ...failure,
    heard: connection.heard || heard,
    ...(waitsFor ? { waitsFor } : {}),
    elapsedMs: elapsedMs(),
    connected: true,
  });
  const insecure = dial.implicitTls ? await connection.handshake(dial.implicitTls) : null;
  if (insecure) return failed(insecure);
  const cause = await causeOfSilence(connection, dial);
  if (cause?.isSettled) {
    await connection.close();
    return failed({ status: 'timeout', detail: 'no greeting' }, cause);
  }
  const result = await connection.greet();
  if (result.status !== 'reply') return failed(result, cause ?? {});
  connection.timings = { connectMs: connected - started, greetingMs: performance.now() - connected };
  return { status: 'connected', session: connection };
}

/** The shortest time after which a server that hangs up without a word may have waited for something, in milliseconds. */
const SHORTEST_WAIT_MS = 1500;

/**
 * Finds out what a server waits for that takes the connection and says nothing, or that hangs up after a while. The
 * connection stays open, so that a greeting that comes late is still read.
 *
 * @returns what the trials showed, or `null` when no trial was due.
 */
async function causeOfSilence(connection: Connection, dial: Dial): Promise<Trial | null> {
  const { patienceMs, silenceMs, greetingMs, trialMs } = dial.timeouts;
  if (dial.dialBeside === undefined || patienceMs >= Math.min(silenceMs, greetingMs)) return null;
  const began = performance.now();
  if (!(await connection.saysNothingFor(patienceMs))) return null;
  if (connection.hasEnded && performance.now() - began < SHORTEST_WAIT_MS) return null;
  return whatWaitsFor(async (what) => {
    const isSilent = () => connection.isSilent;
    // The pace of the host may let the other connection wait. A greeting that comes meanwhile does not.
    const coming = isSilent() ? dial.dialBeside?.(what, isSilent) : null;
    const beside = await Promise.race([coming, connection.spoken]);
    if (!beside) return null;
    dial.transcript.add('note', `no greeting yet; in another connection: ${what}`);
    const timeouts = { ...beside.timeouts, connectMs: trialMs, handshakeMs: trialMs, replyMs: trialMs };
    const tried = dialled({ ...beside, timeouts });
    return tried instanceof Connection ? tried : null;
  });
}

/**
 * Connects, and closes at once without sending anything.
 *
 * @returns the milliseconds until the TCP connection was established, or the failure. Never rejects.
 */
export async function reachPort(dial: Dial): Promise<ReachResult> {
  const connection = dialled(dial);
  if (!(connection instanceof Connection)) return { ...(await attributed(connection, dial.host)), elapsedMs: 0 };
  const started = performance.now();
  const refused = await connection.established();
  const connectMs = performance.now() - started;
  await connection.close();
  return refused
    ? { ...(await attributed(refused, dial.host)), elapsedMs: connectMs }
    : { status: 'connected', connectMs };
}

/** Starts the TCP connection. Node throws for some addresses before it tries to connect. */
function dialled(dial: Dial): Connection | SmtpFailure {
  const { host, port, localAddress } = dial;
  try {
    const from = localAddress === undefined ? {} : { localAddress };
    return new Connection(dial, dialTcp({ host, port, ...from, noDelay: true }));
  } catch (error) {
    dial.onClosed();
    const failure = isSystemError(error) ? socketFailure(error) : brokenOff(dial, error);
    return { ...failure, elapsedMs: 0, connected: false };
  }
}
