/** Runs `mailcheck completion <shell>`, which prints the completion script of a shell. */

import { EXIT } from '../../report/status.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import type { CommandTree } from '../command-tree.ts';
import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import { SHELLS, type Shell } from '../completion/values.ts';
import { zsh } from '../completion/zsh.ts';
import { nearest } from '../options/nearest.ts';
import { writeText } from '../terminal/output.ts';

const scripts: Readonly<Record<Shell, (tree: CommandTree) => string>> = { bash, zsh, fish };

/**
 * Prints the completion script of a shell.
 *
 * @returns the exit code.
 * @throws UsageError for a shell without a script.
 */
export async function completionCommand(name: string, tree: CommandTree): Promise<number> {
  const shell = SHELLS.find((candidate) => candidate === name);
  if (shell === undefined) {
    throw new UsageError(
      `there is no completion for ${quoteInput(name)}${nearest(name, SHELLS)}. Type one of: ${SHELLS.join(', ')}`,
    );
  }
  await writeText(process.stdout, scripts[shell](tree));
  return EXIT.ok;
}
