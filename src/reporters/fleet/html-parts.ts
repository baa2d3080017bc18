/** The style and the script of the overview. They contain no value from a report. */

/**
 * What the overview adds to the style sheet of the report. The rows of targets are grids, since a browser can leave out the
 * layout of those that are not on the screen: of table rows it cannot.
 */
export const OVERVIEW_STYLE = `
.causes{width:100%}
.fleet .panel tbody th{white-space:normal}
.targets,.targets thead,.targets tbody{display:block}
.targets tr{display:grid;grid-template-columns:7.5em minmax(0,3fr) minmax(0,3fr) minmax(0,2fr) 5em;gap:0 12px;border-top:1px solid var(--line)}
.targets tbody tr{content-visibility:auto;contain-intrinsic-size:auto 56px}
.targets th,.targets td{border:0;padding-right:0}
@media (max-width:640px){.targets tr{display:block}}
.code{color:var(--tone)}
.filters{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center}
.filters fieldset{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0;padding:0;border:0}
.filters p{margin:0}
.filters label{display:inline-flex;align-items:center;gap:6px}
.filters input[type=search]{width:min(26em,70vw);padding:6px 10px;border:1px solid var(--muted);border-radius:6px;background:var(--surface);color:var(--text);font:inherit}
.filters input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
[hidden]{display:none!important}
body:has(#show-fail:checked) #rows tr:not(.fail),body:has(#show-inconclusive:checked) #rows tr:not(.inconclusive),body:has(#show-warn:checked) #rows tr:not(.warn),body:has(#show-pass:checked) #rows tr:not(.pass){display:none}
@media print{#rows tr{content-visibility:visible}}`;

/**
 * Hides the rows that do not have every word of the filter. The verdict is chosen by the style sheet, so that the choice
 * works without a script. A link to a finding in the list of causes fills the filter in.
 */
export const FILTER = `(()=>{'use strict';
const rows=[...document.getElementById('rows').rows];
const box=document.getElementById('filter');
const shown=document.getElementById('shown');
const verdicts=[...document.querySelectorAll('input[name=verdict]')];
let texts;
const apply=()=>{
texts??=rows.map((row)=>(row.textContent+' '+row.dataset.more).toLowerCase());
const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);
const verdict=verdicts.find((one)=>one.checked).id.slice(5);
let number=0;
rows.forEach((row,index)=>{
const fits=words.every((word)=>texts[index].includes(word));
if(row.hidden===fits)row.hidden=!fits;
if(fits&&(verdict==='all'||row.className===verdict))number+=1;
});
shown.textContent=number+' of '+rows.length+' targets';
};
document.getElementById('filter-box').hidden=false;
box.addEventListener('input',apply);
verdicts.forEach((one)=>one.addEventListener('change',apply));
document.addEventListener('click',(event)=>{
const link=event.target.closest('[data-filter]');
if(link){box.value=link.dataset.filter;apply();}
});
apply();
})();`;
