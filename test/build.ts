/** Builds the CLI once before the tests that run it as a process. */
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
