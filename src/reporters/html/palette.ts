/**
 * The colours of the light and the dark page. `test/reporters/html-palette.test.ts` checks the contrast of every pair
 * that is used, by WCAG 2.2 level AA.
 */
export interface Palette {
  /** The background of the page. */
  readonly page: string;
  /** The background of cards and of the head of the page. */
  readonly surface: string;
  /** The background of code, records and table heads. */
  readonly inset: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly link: string;
  readonly pass: string;
  readonly warn: string;
  readonly fail: string;
  readonly inconclusive: string;
  readonly skipped: string;
  /** The background of the words of a verdict. */
  readonly 'pass-tint': string;
  readonly 'warn-tint': string;
  readonly 'fail-tint': string;
  readonly 'inconclusive-tint': string;
}

/** The colours of the light page. */
export const light: Palette = {
  page: '#f6f7f8',
  surface: '#ffffff',
  inset: '#f1f3f5',
  text: '#1b1f24',
  muted: '#57606a',
  line: '#d5dae0',
  link: '#0a58a8',
  pass: '#1a6e3c',
  warn: '#875400',
  fail: '#b3241c',
  inconclusive: '#6a3fa3',
  skipped: '#57606a',
  'pass-tint': '#e8f5ed',
  'warn-tint': '#fdf3df',
  'fail-tint': '#fdecea',
  'inconclusive-tint': '#f3edfb',
};

/** The colours of the dark page. */
export const dark: Palette = {
  page: '#12151a',
  surface: '#1a1e24',
  inset: '#12151a',
  text: '#e3e7ec',
  muted: '#9fa9b5',
  line: '#343b45',
  link: '#7ab7f7',
  pass: '#6fcb93',
  warn: '#e3b04b',
  fail: '#ff8d83',
  inconclusive: '#c6a6f4',
  skipped: '#9fa9b5',
  'pass-tint': '#16291f',
  'warn-tint': '#2e2613',
  'fail-tint': '#351b1b',
  'inconclusive-tint': '#271f38',
};

/** @returns the palette as CSS custom properties. */
export function declarations(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('');
}
