/**
 * Reads the text of a terminal: characters with the escape sequences of ECMA-48 that set colours and weight (SGR). It
 * knows those that mailcheck writes, and refuses all others.
 */
import { PALETTE } from '../../src/reporters/tones.ts';

/** The look of some characters. An absent part is that of plain text. */
export interface Look {
  readonly color?: 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray';
  readonly weight?: 'bold' | 'dim';
  readonly isUnderlined?: boolean;
}

/** Neighbouring characters of one line with the same look. */
export interface Run {
  readonly text: string;
  readonly look: Look;
}

const COLORS: Readonly<Record<number, NonNullable<Look['color']>>> = {
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  90: 'gray',
};

/** The fixed colours of mailcheck's reports. The cast shows each as the colour of this name in its own scheme. */
const FIXED_COLORS: Readonly<Record<number, NonNullable<Look['color']>>> = {
  [PALETTE.pass.code]: 'green',
  [PALETTE.warn.code]: 'yellow',
  [PALETTE.fail.code]: 'red',
  [PALETTE.inconclusive.code]: 'magenta',
  [PALETTE.typed.code]: 'cyan',
  [PALETTE.dim.code]: 'gray',
};

/**
 * @param columns the width of the terminal, in characters. A longer line goes on in the next one, as in a terminal.
 * @returns the lines, each as its runs. An empty line has none.
 * @throws Error for an escape sequence that is not known here.
 */
export function terminalLines(text: string, columns: number): Run[][] {
  let look: Look = {};
  return text.split('\n').flatMap((line) => {
    const runs: Run[] = [];
    for (const part of line.split(/(\x1b(?:\[[\d;]*[A-Za-z]|.?))/)) {
      if (part.startsWith('\x1b')) look = changedBy(part, look);
      else if (part !== '') runs.push({ text: part, look });
    }
    return wrapped(runs, columns);
  });
}

/** @returns the text without its escape sequences. */
export function plainText(text: string): string {
  return terminalLines(text, Number.POSITIVE_INFINITY)
    .map((runs) => runs.map((run) => run.text).join(''))
    .join('\n');
}

function changedBy(sequence: string, look: Look): Look {
  const [, parameters] = /^\x1b\[([\d;]*)m$/.exec(sequence) ?? [];
  if (parameters === undefined) throw new Error(`unknown escape sequence: ${JSON.stringify(sequence)}`);
  const [, fixed] = /^38;5;(\d+)$/.exec(parameters) ?? [];
  const color = FIXED_COLORS[Number(fixed)];
  if (color !== undefined) return { ...look, color };
  return parameters.split(';').reduce((changed, parameter) => changedByOne(Number(parameter), changed), look);
}

function changedByOne(parameter: number, { color, weight, isUnderlined }: Look): Look {
  const kept = { ...(color && { color }), ...(weight && { weight }), ...(isUnderlined && { isUnderlined }) };
  const named = COLORS[parameter];
  if (named !== undefined) return { ...kept, color: named };
  switch (parameter) {
    case 0:
      return {};
    case 1:
      return { ...kept, weight: 'bold' };
    case 2:
      return { ...kept, weight: 'dim' };
    case 4:
      return { ...kept, isUnderlined: true };
    case 22:
      return { ...(color && { color }), ...(isUnderlined && { isUnderlined }) };
    case 24:
      return { ...(color && { color }), ...(weight && { weight }) };
    case 39:
      return { ...(weight && { weight }), ...(isUnderlined && { isUnderlined }) };
    default:
      throw new Error(`unknown SGR parameter: ${parameter}`);
  }
}

/** @returns the lines of a terminal that one line of text takes. Each character is one column wide. */
function wrapped(runs: readonly Run[], columns: number): Run[][] {
  const lines: Run[][] = [[]];
  let room = columns;
  for (const { text, look } of runs) {
    let rest = [...text];
    while (rest.length > 0) {
      if (room === 0) {
        lines.push([]);
        room = columns;
      }
      const taken = rest.slice(0, room);
      lines.at(-1)?.push({ text: taken.join(''), look });
      room -= taken.length;
      rest = rest.slice(taken.length);
    }
  }
  return lines;
}
