/** @returns a map from each folder below src/knowledge to its parsed rows. */
export function dataFolders(): Readonly<Record<string, readonly unknown[]>>;

/** The value of `__MAILCHECK_DATA__` for esbuild: a string literal that contains JSON. */
export const packedData: string;
