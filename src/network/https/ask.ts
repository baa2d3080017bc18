/**
 * Sends one GET request over a connection that is secured, and reads the response (RFC 9112). Node's parser reads it.
 * What may come is bounded: the header fields, interim responses and the body.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { handshakeFailure } from '../smtp/failure.ts';
import type { HttpsFailure, HttpsRequest, HttpsResponse } from './types.ts';

/** The longest header of a response, in bytes. */
const MAX_HEADER_BYTES = 32_768;
/** The most interim responses (RFC 9110 §15.2) before the final one. */
const MAX_INTERIM = 10;
/** The longest value of a header field that is kept, in characters. */
const MAX_FIELD = 2000;

/** The response without the connection that it came over. */
type Answer = { readonly status: 'answer' } & Omit<HttpsResponse, 'status' | 'ip' | 'tls'>;

type Failed = Pick<HttpsFailure, 'status' | 'detail'>;

/** @returns the response, or why there is none. Never rejects. The caller ends the connection and limits the time. */
export function askOver(socket: Socket, request: HttpsRequest): Promise<Answer | Failed> {
  return new Promise((resolve) => {
    const asking = httpRequest({
      createConnection: () => socket,
      method: 'GET',
      path: request.path,
      setHost: false,
      headers: {
        host: request.host,
        'user-agent': 'mailcheck',
        accept: '*/*',
        // A body that is encoded could grow beyond its bound when it is decoded.
        'accept-encoding': 'identity',
        connection: 'close',
      },
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
    });
    let interim = 0;
    let hasResponse = false;
    asking.on('information', () => {
      interim += 1;
      if (interim > MAX_INTERIM) resolve({ status: 'malformed', detail: 'interim responses without end' });
    });
    asking.on('error', (error) => resolve(failureOf(error)));
    asking.on('close', () => {
      // The end of the connection is the end of a body without a length (RFC 9112 §6.3).
      if (!hasResponse) resolve({ status: 'reset', detail: 'the server closed the connection without a response' });
    });
    asking.on('response', (response) => {
      hasResponse = true;
      read(response, request.maxBytes, resolve);
    });
    asking.end();
  });
}

function read(response: IncomingMessage, maxBytes: number, resolve: (outcome: Answer | Failed) => void): void {
  const code = response.statusCode ?? 0;
  const answer = (body: Uint8Array, isTooLong: boolean): Answer => ({
    status: 'answer',
    code,
    contentType: fieldOf(response, 'content-type'),
    location: fieldOf(response, 'location'),
    body,
    isTooLong,
  });
  response.on('error', (error) => resolve(failureOf(error)));
  if (code < 200 || code > 299) {
    resolve(answer(new Uint8Array(), false));
    return;
  }
  const encoding = fieldOf(response, 'content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    resolve({
      status: 'malformed',
      detail: `the response is encoded (${encoding}), although no encoding was asked for`,
    });
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) resolve(answer(Buffer.concat(chunks).subarray(0, maxBytes), true));
  });
  response.on('end', () => resolve(answer(Buffer.concat(chunks), false)));
  response.on('close', () =>
    resolve({ status: 'reset', detail: 'the server closed the connection in the middle of the response' }),
  );
}

function fieldOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value.slice(0, MAX_FIELD) : null;
}

/** What the parser's errors mean (llhttp), where its own words tell users little. */
const PARSER: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'the header of the response is too long',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'the chunks of the response have too long extensions',
  HPE_INVALID_CONSTANT: 'the response does not begin with HTTP/1',
  HPE_INVALID_VERSION: 'the response has an unknown HTTP version',
};

function failureOf(error: Error): Failed {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_'))
    return { status: 'malformed', detail: PARSER[code] ?? `the response is not HTTP (${code})` };
  // In TLS 1.3 the server may still refuse the client once the client's own handshake is complete (RFC 8446 §4.4.2.4).
  if (code.startsWith('ERR_SSL_')) return { status: 'tls-failed', detail: handshakeFailure(error).detail };
  return { status: 'reset', detail: 'the server closed the connection before its response was complete' };
}
