/**
 * Posts one message to the webhook. The body is signed with a secret that the receiver knows too, and has an id by which
 * the receiver can tell a repetition. A message that does not arrive is sent again a few times.
 */
import { createHmac, randomInt } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { VERSION } from '../../version.ts';

/** Milliseconds to wait before the second, third and fourth attempt, to which up to a quarter is added at random. */
const WAITS_MS = [1000, 5000, 25_000] as const;
/** The longest wait that a receiver can ask for with Retry-After, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** Milliseconds for one attempt, from the lookup of the name to the end of the response. */
const ATTEMPT_MS = 15_000;
/** The most bytes of a response that are read before the connection is closed. Nobody needs what they say. */
const MAX_RESPONSE = 64 * 1024;

/** A message as it is posted. */
export interface Message {
  /** What a repetition of the message has, too. */
  readonly id: string;
  readonly body: string;
}

/** Where messages are posted to, and how. */
export interface Receiver {
  readonly url: URL;
  /** The secret that the receiver knows too. Without it, nothing is signed. */
  readonly secret: string | undefined;
  /** Milliseconds to wait before each further attempt. Default: `WAITS_MS`. */
  readonly waitsMs?: readonly number[];
  readonly signal: AbortSignal;
}

/** How an attempt ended. */
type Attempt =
  | { readonly isDelivered: true }
  | { readonly isDelivered: false; readonly why: string; readonly mayPass: boolean; readonly waitMs: number };

/**
 * Posts a message until it is taken or there is no hope left.
 *
 * @returns `null` when the receiver has taken it, or why it has not, in words without any part of the address.
 */
export async function post(message: Message, receiver: Receiver): Promise<string | null> {
  const { waitsMs = WAITS_MS, signal } = receiver;
  for (let attempt = 0; ; attempt += 1) {
    if (signal.aborted) return 'the run was interrupted';
    const outcome = await tryOnce(message, receiver);
    if (outcome.isDelivered) return null;
    const waitMs = waitsMs[attempt];
    if (!outcome.mayPass || waitMs === undefined) return outcome.why;
    const jitterMs = waitMs < 4 ? 0 : randomInt(Math.ceil(waitMs / 4));
    await sleep(Math.max(waitMs + jitterMs, outcome.waitMs), undefined, { signal }).catch(() => {});
  }
}

function tryOnce({ id, body }: Message, { url, secret, signal }: Receiver): Promise<Attempt> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const bytes = Buffer.from(body);
  const ending = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
  return new Promise((resolve) => {
    const failed = (why: string): void => resolve({ isDelivered: false, why, mayPass: true, waitMs: 0 });
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sending = send(url, {
      method: 'POST',
      // A connection of its own, so that none is left open between two runs.
      agent: false,
      signal: ending,
      headers: {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': `mailcheck/${VERSION}`,
        connection: 'close',
        'idempotency-key': id,
        'x-mailcheck-timestamp': timestamp,
        ...(secret === undefined ? {} : { 'x-mailcheck-signature': signatureOf(timestamp, body, secret) }),
      },
    });
    sending.on('response', (response) => read(response, resolve));
    sending.on('error', (error) => failed(ending.aborted ? timeText(signal) : errorText(error)));
    // Nothing comes any more once the connection is closed. A response that was read has resolved already.
    sending.on('close', () => failed('the connection was closed without a response'));
    sending.end(bytes);
  });
}

/** @returns the signature of a body: HMAC-SHA256 (RFC 2104) over the timestamp, a full stop and the body. */
export function signatureOf(timestamp: string, body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

function read(response: IncomingMessage, resolve: (attempt: Attempt) => void): void {
  const code = response.statusCode ?? 0;
  if (code >= 200 && code <= 299) resolve({ isDelivered: true });
  else {
    // A redirect is not followed: the user has not named that place.
    const mayPass = code === 408 || code === 425 || code === 429 || code >= 500;
    const why = code >= 300 && code <= 399 ? `it redirects (HTTP ${code}), which is not followed` : `HTTP ${code}`;
    resolve({ isDelivered: false, why, mayPass, waitMs: waitOf(response.headers['retry-after']) });
  }
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_RESPONSE) response.destroy();
  });
  response.on('error', () => {});
}

/** @returns the milliseconds that a receiver asks for (RFC 9110 §10.2.3). A date is not read. */
function waitOf(retryAfter: string | undefined): number {
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  return Math.min(seconds * 1000, MAX_WAIT_MS);
}

function timeText(signal: AbortSignal): string {
  return signal.aborted ? 'the run was interrupted' : `no response within ${ATTEMPT_MS / 1000} s`;
}

/** @returns the code of an error. Its message may repeat the address. */
function errorText(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name was not found in the DNS';
  if (code === 'ECONNREFUSED') return 'the connection was refused';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) return `its certificate is not trusted (${code})`;
  return code === '' ? 'the connection failed' : `the connection failed (${code})`;
}
