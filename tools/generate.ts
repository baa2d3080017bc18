/** Runs `npm run generate`: writes every file that is generated from the rules, the guides, the data and the demo. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { demoReport } from './demo-report.ts';
import { generatedFiles } from './generated.ts';
import { takeScreenshots } from './screenshots.ts';

const root = new URL('../', import.meta.url);
const docs = new URL('docs/', root);
/** The folders below docs/ that hold no generated page of a rule. */
const KEPT = ['container', 'images', 'kubernetes', 'monitoring'];

const demo = await demoReport();
const files = generatedFiles(demo);
// Each other folder below docs/ contains the generated pages of one rule. People write the other pages.
for (const entry of readdirSync(docs, { withFileTypes: true })) {
  if (entry.isDirectory() && !KEPT.includes(entry.name)) rmSync(new URL(entry.name, docs), { recursive: true });
}
for (const [path, text] of files) {
  const file = new URL(path, root);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, text);
}
const reason = await takeScreenshots(demo.html);
if (reason !== null) {
  process.stderr.write(
    `The HTML report has changed, and its screenshots in docs/images/ are the old ones: ${reason}.\n`,
  );
}
