/**
 * Rolls the type declarations of the library up into one file. The compiler writes one for every source file. Those that
 * the library does not lead to are left out. The declarations of packages are rolled in, Zod's above all: their code is
 * bundled, so an installation has no other package.
 */
import { writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/**
 * @param entry the path of the declarations of the library, as the compiler has written them. Packages are looked for in
 *   the folders above it.
 * @param target the path of the file to write.
 * @throws Error for a declaration that is not there, or for a package that is neither Node.js nor found.
 */
export async function publishTypes(entry, target) {
  const bundle = await rolldown({
    input: { index: entry },
    external: /^node:/,
    plugins: [dts({ dtsInput: true, tsconfig: false, resolver: 'oxc' })],
    onLog(_, { message }) {
      throw new Error(message);
    },
  });
  try {
    const { output } = await bundle.generate({ format: 'esm' });
    const [declarations, ...others] = output;
    if (others.length > 0) throw new Error(`The declarations of ${entry} do not fit into one file.`);
    const elsewhere = declarations.imports.filter((name) => !name.startsWith('node:'));
    if (elsewhere.length > 0)
      throw new Error(`The library needs the types of ${elsewhere.join()}, which an installation does not have.`);
    writeFileSync(target, asPublished(declarations.code));
  } finally {
    await bundle.close();
  }
}

/**
 * Leaves out the comments that name the file of each part, because no such file is published. Gives an order to the
 * compiler its line again, because it is about the line below it.
 */
function asPublished(code) {
  return code
    .replace(/^\/\/(?:#(?:end)?region.*| .*\.d\.[cm]?ts)\n/gm, '')
    .replace(/(\/\*\* @ts-ignore[^*\n]*\*\/) */g, '\n$1\n');
}
