/** The interface of the HTTPS client. It fetches one small file, such as a policy or a logo. */
import type { IpAddress } from '../ip.ts';
import type { TlsDetails } from '../smtp/types.ts';

/** One file to fetch by GET from port 443. */
export interface HttpsRequest {
  /** The name of the host: for SNI, for the Host field, and the name that the certificate must have (RFC 9110 §4.3.4). */
  readonly host: string;
  /** The addresses of the host, in the order in which they are tried. */
  readonly addresses: readonly IpAddress[];
  /** The path, with a leading slash. */
  readonly path: string;
  /** The most octets of the body that are read. */
  readonly maxBytes: number;
  /** Milliseconds that the whole exchange may take. */
  readonly timeoutMs: number;
  /** What the request is for, in a few words, for transcripts and recordings. */
  readonly purpose: string;
}

/** What was seen of TLS, and whether the certificate has the name of the host. */
export interface HttpsTls extends TlsDetails {
  readonly coversName: boolean;
}

/** The ways in which a request fails before there is a response. */
export type HttpsFailureStatus =
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'no-route'
  | 'reset'
  | 'tls-failed'
  | 'malformed'
  /** The gate lets nothing through to the address. */
  | 'forbidden'
  /** The run has ended. */
  | 'aborted'
  /** No request is made in this run. */
  | 'unasked';

/** The outcome of a request. Redirects are not followed. */
export type HttpsOutcome =
  | {
      readonly status: 'response';
      readonly ip: IpAddress;
      /** The status code, such as 200. */
      readonly code: number;
      readonly contentType: string | null;
      /** The target of a redirect, as the server wrote it. */
      readonly location: string | null;
      readonly body: Uint8Array;
      /** Whether the body is longer than `maxBytes`. The rest of it was not read. */
      readonly isTooLong: boolean;
      readonly tls: HttpsTls;
    }
  /** The certificate is not trusted or has another name. The request was not sent. */
  | { readonly status: 'untrusted'; readonly ip: IpAddress; readonly tls: HttpsTls }
  | { readonly status: HttpsFailureStatus; readonly detail: string };

/** Fetches files over HTTPS, through the gate. Never rejects. */
export interface HttpsClient {
  get(request: HttpsRequest): Promise<HttpsOutcome>;
}
