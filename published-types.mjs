/**
 * Makes the type declarations of the library complete in themselves. The compiler writes one for every source file;
 * those that the library does not lead to are deleted. Zod's are copied beside them, because the schemas of the library
 * are Zod's, and its code is bundled: an installation has no other package.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** The packages whose declarations are copied, with the file that declares the package. */
const COPIED = { zod: 'index.d.ts' };

/** The module in each `from '…'`, `import '…'` and `import('…')`. */
const SPECIFIER = /(?<=(?<![\w"'-])(?:from|import)\s*\(?\s*)(["'])([^"'\n]+)\1/g;

/**
 * @param folder the declarations that the compiler has written.
 * @param entry the declarations of the library, in `folder`.
 * @param root the folder of the package, with node_modules.
 * @throws Error for a declaration that is not there, or for a package that is neither Node.js nor copied.
 */
export function publishTypes(folder, entry, root) {
  for (const [name, main] of Object.entries(COPIED))
    copyPackage(join(root, 'node_modules', name), main, join(folder, name));
  const needed = closure(join(folder, entry), (file, specifier) => {
    if (Object.hasOwn(COPIED, specifier)) return join(folder, specifier, COPIED[specifier]);
    throw new Error(`${relative(folder, file)} needs the types of ${specifier}, which an installation does not have.`);
  });
  for (const file of filesIn(folder).filter((path) => path.endsWith('.d.ts'))) {
    if (!needed.has(file)) rmSync(file);
    else writeFileSync(file, withCopies(readFileSync(file, 'utf8'), file, folder));
  }
}

/** Copies the declarations that the main one leads to, and the licence, which every copy must have. */
function copyPackage(from, main, to) {
  const files = closure(join(from, main), (file, specifier) => {
    throw new Error(`${file} needs the types of ${specifier}, which are not copied.`);
  });
  for (const file of [...files, join(from, 'LICENSE')]) {
    const target = join(to, relative(from, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/** Returns a file and every declaration that it leads to. `elsewhere` returns the file for the name of a package. */
function closure(start, elsewhere) {
  const found = new Set();
  const follow = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, , specifier] of code.matchAll(SPECIFIER)) {
      if (specifier.startsWith('node:')) continue;
      const next = specifier.startsWith('.')
        ? declarationOf(join(dirname(file), specifier))
        : elsewhere(file, specifier);
      follow(normalize(next));
    }
  };
  follow(normalize(start));
  return found;
}

const declarationOf = (path) => path.replace(/\.[jt]s$/, '.d.ts');

/** Returns the text with the copied packages in place of those that an installation does not have. */
function withCopies(text, file, folder) {
  return text.replace(SPECIFIER, (whole, quote, specifier) => {
    if (!Object.hasOwn(COPIED, specifier)) return whole;
    const target = relative(dirname(file), join(folder, specifier, COPIED[specifier])).replace(/\.d\.ts$/, '.js');
    return `${quote}${target.startsWith('.') ? target : `./${target}`}${quote}`;
  });
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
