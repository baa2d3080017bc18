/** `npm run generate`: writes everything that is made of the rules, the guides, the data and the demo. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

const root = new URL('../', import.meta.url);
const docs = new URL('docs/', root);

const files = await generatedFiles();
// A folder below docs/ holds the pages of one rule. Pages beside these folders are written by people.
for (const entry of readdirSync(docs, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(new URL(entry.name, docs), { recursive: true });
}
for (const [path, text] of files) {
  const file = new URL(path, root);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}
