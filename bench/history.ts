/**
 * Writes the rows of a benchmark to the history file, one JSON object a line. A person asks for it by hand, so that the
 * history has figures of machines that somebody knows.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import type { Row } from './table.ts';

/** What the rows of one run have in common. */
export interface RunOfBench {
  /** The commit that was measured. It ends in `-dirty` where files differ from it. */
  readonly commit: string;
  readonly date: Date;
  /** The version of Node.js, such as `20.20.2`. */
  readonly node: string;
}

/** @returns the run that this process measures in the checkout `root`. */
export function runOfBench(root: string): RunOfBench {
  const git = (...words: string[]): string => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short=12', 'HEAD');
  // The rows of an earlier part change nothing that is measured.
  const changed = git('status', '--porcelain', '--', '.', ':!bench/history.ndjson');
  return { commit: changed === '' ? commit : `${commit}-dirty`, date: new Date(), node: process.versions.node };
}

/**
 * Appends one line for each row. It has the commit, the date as YYYY-MM-DD, the version of Node.js, the name of the row,
 * both values with their units, the ratio with two decimals, and the highest or lowest ratio that meets the target.
 *
 * @param isCi whether the run belongs to CI. Then nothing is written.
 * @throws an Error in CI, and for a file that cannot be written.
 */
export function appendHistory(
  file: string,
  rows: readonly Row[],
  { commit, date, node }: RunOfBench,
  isCi = (process.env.CI ?? '') !== '',
): void {
  if (isCi) throw new Error('the history is written by hand, not in CI');
  const lines = rows.map(({ what, own, other, against, ratio, atMost, atLeast }) =>
    JSON.stringify({
      commit,
      date: date.toISOString().slice(0, 10),
      node,
      row: what,
      own,
      other,
      against,
      ratio: Number(ratio.toFixed(2)),
      ...(atMost === undefined ? {} : { atMost }),
      ...(atLeast === undefined ? {} : { atLeast }),
    }),
  );
  appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
}
