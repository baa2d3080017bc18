/**
 * Draws a terminal cast as one SVG file: a command is typed, its report appears and is scrolled through. It is animated
 * by CSS alone, since web pages run no script of an image. Without animation it shows the first screen, which is also
 * the last picture of the animation.
 */
import type { Look, Run } from './terminal-text.ts';
import { timeline } from './timeline.ts';

export interface Palette {
  readonly page: string;
  readonly border: string;
  readonly text: string;
  readonly gray: string;
  readonly red: string;
  readonly green: string;
  readonly yellow: string;
  readonly blue: string;
  readonly magenta: string;
  readonly cyan: string;
}

/** The colours of GitHub's own pages; each has a contrast of at least 4.5 to 1 with its page. */
export const palettes = {
  light: {
    page: '#ffffff',
    border: '#d1d9e0',
    text: '#1f2328',
    gray: '#59636e',
    red: '#c21c26',
    green: '#18702f',
    yellow: '#8a5a00',
    blue: '#0550ae',
    magenta: '#7a3fc4',
    cyan: '#0b6b78',
  },
  dark: {
    page: '#0d1117',
    border: '#3d444d',
    text: '#e6edf3',
    gray: '#9198a1',
    red: '#ff7b72',
    green: '#56d364',
    yellow: '#e3b341',
    blue: '#79c0ff',
    magenta: '#d2a8ff',
    cyan: '#56d4dd',
  },
} as const satisfies Readonly<Record<string, Palette>>;

export const COLUMNS = 80;
export const ROWS = 28;

const FONT = `ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace`;
/** In pixels. `textLength` holds each run to the width of its columns, whatever font is there. */
const [FONT_SIZE, COLUMN, ROW] = [13.5, 8.2, 19];
const [MARGIN, BAR] = [16, 34];
const WIDTH = Math.round(COLUMNS * COLUMN + 2 * MARGIN);
const HEIGHT = BAR + ROWS * ROW + MARGIN;
const PROMPT = '$ ';
/** SVG makes one space of several, but keeps no-break spaces. */
const [SPACES, NO_BREAK_SPACE] = [/ {2,}/g, '\u00a0'];

export interface Cast {
  readonly title: string;
  readonly description: string;
  readonly command: string;
  /** The lines of the report. */
  readonly lines: readonly (readonly Run[])[];
}

/** @returns the file as text. */
export function castSvg({ title, description, command, lines }: Cast, palette: Palette): string {
  const typed = [
    { text: PROMPT, look: { weight: 'dim' } } as const,
    { text: command, look: { weight: 'bold' } } as const,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${styleOf(command.length, lines.length + 1, palette)}</style>`,
    `<rect class="page" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>`,
    ...[0, 1, 2].map((index) => `<circle class="button" cx="${MARGIN + 6 + index * 18}" cy="17" r="5"/>`),
    `<svg x="${MARGIN}" y="${BAR}" width="${COLUMNS * COLUMN}" height="${ROWS * ROW}">`,
    '<g class="screen">',
    textLine(typed, 0),
    `<g class="cover"><rect class="paper" x="${round(PROMPT.length * COLUMN)}" width="${WIDTH}" height="${ROW}"/>`,
    `<rect class="cursor" x="${round(PROMPT.length * COLUMN)}" y="2" width="${COLUMN}" height="${ROW - 3}"/></g>`,
    '<g class="report">',
    ...lines.flatMap((runs, index) => (runs.length === 0 ? [] : [textLine(runs, index + 1)])),
    '</g>',
    '</g>',
    '</svg>',
    '</svg>',
    '',
  ].join('\n');
}

function textLine(runs: readonly Run[], row: number): string {
  let column = 0;
  const y = round(row * ROW + ROW * 0.72);
  return runs
    .flatMap(({ text, look }) => {
      const from = column + text.length - text.trimStart().length;
      column += [...text].length;
      const trimmed = text.trim();
      if (trimmed === '') return [];
      const place = `x="${round(from * COLUMN)}" y="${y}" textLength="${round([...trimmed].length * COLUMN)}"`;
      return [
        `<text ${classOf(look)}${place}>${escaped(trimmed).replace(SPACES, (spaces) => NO_BREAK_SPACE.repeat(spaces.length))}</text>`,
      ];
    })
    .join('');
}

function classOf({ color, weight, isUnderlined }: Look): string {
  const names = [color, weight, isUnderlined ? 'underlined' : undefined].filter((name) => name !== undefined);
  return names.length === 0 ? '' : `class="${names.join(' ')}" `;
}

function styleOf(characters: number, lines: number, palette: Palette): string {
  const { typingStarts, typingTakes, reportAppears, scrollTakes, stops } = timeline(characters, lines, ROWS);
  const { page, border, text, gray, ...colors } = palette;
  const frames = stops.map(
    ({ at, line }) =>
      `${scrollTakes > 0 ? round((100 * at) / scrollTakes) : 0}%{transform:translateY(${-line * ROW}px)}`,
  );
  return [
    `text{font:${FONT_SIZE}px ${FONT};fill:${text}}`,
    `.page,.paper{fill:${page}}.page{stroke:${border}}.button{fill:${border}}.cursor{fill:${gray}}`,
    '.bold{font-weight:700}.underlined{text-decoration:underline}',
    `.dim,.gray{fill:${gray}}`,
    ...Object.entries(colors).map(([name, value]) => `.${name}{fill:${value}}`),
    // Each animation ends in the state without it: the whole command, the whole report, its first screen.
    '.cover{opacity:0}',
    `.cover{animation:type ${round(typingTakes)}s steps(${characters}) ${typingStarts}s backwards}`,
    `@keyframes type{from{opacity:1}to{opacity:1;transform:translateX(${round(characters * COLUMN)}px)}}`,
    `.report{animation:appear .01s ${round(reportAppears)}s backwards}@keyframes appear{from{opacity:0}}`,
    `.screen{animation:scroll ${round(scrollTakes)}s ease-in-out ${round(reportAppears)}s}`,
    `@keyframes scroll{${frames.join('')}}`,
    '@media(prefers-reduced-motion:reduce){.cover,.report,.screen{animation:none}}',
  ].join('\n');
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
