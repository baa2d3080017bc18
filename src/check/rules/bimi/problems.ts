/** The kinds of problems that keep a logo from being shown. */

/** Why a file could not be fetched. */
export type FetchFault =
  | { readonly kind: 'status'; readonly code: number }
  | { readonly kind: 'redirect'; readonly code: number; readonly location: string | null }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'untrusted'; readonly coversName: boolean; readonly error: string | null }
  /** The server refused or ended the connection, or its answer is no HTTP. */
  | { readonly kind: 'connection'; readonly status: string; readonly detail: string }
  | { readonly kind: 'too-long'; readonly maxBytes: number };

export type CertificateProblem =
  | 'no-pem'
  | 'unreadable'
  | 'expired'
  | 'not-yet-valid'
  | 'other-domain'
  | 'no-purpose'
  | 'no-logotype'
  | 'other-logo';

/** Why a DMARC record does not enforce its policy for BIMI. */
export interface DmarcFault {
  /** The name `_dmarc.…`. */
  readonly name: string;
  readonly kind: 'no-record' | 'unusable' | 'none' | 'testing' | 'percentage' | 'subdomains';
  /** The tag as it counts, such as `p=none`. `null` when there is none. */
  readonly value: string | null;
}
