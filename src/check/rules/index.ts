/** The rules in report order: the only list of them. */
import dkim from './dkim/rule.ts';
import dmarc from './dmarc/rule.ts';
import dns from './dns/rule.ts';
import egress from './egress/rule.ts';
import type { EvidenceOf, FindingSpec } from './finding.ts';
import helo from './helo/rule.ts';
import mx from './mx/rule.ts';
import openRelay from './open-relay/rule.ts';
import type { Phase } from './phases.ts';
import provider from './provider/rule.ts';
import ptr from './ptr/rule.ts';
import rbl from './rbl/rule.ts';
import receiver from './receiver/rule.ts';
import type { Consequence, Rule } from './rule.ts';
import spf from './spf/rule.ts';
import tls from './tls/rule.ts';

const all = [dns, ptr, helo, spf, dkim, dmarc, rbl, provider, egress, openRelay, tls, mx, receiver] as const;

type AnyRule = (typeof all)[number];
type Catalogues = { [R in AnyRule as R['id']]: R['findings'] };
type SpecOf<C extends Code> = {
  [Id in keyof Catalogues]: C extends keyof Catalogues[Id] ? Catalogues[Id][C] : never;
}[keyof Catalogues];

export type RuleId = AnyRule['id'];
/** Every finding code. */
export type Code = { [Id in keyof Catalogues]: keyof Catalogues[Id] & string }[keyof Catalogues];
/** The evidence of each code, as a discriminated union. */
export type FindingEvidence = { [C in Code]: { readonly code: C; readonly evidence: EvidenceOf<SpecOf<C>> } }[Code];

/** Every rule: those that look at the world, and those whose findings follow from others. */
export const rules: readonly (Rule | Consequence)[] = all;
/** The rules that look at the world. */
export const checks: readonly Rule[] = all.filter((rule) => rule.kind === 'check');
/** What `--only`, `--skip` and `--allow-inconclusive` name. */
export const ruleIds: readonly string[] = rules.map(({ id }) => id);
/** Every finding code, in the order of the report. */
export const codes: readonly string[] = rules.flatMap(({ findings }) => Object.keys(findings));

const ruleOfCode = new Map(rules.flatMap((rule) => Object.keys(rule.findings).map((code) => [code, rule] as const)));

/** @returns the rule with this id, if there is one. */
export function ruleOf(id: string): Rule | Consequence | undefined {
  return rules.find((rule) => rule.id === id);
}

/** @returns the catalogue entry of a code, if there is one. */
export function specOf(code: string): FindingSpec<never> | undefined {
  return ruleOfCode.get(code)?.findings[code];
}

/** @returns when the remediation of a code is due. */
export function phaseOf(code: string): Phase {
  return specOf(code)?.step ?? ruleOfCode.get(code)?.step ?? 'other';
}
