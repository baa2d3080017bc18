/** Asks the user questions on the terminal. The questions go to stderr, since stdout is for results. */
import { createInterface } from 'node:readline/promises';
import { printable } from '../../reporters/printable.ts';
import { UsageError } from '../../usage-error.ts';

/** The user has ended the questions with Ctrl-C or Ctrl-D. */
export class Cancelled extends Error {}

/** Asks one question after the other. */
export interface Questions {
  /**
   * @param proposed the answer if the user types nothing.
   * @param read reads the answer. If it throws a UsageError, the user sees why and is asked again.
   * @throws Cancelled if the user ends the questions.
   */
  ask<T>(question: string, proposed: string, read: (answer: string) => T): Promise<T>;
}

/** @returns whether there is a user who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** @returns the questions on the terminal of this process. */
export function terminalQuestions(): Questions {
  return {
    async ask(question, proposed, read) {
      for (;;) {
        const answer = await typedAfter(
          `${printable(question)}${proposed === '' ? '' : ` [${printable(proposed)}]`}: `,
        );
        try {
          return read(answer === '' ? proposed : answer);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          process.stderr.write(`${printable(error.message)}\n`);
        }
      }
    },
  };
}

/**
 * Returns what the user types. The terminal is open for this question alone: between two questions Ctrl-C is a signal,
 * which ends the lookups.
 */
async function typedAfter(question: string): Promise<string> {
  const cancel = new AbortController();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const end = (): void => cancel.abort();
  terminal.on('SIGINT', end);
  terminal.on('close', end);
  try {
    return (await terminal.question(question, { signal: cancel.signal })).trim();
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    process.stderr.write('\n');
    throw new Cancelled();
  } finally {
    terminal.close();
  }
}
