/** Makes the bill of materials of a bundle from that of an installation (CycloneDX 1.5). */

/** A package, by the parts that are read here. */
export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

export interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What npm says of a package that only the developers install. Its code is in the bundle all the same. */
const DEVELOPMENT = 'cdx:npm:package:development';

/**
 * @param all the bill of an installation with every package.
 * @param bundled the packages whose code is in the bundle, each as `name version`.
 * @returns the bill with these packages alone. The product depends on each of them.
 * @throws Error for a bundled package that the installation does not have.
 */
export function bomOfBundle(all: Bom, bundled: readonly string[]): Bom {
  const components = bundled.map((title) => {
    const found = all.components.find(({ name, version }) => `${name} ${version}` === title);
    if (found === undefined) throw new Error(`${title} is in the bundle, but npm does not list it.`);
    return { ...found, properties: (found.properties ?? []).filter(({ name }) => name !== DEVELOPMENT) };
  });
  const kept = new Set(components.map((component) => component['bom-ref']));
  const { component } = all.metadata;
  const product = component['bom-ref'];
  const among = all.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
  return {
    ...all,
    // npm names it after the folder.
    metadata: { ...all.metadata, component: { ...component, name: product.replace(/@[^@]*$/, '') } },
    components,
    dependencies: [{ ref: product, dependsOn: [...kept] }, ...among],
  };
}
