/**
 * Writes the sections below the checks: the answers of receivers, the provider with alternatives, and the transcript.
 */

import { confirmationMark } from '../../report/confirmation.ts';
import { count } from '../../report/count.ts';
import { isSaid } from '../../report/receiver-counts.ts';
import type { AdviceWay, ProviderResult, Report, Status, Transcripts } from '../../report/status.ts';
import { certaintyWords, controlWords, egressWords, unblockWords } from '../provider-words.ts';
import { receiverTable } from '../receivers.ts';
import { dnsLine, smtpLine } from '../transcript.ts';
import { standing } from './cards.ts';
import { webLink } from './fixes.ts';
import { mark } from './marks.ts';
import { type Content, html, type Markup } from './markup.ts';

/**
 * @param level the heading level of the section.
 * @returns the section with the predicted answers of receivers, or nothing if there are none. Nothing either if an
 *   obstacle keeps every answer from being predicted.
 */
export function receiverSection(report: Report, level: number): Content {
  const rows = receiverTable(report);
  if (rows.length === 0) return null;
  const volume = report.volume === 'bulk' ? 'in bulk' : 'at low volume';
  const judged = report.rules
    .filter(({ kind }) => kind === 'consequence')
    .flatMap(({ findings }) => findings.map((finding) => ({ finding, flags: standing(finding) })))
    .filter(({ flags }) => flags);
  return html`<section><h${level}>What receivers would answer</h${level}>
<div class="panel"><p class="muted small">For mail sent ${volume}; predicted from their published rules and the findings above${report.receivers.some(isSaid) && ', or what they said when asked'}.</p>
<table class="stack"><thead><tr><th scope="col">Answer</th><th scope="col">Receivers</th></tr></thead><tbody>
${rows.map(
  ({ status, word, text, quote }) =>
    html`<tr><td>${mark(status, word)}</td><td>${text}${quote !== null && html`<blockquote>${quote}</blockquote>`}</td></tr>
`,
)}</tbody></table>
${judged.map(({ finding, flags }) => html`<div><p class="small"><code>${finding.code}</code> ${finding.message}</p>${flags}</div>`)}
</div></section>
`;
}

/**
 * @param level the heading level of the section.
 * @returns the section with the provider and the ways to send mail, or nothing if the report has neither.
 */
export function providerSection({ provider, advice }: Report, level: number): Content {
  const addresses = provider?.addresses ?? [];
  if (addresses.length === 0 && advice.ways.length === 0) return null;
  return html`<section><h${level}>Provider and ways out</h${level}>
${addresses.length > 0 && html`<div class="panel">${addresses.map(addressFacts)}</div>`}
<div class="panel"><table class="stack"><thead><tr><th scope="col">Way out</th><th scope="col">State</th><th scope="col">How</th></tr></thead><tbody>
${advice.ways.map(wayRow)}</tbody></table></div></section>
`;
}

function addressFacts({ ip, certainty, candidates, network }: ProviderResult['addresses'][number]): Markup {
  const where =
    network === null ? '' : `${network.prefix} of ${network.asns.map((asn) => `AS${asn}`).join(', ') || 'no known AS'}`;
  return html`<dl class="pairs"><dt>Address</dt><dd class="mono">${ip}</dd>
${where !== '' && html`<dt>Network</dt><dd>${where}</dd>`}
${candidates.length === 0 && html`<dt>Provider</dt><dd>not recognised</dd>`}
${candidates.map(
  ({
    name,
    confirmed,
    port25,
    ptr,
  }) => html`<dt>Provider</dt><dd><b>${name}</b>${certainty !== null && ` (${certaintyWords(certainty)})`}</dd>
<dt>Outbound port 25</dt><dd>${egressWords(port25)}; ${unblockWords(port25.unblock)}${confirmationMark(confirmed)}${source(port25.url)}</dd>
<dt>PTR record</dt><dd>${controlWords(ptr.control)}${confirmationMark(confirmed)}${source(ptr.url)}</dd>
`,
)}</dl>`;
}

function source(url: string | null): Content {
  return url !== null && html` (${webLink(url, 'source')})`;
}

const WAYS: Readonly<Record<AdviceWay['way'], string>> = {
  'own-server': 'This host',
  relay: 'A relay',
  'other-host': 'Another host',
};

const WAY_STATES: Readonly<Record<AdviceWay['state'], { status: Status; word: string }>> = {
  ready: { status: 'pass', word: 'ready' },
  open: { status: 'pass', word: 'open' },
  'after-steps': { status: 'warn', word: 'after the steps' },
  closed: { status: 'fail', word: 'closed' },
  unknown: { status: 'inconclusive', word: 'not known' },
};

function wayRow({ way, state, text, relay }: AdviceWay): Markup {
  const { status, word } = WAY_STATES[state];
  return html`<tr><th scope="row">${WAYS[way]}</th><td>${mark(status, word)}</td><td>${text}${relay && html` (${webLink(relay.url, `how to send through ${relay.name}`)})`}</td></tr>
`;
}

/**
 * @param level the heading level of the section.
 * @returns the section with the DNS and SMTP dialogues, or nothing if the report does not contain them.
 */
export function transcriptSection(transcript: Transcripts | undefined, level: number): Content {
  if (transcript === undefined) return null;
  const { dns, smtp } = transcript;
  const below = level + 1;
  return html`<section><h${level}>Transcript</h${level}>
<div class="panel"><details class="fold transcript-fold"><summary>${count(dns.length, 'DNS answer')}, ${count(smtp.length, 'SMTP connection')}</summary>
<h${below}>DNS</h${below}>
<pre class="transcript">${dns.map((line) => html`${dnsLine(line)}\n`)}</pre>
${smtp.map(
  ({ id, lines }) => html`<h${below}>SMTP ${id}</h${below}>
<pre class="transcript">${lines.map((line) => html`${smtpLine(line)}\n`)}</pre>
`,
)}</details></div></section>
`;
}
