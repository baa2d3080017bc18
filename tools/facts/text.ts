/** Writes what `npm run facts` prints. */
import type { Fact } from './fact.ts';
import { type FactState, faultsOf, lastDayOf, oldestFirst, stateOf } from './judge.ts';

/** What a report prints for a fact in each state. */
const PRINTS: Readonly<Record<FactState, string>> = {
  confirmed: 'confirmed',
  stale: 'not confirmed: stale',
  unconfirmed: 'not confirmed',
};

/** How a release goes on. */
const WAY_OUT =
  'Check each fact again and put the day into verifiedOn, or lower its confidence to "low": it is then printed as not confirmed.';

/** @returns one line for each fact, the oldest first and those without a date first of all, and a summary. */
export function listText(facts: readonly Fact[], day: string): string {
  const rows = oldestFirst(facts).map((fact) => {
    const { kind, id, verifiedOn, confidence = '-', provenance, isMarked } = fact;
    const state = stateOf(fact, day);
    const prints = state === 'confirmed' || isMarked ? PRINTS[state] : 'confirmed, without a mark';
    return [verifiedOn ?? 'no date', prints, confidence, provenance, kind, id];
  });
  const head = ['Date', 'Prints as', 'Confidence', 'Provenance', 'Kind', 'Id'];
  return `${columns([head, ...rows])}\n${summary(facts, day)}\n`;
}

/** @returns what stops a release on a day, one line for each fault, and how to go on. */
export function faultText(facts: readonly Fact[], day: string): string {
  const faults = oldestFirst(facts).flatMap((fact) =>
    faultsOf(fact, day).map((fault) => `${fact.kind} ${fact.id} ${fault}\n`),
  );
  if (faults.length === 0) return `${summary(facts, day)}\n`;
  const count = faults.length === 1 ? '1 fault stops' : `${faults.length} faults stop`;
  return `${faults.join('')}\n${count} a release on ${day}. ${WAY_OUT}\n`;
}

function summary(facts: readonly Fact[], day: string): string {
  const count = (wanted: FactState): number => facts.filter((fact) => stateOf(fact, day) === wanted).length;
  const next = facts
    .filter((fact) => stateOf(fact, day) === 'confirmed')
    .flatMap((fact) => lastDayOf(fact) ?? [])
    .sort()[0];
  const states = `${facts.length} ${facts.length === 1 ? 'fact' : 'facts'} on ${day}: ${count('confirmed')} confirmed, ${count('stale')} stale, ${count('unconfirmed')} not confirmed.`;
  return next === undefined ? states : `${states} The next goes stale after ${next}.`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
