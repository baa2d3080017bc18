/** Tests the terminal cast: what it reads of a terminal's text, its times, and the SVG that it draws. */
import { parseFragment } from 'parse5';
import { describe, expect, test } from 'vitest';
import { demoCast, MAX_BYTES } from '../../tools/cast/demo-cast.ts';
import { COLUMNS, castSvg, palettes, ROWS } from '../../tools/cast/svg.ts';
import { plainText, terminalLines } from '../../tools/cast/terminal-text.ts';
import { timeline } from '../../tools/cast/timeline.ts';
import { contrast } from '../contrast.ts';

const cases: readonly (readonly [name: string, text: string, lines: unknown])[] = [
  ['plain text', 'a b', [[{ text: 'a b', look: {} }]]],
  ['an empty line', 'a\n\nb', [[{ text: 'a', look: {} }], [], [{ text: 'b', look: {} }]]],
  ['a colour and its end', '\x1b[31mred\x1b[39m', [[{ text: 'red', look: { color: 'red' } }]]],
  [
    'two parameters in one sequence',
    '\x1b[1;32mx\x1b[0my',
    [
      [
        { text: 'x', look: { weight: 'bold', color: 'green' } },
        { text: 'y', look: {} },
      ],
    ],
  ],
  [
    'an end of weight alone',
    '\x1b[36m\x1b[2ma\x1b[22mb',
    [
      [
        { text: 'a', look: { color: 'cyan', weight: 'dim' } },
        { text: 'b', look: { color: 'cyan' } },
      ],
    ],
  ],
  [
    'a colour that goes on in the next line',
    '\x1b[33ma\nb',
    [[{ text: 'a', look: { color: 'yellow' } }], [{ text: 'b', look: { color: 'yellow' } }]],
  ],
  ['a fixed colour of a report', '\x1b[38;5;196mred\x1b[39m', [[{ text: 'red', look: { color: 'red' } }]]],
  [
    'an underlined word',
    '\x1b[4mu\x1b[24mv',
    [
      [
        { text: 'u', look: { isUnderlined: true } },
        { text: 'v', look: {} },
      ],
    ],
  ],
  [
    'a line that is wider than the terminal',
    '12345678901',
    [[{ text: '1234567890', look: {} }], [{ text: '1', look: {} }]],
  ],
  ['a line that is as wide as the terminal', '1234567890', [[{ text: '1234567890', look: {} }]]],
];

describe('terminal text', () => {
  test.each(cases)('%s', (_, text, lines) => {
    expect(terminalLines(text, 10)).toEqual(lines);
  });

  test.each(['\x1b[2J', '\x1b]8;;https://example.com\x07', '\x1b[38;5;1m', '\x1b'])('refuses %j', (text) => {
    expect(() => terminalLines(text, 10)).toThrow('unknown');
  });

  test('plain text has no escape sequences and no other line ends', () => {
    expect(plainText(`\x1b[1m${'a'.repeat(200)}\x1b[22m\n\nb`)).toBe(`${'a'.repeat(200)}\n\nb`);
  });
});

describe('the times of the cast', () => {
  test('a report that fits the terminal does not scroll', () => {
    expect(timeline(10, ROWS, ROWS)).toMatchObject({ scrollTakes: 0, stops: [{ at: 0, line: 0 }] });
  });

  test.each([ROWS + 1, 60, 61, 75, 210])('%i lines: every line is shown, and the first screen at the end', (lines) => {
    const { stops, scrollTakes } = timeline(10, lines, ROWS);
    const shown = new Set(stops.flatMap(({ line }) => Array.from({ length: ROWS }, (_, row) => line + row)));
    expect([...shown].sort((a, b) => a - b)).toEqual(Array.from({ length: lines }, (_, line) => line));
    expect(stops.at(-1)).toEqual({ at: scrollTakes, line: 0 });
    const times = stops.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

const colored = `\x1b[31m✖ FAIL\x1b[39m  <b>&amp;   x\n${'\x1b[2mline\x1b[22m\n'.repeat(60)}last`;
const cast = {
  title: 'A & B',
  description: 'It <types>.',
  command: 'mailcheck example.com',
  lines: terminalLines(colored, COLUMNS),
};

interface Element {
  readonly nodeName: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly Element[];
  readonly value?: string;
}

function elementsOf(node: Element): Element[] {
  return (node.childNodes ?? []).flatMap((child) => [child, ...elementsOf(child)]);
}

const textOf = (element: Element | undefined): string => element?.childNodes?.map(({ value }) => value).join('') ?? '';

describe('the SVG of the cast', () => {
  const svg = castSvg(cast, palettes.light);
  const elements = elementsOf(parseFragment(svg) as unknown as Element);
  const named = (name: string): Element[] => elements.filter(({ nodeName }) => nodeName === name);

  test('it has a title and a description, and shows hostile text as text', () => {
    expect(textOf(named('title')[0])).toBe('A & B');
    expect(textOf(named('desc')[0])).toBe('It <types>.');
    const texts = named('text').map(textOf);
    expect(texts.slice(0, 4)).toEqual(['$', 'mailcheck example.com', '✖ FAIL', '<b>&amp;\u00a0\u00a0\u00a0x']);
    expect(texts.at(-1)).toBe('last');
    expect(texts).toHaveLength(65);
  });

  test('it has no script, loads nothing, and stands still for those who want that', () => {
    expect([...new Set(elements.map(({ nodeName }) => nodeName))].sort()).toEqual(
      ['#text', 'circle', 'desc', 'g', 'rect', 'style', 'svg', 'text', 'title'].sort(),
    );
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|\son\w+=/);
    expect(svg).toContain('@media(prefers-reduced-motion:reduce){.cover,.report,.screen{animation:none}}');
    expect(svg).not.toContain('infinite');
  });

  test.each(Object.entries(palettes))(
    '%s: each colour can be read on the page',
    (_, { page, border: _border, ...colors }) => {
      for (const [name, color] of Object.entries(colors))
        expect([name, contrast(color, page) >= 4.5]).toEqual([name, true]);
    },
  );

  test('one that is too large for a README is refused', () => {
    const demo = { command: 'mailcheck', html: '', colored: 'x\n'.repeat(MAX_BYTES / 20) };
    expect(() => demoCast(demo, palettes.dark)).toThrow('more than');
    expect(demoCast({ ...demo, colored: 'x' }, palettes.dark)).toContain('>x</text>');
  });
});
