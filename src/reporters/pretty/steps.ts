/** The steps: what to do, in order, with what to type. */
import type { AdviceStep, Report } from '../../report/status.ts';
import { stepsLeftWords, stepsOfChange } from '../change-words.ts';
import { changeWords, laterStages } from '../changes.ts';
import { copyable, printable } from '../printable.ts';
import { type TypedGroup, typedGroups } from '../typed-groups.ts';
import { paragraph, type Screen } from './screen.ts';

const INDENT = '     ';
const TYPED_INDENT = '       ';

/** @returns the numbered steps, and what comes later. */
export function stepLines(report: Report, screen: Screen): string[] {
  const { steps: all } = report.advice;
  const steps = screen.isFull ? all : all.slice(0, stepsOfChange(report));
  const left = all.length - steps.length;
  if (steps.length === 0) return report.gate !== undefined && !screen.isFull ? [] : laterLines(report, screen);
  return [
    screen.tones.bold('What to do'),
    ...steps.flatMap((step, index) => oneStep(step, index + 1, screen)),
    ...(left === 0
      ? []
      : paragraph(`${stepsLeftWords(left)}: --full shows them.`, screen, INDENT).map(screen.tones.dim)),
    ...(screen.isFull ? [] : ['']),
    ...hostLines(report, screen),
    ...laterLines(report, screen),
  ];
}

function oneStep(step: AdviceStep, number: number, screen: Screen): string[] {
  const { tones, isFull } = screen;
  return [
    ...summaryLines(step.summary, number, screen),
    ...goneLines(step, screen),
    ...typedLines(step, screen),
    ...(isFull ? [...paragraph(step.codes.join(', '), screen, INDENT).map(tones.dim), ''] : []),
  ];
}

/** @returns the summary with its number. Its first sentence is the title, and so it is bold. */
function summaryLines(summary: string, number: number, screen: Screen): string[] {
  const first = `${String(number).padStart(3)}. `;
  let left = titleOf(printable(summary)).split(' ').length;
  return paragraph(summary, screen, INDENT, first).map((line) => {
    const words = line.slice(INDENT.length).split(' ');
    const title = words.slice(0, left).join(' ');
    left = Math.max(0, left - words.length);
    return `${line.slice(0, INDENT.length)}${title === '' ? '' : screen.tones.bold(title)}${line.slice(INDENT.length + title.length)}`;
  });
}

/** @returns the first sentence of a summary. A dot inside a name or an address ends no sentence. */
function titleOf(summary: string): string {
  return /^.*?[.?!](?=\s+[A-Z"(])/s.exec(summary)?.[0] ?? summary;
}

/** @returns what a step has the user type or open, each group below its label, and the note behind the records. */
function typedLines(step: AdviceStep, screen: Screen): string[] {
  const groups = typedGroups(step);
  const shown = screen.isFull ? groups : essential(groups);
  const records = shown.filter(({ kind, label }) => kind === 'place' || (kind === 'records' && label === null));
  const others = shown.filter((group) => !records.includes(group));
  return [
    ...records.flatMap((group) => groupLines(group, screen)),
    ...noteLines(step, screen),
    ...(screen.isFull ? consoleLines(step, screen) : []),
    ...others.flatMap((group) => groupLines(group, screen)),
  ];
}

/** @returns the groups without which the step cannot be done: links only if there is nothing to type. */
function essential(groups: readonly TypedGroup[]): TypedGroup[] {
  const typed = groups.filter(({ kind }) => kind !== 'links');
  const first = typed.filter(({ kind, label }) => kind === 'commands' || kind === 'place' || label === null);
  if (first.length > 0) return first;
  const links = groups
    .filter(({ kind }) => kind === 'links')
    .map((group) => ({ ...group, label: null, lines: group.lines.slice(0, 1) }));
  return links.length > 0 ? links : typed;
}

function groupLines({ kind, label, lines }: TypedGroup, screen: Screen): string[] {
  const tone = kind === 'links' ? screen.tones.dim : screen.tones.typed;
  const isTyped = kind === 'commands' || kind === 'place';
  return [
    ...(label === null ? [] : paragraph(label, screen, INDENT)),
    ...lines.map((line) => tone(`${TYPED_INDENT}${copyable(isTyped ? screen.commandLine(line) : line)}`)),
  ];
}

/** @returns what to type into the console of the DNS host, and what goes wrong there. */
function consoleLines({ changes, atDnsHost = [] }: AdviceStep, screen: Screen): string[] {
  const pages = changes.flatMap(({ console: page }) => page ?? []);
  const paths = [...new Set(pages.filter(({ records }) => records.length > 0).map(({ path }) => path))];
  const pitfalls = [...new Set(changes.flatMap((change) => change.pitfalls))];
  return [
    ...paths.flatMap((path) => [
      // A host without commands is named with its console.
      ...(atDnsHost.some(({ label }) => label.endsWith(path))
        ? []
        : paragraph(`In the console: ${path}`, screen, INDENT)),
      ...pages.filter((page) => page.path === path).flatMap(({ records }) => records.flatMap(typedFields(screen))),
    ]),
    ...pitfalls.flatMap((text) => paragraph(text, screen, `${INDENT}  `, `${INDENT}! `)),
  ];
}

type ConsoleRecord = NonNullable<AdviceStep['changes'][number]['console']>['records'][number];

const typedFields =
  ({ tones }: Screen) =>
  ({ name, type, value, priority }: ConsoleRecord): string[] => {
    const fields = [
      ['Name', name === '' ? '(empty)' : name],
      ['Type', type],
      ...(priority === null ? [] : [['Priority', priority]]),
      ['Value', value],
    ];
    return fields.map(
      ([label = '', text = '']) => `${TYPED_INDENT}${tones.dim(label.padEnd(9))}${tones.typed(copyable(text))}`,
    );
  };

/** @returns how to name the DNS host of each zone that was not recognised, or that another host may serve. */
function hostLines({ dnsHosts = [] }: Report, screen: Screen): string[] {
  if (!screen.isFull) return [];
  const unknown = dnsHosts.filter(({ id }) => id === null).map(({ zone }) => zone);
  const texts = [
    ...(unknown.length === 0
      ? []
      : [
          `The DNS host of ${unknown.join(', ')} was not recognised. Name it with --dns-host to see its commands (mailcheck dns-hosts lists them).`,
        ]),
    ...dnsHosts.flatMap(({ zone, maybe }) =>
      maybe.map(
        ({ id, name, condition }) =>
          `${zone} is at ${name} instead${condition === null ? ', perhaps' : ` if ${condition}`}. Name it with --dns-host ${id} then.`,
      ),
    ),
  ];
  return texts.flatMap((text) => [...paragraph(text, screen).map(screen.tones.dim), '']);
}

/** @returns the records that go, each marked so that nobody pastes it. */
function goneLines(step: AdviceStep, { tones }: Screen): string[] {
  return changeWords(step).gone.map((line) => tones.dim(`${INDENT}- ${copyable(line)}`));
}

function noteLines(step: AdviceStep, screen: Screen): string[] {
  const { note, gone } = changeWords(step);
  // The records say it themselves where one record takes the place of one, unless it takes less over.
  const isLess = step.changes.some(({ notes }) => notes.some((text) => /^(?:merges|removes) /.test(text)));
  const isPlain = gone.length === 1 && step.records.length === 1 && !isLess;
  return note === null || (isPlain && !screen.isFull) ? [] : paragraph(note, screen, INDENT);
}

/** @returns the stages of a policy that come after the steps. */
function laterLines(report: Report, screen: Screen): string[] {
  const stages = laterStages(report);
  if (stages.length === 0) return [];
  if (!screen.isFull) {
    const names = [...new Set(stages.map(({ name }) => name))].join(', ');
    return [...paragraph(`Later: tighten the policy at ${names} (records: --full).`, screen).map(screen.tones.dim), ''];
  }
  return [
    screen.tones.bold('Later'),
    ...stages.flatMap(({ when, record }) => [
      ...paragraph(when, screen, INDENT),
      screen.tones.typed(`${TYPED_INDENT}${copyable(record.line)}`),
    ]),
    '',
  ];
}
