/** Compares SPF evaluation with mailauth, for one record of nine lookups with all DNS answers in memory. */
import { execFileSync } from 'node:child_process';
import type { SpfSpeed } from './spf-driver.ts';
import { median, type Row } from './table.ts';

const EVALUATIONS = 2000;
const ROUNDS = 7;

/**
 * Measures both tools in turn.
 *
 * @param drivers the folder of the built drivers, with a slash at the end.
 * @returns the row of the comparison, in evaluations a second.
 */
export function spfRows(drivers: string): Row[] {
  const rates = { mailcheck: [] as number[], mailauth: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const tool of ['mailcheck', 'mailauth'] as const) {
      const args = [`${drivers}spf-driver.mjs`, tool, String(EVALUATIONS)];
      const { perSecond, result }: SpfSpeed = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      if (result !== 'pass') throw new Error(`${tool} says ${result}`);
      rates[tool].push(perSecond);
    }
  }
  const [own, other] = [median(rates.mailcheck), median(rates.mailauth)];
  const rate = (value: number): string => `${value.toFixed(0)}/s`;
  return [
    {
      what: 'SPF: evaluations a second, answers cached',
      own: rate(own),
      other: rate(other),
      against: 'mailauth',
      ratio: own / other,
    },
  ];
}
