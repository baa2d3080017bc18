/** Lists the rules in the order of the report. There is no other list of them. */
import type { CauseName } from '../../knowledge/receivers/causes.ts';
import asked from './asked/rule.ts';
import bimi from './bimi/rule.ts';
import dane from './dane/rule.ts';
import dkim from './dkim/rule.ts';
import dmarc from './dmarc/rule.ts';
import dns from './dns/rule.ts';
import dnssec from './dnssec/rule.ts';
import egress from './egress/rule.ts';
import type { EvidenceOf, FindingSpec } from './finding.ts';
import helo from './helo/rule.ts';
import mtaSts from './mta-sts/rule.ts';
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
import tlsRpt from './tls-rpt/rule.ts';

const all = [
  dns,
  ptr,
  helo,
  spf,
  dkim,
  dmarc,
  rbl,
  provider,
  egress,
  openRelay,
  tls,
  mx,
  dnssec,
  dane,
  mtaSts,
  tlsRpt,
  bimi,
  asked,
  receiver,
] as const;

type AnyRule = (typeof all)[number];
type Catalogues = { [R in AnyRule as R['id']]: R['findings'] };
type SpecOf<C extends Code> = {
  [Id in keyof Catalogues]: C extends keyof Catalogues[Id] ? Catalogues[Id][C] : never;
}[keyof Catalogues];

/** The id of a rule. */
export type RuleId = AnyRule['id'];
/** A finding code of any rule. */
export type Code = { [Id in keyof Catalogues]: keyof Catalogues[Id] & string }[keyof Catalogues];
/** The evidence of each code, as a union that is discriminated by the code. */
export type FindingEvidence = { [C in Code]: { readonly code: C; readonly evidence: EvidenceOf<SpecOf<C>> } }[Code];

/** Every rule, in the order of the report: the checks, and the rules whose findings follow from those of others. */
export const rules: readonly (Rule | Consequence)[] = all;
/** The rules that check something themselves, in the order of the report. */
export const checks: readonly Rule[] = all.filter((rule) => rule.kind === 'check');
/** The ids of all rules, which `--only`, `--skip` and `--allow-inconclusive` accept. */
export const ruleIds: readonly string[] = rules.map(({ id }) => id);
/** Every finding code, in the order of the report. */
export const codes: readonly string[] = rules.flatMap(({ findings }) => Object.keys(findings));

const ruleOfCode = new Map(rules.flatMap((rule) => Object.keys(rule.findings).map((code) => [code, rule] as const)));

/** @returns the rule with this id, or `undefined`. */
export function ruleOf(id: string): Rule | Consequence | undefined {
  return rules.find((rule) => rule.id === id);
}

/** @returns the id of the rule of a code, or `undefined`. */
export function ruleIdOf(code: string): string | undefined {
  return ruleOfCode.get(code)?.id;
}

/** @returns the catalogue entry of a code, or `undefined`. */
export function specOf(code: string): FindingSpec<never> | undefined {
  return ruleOfCode.get(code)?.findings[code];
}

/** @returns the phase in which the remediation of a code is due. `other` for an unknown code. */
export function phaseOf(code: string): Phase {
  return specOf(code)?.step ?? ruleOfCode.get(code)?.step ?? 'other';
}

/** @returns the findings that are one of the faults, in the order of the faults and of the report. */
export function codesOf(causes: readonly CauseName[]): string[] {
  const found = causes.flatMap((cause) =>
    rules.flatMap(({ findings }) =>
      Object.entries(findings).flatMap(([code, { severity, causes: own }]) =>
        (severity === 'error' || severity === 'warning') && own?.includes(cause) ? [code] : [],
      ),
    ),
  );
  return [...new Set(found)];
}
