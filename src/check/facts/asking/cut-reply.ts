/**
 * Cuts the reply of a receiver to what a stamp keeps of it. It stands apart from the schema of stamps, which only a run
 * that reads one loads.
 */
import type { SmtpReply } from '../../../network/smtp/types.ts';

/** The most lines of a reply that a stamp keeps, and the most characters of a line. */
export const MAX_LINES = 50;
export const MAX_LINE = 1000;

/** @returns the reply, cut to what a stamp keeps. */
export function cutReply({ code, enhanced, lines }: SmtpReply) {
  return { code, enhanced, lines: lines.slice(0, MAX_LINES).map((text) => text.slice(0, MAX_LINE)) };
}
