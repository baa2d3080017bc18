/** The steps: what to do, in order, with what to type. */
import type { AdviceStep, Report } from '../../report/status.ts';
import { changeWords, laterStages } from '../changes.ts';
import { copyable, printable } from '../printable.ts';
import { type TypedGroup, typedGroups } from '../typed-groups.ts';
import { paragraph, type Screen } from './screen.ts';

const INDENT = '     ';
const TYPED_INDENT = '       ';

/** @returns the numbered steps, and what comes later. */
export function stepLines(report: Report, screen: Screen): string[] {
  const { steps } = report.advice;
  if (steps.length === 0) return laterLines(report, screen);
  return [
    screen.tones.bold('What to do'),
    ...steps.flatMap((step, index) => oneStep(step, index + 1, screen)),
    ...laterLines(report, screen),
  ];
}

function oneStep(step: AdviceStep, number: number, screen: Screen): string[] {
  const { tones, isFull } = screen;
  const { title, rest } = titleOf(step.summary);
  return [
    ...paragraph(title, screen, INDENT, `${String(number).padStart(3)}. `).map(tones.bold),
    ...(rest === '' ? [] : paragraph(rest, screen, INDENT)),
    ...goneLines(step, screen),
    ...typedLines(step, screen),
    ...(isFull ? [tones.dim(`${INDENT}${step.codes.join(', ')}`)] : []),
    '',
  ];
}

/** @returns the first sentence of a summary, and the others. A dot inside a name or address ends no sentence. */
function titleOf(summary: string): { title: string; rest: string } {
  const [, title = summary, rest = ''] = /^(.*?[.?!:])\s+(?=[A-Z"(])(.*)$/s.exec(summary) ?? [];
  return { title, rest };
}

/** @returns what a step has the user type or open, each group below its label, and the note behind the records. */
function typedLines(step: AdviceStep, screen: Screen): string[] {
  const groups = typedGroups(step);
  const shown = screen.isFull ? groups : essential(groups);
  const records = shown.filter(({ kind, label }) => kind === 'records' && label === null);
  const others = shown.filter((group) => !records.includes(group));
  return [
    ...records.flatMap((group) => groupLines(group, screen)),
    ...noteLines(step, screen),
    ...others.flatMap((group) => groupLines(group, screen)),
  ];
}

/** @returns the groups without which the step cannot be done: links only if there is nothing to type. */
function essential(groups: readonly TypedGroup[]): TypedGroup[] {
  const typed = groups.filter(({ kind }) => kind !== 'links');
  const first = typed.filter(({ kind, label }) => kind === 'commands' || label === null);
  if (first.length > 0) return first;
  const links = groups.filter(({ kind }) => kind === 'links').map((group) => ({ ...group, label: null }));
  return links.length > 0 ? links : typed;
}

function groupLines({ kind, label, lines }: TypedGroup, screen: Screen): string[] {
  const tone = kind === 'links' ? screen.tones.dim : screen.tones.typed;
  return [
    ...(label === null ? [] : paragraph(label, screen, INDENT)),
    ...lines.map((line) => tone(`${TYPED_INDENT}${copyable(line)}`)),
  ];
}

/** @returns the records that go, each marked so that nobody pastes it. */
function goneLines(step: AdviceStep, { tones }: Screen): string[] {
  return changeWords(step).gone.map((line) => tones.dim(`${INDENT}- ${copyable(line)}`));
}

function noteLines(step: AdviceStep, screen: Screen): string[] {
  const { note } = changeWords(step);
  return note === null ? [] : paragraph(note, screen, INDENT);
}

/** @returns the stages of a policy that come after the steps. */
function laterLines(report: Report, screen: Screen): string[] {
  const stages = laterStages(report);
  if (stages.length === 0) return [];
  if (!screen.isFull) {
    const names = [...new Set(stages.map(({ name }) => name))].map(printable).join(', ');
    const text = `Later, in ${stages.length === 1 ? 'one stage' : `${stages.length} stages`}: tighten the policy at ${names} (--full shows the records).`;
    return [...paragraph(text, screen).map(screen.tones.dim), ''];
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
