/** Folder below src/knowledge → the parsed rows in it. */
export function dataFolders(): Readonly<Record<string, readonly unknown[]>>;

/** The value of `__MAILCHECK_DATA__` for esbuild. */
export const packedData: string;
