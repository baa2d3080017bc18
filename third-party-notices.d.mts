import type { Metafile } from 'esbuild';

type Output = Metafile['outputs'][string];
type Inputs = { readonly outputs: Readonly<Record<string, Pick<Output, 'inputs'>>> };

/**
 * @returns the text of THIRD-PARTY-NOTICES.txt.
 * @throws Error for a bundled package whose licence text is not known, or for code outside any package.
 */
export function thirdPartyNotices(metafile: Inputs, root: string): string;
export function bundledPackages(notices: string): string[];
