/** Shows the fixes: records, commands and links. One click selects a record or command completely. */
import type { AdviceStep, Report } from '../../report/status.ts';
import { changeWords, laterStages, planSummary } from '../changes.ts';
import { byZone, commandGroups, type Fix, placeGroups, REVERSE_ZONE_LABEL, type TypedGroup } from '../typed-groups.ts';
import { SEVERITY_STATUS } from '../words.ts';
import type { Anchors } from './anchors.ts';
import { mark } from './marks.ts';
import { anchor, type Content, html, type Markup, webAddress, whole } from './markup.ts';

/** @returns the numbered list of the steps to take. */
export function stepList({ advice }: Report, anchors: Anchors): Markup {
  return html`<ol class="steps">${advice.steps.map((step, index) => stepItem(step, index + 1, anchors))}</ol>`;
}

function stepItem(step: AdviceStep, number: number, anchors: Anchors): Markup {
  const status = SEVERITY_STATUS[step.severity];
  const codes = step.codes.map((code) => {
    const id = anchors.code(code);
    return id === undefined ? html`<code>${code}</code> ` : html`<a href="${anchor(id)}"><code>${code}</code></a> `;
  });
  return html`<li class="step ${status}" id="${anchors.step(number)}"><div>
<p>${step.summary}</p>
${fixParts(step)}${changeParts(step)}${consoleParts(step)}
<p class="why">${mark(status)} ${codes}</p>
</div></li>
`;
}

/** @returns the records, commands and links of a fix. It is empty for a fix without any. */
export function fixParts(fix: Fix): Content {
  const { own, reverse } = byZone(fix.records ?? []);
  return [
    own.length > 0 && recordParts(own),
    ...placeGroups(fix).map(commandParts),
    ...commandGroups(fix).map(commandParts),
    reverse.length > 0 && recordParts(reverse, REVERSE_ZONE_LABEL),
    linkParts(fix.links ?? []),
  ];
}

/** @returns what changes, and the published records that go. */
function changeParts(step: AdviceStep): Content {
  const { gone, note } = changeWords(step);
  return [
    note !== null &&
      html`<p class="muted small">${note}</p>
`,
    gone.length > 0 &&
      html`<details class="fold gone-fold"><summary>${gone.length === 1 ? 'Published record to remove' : 'Published records to remove'}</summary>${gone.map((line) => html`<pre class="gone"><code>${line}</code></pre>`)}</details>
`,
  ];
}

/** @returns what to type into the console of the DNS host, and what goes wrong there. */
function consoleParts({ changes }: AdviceStep): Content {
  const pages = changes.flatMap(({ console: page }) => page ?? []).filter(({ records }) => records.length > 0);
  const pitfalls = [...new Set(changes.flatMap((change) => change.pitfalls))];
  if (pages.length === 0 && pitfalls.length === 0) return null;
  return html`<details class="fold"><summary>In the console of the DNS host</summary>
${pages.map(
  ({ path, url, records }) => html`<p class="small">${path}${url !== null && html` (${webLink(url, 'open')})`}</p>
<table class="records"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Priority</th><th scope="col">Value</th></tr></thead><tbody>
${records.map(
  ({ name, type, value, priority }) =>
    html`<tr><td data-label="Name">${name === '' ? '(empty)' : html`<code class="all">${whole(name)}</code>`}</td><td data-label="Type"><code>${type}</code></td><td data-label="Priority">${priority ?? ''}</td><td data-label="Value"><code class="all">${whole(value)}</code></td></tr>
`,
)}</tbody></table>
`,
)}${pitfalls.length > 0 && html`<ul class="small">${pitfalls.map((text) => html`<li>${text}</li>`)}</ul>`}</details>
`;
}

/** @returns the stages of a policy that come after the steps, and what the changes settle. */
export function laterParts(report: Report, anchors: Anchors, level: number): Content {
  const stages = laterStages(report);
  const summary = planSummary(report);
  return [
    stages.length > 0 &&
      html`<h${level} id="${anchors.place('later')}">Later</h${level}>
${stages.map(({ when, record }) => html`<div class="panel"><p>${when}</p>${recordParts([record])}</div>`)}`,
    summary !== null &&
      html`<p class="plan">${summary}</p>
`,
  ];
}

type Records = NonNullable<Fix['records']>;

function recordParts(
  records: Records,
  label = records.length === 1 ? 'Record to publish' : 'Records to publish',
): Markup {
  return html`<div><p class="label">${label}</p>
<table class="records"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Value</th></tr></thead><tbody>
${records.map(
  ({ name, type, value }) =>
    html`<tr><td data-label="Name"><code class="all">${whole(name)}</code></td><td data-label="Type"><code>${type}</code></td><td data-label="Value"><code class="all">${whole(value)}</code></td></tr>
`,
)}</tbody></table>
<details class="fold"><summary>${records.length === 1 ? 'As a line' : 'As lines'} of a zone file</summary>${copies(records.map(({ line }) => line))}</details></div>
`;
}

function commandParts({ label, lines }: TypedGroup): Markup {
  return html`<div><p class="label">${label ?? (lines.length === 1 ? 'Command' : 'Commands')}</p>${copies(lines)}</div>
`;
}

function copies(texts: readonly string[]): Content {
  return texts.map((text) => html`<pre class="copy"><code>${whole(text)}</code></pre>`);
}

/** @returns the list of links, or nothing for an empty list. */
export function linkParts(links: readonly string[]): Content {
  if (links.length === 0) return null;
  return html`<ul class="links">${links.map((text) => html`<li>${webLink(text)}</li>`)}</ul>
`;
}

/** @returns a link, or only the text if the address is not one of the web. */
export function webLink(address: string, text: string = address): Content {
  const href = webAddress(address);
  return href === undefined ? text : html`<a href="${href}" rel="noreferrer noopener">${text}</a>`;
}
