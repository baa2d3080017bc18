/**
 * Builds "What to do next": the changes of DNS records and the other remediations of the findings, most important first.
 * Each record set is changed in one step only.
 */

import { codeOfKey, findingKey } from '../../report/fingerprint.ts';
import {
  type AdviceStep,
  type Alternative,
  type FindingResult,
  isNoWorse,
  type RecordChange,
  type RuleResult,
} from '../../report/status.ts';
import { isSpfRecord } from '../../standards/spf/index.ts';
import type { RecordValue } from '../../standards/zone-file/line.ts';
import { typeOf } from '../rules/edit.ts';
import { phaseOf, specOf } from '../rules/index.ts';
import { NAMES_OF_THE_HOST, PHASES, type Phase } from '../rules/phases.ts';
import type { Found } from './plan/found.ts';
import { headlineOf } from './plan/headline.ts';
import type { Plan } from './plan/plan.ts';
import { isChanged, type PlannedSet, setKey } from './plan/planned-zone.ts';
import { recordOf } from './plan/values.ts';
import { joinedAlternatives } from './remediation/alternatives.ts';

const SEVERITIES = ['error', 'warning', 'inconclusive', 'info'] as const;

/**
 * Ranks a finding by severity, then by phase. If port 25 must be requested, warnings about the host's names rank as
 * errors, because providers check those names before they open the port.
 */
function rank({ code, severity }: FindingResult, asksForPort25: boolean): number {
  const phase = phaseOf(code);
  const isAskedFor = asksForPort25 && severity === 'warning' && NAMES_OF_THE_HOST.includes(phase);
  return SEVERITIES.indexOf(isAskedFor ? 'error' : severity) * PHASES.length + PHASES.indexOf(phase);
}

/** @returns 1 for a finding that a change makes no worse: what the change makes worse is fixed first. */
function asBefore(finding: FindingResult): number {
  return isNoWorse(finding) ? 1 : 0;
}

/** @returns whether the finding means that somebody has to be asked to open port 25. */
function isPort25Closed({ code, severity }: FindingResult): boolean {
  const barrier = specOf(code)?.barrier;
  return severity === 'error' && (barrier === 'port-25-closed' || barrier === 'port-25-on-request');
}

/** The phases in which mail becomes able to pass DMARC. */
const AUTHENTICATION: readonly Phase[] = ['sender-policy', 'signing-keys'];

/** The record sets that are changed together, and the findings that they settle. */
interface Group {
  readonly sets: PlannedSet[];
  /** All findings that the change settles. */
  readonly findings: FindingResult[];
  /** Those whose remediation speaks of this change before others. */
  readonly main: FindingResult[];
}

/**
 * @param results the results without accepted findings.
 * @param keep what each finding says first, by its key.
 * @returns the steps in order. Info findings and the receivers' answers need none, and a later stage is no step.
 */
export function stepsOf(
  results: readonly RuleResult[],
  plan: Plan,
  edits: Found['edits'],
  keep: ReadonlyMap<string, string> = new Map(),
): AdviceStep[] {
  const findings = results
    .filter(({ kind }) => kind === 'check')
    .flatMap((result) => result.findings)
    .filter(({ severity }) => severity !== 'info');
  const asksForPort25 = findings.some(isPort25Closed);
  findings.sort((a, b) => asBefore(a) - asBefore(b) || rank(a, asksForPort25) - rank(b, asksForPort25));
  const groups = groupsOf(findings, plan, edits);
  const waiting = new Set(plan.sets.flatMap(({ laterKeys, later }) => (later.length > 0 ? [...laterKeys] : [])));
  const steps = new Map<string, AdviceStep>();
  for (const finding of findings) {
    for (const group of groups) {
      if (!group.findings.includes(finding)) continue;
      const key = stepKey(group);
      if (!steps.has(key)) steps.set(key, changeStep(group, keep));
    }
    if (groups.some(({ main }) => main.includes(finding)) || waiting.has(findingKey(finding))) continue;
    addPlainStep(steps, finding, plan);
  }
  for (const group of groups.filter((one) => one.findings.length === 0)) {
    steps.set(stepKey(group), consequentStep(group, keep));
  }
  return inSafeOrder([...steps.values()]);
}

/** @returns the step for a change that no finding of the run asks for, but one that the other changes lead to. */
function consequentStep(group: Group, keep: ReadonlyMap<string, string>): AdviceStep {
  const { sets } = group;
  const codes = new Set(sets.flatMap(({ keys }) => [...keys].map(codeOfKey)));
  return { ...changeStep(group, keep), codes: [...codes], subjects: sets.map(({ name }) => name) };
}

/** @returns the key of the step for a change. No summary of another step begins with a line end. */
function stepKey({ sets: [first] }: Group): string {
  return `\n${setKey(first ?? { name: '', type: '' })}`;
}

function groupsOf(findings: readonly FindingResult[], plan: Plan, edits: Found['edits']): Group[] {
  const groups = new Map<string, Group>();
  for (const set of plan.sets.filter(isChanged)) {
    const key = set.beside ?? setKey(set);
    const group = groups.get(key) ?? { sets: [], findings: [], main: [] };
    groups.set(key, group);
    group.sets.push(set);
    for (const finding of findings) {
      const id = findingKey(finding);
      if (!set.keys.has(id)) continue;
      if (!group.findings.includes(finding)) group.findings.push(finding);
      const [first] = edits.get(id) ?? [];
      const isMain = first === undefined || set.edited.has(setKey({ name: first.name, type: typeOf(first) }));
      if (isMain && !group.main.includes(finding)) group.main.push(finding);
    }
  }
  return [...groups.values()];
}

function changeStep({ sets, findings, main }: Group, keep: ReadonlyMap<string, string>): AdviceStep {
  const [strongest] = findings;
  const changes = sets.map(changeOf);
  const summaries = [...new Set(main.map(({ remediation }) => remediation.summary))];
  const [only, second] = summaries;
  const first = new Set(main.flatMap((finding) => keep.get(findingKey(finding)) ?? []));
  const told = main.map(({ remediation }) => remediation);
  return {
    summary:
      only !== undefined && second === undefined
        ? only
        : [...first, ...aliasWords(changes), headlineOf(changes)].join(' '),
    severity: strongest?.severity ?? 'warning',
    codes: [...new Set(findings.map(({ code }) => code))],
    subjects: [...new Set(findings.map(({ subject }) => subject))],
    changes,
    records: sets.flatMap(recordsToPublish),
    commands: [...new Set(told.flatMap(({ commands = [] }) => commands))],
    ...stepAlternatives(told.flatMap(({ alternatives = [] }) => alternatives)),
    links: [...new Set(told.flatMap(({ links = [] }) => links))],
  };
}

/**
 * @returns the records that a change publishes. If it only takes records out, these are the ones that stay, so that the
 *   final value is always shown.
 */
export function recordsToPublish({ name, type, before, after }: PlannedSet): RecordChange['add'] {
  const come = after.filter((value) => !before.includes(value));
  const isShared = type === 'TXT' && !name.split('.').some((label) => label.startsWith('_'));
  const stay = come.length > 0 ? come : after.filter((value) => !isShared || isSpfRecord(value));
  return stay.map((value) => recordOf(name, type, value));
}

/** @returns the sentence that the records of a step come in the place of an alias. */
export function aliasWords(changes: readonly RecordChange[]): string[] {
  const alias = changes.find(({ type, remove, add }) => type === 'CNAME' && remove.length > 0 && add.length === 0);
  const [target] = alias?.remove ?? [];
  if (alias === undefined || target === undefined) return [];
  return [
    `Replace the CNAME of ${alias.name} to ${target.value.replace(/\.$/, '')} by these records, because nothing can stand beside a CNAME.`,
  ];
}

/** @returns the change of a record set in the form of the report, as long as nothing is known of its DNS host. */
export function changeOf({ name, type, owner, before, after, notes }: PlannedSet): RecordChange {
  const places = (values: readonly string[], value: string) => values.filter((one) => one === value).length;
  // Texts that differ only in where their strings are split go together, and one of them comes back.
  const isSame = (value: string) => places(before, value) === places(after, value);
  const recordsOf = (values: readonly RecordValue[]) => values.map((value) => recordOf(name, type, value));
  return {
    name,
    type,
    owner,
    remove: recordsOf(before.filter((value) => !isSame(value))),
    keep: recordsOf(before.filter(isSame)),
    add: recordsOf(after.filter((value) => !isSame(value))),
    notes: [...notes],
    zone: null,
    dnsHost: null,
    commands: [],
    replace: [],
    console: null,
    pitfalls: [],
  };
}

function stepAlternatives(alternatives: readonly Alternative[]): Pick<AdviceStep, 'alternatives'> {
  return alternatives.length === 0 ? {} : { alternatives: joinedAlternatives(alternatives) };
}

/** Adds a finding that changes no record to the steps. Findings with the same remediation share one step. */
function addPlainStep(steps: Map<string, AdviceStep>, finding: FindingResult, plan: Plan): void {
  const { code, severity, subject, remediation } = finding;
  const { commands = [], alternatives = [], links = [] } = remediation;
  const key = findingKey(finding);
  const open = [...plan.undecided, ...plan.unproven].filter(({ keys }) => keys.has(key));
  const summary = [...new Set([remediation.summary, ...open.map(({ decide }) => decide)])].join(' ');
  const known = steps.get(summary);
  if (known === undefined) {
    steps.set(summary, {
      summary,
      severity,
      codes: [code],
      subjects: [subject],
      changes: [],
      records: [],
      commands: [...commands],
      ...stepAlternatives(alternatives),
      links: [...links],
    });
    return;
  }
  if (!known.codes.includes(code)) known.codes.push(code);
  if (!known.subjects.includes(subject)) known.subjects.push(subject);
  known.commands.push(...commands.filter((command) => !known.commands.includes(command)));
  Object.assign(known, stepAlternatives([...(known.alternatives ?? []), ...alternatives]));
  known.links.push(...links.filter((link) => !known.links.includes(link)));
}

/** @returns the steps with each one behind those that it needs, and otherwise in their order. */
function inSafeOrder(steps: readonly AdviceStep[]): AdviceStep[] {
  const waiting = [...steps];
  const ordered: AdviceStep[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((step) => !waiting.some((other) => other !== step && needs(step, other)));
    ordered.push(...waiting.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/**
 * Tells whether a step must come after another one. A record that names a host comes after the host's address. A DMARC
 * record comes after SPF and DKIM, because its policy rejects mail that neither of them lets pass.
 */
function needs(step: AdviceStep, other: AdviceStep): boolean {
  const hosts = other.changes.filter(({ type, add }) => (type === 'A' || type === 'AAAA') && add.length > 0);
  const namesHost = step.changes.some(
    ({ type, add }) =>
      type !== 'A' &&
      type !== 'AAAA' &&
      add.some(({ value }) =>
        hosts.some(({ name }) => value.split(/[\s:=]/).includes(type === 'TXT' ? name : `${name}.`)),
      ),
  );
  if (namesHost) return true;
  const isText = ({ type }: RecordChange): boolean => type === 'TXT';
  const isPolicy = ({ name }: RecordChange): boolean => name.startsWith('_dmarc.');
  const changesPolicy = step.changes.some((change) => isText(change) && isPolicy(change));
  return changesPolicy && other.codes.some((code) => AUTHENTICATION.includes(phaseOf(code)));
}
