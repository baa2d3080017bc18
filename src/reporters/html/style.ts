/** The style sheet: one column with cards in system fonts, in light or dark mode, and a version for paper. */
import { dark, declarations, light } from './palette.ts';

const MONO = 'ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace';

const layout = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:12px}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
body>*{max-width:1120px;margin-inline:auto;padding-inline:16px}
h1,h2,h3,h4,p,ul,ol,dl,dd,pre,table{margin:0}
h1{font-size:26px;line-height:1.25;letter-spacing:-.01em}
h2,.several h3{font-size:19px;line-height:1.3}
.several h2{font-size:23px}
a{color:var(--link);text-underline-offset:2px}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
code,pre,.mono{font-family:${MONO};font-size:13px}
.muted{color:var(--muted)}
.small{font-size:13px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{padding-block:24px 0}
.brand{color:var(--muted);font-size:13px}
.brand b{color:var(--text)}
main,.report{display:block}
.report+.report{margin-top:40px;border-top:2px solid var(--line);padding-top:24px}
section>h2,section>h3{margin:32px 0 12px}
footer{margin-top:40px;padding-block:16px 32px;border-top:1px solid var(--line);color:var(--muted);font-size:13px}`;

const marks = `
.mark{display:inline-flex;align-items:center;gap:6px;font-weight:600;white-space:nowrap}
.symbol{display:inline-grid;place-items:center;flex:none;width:18px;height:18px;border-radius:50%;background:var(--tone);color:var(--surface);font:700 12px/1 system-ui,sans-serif}
.mark .word{color:var(--tone)}
.pass{--tone:var(--pass);--tint:var(--pass-tint)}
.warn{--tone:var(--warn);--tint:var(--warn-tint)}
.fail{--tone:var(--fail);--tint:var(--fail-tint)}
.inconclusive{--tone:var(--inconclusive);--tint:var(--inconclusive-tint)}
.skipped,.note{--tone:var(--skipped);--tint:var(--inset)}`;

const head = `
.verdict{display:grid;grid-template-columns:auto minmax(0,1fr);gap:4px 14px;margin-top:14px;padding:16px 18px;border-radius:10px;background:var(--tint);border:1px solid var(--tone)}
.verdict .symbol{width:34px;height:34px;font-size:21px;grid-row:span 2}
.verdict strong{font-size:17px;line-height:1.35;color:var(--tone);align-self:center}
.verdict p{grid-column:2}
.verdict strong:only-of-type:last-child{grid-row:span 2}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin-top:14px;font-size:14px}
.facts dt{color:var(--muted)}
.facts dd+dd{grid-column:2}
@media (max-width:520px){.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dt{margin-top:6px;font-size:13px}.facts dd+dd{grid-column:1}.verdict{padding:14px;gap:8px 12px}.verdict .symbol{grid-row:auto}.verdict p{grid-column:1/-1}}
.overview{width:100%;margin:16px 0 40px;border-bottom:1px solid var(--line)}
.overview th .small{font-weight:400}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 14px;padding:0;list-style:none}
.chips a{display:inline-flex;align-items:center;gap:6px;padding:3px 10px 3px 4px;border:1px solid var(--line);border-radius:99px;background:var(--surface);color:var(--text);font-size:13px;text-decoration:none}
.chips a:hover{border-color:var(--tone)}`;

const steps = `
.hint{margin-bottom:10px}
.steps{display:grid;gap:10px;padding:0;list-style:none;counter-reset:step}
.step{counter-increment:step;display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 12px;padding:14px 16px;background:var(--surface);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:8px}
.step::before{content:counter(step);font:700 18px/1.3 system-ui,sans-serif;color:var(--tone);min-width:1.1em;text-align:right}
.step>div>*+*{margin-top:8px}
.plan{margin-top:10px}
.why{display:flex;flex-wrap:wrap;gap:2px 12px;font-size:13px;color:var(--muted);align-items:center}
.copy,.gone{display:block;padding:7px 10px;background:var(--inset);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
.copy code,td code.all{user-select:all;-webkit-user-select:all}
.copy+.copy{margin-top:4px}
.label{font-size:12px;color:var(--muted);margin-bottom:3px}
.links{padding:0;list-style:none;font-size:14px}
.records{width:100%;table-layout:fixed;font-size:13px}
.records th:first-child{width:34%}
.records th:nth-child(2){width:5em}
.records thead th{padding-block:0 3px;font-size:12px}
.records td{padding-block:5px}
.records .all{display:block;padding:4px 8px;background:var(--inset);border:1px solid var(--line);border-radius:5px}
.records td:nth-child(2){padding-top:10px}
.records tr>:last-child{padding-right:0}
.records+.fold{margin-top:2px}
@media (max-width:640px){.records,.records tbody,.records tr,.records td{display:block}.records thead{display:none}.records tr{border-top:1px solid var(--line);padding-block:4px}.records td,.records td:nth-child(2){display:grid;grid-template-columns:3.2em minmax(0,1fr);align-items:baseline;border:0;padding:2px 0}.records td::before{content:attr(data-label);color:var(--muted);font-size:12px}}
@media (max-width:520px){.step{grid-template-columns:minmax(0,1fr)}.step::before{text-align:left}}`;

const tables = `
table{border-collapse:collapse;text-align:left}
th,td{padding:6px 10px 6px 0;vertical-align:top;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--muted);font-weight:500;font-size:13px}
tbody th{font-weight:600}
.panel{padding:12px 16px;background:var(--surface);border:1px solid var(--line);border-radius:8px}
.panel+.panel,.card+.panel{margin-top:10px}
.panel>dl+dl{border-top:1px solid var(--line);padding-top:10px}
.panel tbody th{white-space:nowrap;padding-right:16px}
.panel td:has(>.mark){padding-right:16px}
.panel>*+*{margin-top:10px}
.panel>table{width:100%}
blockquote{margin:2px 0 0;color:var(--muted);font-family:${MONO};font-size:12.5px}
@media (max-width:520px){.stack,.stack tbody,.stack tr,.stack th,.stack td{display:block}.stack thead{display:none}.stack th,.stack td{border:0;padding:1px 0}.stack tr{border-top:1px solid var(--line);padding:7px 0}.stack tbody tr:first-child{border-top:0}}`;

const cards = `
.card{background:var(--surface);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:8px}
.card+.card{margin-top:8px}
.card>details>summary{display:grid;grid-template-columns:104px minmax(0,1fr);gap:2px 12px;align-items:baseline;padding:10px 16px;cursor:pointer;list-style:none}
.card>details>summary::-webkit-details-marker{display:none}
.card h3,.card h4{display:inline;font-size:16px;line-height:1.35;margin:0 8px 0 0}
.card>details>summary .mark{align-self:center}
.value{margin-right:8px;font-size:14px}
.card>details>summary .title::after{content:"▸";color:var(--muted);font-size:12px}
.card>details[open]>summary .title::after{content:"▾"}
.body{padding:0 16px 14px}
.finding{padding:12px 0;border-top:1px solid var(--line)}
.finding:last-child{padding-bottom:0}
.finding>*+*{margin-top:6px}
.finding .message{font-weight:600;display:flex;gap:8px}
.finding .message .symbol{margin-top:2px}
.finding.note .message{font-weight:400}
.indent{padding-left:26px}
.indent>*+*{margin-top:6px}
.flag{display:inline-block;padding:0 8px;border:1px solid var(--line);border-radius:99px;font-size:12px;color:var(--text)}
.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:1px 14px;font-size:14px}
.pairs dt{color:var(--muted);max-width:14em}
.pairs dd{min-width:0}
dd>.mark{margin-right:6px}
.evidence .pairs{font-size:13px}
.evidence code{padding:0 4px;background:var(--inset);border-radius:3px;font-size:12px}
.in-1{padding-left:14px}.in-2{padding-left:28px}.in-3{padding-left:42px}.in-4{padding-left:56px}
.explained>*+*{margin-top:6px}
.explained{padding:0 0 10px 14px}
.fold>summary{cursor:pointer;color:var(--muted);font-size:13px;width:max-content;max-width:100%}
.fold[open]>summary{margin-bottom:6px}
.explained:target,.finding:target,.card:target,.step:target{outline:2px solid var(--link);outline-offset:2px}
@media (max-width:520px){.card>details>summary{grid-template-columns:minmax(0,1fr)}.indent{padding-left:0}.pairs{grid-template-columns:minmax(0,1fr)}.pairs dd{margin-bottom:4px}}
.transcript{font-size:12px;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere}
.transcript+h4{margin-top:12px}`;

const drawings = `
figure{margin:2px 0 14px}
figcaption{font-size:13px;color:var(--muted);margin-bottom:6px}
.scroll{overflow-x:auto;padding-bottom:4px}
svg{display:block}
svg text{font-family:${MONO};font-size:12px;fill:currentColor}
svg .name{font-weight:700;font-size:13px}
svg .branch{fill:none;stroke:var(--muted);stroke-opacity:.55}
svg .lookup{fill:var(--surface);stroke:var(--muted)}
svg .lookup.over{fill:var(--fail);stroke:var(--fail)}
svg .number{font-size:10.5px;font-weight:600}
svg .number.over{fill:var(--surface)}
svg .backing{fill:var(--surface)}
svg .limit{fill:none;stroke:var(--fail);stroke-width:1.5;stroke-dasharray:5 4}
svg .limit-text{fill:var(--fail);font-weight:600}
svg .remark.muted{fill:var(--muted)}
svg .remark.pass{fill:var(--pass)}
svg .remark.warn{fill:var(--warn)}
svg .remark.fail{fill:var(--fail)}
svg .remark.inconclusive{fill:var(--inconclusive)}
svg .gauge{stroke:var(--muted);fill:var(--surface)}
svg .gauge.used{fill:var(--muted)}
svg .gauge.over{fill:var(--fail);stroke:var(--fail)}
.strip{width:100%;max-width:520px;height:auto}
.strip .cell{fill:var(--surface);stroke:var(--muted);stroke-opacity:.7}
.strip .cell.listed{fill:var(--fail);stroke:var(--fail);stroke-opacity:1}
.strip .cell.unknown{fill:var(--inconclusive-tint);stroke:var(--inconclusive);stroke-dasharray:2 2}
.strip .sign{font-size:11px;font-weight:700}
.strip .octet{font-size:8px}
.strip .listed{fill:var(--surface)}
.strip text.unknown{fill:var(--inconclusive)}
.strip .tested{fill:var(--text)}`;

const paper = `
@page{margin:11mm 12mm}
@media print{
body{background:#fff;font-size:10.5px;line-height:1.35}
body>*{max-width:none;padding-inline:0}
h1{font-size:17px}h2{font-size:14px}.card h3,.card h4{font-size:12px}
code,pre,.mono,.copy,.records,.transcript,blockquote{font-size:9px}
.small,.why,.label,.pairs,.facts,.links,.flag,.value,footer,figcaption,.fold>summary,table{font-size:9.5px}
.verdict strong{font-size:12px}.step::before{font-size:12px}
.records thead th,thead th{font-size:9px}.tree{zoom:.8}
.symbol{width:12px;height:12px;font-size:8px}.verdict .symbol{width:22px;height:22px;font-size:14px}
.top{padding-top:0}
.chips,.screen,.records+.fold,.evidence,.codes,.card>details:not([open])>summary .muted{display:none}
.facts{margin-top:6px}
.steps{gap:5px}
.step,.panel{padding:5px 10px}.card>details>summary{padding:3px 10px;grid-template-columns:80px minmax(0,1fr)}.body{padding:0 10px 5px}.finding{padding:4px 0}.copy,.gone{padding:2px 6px}.records td{padding-block:1px}.records .all{padding:1px 6px}.records td:nth-child(2){padding-top:3px}
.card+.card,.panel+.panel,.card+.panel{margin-top:4px}
.finding>*+*,.indent>*+*,.step>div>*+*,.panel>*+*{margin-top:3px}
th,td{padding-block:2px}
.label{margin-bottom:1px}
.indent{padding-left:20px}
.verdict{padding:8px 10px;margin-top:6px}
section>h2,section>h3{margin:12px 0 5px}
footer{margin-top:12px;padding-block:6px 0}
figure{margin-bottom:6px}
.gone-fold::details-content{content-visibility:visible;display:block;height:auto;block-size:auto}
.card>details>summary .title::after,.card>details[open]>summary .title::after{content:none}
.fold>summary{list-style:none}
.card,.step,.panel>dl,.verdict,.copy,figure,tr,.finding{break-inside:avoid}
h2,h3,h4,summary{break-after:avoid}
.card>details:not([open])>summary{break-after:auto}
.report+.report{break-before:page;margin-top:0;border-top:0}
.scroll{overflow:visible}
.tree{max-width:100%;height:auto}
a{color:inherit}
.symbol,.cell,.gauge,.lookup,.verdict,.copy{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;

/** The style sheet of the report. It contains no value from a report. */
export const STYLE = [
  `:root{color-scheme:light dark;${declarations(light)}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${declarations(dark)}}}`,
  layout,
  marks,
  head,
  steps,
  tables,
  cards,
  drawings,
  paper,
].join('');
