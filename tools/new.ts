/** Runs `npm run new rule <id>`: writes the files of a new rule, and prints what is left to do. */
import { fileURLToPath } from 'node:url';
import { newRule } from './new-rule.ts';

const USAGE = 'usage: npm run new rule <id>, such as: npm run new rule tls-rpt';

const [kind, id, ...rest] = process.argv.slice(2);
if (kind !== 'rule' || id === undefined || rest.length > 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  try {
    const files = newRule(fileURLToPath(new URL('../', import.meta.url)), id);
    process.stdout.write(`Written:\n${files.map((file) => `  ${file}\n`).join('')}\n${leftToDo(id)}`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}

function leftToDo(rule: string): string {
  const folder = `src/check/rules/${rule}`;
  return `The rule works, as an example that looks for a TXT record. Left to do:
  1. ${folder}/rule.ts: write what the rule checks. Its header says what it protects against, which
     standard it follows, and what it cannot see. "step" says when its remedies are due (src/check/rules/phases.ts).
  2. ${folder}/findings.ts: declare a code for each case, and its severity. Codes are never renamed
     once they are released.
  3. src/check/rules/index.ts: put the rule where it belongs in the report.
  4. src/knowledge/guides/data/${rule}.json: say how each finding is seen by hand and fixed.
  5. test/check/rules/${rule}.test.ts: for each code, one world in which it appears and the nearest in which it
     does not. Run it: npx vitest run test/check/rules/${rule}.test.ts
  6. test/world/scenes.ts: let the healthy host of the demo publish what the rule asks for.
  7. npm run generate writes docs/ and the table of checks in the README. The golden reports count the checks:
     npx vitest run test/dist test/golden -u writes them, and then the difference is to be read.
`;
}
