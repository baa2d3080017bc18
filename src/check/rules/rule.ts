/**
 * The Rule interface. A rule is one independent check: it asks for facts, names the case it sees, and yields findings.
 * Words for people live in the rule's catalogue (`findings.ts`); `check` holds none.
 */
import type { DnsClient } from '../../network/dns/client.ts';
import type { SmtpClient } from '../../network/smtp/types.ts';
import type { RecordToPublish } from '../../standards/zone-file/line.ts';
import type { CostlyPart, Facts } from '../facts/fact.ts';
import type { Settings } from '../settings.ts';
import type { Target } from '../target.ts';
import type { Token } from '../token.ts';

export type Severity = 'error' | 'warning' | 'info' | 'inconclusive';

/** What to do about a finding, filled with the user's own values. */
export interface Remediation {
  readonly summary: string;
  readonly records?: readonly RecordToPublish[];
  readonly commands?: readonly string[];
  readonly links?: readonly string[];
}

/** One labelled line below a finding's message. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/** One code of a rule's catalogue. `E` is the shape of its evidence: raw facts, never prose. */
export interface FindingSpec<E> {
  readonly severity: Severity;
  /** What the code says, as a short sentence without values. */
  readonly title: string;
  /** What was seen this time, in one sentence. */
  readonly message: (evidence: E) => string;
  /** What was seen in more lines, where one sentence does not hold it. */
  readonly details?: (evidence: E) => readonly Detail[];
  /** Why receivers care. */
  readonly explanation: string;
  readonly remediation: (evidence: E, target: Target) => Remediation;
  /** The standard or policy it rests on, e.g. `RFC 1912 §2.1`. */
  readonly reference: string;
}

/** Every code a rule may emit. */
export type FindingCatalogue = Readonly<Record<string, FindingSpec<never>>>;

type EvidenceOf<S> = S extends FindingSpec<infer E> ? E : never;

/** One observation. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  readonly details?: readonly Detail[];
  /** Why receivers care. */
  readonly explanation: string;
  /** The name, address or line it is about. */
  readonly subject: string;
  readonly evidence: object;
  readonly remediation: Remediation;
  readonly reference: string;
}

export interface FindingDetail {
  readonly subject: string;
  /** The severity of this finding, where it is another than the one of the catalogue. */
  readonly severity?: Severity;
}

/** Makes a finding of one of the catalogue's codes; any other code does not compile. */
export type Emit<C extends FindingCatalogue> = <K extends keyof C & string>(
  code: K,
  evidence: EvidenceOf<C[K]>,
  detail: FindingDetail,
) => Finding;

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
  readonly smtp: SmtpClient;
  readonly settings: Settings;
  /** Aborted at the run's deadline and on Ctrl-C. Clients end by themselves; a rule needs it only for its own waits. */
  readonly signal: AbortSignal;
  /** It stands still: the time of a run is when it began, the same for every rule. */
  readonly clock: Clock;
  /** Letters and digits that nobody can guess; every use has a label of its own. */
  readonly token: Token;
  /** Waits so many milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a generator that ends without a value returns void
export type Findings = AsyncGenerator<Finding, Skip | Note | void, undefined>;

export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly findings: FindingCatalogue;
  /** It is about forged or stolen mail, or about a host that others misuse, rather than about refused mail. */
  readonly security?: true;
  /** The costly parts of facts that it reads; no other rule makes a fact gather them. */
  readonly needs: readonly CostlyPart[];
  /** The code that stands for "cut off by the deadline before it could finish". */
  readonly unfinished: string;
  check(context: Context): Findings;
}

/** Evidence that every rule's `unfinished` code must accept. */
export interface UnfinishedEvidence {
  readonly reason: string;
}

export function defineRule<const Id extends string, const C extends FindingCatalogue>(rule: {
  readonly id: Id;
  readonly title: string;
  readonly reference: string;
  readonly findings: C;
  readonly security?: true;
  readonly needs?: readonly CostlyPart[];
  readonly unfinished: keyof C & string;
  check(context: Context, finding: Emit<C>): Findings;
}): Rule & { readonly id: Id } {
  return { needs: [], ...rule, check: (context) => rule.check(context, emitter(rule.findings, context.target)) };
}

/** Declares one catalogue entry with the shape of its evidence. */
export function findingSpec<E extends object>(spec: FindingSpec<E>): FindingSpec<E> {
  return spec;
}

/** @returns the function that turns a code and its evidence into a finding for this target. */
export function emitter<C extends FindingCatalogue>(catalogue: C, target: Target): Emit<C> {
  return (code, evidence, detail) => {
    // The catalogue holds specs of many evidence types; Emit's signature has already tied this code to its own.
    const spec = catalogue[code] as unknown as FindingSpec<typeof evidence>;
    return {
      code,
      severity: detail.severity ?? spec.severity,
      title: spec.title,
      message: spec.message(evidence),
      ...(spec.details ? { details: spec.details(evidence) } : {}),
      explanation: spec.explanation,
      subject: detail.subject,
      evidence: evidence as object,
      remediation: spec.remediation(evidence, target),
      reference: spec.reference,
    };
  };
}

export function skip(reason: string): Skip {
  return { skip: reason };
}

export function note(text: string): Note {
  return { note: text };
}
