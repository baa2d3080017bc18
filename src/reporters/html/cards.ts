/** Draws the checks as cards. The card of a passed check is folded. Any other is open and shows its findings. */

import { count } from '../../report/count.ts';
import {
  type FindingResult,
  isAccepted,
  type Report,
  type RuleResult,
  type SpfTree,
  type Status,
} from '../../report/status.ts';
import { bySeverity, checkGroups } from '../check-groups.ts';
import { standingLines } from '../finding-text.ts';
import { MARKS, obstacleTexts, SEVERITY_STATUS, unusedWords } from '../words.ts';
import type { Anchors } from './anchors.ts';
import { evidencePart } from './evidence.ts';
import { fixParts } from './fixes.ts';
import { mark, symbol } from './marks.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { neighbourCaption, neighbourStrip } from './neighbour-strip.ts';
import { RESULT_STATUS, spfCaption, spfTree } from './spf-tree.ts';

/** @returns a list of links to the cards, with the status of each check. */
export function chips(report: Report, anchors: Anchors): Markup {
  const { open, obstructed, passed } = checkGroups(report);
  return html`<ul class="chips">${[...open, ...obstructed, ...passed].map(
    (rule) =>
      html`<li><a class="${rule.status}" href="${anchor(anchors.rule(rule))}">${symbol(rule.status)}<span>${rule.title}<span class="hidden"> ${MARKS[rule.status].word}</span></span></a></li>`,
  )}</ul>`;
}

/**
 * @param level the heading level of the section.
 * @returns what at the place of the check kept checks from being made, with the cards of those checks folded below it.
 *   Nothing if there is no such obstacle.
 */
export function obstacleSection(report: Report, anchors: Anchors, level: number): Content {
  const texts = obstacleTexts(report);
  if (texts.length === 0) return null;
  const { obstructed } = checkGroups(report);
  return html`<section><h${level}>Not seen</h${level}>
<div class="panel">${texts.map((text) => html`<p>${text}</p>`)}
${
  obstructed.length > 0 &&
  html`<details class="fold"><summary>${count(obstructed.length, 'check')} not completed because of this</summary>
${obstructed.map((rule) => card(rule, report, anchors, level + 1))}</details>`
}</div></section>
`;
}

/**
 * @param level the heading level of a card.
 * @returns the cards, failed checks first and passed ones last, and a panel with the skipped checks. Checks that an
 *   obstacle explains are in its own section.
 */
export function cards(report: Report, anchors: Anchors, level: number): Content {
  const { open, passed, unused, notRun } = checkGroups(report);
  return [
    [...open, ...passed].map((rule) => card(rule, report, anchors, level)),
    unused.length > 0 &&
      html`<details class="fold"><summary>${unusedWords(unused)}</summary>
${unused.map((rule) => card(rule, report, anchors, level + 1))}</details>`,
    notRun.length > 0 &&
      html`<div class="panel skipped-rules"><p>${mark('skipped', 'Not run')}</p><dl class="pairs">${notRun.map(
        ({ title, skipReason, skipCommand }) =>
          html`<dt>${title}</dt><dd>${skipReason ?? ''}${skipCommand !== undefined && html`: <code>${skipCommand}</code>`}</dd>`,
      )}</dl></div>`,
  ];
}

function card(rule: RuleResult, report: Report, anchors: Anchors, level: number): Markup {
  const drawings = drawingsFor(rule, report, anchors);
  const isPlain = rule.findings.length === 0 && drawings.length === 0;
  const remarks = [...(rule.allowed ? ['known and allowed'] : []), rule.reference].join(' · ');
  return html`<article class="card ${rule.status}" id="${anchors.rule(rule)}"><details${isOpen(rule) && html` open`}><summary>${mark(rule.status)}<span class="title"><h${level}>${rule.title}</h${level}> ${rule.note !== undefined && html`<span class="value">${rule.note}</span> `}<span class="muted small">${remarks} </span></span></summary>
<div class="body">
${drawings}
${bySeverity(rule.findings).map((finding) => findingPart(finding, rule, anchors))}
${isPlain && html`<p class="muted small">No findings.</p>`}
</div></details></article>
`;
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

function spfChecks({ checks }: SpfTree): Content {
  if (checks.length === 0) return null;
  return html`<dl class="pairs">${checks.map(({ ip, result, matched, problem }) => {
    const way = matched.map(({ term }) => term).join(' › ');
    return html`<dt class="mono">${ip}</dt><dd>${mark(RESULT_STATUS[result], result)}${way !== '' && html` by <code>${way}</code>`}${problem !== null && html`: ${problem}`}</dd>`;
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
<p class="why">${stepLink(finding, anchors)}${codeLink(finding, anchors)} <span>${SEVERITY_WORDS[finding.severity]}</span>${finding.reference !== rule.reference && html` <span>${finding.reference}</span>`}</p>
${evidencePart(finding)}
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
  const lines = [...(finding.proposed ? ['Based on proposed records'] : []), ...standingLines(finding)];
  return lines.length > 0 && html`<p>${lines.map((line) => html`<span class="flag">${line}</span> `)}</p>`;
}

function codeLink({ code }: FindingResult, anchors: Anchors): Markup {
  const id = anchors.explanation(code);
  return id === undefined ? html`<code>${code}</code>` : html`<a href="${anchor(id)}"><code>${code}</code></a>`;
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
