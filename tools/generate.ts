/** Runs `npm run generate`: writes every file that is generated from the rules, the guides, the data and the demo. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

const root = new URL('../', import.meta.url);
const docs = new URL('docs/', root);

const files = await generatedFiles();
// Each folder below docs/ contains the generated pages of one rule. People write the pages beside these folders.
for (const entry of readdirSync(docs, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(new URL(entry.name, docs), { recursive: true });
}
for (const [path, text] of files) {
  const file = new URL(path, root);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}
