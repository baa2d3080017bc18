/**
 * The Rule interface. A rule is one independent check: it asks for facts, names the case it sees, and yields findings.
 * Words for people live in the rule's catalogue (`findings.ts`); `check` holds none.
 */
import type { DnsClient } from '../../network/dns/client.ts';
import type { RuleResult } from '../../report/status.ts';
import type { CostlyPart, Facts } from '../facts/fact.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';
import { type Emit, emitter, type Finding, type FindingCatalogue } from './finding.ts';
import type { commonReasons, InconclusiveEvidence } from './inconclusive.ts';
import type { Phase } from './phases.ts';

/** A rule's word that it does not apply here, and why; it is then `skipped`, which is not `pass`. */
export interface Skip {
  readonly skip: string;
}

/** A few words on what a rule saw where there is nothing to report, shown beside its status. */
export interface Note {
  readonly note: string;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Context {
  readonly target: Target;
  readonly facts: Facts;
  readonly dns: DnsClient;
  readonly settings: Settings;
  /** Aborted at the run's deadline and on Ctrl-C. Clients end by themselves; a rule needs it only for its own waits. */
  readonly signal: AbortSignal;
  /** It stands still: the time of a run is when it began, the same for every rule. */
  readonly clock: Clock;
  /** Letters and digits that nobody can guess; every use has a label of its own. */
  readonly token: Token;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a generator that ends without a value returns void
export type Findings = AsyncGenerator<Finding, Skip | Note | void, undefined>;

/** What every rule says of itself. */
export interface RuleIdentity<Id extends string = string, C extends FindingCatalogue = FindingCatalogue> {
  readonly id: Id;
  readonly title: string;
  readonly reference: string;
  readonly findings: C;
  /** It is about forged or stolen mail, or about a host that others misuse, rather than about refused mail. */
  readonly security?: true;
  /** When the remediations of its findings are due, where a finding does not say otherwise. */
  readonly step: Phase;
}

/** The reasons that a run itself gives for a check that could not be made. */
export type UnfinishedEvidence = InconclusiveEvidence<typeof commonReasons>;

/** A rule that looks at the world. */
export interface Rule<Id extends string = string, C extends FindingCatalogue = FindingCatalogue>
  extends RuleIdentity<Id, C> {
  readonly kind: 'check';
  /** The costly parts of facts that it reads; no other rule makes a fact gather them. */
  readonly needs: readonly CostlyPart[];
  /** Without an address to test there is nothing for it to check: it is inconclusive then, and not run. */
  readonly needsAddress: boolean;
  /** What the report says in place of "did not run", where that says more. */
  readonly notRun?: string;
  check(context: Context): Findings;
  /** @returns the finding that the check could not be made, or not to its end. */
  unfinished(evidence: UnfinishedEvidence, target: Target): Finding;
}

/** A rule whose findings follow from those of other rules. It looks at nothing itself. */
export interface Consequence<Id extends string = string, C extends FindingCatalogue = FindingCatalogue>
  extends RuleIdentity<Id, C> {
  readonly kind: 'consequence';
}

/** Declares a rule. `check` may emit the codes of `findings` and no other. */
export function defineRule<const Id extends string, const C extends FindingCatalogue>(rule: {
  readonly id: Id;
  readonly title: string;
  readonly reference: string;
  readonly findings: C;
  readonly step: Phase;
  readonly security?: true;
  readonly needs?: readonly CostlyPart[];
  readonly needsAddress?: true;
  readonly notRun?: string;
  /** The code for a check that could not be made; `<id>/inconclusive` when absent. */
  readonly unfinished?: keyof C & string;
  check(context: Context, finding: Emit<C>): Findings;
}): Rule<Id, C> {
  const { id, findings, unfinished = `${id}/inconclusive`, ...others } = rule;
  return {
    kind: 'check',
    needs: [],
    needsAddress: false,
    ...others,
    id,
    findings,
    check: (context) => rule.check(context, emitter(findings, context.target)),
    // `inconclusiveSpec` accepts the common reasons in every rule; the type of a catalogue at large cannot say so.
    unfinished: (evidence, target) =>
      emitter<FindingCatalogue>(findings, target)(unfinished, evidence as never, { about: {} }),
  };
}

/** Declares a rule whose findings follow from those of others. */
export function defineConsequence<const Id extends string, const C extends FindingCatalogue>(
  rule: Omit<Consequence<Id, C>, 'kind' | 'step'>,
): Consequence<Id, C> {
  return { kind: 'consequence', step: 'other', ...rule };
}

/** @returns what the report says of a rule, whatever became of it. */
export function identityOf({
  id,
  kind,
  title,
  reference,
  security,
}: Rule | Consequence): Pick<RuleResult, 'id' | 'kind' | 'title' | 'reference' | 'security'> {
  return { id, kind, title, reference, ...(security ? { security } : {}) };
}

/** @returns that the rule does not apply. */
export function skip(reason: string): Skip {
  return { skip: reason };
}

/** @returns what the rule saw where it has nothing to report. */
export function note(text: string): Note {
  return { note: text };
}
