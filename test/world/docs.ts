/** `npm run docs`: writes docs/ anew, from the same words that `mailcheck explain` prints. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docsPages } from './docs-pages.ts';

const folder = fileURLToPath(new URL('../../docs/', import.meta.url));
rmSync(folder, { recursive: true, force: true });
for (const [path, text] of docsPages()) {
  mkdirSync(dirname(`${folder}${path}`), { recursive: true });
  writeFileSync(`${folder}${path}`, text);
}
