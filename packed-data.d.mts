import type { Plugin } from 'esbuild';

/** @returns a map from each folder below src/knowledge to its parsed rows. */
export function dataFolders(): Readonly<Record<string, readonly unknown[]>>;

/** The plugin of esbuild that puts the rows of each folder into the bundle. */
export const packedData: Plugin;
