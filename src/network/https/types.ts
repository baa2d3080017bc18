/** The interface of the HTTPS client. It fetches one small file, such as a policy or a logo. `get` never rejects. */
import type { IpAddress } from '../ip.ts';
import type { TlsDetails } from '../smtp/types.ts';

export interface HttpsRequest {
  /** The host name: sent as SNI and in `Host`, and the name that the certificate must have. */
  readonly host: string;
  /** The addresses of the host. They are tried in order until one takes the connection. */
  readonly addresses: readonly IpAddress[];
  /** The path with its query, in visible ASCII. It begins with a slash. */
  readonly path: string;
  /** The longest body that is kept, in bytes. */
  readonly maxBytes: number;
  /** Milliseconds for the whole request, over all addresses. */
  readonly timeoutMs: number;
  /** The purpose of the request in one or two words. */
  readonly purpose: string;
}

/** The handshake with the web server. */
export interface HttpsTls extends TlsDetails {
  /** Whether the certificate is for the host (RFC 9525 §6.3). */
  readonly coversName: boolean;
}

export interface HttpsResponse {
  readonly status: 'response';
  readonly ip: IpAddress;
  readonly code: number;
  /** The `Content-Type` field as latin1. Untrusted. */
  readonly contentType: string | null;
  /** The `Location` field as latin1. It is never followed. Untrusted. */
  readonly location: string | null;
  /** The body, cut off at `maxBytes`. Empty where the code is not 2xx. Untrusted. */
  readonly body: Uint8Array;
  /** Whether the body is longer than `maxBytes`. */
  readonly isTooLong: boolean;
  readonly tls: HttpsTls;
}

export type HttpsFailureStatus =
  /** ECONNREFUSED. */
  | 'refused'
  /** No connection, handshake or complete response in time. */
  | 'timeout'
  /** The network answers that the address cannot be reached (EHOSTUNREACH or a similar errno). */
  | 'unreachable'
  /** This machine has no route to the address, or its own firewall forbids the connection. Nothing was asked. */
  | 'no-route'
  /** The server closed or reset the connection before the end of its response. */
  | 'reset'
  /** The TLS handshake failed. */
  | 'tls-failed'
  /** The response is not HTTP/1, is encoded although no encoding was asked for, or has a header without end. */
  | 'malformed'
  /**
   * The client did not connect: a private or special address without `--allow-private`, or a host or path that no request
   * can carry.
   */
  | 'forbidden'
  /** The run ended (deadline or Ctrl-C). In a replay: the recording does not contain the exchange. */
  | 'aborted'
  /** Nobody asked: with `--dns-only`, or when the rules run again over planned records, no request is made. */
  | 'unasked';

export interface HttpsFailure {
  readonly status: HttpsFailureStatus;
  /** One line of text for users, with the address. */
  readonly detail: string;
  /** Whether the handshake succeeded before, with a certificate that is trusted and for the host. */
  readonly isSecured?: true;
}

/** The certificate is not trusted, or not for the host. The request was not sent. */
export interface HttpsUntrusted {
  readonly status: 'untrusted';
  readonly ip: IpAddress;
  readonly tls: HttpsTls;
}

export type HttpsOutcome = HttpsResponse | HttpsUntrusted | HttpsFailure;

/** The outcomes of requests that were not made, or that the end of the run cut off. */
const UNCOUNTED: readonly string[] = ['forbidden', 'aborted', 'unasked'];

/** @returns whether a request with this outcome counts as one that was made. */
export function wasMade({ status }: { readonly status: HttpsOutcome['status'] }): boolean {
  return !UNCOUNTED.includes(status);
}

export interface HttpsClient {
  /** The number of requests so far that were made and not cut off by the end of the run. */
  readonly requests: number;
  /** Asks a web server by GET on port 443. It follows no redirect and uses no proxy. */
  get(request: HttpsRequest): Promise<HttpsOutcome>;
}
