/**
 * Explains the codes of the findings on the page: why receivers care, how to see it by hand and how to fix it. The page
 * holds these texts itself, because it must be readable where the documentation cannot be reached.
 */
import { adviceFor } from '../../knowledge/guides/guide.ts';
import type { FindingResult, Report, RuleResult } from '../../report/status.ts';
import { type Content, html, type Markup, whole } from './markup.ts';

interface Explained {
  readonly id: string;
  readonly rule: RuleResult;
  readonly finding: FindingResult;
}

/** The explained codes of a page, by code. */
export type ExplainedCodes = ReadonlyMap<string, Explained>;

/** @returns the codes of all checks, each once, in the order of the reports. */
export function explainedCodes(reports: readonly Report[]): ExplainedCodes {
  const codes = new Map<string, Explained>();
  for (const rule of reports.flatMap(({ rules }) => rules).filter(({ kind }) => kind === 'check')) {
    for (const finding of rule.findings) {
      const { code } = finding;
      const known = codes.get(code);
      // A finding that an obstacle explains has no explanation of its own. Another one with the code may have it.
      if (known !== undefined && (known.finding.explanation !== '' || finding.explanation === '')) continue;
      codes.set(code, { id: known?.id ?? idOf(code, codes.size + 1), rule, finding });
    }
  }
  return codes;
}

/** Returns the id of an explanation, so that users can share `report.html#about-spf-missing`. */
function idOf(code: string, number: number): string {
  return /^[a-z0-9]+(?:[-/][a-z0-9]+)*$/.test(code) ? `about-${code.replaceAll('/', '-')}` : `about-code-${number}`;
}

/**
 * @param level the heading level of the section.
 * @returns the section with a folded explanation of each code, or nothing if there are none.
 */
export function codesSection(codes: ExplainedCodes, level: number): Content {
  if (codes.size === 0) return null;
  return html`<section class="codes"><h${level}>About the codes</h${level}>
<div class="panel"><p class="muted small"><code>mailcheck explain CODE</code> explains any code. Names and addresses below are examples.</p>
${[...codes.values()].sort((a, b) => (a.finding.code < b.finding.code ? -1 : 1)).map(codePart)}</div></section>
`;
}

function codePart({ id, rule, finding }: Explained): Markup {
  const { code, title, explanation, reference } = finding;
  const { see, fix } = adviceFor(rule.id, code);
  return html`<details class="fold"><summary><code>${code}</code> ${title}</summary><div class="explained" id="${id}">
${explanation !== '' && html`<p>${explanation}</p>`}
${see.length > 0 && html`<div><p class="label">See it by hand</p><pre class="copy"><code>${see.map((line) => html`${whole(line)}\n`)}</code></pre></div>`}
<div><p class="label">Fix it</p><p>${fix}</p></div>
<p class="muted small">${reference}</p>
</div></details>
`;
}
