/** Cuts the beginning of a report for the README. */

/** The lines of the excerpt, with that of the command and the one that says that there is more. */
const LINES = 15;
const FEWEST_LINES = 8;

/**
 * @param command the command that printed the report.
 * @param report the report as plain text.
 * @returns a code block of Markdown. It ends where a paragraph of the report ends, if one does in its second half.
 */
export function excerpt(command: string, report: string): string {
  const lines = report.split('\n');
  const room = LINES - 2;
  if (lines.length <= room) return codeBlock(command, report);
  const ends = lines.flatMap((line, index) => (line === '' && index >= FEWEST_LINES && index <= room ? [index] : []));
  return codeBlock(command, [...lines.slice(0, ends.at(-1) ?? room), '…'].join('\n'));
}

/** @returns a code block of Markdown with the command and all that it printed. */
export function codeBlock(command: string, printed: string): string {
  return `\`\`\`\n$ ${command}\n${printed}\n\`\`\``;
}
