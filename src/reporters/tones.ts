/**
 * The colours of text in a terminal. Each is readable on white and on black: the contrast with both is at least 4 : 1. So
 * they are taken from the 256 fixed colours. The 16 basic colours and the attribute "dim" look different in every terminal.
 */
import { Chalk } from 'chalk';
import type { Status } from '../report/status.ts';

/** The numbers of the colours, and their red, green and blue values from 0 to 255. */
export const PALETTE = {
  pass: { code: 28, rgb: [0x00, 0x87, 0x00] },
  warn: { code: 130, rgb: [0xaf, 0x5f, 0x00] },
  fail: { code: 196, rgb: [0xff, 0x00, 0x00] },
  inconclusive: { code: 133, rgb: [0xaf, 0x5f, 0xaf] },
  /** Text that the user types or pastes. */
  typed: { code: 30, rgb: [0x00, 0x87, 0x87] },
  /** Text that matters less. */
  dim: { code: 243, rgb: [0x76, 0x76, 0x76] },
} as const;

type Tone = (text: string) => string;

/** Functions that give a text its colour, or leave it as it is. */
export interface Tones extends Readonly<Record<keyof typeof PALETTE | 'bold', Tone>> {
  /** The colour of a status. */
  readonly of: (status: Status) => Tone;
}

/** @returns the tones. Without colour they change nothing. */
export function tonesFor(color: boolean): Tones {
  const paint = new Chalk({ level: color ? 2 : 0 });
  const tone = ({ code }: { readonly code: number }): Tone => {
    const painted = paint.ansi256(code);
    return (text) => painted(text);
  };
  const tones = {
    pass: tone(PALETTE.pass),
    warn: tone(PALETTE.warn),
    fail: tone(PALETTE.fail),
    inconclusive: tone(PALETTE.inconclusive),
    typed: tone(PALETTE.typed),
    dim: tone(PALETTE.dim),
    bold: (text: string) => paint.bold(text),
  };
  return { ...tones, of: (status) => (status === 'skipped' ? tones.dim : tones[status]) };
}
