/** Writes the files of a new rule: a small working example in the shape that every rule has. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const INDEX = 'src/check/rules/index.ts';

/** The path of the file that is made from each template of `new-rule/`. */
const PLACES: Readonly<Record<string, (id: string) => string>> = {
  'rule.ts.txt': (id) => `src/check/rules/${id}/rule.ts`,
  'findings.ts.txt': (id) => `src/check/rules/${id}/findings.ts`,
  'guide.json.txt': (id) => `src/knowledge/guides/data/${id}.json`,
  'test.ts.txt': (id) => `test/check/rules/${id}.test.ts`,
};

/**
 * Writes the files of a rule, and adds the rule to the list of rules.
 *
 * @param root the root folder of the repository.
 * @param id the id of the new rule.
 * @returns the paths of the written files, relative to `root`.
 * @throws Error for a text that is no rule id, or if a file exists already. No file is written then.
 */
export function newRule(root: string, id: string): string[] {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id)) {
    throw new Error(`"${id}" is not the id of a rule: use lower-case letters, digits and hyphens`);
  }
  const templates = new URL('new-rule/', import.meta.url);
  const files = readdirSync(templates).map((template) => {
    const path = PLACES[template]?.(id);
    if (path === undefined) throw new Error(`nothing says where the template ${template} goes`);
    return {
      path,
      text: readFileSync(new URL(template, templates), 'utf8')
        .replaceAll('RULE_ID', id)
        .replaceAll('RULE_NAME', nameOf(id)),
    };
  });
  const taken = files.find(({ path }) => existsSync(join(root, path)));
  if (taken) throw new Error(`${taken.path} exists already`);
  const index = withRule(readFileSync(join(root, INDEX), 'utf8'), id);

  for (const { path, text } of [...files, { path: INDEX, text: index }]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const written = [...files.map(({ path }) => path), INDEX];
  // Biome sorts the imports, and breaks lines that the id has made too long.
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'check', '--write', ...written], { cwd: root, stdio: 'pipe' });
  return written;
}

/** @returns the name of a rule in the code: `example-record` → `exampleRecord`. */
function nameOf(id: string): string {
  return id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * @returns the source of the list of rules with the new rule before the last one, whose findings follow from the
 *   others.
 */
function withRule(index: string, id: string): string {
  const name = nameOf(id);
  const list = /^(?:export )?const \w+ = \[([^\]]+)\] as const/m.exec(index);
  const names = list?.[1]?.split(',').flatMap((entry) => entry.trim() || []) ?? [];
  if (list === null || names.length === 0) throw new Error(`${INDEX} has no list of rules`);
  const longer = list[0].replace(list[1] ?? '', [...names.slice(0, -1), name, ...names.slice(-1)].join(', '));
  // The second replacement adds the import after the last one.
  return index
    .replace(list[0], longer)
    .replace(/(^import .+;\n)(?!import )/m, `$1import ${name} from './${id}/rule.ts';\n`);
}
