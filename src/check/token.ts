/**
 * Names and labels that nobody can guess, such as a mailbox that cannot exist. All come from one seed per run, so that a
 * recorded run asks for the same ones when it is replayed.
 */
import { createHmac } from 'node:crypto';

/** @returns 16 hexadecimal digits: the same for the same label, so every use has a label of its own. */
export type Token = (label: string) => string;

/** @param seed of the run; whoever knows it knows all its tokens. */
export function tokensOf(seed: string): Token {
  return (label) => createHmac('sha256', seed).update(label).digest('hex').slice(0, 16);
}
