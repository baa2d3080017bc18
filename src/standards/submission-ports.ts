/**
 * The ports on which a mail server accepts mail from its own users, with their IANA names. `submission` (587) starts in
 * plaintext and continues with STARTTLS (RFC 6409). `submissions` (465) uses TLS from the first byte (RFC 8314 §3.3). A
 * server accepts mail on both only after AUTH (RFC 6409 §4.3).
 */

/** The port that uses TLS from the first byte (RFC 8314 §3.3). */
export const IMPLICIT_TLS_PORT = 465;

/** The submission ports in the order in which mailcheck prefers them. */
export const SUBMISSION_PORTS = [587, IMPLICIT_TLS_PORT] as const;

const SERVICE_NAMES: Readonly<Record<number, string>> = { 587: 'submission', [IMPLICIT_TLS_PORT]: 'submissions' };

/** @returns the port in words: `port 25`, or `port 587 (submission)` for a submission port. */
export function portText(port: number): string {
  const name = SERVICE_NAMES[port];
  return name === undefined ? `port ${port}` : `port ${port} (${name})`;
}
