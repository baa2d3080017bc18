/**
 * Writes the report as one HTML file that needs no other file. It has no script and makes no request. It is readable on
 * a phone, in dark mode and on paper. Users can attach it to a ticket and open it years later.
 */

import { createHash } from 'node:crypto';
import { count } from '../report/count.ts';
import { type Report, type Verdict, verdictOf } from '../report/status.ts';
import { betterFindings, leftFindings } from './change-words.ts';
import { laterStages } from './changes.ts';
import { closingParts, closingWordsOfSeveral, wayWords } from './closing-words.ts';
import { type Anchors, anchorsOf } from './html/anchors.ts';
import { cards, chips, obstacleSection } from './html/cards.ts';
import { codesSection, type ExplainedCodes, explainedCodes } from './html/codes.ts';
import { laterParts, stepList } from './html/fixes.ts';
import { mark, symbol } from './html/marks.ts';
import { anchor, type Content, type Markup, html as markup, styleElement, type WebAddress } from './html/markup.ts';
import { providerSection, receiverSection, transcriptSection } from './html/sections.ts';
import { STYLE } from './html/style.ts';
import { MARKS, tally, targetFields } from './words.ts';

/**
 * The content security policy, which allows only this style sheet. It holds even if a bug lets other markup through.
 */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** @returns the HTML document. Several reports share one document, which begins with an overview. */
export function html(reports: readonly Report[]): string {
  return documentOf(reports);
}

/** @returns the HTML document of one report, with a link to the page of all targets. */
export function htmlBelow(report: Report, overview: WebAddress): string {
  return documentOf([report], overview);
}

function documentOf(reports: readonly Report[], overview?: WebAddress): string {
  const [first] = reports;
  const version = first?.tool.version ?? '';
  const codes = explainedCodes(reports);
  const body = first && reports.length === 1 ? single(first, codes, overview) : several(reports, codes);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="mailcheck ${version}">
<title>${title(reports)}</title>
${styleElement(STYLE)}
</head>
${body}
</html>
`;
  return page.toString();
}

function title(reports: readonly Report[]): string {
  const word = MARKS[verdictOf(reports.map(({ verdict }) => verdict))].word.toUpperCase();
  const [first] = reports;
  return `${word}: ${first && reports.length === 1 ? nameOf(first) : count(reports.length, 'target')} (mailcheck)`;
}

function nameOf({ target }: Report): string {
  return [target.domain, ...target.ips].join(' ');
}

function single(report: Report, codes: ExplainedCodes, overview: WebAddress | undefined): Markup {
  const anchors = anchorsOf(report, null, codes);
  const back =
    overview && markup`<nav class="screen small" aria-label="All targets"><a href="${overview}">All targets</a></nav>`;
  return markup`<body>
<header class="top" id="${anchors.report}">${back}${head(report, 1)}</header>
<main>${sections(report, anchors, 2)}${codesSection(codes, 2)}</main>
${footer([report])}
</body>`;
}

/** Returns the body for several reports. An overview at the top links to each report. */
function several(reports: readonly Report[], codes: ExplainedCodes): Markup {
  const numbered = reports.map((report, index) => ({ report, anchors: anchorsOf(report, index + 1, codes) }));
  const verdict: Verdict = verdictOf(reports.map((report) => report.verdict));
  return markup`<body class="several">
<header class="top">
<p class="brand"><b>mailcheck</b> report</p>
<h1>${count(reports.length, 'target')}</h1>
<div class="verdict ${verdict}">${symbol(verdict)}<strong>${closingWordsOfSeveral(reports)}</strong></div>
<table class="overview stack"><thead><tr><th scope="col">Verdict</th><th scope="col">Target</th><th scope="col">Checks</th></tr></thead><tbody>
${numbered.map(
  ({ report, anchors }) =>
    markup`<tr><td>${mark(report.verdict)}</td><th scope="row"><a href="${anchor(anchors.report)}">${report.target.domain}</a> <span class="muted small">${report.target.ips.join(', ')}</span></th><td class="small">${tally(report)}</td></tr>
`,
)}</tbody></table>
</header>
<main>
${numbered.map(
  ({ report, anchors }) =>
    markup`<article class="report" id="${anchors.report}">${head(report, 2)}${sections(report, anchors, 3)}</article>
`,
)}${codesSection(codes, 2)}</main>
${footer(reports)}
</body>`;
}

function head(report: Report, level: number): Markup {
  const { verdict, target } = report;
  const parts = closingParts(report);
  const { headlines, receivers, gaps, remarks } = parts;
  const paragraphs = [[...headlines, ...gaps, ...remarks].join(' '), [...receivers, wayWords(report)].join(' ')].filter(
    (text) => text !== '',
  );
  return markup`${level === 1 && markup`<p class="brand"><b>mailcheck</b> report</p>`}
<h${level}>${target.domain} <span class="muted">${target.ips.join(', ')}</span></h${level}>
<div class="verdict ${verdict}">${symbol(verdict)}<strong>${parts.verdict}</strong>${paragraphs.map((text) => markup`<p>${text}</p>`)}</div>
<dl class="facts">${targetFields(report).map(
    ({ label, texts }) => markup`<dt>${label}</dt>${texts.map((text) => markup`<dd>${text}</dd>`)}`,
  )}</dl>`;
}

function sections(report: Report, anchors: Anchors, level: number): Content {
  return [
    obstacleSection(report, anchors, level),
    (report.advice.steps.length > 0 || laterStages(report).length > 0) &&
      markup`<section><h${level} id="${anchors.place('steps')}">What to do next</h${level}>
<p class="hint muted small screen">Click a value, a record or a command to select all of it.</p>
${stepList(report, anchors)}${laterParts(report, anchors, level + 1)}</section>
`,
    betterSection(report, level),
    markup`<section><h${level} id="${anchors.place('checks')}">${tally(report)}</h${level}>
<nav aria-label="${`Checks of ${nameOf(report)}`}">${chips(report, anchors)}</nav>
${cards(report, anchors, level + 1)}</section>
`,
    receiverSection(report, level),
    providerSection(report, level),
    transcriptSection(report.transcript, level),
  ];
}

/** Returns what a change of DNS ends or makes milder. */
function betterSection(report: Report, level: number): Content {
  const better = [...betterFindings(report), ...leftFindings(report)];
  if (better.length === 0) return null;
  return markup`<section><h${level}>Better with the change</h${level}>
<ul>${better.map(({ title, code, subject, word }) => markup`<li>${word}: ${title} (<code>${code}</code>, ${subject})</li>`)}</ul></section>
`;
}

function footer(reports: readonly Report[]): Markup {
  const [first] = reports;
  const queries = reports.reduce((sum, { timing }) => sum + timing.dnsQueries, 0);
  const connections = reports.reduce((sum, { timing }) => sum + timing.smtpConnections, 0);
  const requests = reports.reduce((sum, { timing }) => sum + (timing.httpsRequests ?? 0), 0);
  const seconds = Math.max(0, ...reports.map(({ timing }) => timing.durationMs)) / 1000;
  return markup`<footer><p>mailcheck ${first?.tool.version}, started ${first?.timing.startedAt}, ${seconds.toFixed(1)} s, ${count(queries, 'DNS query', 'DNS queries')}, ${count(connections, 'SMTP connection')}${requests === 0 ? '' : `, ${count(requests, 'web request')}`}.</p></footer>`;
}
