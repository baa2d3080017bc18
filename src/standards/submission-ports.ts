/**
 * The ports on which a mail server takes mail from its own users, by the names that IANA gave them: `submission` begins
 * in clear and goes on to STARTTLS (RFC 6409), `submissions` speaks TLS from the first byte (RFC 8314 §3.3). Nobody may
 * send there without AUTH (RFC 6409 §4.3).
 */

/** TLS from the first byte (RFC 8314 §3.3). */
export const IMPLICIT_TLS_PORT = 465;

/** In the order of preference of this program. */
export const SUBMISSION_PORTS = [587, IMPLICIT_TLS_PORT] as const;

const SERVICE_NAMES: Readonly<Record<number, string>> = { 587: 'submission', [IMPLICIT_TLS_PORT]: 'submissions' };

/** @returns `port 25`, or `port 587 (submission)` where the port has a name of its own. */
export function portText(port: number): string {
  const name = SERVICE_NAMES[port];
  return name === undefined ? `port ${port}` : `port ${port} (${name})`;
}
