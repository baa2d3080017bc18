/**
 * Makes unguessable names and labels, for example for a mailbox that cannot exist. All tokens of a run derive from one
 * seed, so that the replay of a recording asks for the same names.
 */
import { createHmac } from 'node:crypto';

/**
 * Gives 16 hexadecimal digits for a label. The same label always gives the same digits, so each use needs its own
 * label.
 */
export type Token = (label: string) => string;

/**
 * @param seed the seed of the run. It reveals all tokens of the run.
 * @returns the function that gives the tokens of the run.
 */
export function tokensOf(seed: string): Token {
  return (label) => createHmac('sha256', seed).update(label).digest('hex').slice(0, 16);
}

/** @returns whether a DNS name has a token in it, so that only one run asks for it. */
export function isOwnName(name: string): boolean {
  return /^mailcheck-[0-9a-f]{16}\./i.test(name);
}
