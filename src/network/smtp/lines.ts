/** The command lines of SMTP: what may be sent, what may be sent at once, and what error messages may say of them. */

/** Commands that may appear anywhere in a pipelined group. Other commands must be the last of it (RFC 2920 §3.1). */
const MAY_BE_FOLLOWED = /^(?:MAIL FROM|RCPT TO|RSET\b|SEND FROM|SOML FROM|SAML FROM)/i;

/**
 * Refuses lines that contain CR, LF or NUL. A line may contain names from the network, and a line break in such a name
 * would inject a command.
 *
 * @throws RangeError when a text is not one line.
 */
export function assertLines(lines: readonly string[]): void {
  const broken = lines.find((line) => /[\r\n\0]/.test(line));
  if (broken !== undefined) throw new RangeError(`not one line: ${JSON.stringify(broken)}`);
}

/**
 * Refuses groups of commands that a server need not take at once.
 *
 * @throws RangeError when a command that must end the group is not its last (RFC 2920 §3.1), or is not one line.
 */
export function assertGroup(lines: readonly string[]): void {
  assertLines(lines);
  const early = lines.slice(0, -1).find((line) => !MAY_BE_FOLLOWED.test(line));
  if (early !== undefined) throw new RangeError(`"${early}" must be the last command of a pipelined group`);
}

/** @returns whether the last command of a group is EHLO, which tells the extensions. */
export function endsInHello(lines: readonly string[]): boolean {
  return /^EHLO /i.test(lines.at(-1) ?? '');
}

/** @returns the verb of a command without its arguments, because error messages must not contain mail addresses. */
export function verb(line: string): string {
  return /^(?:MAIL FROM|RCPT TO|\S+)/i.exec(line)?.[0] ?? line;
}
