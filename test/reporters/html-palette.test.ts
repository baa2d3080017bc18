/** The colours of the html report, by WCAG 2.2: contrast of text 4.5 to 1 (§1.4.3), of marks 3 to 1 (§1.4.11). */
import { describe, expect, test } from 'vitest';
import { dark, light, type Palette } from '../../src/reporters/html/palette.ts';
import { contrast } from '../contrast.ts';

test('the contrast is that of the standard’s own examples', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

type Pair = readonly [front: keyof Palette, back: keyof Palette];

const GROUNDS = ['page', 'surface', 'inset'] as const;
const TONES = ['pass', 'warn', 'fail', 'inconclusive'] as const;

const TEXTS: readonly Pair[] = [
  ...GROUNDS.flatMap((ground): Pair[] => [
    ['text', ground],
    ['muted', ground],
    ['link', ground],
    ['skipped', ground],
  ]),
  ...TONES.flatMap((tone): Pair[] => [
    // On cards, on the page (the overview), on the verdict; and the symbol in its circle.
    [tone, 'surface'],
    [tone, 'page'],
    [tone, `${tone}-tint`],
    ['text', `${tone}-tint`],
    ['surface', tone],
  ]),
  ['surface', 'skipped'],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('%s', (_, palette) => {
  test.each(TEXTS)('%s on %s', (front, back) => {
    expect(contrast(palette[front], palette[back])).toBeGreaterThanOrEqual(4.5);
  });

  // Cells and gauges are drawn in it.
  test.each(GROUNDS)('lines of drawings on %s', (ground) => {
    expect(contrast(palette.muted, palette[ground])).toBeGreaterThanOrEqual(3);
  });
});
