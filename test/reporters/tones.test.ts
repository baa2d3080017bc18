/** The colours of text in a terminal, by the contrast of WCAG 2.2 with a white and with a black ground. */
import { describe, expect, test } from 'vitest';
import { PALETTE, tonesFor } from '../../src/reporters/tones.ts';
import { contrast } from '../contrast.ts';

const GROUNDS = { white: '#ffffff', black: '#000000' };

/** The levels of red, green and blue in the colour cube of 256-colour terminals (codes 16 to 231). */
const LEVELS = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/** @returns red, green and blue of a colour by its number, as xterm defines them. */
function rgbOf(code: number): number[] {
  if (code >= 232) return Array.from({ length: 3 }, () => 8 + 10 * (code - 232));
  const place = code - 16;
  return [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((level) => LEVELS[level] ?? 0);
}

describe.each(Object.entries(PALETTE))('%s', (name, { code, rgb }) => {
  test('its number is its colour', () => {
    expect(rgbOf(code)).toEqual([...rgb]);
  });

  test.each(Object.entries(GROUNDS))('is readable on %s', (_, ground) => {
    const colour = `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3.9);
  });

  test('is written by its number', () => {
    const tone = tonesFor(true)[name as keyof typeof PALETTE];
    expect(tone('text')).toBe(`\u001b[38;5;${code}mtext\u001b[39m`);
  });
});

test('without colour nothing is added', () => {
  const { bold, of, ...tones } = tonesFor(false);
  for (const tone of [bold, of('fail'), of('skipped'), ...Object.values(tones)]) expect(tone('text')).toBe('text');
});
