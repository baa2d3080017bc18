/** What the recipes of docs/ci.md and the README type into a shell, as one script for an empty folder. */
import { parse } from 'yaml';

/**
 * @param page the page with the recipes.
 * @param recipe the heading of one, or `README` for the one of the README.
 */
export function commandsOf(page: string, recipe: string): string {
  const heading = recipe === 'README' ? 'DNS changes in CI' : recipe;
  const [, text = ''] = page.split(`\n## ${heading}\n`);
  const [, block = ''] = /^```\w+\n([\s\S]*?)^```$/m.exec(text) ?? [];
  switch (recipe) {
    case 'README':
    case 'Any system':
      // Each step starts in the folder of the job.
      return (parse(block) as { run: string }[]).map(({ run }) => `(${run})`).join('\n');
    case 'GitLab':
      return (parse(block) as { mail: { script: string[] } }).mail.script.join('\n');
    case 'Jenkins':
      return [...block.matchAll(/\bsh '(.+)'/g)].map(([, typed = '']) => typed).join('\n');
    case 'Terraform':
      return JSON.parse(/command = (".*")/.exec(block)?.[1] ?? '""');
    case 'Ansible':
      return ansibleCommand(block);
    default:
      throw new Error(`It is not known what the recipe for ${recipe} types`);
  }
}

/** Ansible runs the words without a shell, so each is quoted; its variables become those of the shell. */
function ansibleCommand(tasks: string): string {
  const [task] = parse(tasks) as [{ 'ansible.builtin.command': { argv: string[] } }];
  const words = task['ansible.builtin.command'].argv.map((word) => word.replaceAll(/\{\{ (\w+) \}\}/g, '$$$1'));
  return words.map((word) => `"${word}"`).join(' ');
}
