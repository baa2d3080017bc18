/** The pages of docs/, as they should be. */
import { explanations } from '../../src/cli/explain/explanations.ts';
import { contents, page } from '../../src/reporters/explanation-page.ts';

/** Path below `docs/` → text. */
export function docsPages(): Map<string, string> {
  return new Map([
    ['README.md', contents(explanations)],
    ...explanations.map((explanation) => [`${explanation.code}.md`, page(explanation)] as const),
  ]);
}
