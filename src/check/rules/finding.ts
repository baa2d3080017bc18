/**
 * Findings and the catalogue of a rule: every code that the rule may emit, with its severity, the words for people and
 * what to do. Nothing else in the program has a table of codes.
 */
import type { CauseName } from '../../knowledge/receivers/causes.ts';
import type { About, Question, Remediation, Severity } from '../../report/status.ts';
import type { Target } from '../target.ts';
import type { Phase } from './phases.ts';

/** One labelled line below a finding's message. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/**
 * What a finding means for mail that is sent directly from the tested address, besides its severity:
 * - `port-25-closed`: outbound port 25 was seen to be closed.
 * - `port-25-on-request`: the provider opens port 25 when it is asked.
 * - `other-address`: only another address helps.
 * - `reverse-name`: the address needs another PTR record, which not every provider lets a customer set.
 */
export type Barrier = 'port-25-closed' | 'port-25-on-request' | 'other-address' | 'reverse-name';

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
  /** When its remediation is due among the steps; the rule's own phase when absent. */
  readonly step?: Phase;
  readonly barrier?: Barrier;
  /** The names under which the receivers' published rules know this fault. */
  readonly causes?: readonly CauseName[];
}

/** Every code a rule may emit. */
export type FindingCatalogue = Readonly<Record<string, FindingSpec<never>>>;

export type EvidenceOf<S> = S extends FindingSpec<infer E> ? E : never;

/** One observation. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  readonly details?: readonly Detail[];
  /** Why receivers care. */
  readonly explanation: string;
  /** What it is about, in one word for people: the address, name or network. */
  readonly subject: string;
  readonly about: About;
  readonly rests: readonly Question[];
  /** The codes of the findings that it follows from. */
  readonly causes?: readonly string[];
  readonly evidence: object;
  readonly remediation: Remediation;
  readonly reference: string;
}

/** What is said of a finding where it is made. */
export interface FindingDetail {
  /** What it is about. The same finding in another run is about the same. */
  readonly about: About;
  /** The DNS questions it rests on: another answer to one of them may end it. */
  readonly rests?: readonly Question[];
  /** The codes of the findings that it follows from. */
  readonly causes?: readonly string[];
  /** The severity of this finding, where it is another than the one of the catalogue. */
  readonly severity?: Severity;
}

/** Makes a finding of one of the catalogue's codes; any other code does not compile. */
export type Emit<C extends FindingCatalogue> = <K extends keyof C & string>(
  code: K,
  evidence: EvidenceOf<C[K]>,
  detail: FindingDetail,
) => Finding;

/** Declares one catalogue entry with the shape of its evidence. */
export function findingSpec<E extends object>(spec: FindingSpec<E>): FindingSpec<E> {
  return spec;
}

/** @returns the function that turns a code and its evidence into a finding for this target. */
export function emitter<C extends FindingCatalogue>(catalogue: C, target: Target): Emit<C> {
  return (code, evidence, { about, rests = [], causes, severity }) => {
    // The catalogue holds specs of many evidence types; Emit's signature has already tied this code to its own.
    const spec = catalogue[code] as unknown as FindingSpec<typeof evidence>;
    return {
      code,
      severity: severity ?? spec.severity,
      title: spec.title,
      message: spec.message(evidence),
      ...(spec.details ? { details: spec.details(evidence) } : {}),
      explanation: spec.explanation,
      subject: subjectOf(about, target),
      about,
      rests: distinct(rests),
      ...(causes ? { causes } : {}),
      evidence: evidence as object,
      remediation: spec.remediation(evidence, target),
      reference: spec.reference,
    };
  };
}

/** @returns the questions behind some answers, the aliases included that were followed. */
export function questionsOf(
  ...answers: readonly { readonly name: string; readonly type: string; readonly chain?: readonly string[] }[]
): Question[] {
  return answers.flatMap(({ name, type, chain = [] }) => [name, ...chain].map((asked) => ({ name: asked, type })));
}

/** @returns what a finding is about in one word; the tested domain where it is about nothing in particular. */
function subjectOf({ network, ip, name, port, item }: About, { domain }: Target): string {
  const subject = network ?? ip ?? name ?? item ?? domain;
  return port === undefined ? subject : `${subject} port ${port}`;
}

function distinct(questions: readonly Question[]): Question[] {
  return [...new Map(questions.map(({ name, type }) => [`${name} ${type}`, { name, type }])).values()];
}
