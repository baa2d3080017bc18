/**
 * Defines the Rule interface. A rule is one independent check: it asks for facts, recognises the case and yields
 * findings. The words for people are in the rule's catalogue (`findings.ts`), not in `check`.
 */
import type { DnsClient } from '../../network/dns/client.ts';
import type { Question, RuleResult } from '../../report/status.ts';
import type { CostlyPart, Facts } from '../facts/fact.ts';
import type { LeftOut } from '../facts/gaps.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';
import { type Emit, emitter, type Finding, type FindingCatalogue } from './finding.ts';
import type { commonReasons, InconclusiveEvidence } from './inconclusive.ts';
import type { Command } from './pasted.ts';
import type { Phase } from './phases.ts';

/** The statement of a rule that it does not apply, with the reason. Its status is then `skipped`, not `pass`. */
export interface Skip {
  readonly skip: string;
  /** A command that runs the rule, where it can run. */
  readonly command?: Command;
}

/** A few words on what a rule saw when it has nothing to report. They are shown beside its status. */
export interface Note {
  readonly note: string;
  /** Whether the domain does not use what the rule is about, and need not. */
  readonly isUnused?: true;
}

/** A clock. */
export interface Clock {
  /** Gives milliseconds since the epoch. */
  now(): number;
}

/** Everything that the check of a rule may use. */
export interface Context {
  readonly target: Target;
  readonly facts: Facts;
  readonly dns: DnsClient;
  readonly settings: Settings;
  /** Gives the start of the run, so that every rule works with the same time. */
  readonly clock: Clock;
  /** Gives unguessable letters and digits for a label. Each use needs its own label. */
  readonly token: Token;
  /** Says what a limit leaves out of the check. The check is then inconclusive. */
  leaveOut(leftOut: LeftOut): void;
}

/** The findings of a check, one after the other, and at the end a skip, a note or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a generator that ends without a value returns void
export type Findings = AsyncGenerator<Finding, Skip | Note | void, undefined>;

/** What every rule declares. */
export interface RuleIdentity<Id extends string = string, C extends FindingCatalogue = FindingCatalogue> {
  readonly id: Id;
  /** The first part of its codes, if that is not its id. */
  readonly namespace?: string;
  readonly title: string;
  readonly reference: string;
  readonly findings: C;
  /** Set if the rule is about forged or stolen mail or about a misused host, not about rejected mail. */
  readonly security?: true;
  /** The phase in which the remediations of its findings are due, unless a finding declares its own. */
  readonly step: Phase;
}

/** The evidence for a check that the run itself could not make or complete. */
export type UnfinishedEvidence = InconclusiveEvidence<typeof commonReasons>;

/** A rule that checks something itself. */
export interface Rule<Id extends string = string, C extends FindingCatalogue = FindingCatalogue>
  extends RuleIdentity<Id, C> {
  readonly kind: 'check';
  /** The costly parts of facts that the rule reads. A fact gathers such a part only if a selected rule needs it. */
  readonly needs: readonly CostlyPart[];
  /** Whether the rule looks at SMTP and nothing else, so that it is not run without SMTP (`connections.ts`). */
  readonly needsSmtp: boolean;
  /** Whether the rule needs an address to test. Without one it does not run and is inconclusive. */
  readonly needsAddress: boolean;
  /**
   * Whether the rule also judges the tested addresses. It runs without one. If every address turns out to be a web proxy's,
   * it is inconclusive.
   */
  readonly judgesAddress: boolean;
  /** Whether the rule is about the domain alone, so that it has nothing to say of a domain that does not exist. */
  readonly isAboutDomain: boolean;
  /** Whether the rule itself judges the resolver. Every other rule ends when the resolver cannot be relied on. */
  readonly judgesResolver: boolean;
  /** Whether the rule runs again over planned records: its findings rest on the domain's DNS records. */
  readonly restsOnDns: boolean;
  /** The setting without which the rule does not run. The report then does not name it. */
  readonly onlyWith?: 'askReceivers';
  /** What the report says instead of "did not run", if that tells the user more. */
  readonly notRun?: string;
  /**
   * Makes the check and yields its findings.
   *
   * @param named the target as the words of the findings name it. Naming an address is not asking about it, so no gap of
   *   the check follows from that.
   */
  check(context: Context, named: Target): Findings;
  /** @returns the finding that the check could not be made or completed. */
  unfinished(evidence: UnfinishedEvidence, target: Target, rests?: readonly Question[]): Finding;
}

/** A rule whose findings follow from those of other rules. It checks nothing itself. */
export interface Consequence<Id extends string = string, C extends FindingCatalogue = FindingCatalogue>
  extends RuleIdentity<Id, C> {
  readonly kind: 'consequence';
}

/** Declares a rule. Its `check` may emit the codes of `findings` and no others. */
export function defineRule<const Id extends string, const C extends FindingCatalogue>(rule: {
  readonly id: Id;
  readonly namespace?: string;
  readonly title: string;
  readonly reference: string;
  readonly findings: C;
  readonly step: Phase;
  readonly security?: true;
  readonly needs?: readonly CostlyPart[];
  readonly needsSmtp?: true;
  readonly needsAddress?: true;
  readonly judgesAddress?: true;
  readonly isAboutDomain?: true;
  readonly judgesResolver?: true;
  readonly restsOnDns?: true;
  readonly onlyWith?: 'askReceivers';
  readonly notRun?: string;
  /** The code for a check that could not be made. Default: `<namespace or id>/inconclusive`. */
  readonly unfinished?: keyof C & string;
  check(context: Context, finding: Emit<C>): Findings;
}): Rule<Id, C> {
  const { id, findings, unfinished = `${rule.namespace ?? id}/inconclusive`, ...others } = rule;
  return {
    kind: 'check',
    needs: [],
    needsSmtp: false,
    needsAddress: false,
    judgesAddress: false,
    isAboutDomain: false,
    judgesResolver: false,
    restsOnDns: false,
    ...others,
    id,
    findings,
    check: (context, named) => rule.check(context, emitter(findings, named)),
    // `inconclusiveSpec` accepts the common reasons in every rule, but the general type of a catalogue cannot express
    // that.
    unfinished: (evidence, target, rests = []) =>
      emitter<FindingCatalogue>(findings, target)(unfinished, evidence as never, {
        about: evidence.reason === 'unseen' ? { name: target.domain, item: evidence.reason } : {},
        rests,
      }),
  };
}

/** Declares a rule whose findings follow from those of other rules. The phase of its remediations is `other`. */
export function defineConsequence<const Id extends string, const C extends FindingCatalogue>(
  rule: Omit<Consequence<Id, C>, 'kind' | 'step'>,
): Consequence<Id, C> {
  return { kind: 'consequence', step: 'other', ...rule };
}

/** @returns the part of a rule's result that does not depend on the run. */
export function identityOf({
  id,
  kind,
  title,
  reference,
  security,
}: Rule | Consequence): Pick<RuleResult, 'id' | 'kind' | 'title' | 'reference' | 'security'> {
  return { id, kind, title, reference, ...(security ? { security } : {}) };
}

/** @returns the statement that the rule does not apply, for the end of a check. */
export function skip(reason: string, command?: Command): Skip {
  return { skip: reason, ...(command === undefined ? {} : { command }) };
}

/** @returns the note on what the rule saw, for the end of a check without findings to fix. */
export function note(text: string): Note {
  return { note: text };
}

/**
 * @returns the note that the domain does not use what the rule is about, and need not. Reports have one line for all such
 *   rules together.
 */
export function unused(text: string): Note {
  return { note: text, isUnused: true };
}
