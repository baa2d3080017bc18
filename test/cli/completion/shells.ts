/** The shells that are installed here, and what each offers at the end of a line once it has read a completion script. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHELLS, type Shell } from '../../../src/cli/completion/values.ts';

const flags: Readonly<Record<Shell, readonly string[]>> = {
  bash: ['--noprofile', '--norc'],
  zsh: ['-f'],
  fish: ['--no-config'],
};

/** bash, which runs on every machine that tests this, and those of the others that there are. */
export const shellsHere: readonly Shell[] = SHELLS.filter(
  (shell) => shell === 'bash' || spawnSync(shell, ['--version']).status === 0,
);

/**
 * @param lines what is typed before Tab.
 * @param directory whose files are there to be offered.
 * @returns for each line the offers, sorted, each as the whole last word would read.
 */
export function offersOf(shell: Shell, script: string, lines: readonly string[], directory: string): string[][] {
  const scripts = mkdtempSync(join(tmpdir(), 'mailcheck-completion-'));
  try {
    const file = join(scripts, 'completion');
    writeFileSync(file, script);
    const driver = fileURLToPath(new URL(`drive.${shell}`, import.meta.url));
    const output = execFileSync(shell, [...flags[shell], driver, file], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: scripts, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
      input: lines.map((line) => `${line}\n`).join(''),
      encoding: 'utf8',
      timeout: 60_000,
    });
    // Every answer ends with an empty line.
    const answers = output.split(/(?<=^|\n)\n/).slice(0, lines.length);
    return lines.map((line, index) => {
      const words = (answers[index] ?? '').split('\n').filter((word) => word !== '');
      return [...new Set(words.map((word) => whole(shell, line, word)))].sort();
    });
  } finally {
    rmSync(scripts, { recursive: true, force: true });
  }
}

/** bash gives what comes after the last `=` or `:`; fish adds a description after a tab. */
function whole(shell: Shell, line: string, offered: string): string {
  if (shell !== 'bash') return offered.replace(/\t.*/, '');
  return `${/[^\s]*[=:]/.exec(line.slice(line.lastIndexOf(' ') + 1))?.[0] ?? ''}${offered}`;
}
