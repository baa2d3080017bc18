/** Makes the terminal cast of the demo's report. */
import type { DemoReport } from '../demo-report.ts';
import { COLUMNS, castSvg, type Palette } from './svg.ts';
import { terminalLines } from './terminal-text.ts';

/** A README loads quickly only with small images. */
export const MAX_BYTES = 60_000;

/**
 * @returns the SVG file in these colours.
 * @throws Error for a cast that is too large.
 */
export function demoCast({ command, colored }: DemoReport, palette: Palette): string {
  const svg = castSvg(
    {
      title: 'mailcheck in a terminal',
      description: `The command ${command} is typed. Its report appears and scrolls by. docs/report.md has it as text.`,
      command,
      lines: terminalLines(colored, COLUMNS),
    },
    palette,
  );
  if (Buffer.byteLength(svg) >= MAX_BYTES) throw new Error(`the terminal cast has more than ${MAX_BYTES} bytes`);
  return svg;
}
