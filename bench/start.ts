/** Measures the start of mailcheck, against a Node.js process that does nothing. */
import { spawnSync } from 'node:child_process';
import { median, type Row } from './table.ts';

const ROUNDS = 41;

/**
 * Runs whole processes in turn.
 *
 * @param cli the path of the built command line.
 * @returns the rows of the comparison, in milliseconds.
 */
export function startRows(cli: string): Row[] {
  const commands = {
    nothing: ['-e', '0'],
    version: [cli, '--version'],
    help: [cli, '--help'],
  } as const;
  const times = { nothing: [] as number[], version: [] as number[], help: [] as number[] };
  // The first round does not count, because it reads the files from the disk.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of ['nothing', 'version', 'help'] as const) {
      const started = performance.now();
      const { status } = spawnSync(process.execPath, commands[name], { stdio: 'ignore' });
      if (status !== 0) throw new Error(`${commands[name].join(' ')} ended with ${status}`);
      if (round > 0) times[name].push(performance.now() - started);
    }
  }
  const nothing = median(times.nothing);
  const row = (name: 'version' | 'help', atMost: number): Row => ({
    what: `start: mailcheck --${name}`,
    own: `${median(times[name]).toFixed(0)} ms`,
    other: `${nothing.toFixed(0)} ms`,
    against: 'node -e 0',
    ratio: median(times[name]) / nothing,
    atMost,
  });
  return [row('version', 1.3), row('help', 1.5)];
}
