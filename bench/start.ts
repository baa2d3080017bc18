/** Starting: whole processes in turns, against Node doing nothing. */
import { spawnSync } from 'node:child_process';
import { median, type Row } from './table.ts';

const ROUNDS = 41;

export function startRows(cli: string): Row[] {
  const commands = {
    nothing: ['-e', '0'],
    version: [cli, '--version'],
    help: [cli, '--help'],
  } as const;
  const times = { nothing: [] as number[], version: [] as number[], help: [] as number[] };
  // The first round reads files from the disk and does not count.
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
