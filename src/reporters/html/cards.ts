/** Draws the checks as cards. The card of a passed check is folded. Any other is open and shows its findings. */
import { type FindingResult, isAccepted, type Report, type RuleResult, type Status } from '../../report/status.ts';
import { standingLines } from '../finding-text.ts';
import { isShown, MARKS, SEVERITY_STATUS } from '../words.ts';
import type { Anchors } from './anchors.ts';
import { fixParts } from './fixes.ts';
import { mark, symbol } from './marks.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { neighbourCaption, neighbourStrip } from './neighbour-strip.ts';
import { spfCaption, spfTree } from './spf-tree.ts';

/** The most lines of one piece of evidence. A hostile answer may have any number of them. */
const MAX_EVIDENCE_LINES = 120;

/** @returns a list of links to the cards, with the status of each check. */
export function chips(report: Report, anchors: Anchors): Markup {
  return html`<ul class="chips">${report.rules
    .filter(isShown)
    .map(
      (rule) =>
        html`<li><a class="${rule.status}" href="${anchor(anchors.rule(rule))}">${symbol(rule.status)}<span>${rule.title}<span class="hidden"> ${MARKS[rule.status].word}</span></span></a></li>`,
    )}</ul>`;
}

/**
 * @param level the heading level of a card.
 * @returns the cards, and a panel with the skipped checks.
 */
export function cards(report: Report, anchors: Anchors, level: number): Content {
  const skipped = report.rules.filter(({ status }) => status === 'skipped');
  return [
    report.rules.filter(isShown).map((rule) => card(rule, report, anchors, level)),
    skipped.length > 0 &&
      html`<div class="panel skipped-rules"><p>${mark('skipped', 'Not made')}</p><dl class="pairs">${skipped.map(
        ({ title, skipReason }) => html`<dt>${title}</dt><dd>${skipReason ?? ''}</dd>`,
      )}</dl></div>`,
  ];
}

function card(rule: RuleResult, report: Report, anchors: Anchors, level: number): Markup {
  const drawings = drawingsFor(rule, report, anchors);
  const isPlain = rule.findings.length === 0 && drawings.length === 0;
  const remarks = [rule.allowed ? 'known and allowed' : '', rule.note ?? '', rule.reference]
    .filter((text) => text !== '')
    .join(' · ');
  return html`<article class="card ${rule.status}" id="${anchors.rule(rule)}"><details${isOpen(rule) && html` open`}><summary>${mark(rule.status)}<span class="title"><h${level}>${rule.title}</h${level}> <span class="muted small">${remarks} </span></span></summary>
<div class="body">
${drawings}
${bySeverity(rule.findings).map((finding) => findingPart(finding, rule, anchors))}
${isPlain && html`<p class="muted small">Nothing to remark.</p>`}
</div></details></article>
`;
}

const ORDER = ['error', 'warning', 'inconclusive', 'info'] as const;

function bySeverity(findings: readonly FindingResult[]): FindingResult[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

function isOpen({ status, findings }: RuleResult): boolean {
  return status !== 'pass' || findings.some(({ severity }) => severity !== 'info');
}

/** Returns the drawings for the card of a rule: the SPF lookup tree, or the sampled neighbours of the addresses. */
function drawingsFor({ id }: RuleResult, { spf, neighbours = [] }: Report, anchors: Anchors): Markup[] {
  if (id === 'spf' && spf) {
    return [
      html`<figure><figcaption>${spfCaption(spf)}</figcaption><div class="scroll" tabindex="0" role="region" aria-label="SPF lookup tree">${spfTree(spf, anchors.place('spf-tree'))}</div>${spfChecks(spf)}</figure>`,
    ];
  }
  if (id !== 'rbl') return [];
  return neighbours.map(
    (sample, index) =>
      html`<figure><figcaption>${neighbourCaption(sample)} (✕ listed, · not listed, ? not known, ▾ the tested address)</figcaption>${neighbourStrip(sample, anchors.place(`neighbours-${index + 1}`))}</figure>`,
  );
}

function spfChecks({ checks }: NonNullable<Report['spf']>): Content {
  if (checks.length === 0) return null;
  return html`<dl class="pairs">${checks.map(({ ip, result, matched, problem }) => {
    const way = matched.map(({ term }) => term).join(' › ');
    return html`<dt class="mono">${ip}</dt><dd><b>${result}</b>${way !== '' && html` by <code>${way}</code>`}${problem !== null && html`: ${problem}`}</dd>`;
  })}</dl>`;
}

function findingPart(finding: FindingResult, rule: RuleResult, anchors: Anchors): Markup {
  const isNote = finding.severity === 'info';
  const status: Status = isNote || isAccepted(finding) ? 'skipped' : SEVERITY_STATUS[finding.severity];
  const { details = [] } = finding;
  return html`<section class="finding${isNote && ' note'}" id="${anchors.finding(finding)}">
<p class="message">${symbol(status)}<span><span class="hidden">${finding.severity}: </span>${finding.message}</span></p>
<div class="indent">
${standing(finding)}
${details.length > 0 && html`<dl class="pairs">${details.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`}
${!isNote && finding.explanation !== '' && html`<p>${finding.explanation}</p>`}
${fix(finding, anchors)}
<p class="why">${stepLink(finding, anchors)}<code>${finding.code}</code> <span>${SEVERITY_WORDS[finding.severity]}</span>${finding.reference !== rule.reference && html` <span>${finding.reference}</span>`}</p>
${evidence(finding)}
</div></section>
`;
}

const SEVERITY_WORDS: Readonly<Record<FindingResult['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  inconclusive: 'could not be checked',
  info: 'note',
};

/** @returns flags that say how the configuration, the baseline and proposed records affect the finding. */
export function standing(finding: FindingResult): Content {
  const lines = [...(finding.proposed ? ['Rests on proposed records'] : []), ...standingLines(finding)];
  return lines.length > 0 && html`<p>${lines.map((line) => html`<span class="flag">${line}</span> `)}</p>`;
}

function stepLink(finding: FindingResult, anchors: Anchors): Content {
  const step = anchors.stepFor(finding);
  if (step === undefined && anchors.isLater(finding)) {
    return html`<a href="${anchor(anchors.place('later'))}">How to fix it: Later</a> `;
  }
  return step !== undefined && html`<a href="${anchor(anchors.step(step))}">How to fix it: step ${step}</a> `;
}

/** Returns the fix of a finding that no step fixes, such as a note or an accepted finding. */
function fix(finding: FindingResult, anchors: Anchors): Content {
  const { summary } = finding.remediation;
  if (anchors.stepFor(finding) !== undefined || anchors.isLater(finding) || summary === 'Nothing to do.') return null;
  return html`<p class="muted">${summary}</p>${fixParts(finding.remediation)}`;
}

function evidence({ evidence: facts }: FindingResult): Content {
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return html`<details class="fold"><summary>Evidence</summary><dl class="pairs">${entries.map(
    ([key, value]) => html`<dt class="mono">${key}</dt><dd>${evidenceValue(value)}</dd>`,
  )}</dl></details>`;
}

/** Returns a value of the evidence. A list has a line for each item, and an object has a line for each key. */
function evidenceValue(value: FindingResult['evidence'][string]): Content {
  if (typeof value !== 'object' || value === null) return html`<span class="mono">${String(value)}</span>`;
  const lines = Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
    : Object.entries(value).map(([key, item]) => `${key}: ${JSON.stringify(item)}`);
  const shown = lines.slice(0, MAX_EVIDENCE_LINES);
  const rest = lines.length - shown.length;
  if (lines.length === 0) return html`<span class="muted">none</span>`;
  return html`<pre>${shown.map((line) => html`${line}\n`)}${rest > 0 && `… and ${rest} more`}</pre>`;
}
