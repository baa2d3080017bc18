import type { Metafile } from 'esbuild';

type Output = Metafile['outputs'][string];
type Inputs = { readonly outputs: Readonly<Record<string, Pick<Output, 'inputs'>>> };

/** The text of THIRD-PARTY-NOTICES.txt. Throws for a bundled package whose licence is not known. */
export function thirdPartyNotices(metafile: Inputs, root: string): string;
