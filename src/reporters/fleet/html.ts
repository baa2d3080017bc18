/**
 * Writes a fleet as HTML files in one folder: a page for each target, and `index.html`, the overview. The overview is
 * made of three pieces, of which the middle one grows as targets end, so that no fleet is held in memory. It works
 * without a script. One small script, which the policy of the page names by its hash, adds a filter.
 */
import { createHash } from 'node:crypto';
import { count } from '../../report/count.ts';
import type { Cause, FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { openFindings } from '../../report/open-findings.ts';
import { type Verdict, verdictOf, weightOf } from '../../report/status.ts';
import { VERSION } from '../../version.ts';
import { mark, symbol } from '../html/marks.ts';
import { anchor, type Content, fileAddress, html, type Markup, scriptElement, styleElement } from '../html/markup.ts';
import { STYLE } from '../html/style.ts';
import { htmlBelow } from '../html.ts';
import { MARKS, SEVERITY_STATUS } from '../words.ts';
import { FILTER, OVERVIEW_STYLE } from './html-parts.ts';

/** The name of the file that has the overview. */
export const OVERVIEW_FILE = 'index.html';

/** The most characters of a domain in the name of a file. Many file systems take 255 bytes. */
const MAX_SLUG = 100;

/**
 * @returns the name of the file of a target: its domain as far as it has letters and digits, and its id. It has no folder in
 *   it, and no system reserves it.
 */
export function fileNameOf({ id, report }: Pick<FleetEntry, 'id' | 'report'>): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const slug = plain(report.target.domain)
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'target' : slug}-${plain(id).slice(0, 32)}.html`;
}

/** @returns the page of a target, which links back to the overview. */
export function targetPage(entry: FleetEntry): string {
  const overview = fileAddress(OVERVIEW_FILE);
  if (overview === undefined) throw new TypeError(`${OVERVIEW_FILE} is no file name`);
  return htmlBelow(entry.report, overview);
}

/** The parts of a row that are bounded, so that no target swells the page. */
const MAX_CODES = 4;
const MAX_MORE_CODES = 60;
const MAX_IPS = 6;
const MAX_TAGS = 8;
const MAX_WORD = 80;

/** @returns the row of a target in the table of the overview. Rows stand between the head and the foot. */
export function overviewRow(entry: FleetEntry): string {
  const { report, tags, change } = entry;
  const { domain, ips } = report.target;
  const file = fileAddress(fileNameOf(entry));
  const findings = openFindings(report).sort((a, b) => weightOf(b.severity) - weightOf(a.severity));
  const codes = [...new Map(findings.map((finding) => [finding.code, finding])).values()];
  const more = codes.slice(MAX_CODES);
  const state = change !== undefined && change.state !== 'same' && change.state;
  const row = html`<tr role="row" class="${report.verdict}" data-more="${more
    .slice(0, MAX_MORE_CODES)
    .map(({ code }) => code)
    .join(
      ' ',
    )}"><td role="cell">${mark(report.verdict)}</td><th role="rowheader" scope="row">${file === undefined ? cut(domain) : html`<a href="${file}">${cut(domain)}</a>`}<br><span class="muted small">${shortened(ips, MAX_IPS)}</span></th><td role="cell" class="small">${codes
    .slice(0, MAX_CODES)
    .map(
      ({ code, severity }) => html`<code class="code ${SEVERITY_STATUS[severity]}">${cut(code)}</code> `,
    )}${more.length > 0 && html`<span class="muted">and ${more.length} more</span>`}</td><td role="cell" class="small">${tags
    .slice(0, MAX_TAGS)
    .map(
      (tag) => html`<span class="flag">${cut(tag)}</span> `,
    )}${tags.length > MAX_TAGS && `and ${tags.length - MAX_TAGS} more`}</td><td role="cell" class="small">${state}</td></tr>
`;
  return row.toString();
}

function cut(word: string): string {
  return word.length > MAX_WORD ? `${word.slice(0, MAX_WORD)}…` : word;
}

function shortened(words: readonly string[], most: number): string {
  const shown = words.slice(0, most).map(cut).join(', ');
  return words.length > most ? `${shown} and ${words.length - most} more` : shown;
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const PAGE_STYLE = STYLE + OVERVIEW_STYLE;

/** Only this style sheet and this script may work, even if a bug lets other markup through. Nothing is loaded. */
const POLICY = [
  "default-src 'none'",
  `style-src ${sha256(PAGE_STYLE)}`,
  `script-src ${sha256(FILTER)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const VERDICTS = ['fail', 'inconclusive', 'warn', 'pass'] as const;

/** @returns the overview up to its first row. It is known at the end of the run. */
export function overviewHead(summary: FleetSummary): string {
  const { verdicts } = summary;
  const all = VERDICTS.reduce((sum, verdict) => sum + verdicts[verdict], 0);
  const worst = verdictOf(VERDICTS.filter((verdict) => verdicts[verdict] > 0));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="mailcheck ${VERSION}">
<title>${MARKS[worst].word.toUpperCase()}: ${count(all, 'target')} (mailcheck)</title>
${styleElement(PAGE_STYLE)}
</head>
<body class="fleet">
<header class="top">
<p class="brand"><b>mailcheck</b> fleet</p>
<h1>${count(all, 'target')}</h1>
<div class="verdict ${worst}">${symbol(worst)}<strong>${totals(verdicts)}</strong>${gaps(summary)}</div>
<nav class="small"><a href="${anchor('targets')}">To the table of targets</a></nav>
</header>
<main>
${causesSection(summary.causes)}${changesSection(summary)}${expiriesSection(summary)}${countsSection(
  'Block lists that list targets',
  'List',
  summary.listings,
)}${countsSection('Checks that could not see everything', 'Check', summary.unknown)}${wrongLinesSection(summary)}
<section><h2 id="targets">Targets</h2>
<div class="filters screen"><fieldset><legend class="hidden">Show the targets with the verdict</legend>
<label><input type="radio" name="verdict" id="show-all" checked> all ${all}</label>
${VERDICTS.map(
  (verdict) =>
    html`<label><input type="radio" name="verdict" id="show-${verdict}"> ${MARKS[verdict].word.toLowerCase()} ${verdicts[verdict]}</label>
`,
)}</fieldset>
<p id="filter-box" hidden><label>Filter <input type="search" id="filter" autocomplete="off" spellcheck="false" placeholder="domain, address, finding or tag"></label> <output id="shown" class="muted small"></output></p></div>
<table class="overview targets stack" role="table"><thead role="rowgroup"><tr role="row">${['Verdict', 'Target', 'Findings', 'Tags', 'Change'].map((title) => html`<th role="columnheader" scope="col">${title}</th>`)}</tr></thead><tbody id="rows" role="rowgroup">
`;
  return page.toString();
}

/** @returns the overview after its last row. */
export function overviewFoot({ startedAt, endedAt, runId, resumed, repeated }: FleetSummary): string {
  const notes = [
    `mailcheck ${VERSION}, started ${startedAt}, ended ${endedAt}`,
    ...(runId === '' ? [] : [`run ${runId}`]),
    ...(resumed === 0 ? [] : [`${count(resumed, 'target')} from an earlier part of the run`]),
    ...(repeated === 0 ? [] : [`${count(repeated, 'line')} that name a target again`]),
  ];
  const page = html`</tbody></table></section>
</main>
<footer><p>${notes.join(', ')}.</p></footer>
${scriptElement(FILTER)}
</body>
</html>
`;
  return page.toString();
}

function totals(verdicts: FleetSummary['verdicts']): string {
  const words: Readonly<Record<Verdict, string>> = {
    fail: 'fail',
    inconclusive: 'not fully checked',
    warn: 'warn',
    pass: 'pass',
  };
  const numbers = VERDICTS.filter((verdict) => verdicts[verdict] > 0).map(
    (verdict) => `${verdicts[verdict]} ${words[verdict]}`,
  );
  return numbers.length === 0 ? 'No target was judged' : numbers.join(', ');
}

function gaps({ endedBy, notJudged }: FleetSummary): Content {
  if (endedBy === null && notJudged === 0) return null;
  const why = endedBy === null ? '' : ` (${endedBy})`;
  return html`<p>The run ended before its last target${why}: ${count(notJudged, 'target is', 'targets are')} not judged.</p>`;
}

function causesSection(causes: readonly Cause[]): Content {
  if (causes.length === 0) return null;
  return html`<section><h2>Findings</h2>
<div class="panel"><table class="causes stack"><thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Targets</th><th scope="col">First</th></tr></thead><tbody>
${causes.map(
  ({ code, severity, title, targets, first }) =>
    html`<tr><td>${mark(SEVERITY_STATUS[severity])}</td><th scope="row">${title} <a class="small" href="${anchor('targets')}" data-filter="${code}"><code>${code}</code></a></th><td>${targets}</td><td class="small">${first.map(cut).join(', ')}${targets > first.length && ` and ${targets - first.length} more`}</td></tr>
`,
)}</tbody></table></div></section>
`;
}

function changesSection({ changes }: FleetSummary): Content {
  if (changes === undefined) return null;
  const { worse, better, gone } = changes;
  const names =
    gone.count === 0 ? '' : `: ${gone.first.map(cut).join(', ')}${gone.count > gone.first.length ? ' and others' : ''}`;
  return html`<section><h2>Since the runs before</h2>
<div class="panel"><dl class="pairs"><dt>worse</dt><dd>${worse}</dd><dt>better</dt><dd>${better}</dd><dt>new</dt><dd>${changes.new}</dd><dt>gone</dt><dd>${gone.count}${names}</dd></dl></div></section>
`;
}

function expiriesSection({ expiries }: FleetSummary): Content {
  if (expiries.length === 0) return null;
  return html`<section><h2>What ends</h2>
<div class="panel"><table><thead><tr><th scope="col">Kind</th><th scope="col">Seen</th><th scope="col">First</th><th scope="col">Ended</th><th scope="col">7 days</th><th scope="col">14 days</th><th scope="col">30 days</th></tr></thead><tbody>
${expiries.map(
  ({ kind, seen, first, domain, within }) =>
    html`<tr><th scope="row">${kind}s</th><td>${seen}</td><td>${first.slice(0, 10)} (${cut(domain)})</td><td>${within.ended}</td><td>${within.days7}</td><td>${within.days14}</td><td>${within.days30}</td></tr>
`,
)}</tbody></table></div></section>
`;
}

/** The most rows of a table of counts. Those of named lists have no end. */
const MAX_COUNTS = 50;

function countsSection(title: string, label: string, counts: Readonly<Record<string, number>>): Content {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return null;
  return html`<section><h2>${title}</h2>
<div class="panel"><table><thead><tr><th scope="col">${label}</th><th scope="col">Targets</th></tr></thead><tbody>
${rows.slice(0, MAX_COUNTS).map(
  ([word, targets]) => html`<tr><th scope="row">${cut(word)}</th><td>${targets}</td></tr>
`,
)}</tbody></table></div></section>
`;
}

function wrongLinesSection({ wrongLines }: FleetSummary): Content {
  if (wrongLines.count === 0) return null;
  const more = wrongLines.count - wrongLines.first.length;
  return html`<section><h2>${count(wrongLines.count, 'line of the input is no target', 'lines of the input are no targets')}</h2>
<div class="panel"><ul>${wrongLines.first.map(({ place, message }): Markup => html`<li><code>${place}</code> ${message}</li>`)}${more > 0 && html`<li>and ${more} more</li>`}</ul></div></section>
`;
}
