/**
 * Defines findings and the catalogue of a rule. The catalogue holds every code that the rule may emit, with its
 * severity, its words for people and its remediation. No other part of the program has a table of codes.
 */
import type { CauseName } from '../../knowledge/receivers/causes.ts';
import type { About, Question, Remediation, Severity } from '../../report/status.ts';
import type { Target } from '../target.ts';
import type { Edit } from './edit.ts';
import type { Fix } from './fix.ts';
import type { Obstacle, ObstacleKind } from './obstacles.ts';
import { inWords } from './pasted.ts';
import type { Phase } from './phases.ts';

/** One line with a label, shown below the message of a finding. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/**
 * What a finding bars for mail sent directly from the tested address:
 * - `port-25-closed`: outbound port 25 was seen to be closed.
 * - `port-25-on-request`: the provider opens port 25 on request.
 * - `other-address`: only another address helps.
 * - `reverse-name`: the address needs another PTR record, which not every provider lets its customers set.
 */
export type Barrier = 'port-25-closed' | 'port-25-on-request' | 'other-address' | 'reverse-name';

/** One code of a rule's catalogue. `E` is the shape of its evidence, which is raw facts and never prose. */
export interface FindingSpec<E> {
  readonly severity: Severity;
  /** The fault in a short sentence without values. */
  readonly title: string;
  /** Gives what was seen in this run, in one sentence. */
  readonly message: (evidence: E) => string;
  /** Gives more of what was seen, if one sentence is not enough. */
  readonly details?: (evidence: E) => readonly Detail[];
  /** Why receivers care. */
  readonly explanation: string;
  /** Gives what to do about it. */
  readonly remediation: (evidence: E, target: Target) => Fix;
  /** Gives the obstacle that explains the finding. Its remedy is then the one to show. */
  readonly obstacle?: (evidence: E, target: Target) => Obstacle | null;
  /** The standard or policy that the finding rests on, such as `RFC 1912 §2.1`. */
  readonly reference: string;
  /** The phase in which its remediation is due. The phase of the rule when absent. */
  readonly step?: Phase;
  /** What it bars for mail that is sent directly. */
  readonly barrier?: Barrier;
  /**
   * Gives what it means for the host, in a sentence of the verdict, where the answers of receivers do not show it. `null`
   * when another finding says it.
   */
  readonly headline?: (evidence: E) => string | null;
  /** Whether it says that an address is a web proxy's. Whatever else is found about such an address is left out. */
  readonly tellsProxy?: true;
  /** Whether the rule can judge no further while the finding stands. An error always counts as such. */
  readonly hides?: true;
  /** The faults in receivers' published rules that a finding of this code can be. */
  readonly causes?: readonly CauseName[];
}

/** The codes that a rule may emit. */
export type FindingCatalogue = Readonly<Record<string, FindingSpec<never>>>;

/** The evidence of a catalogue entry. */
export type EvidenceOf<S> = S extends FindingSpec<infer E> ? E : never;

/** One observation of a rule, with its words for people. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  /** What it means for the host, for the verdict. */
  readonly headline?: string;
  readonly details?: readonly Detail[];
  /** Why receivers care. Empty when an obstacle explains the finding: receivers do not meet that. */
  readonly explanation: string;
  /** The address, name or network that the finding is about, for people. */
  readonly subject: string;
  readonly about: About;
  /** The DNS questions that the finding rests on, each once. */
  readonly rests: readonly Question[];
  /** The codes of the findings that it follows from. */
  readonly causes?: readonly string[];
  /** The faults in receivers' rules that it is or hides, if they are fewer than those of its code or rule. */
  readonly faults?: readonly CauseName[];
  readonly evidence: object;
  readonly remediation: Remediation;
  /** The changes of DNS records that settle the finding. */
  readonly edits: readonly Edit[];
  /** The obstacle that explains it. */
  readonly obstacle?: { readonly kind: ObstacleKind; readonly message: string };
  /** Whether it was seen in a connection to a host. */
  readonly isOfHost: boolean;
  readonly reference: string;
}

/** What a rule says about a finding when it emits it, besides the code and the evidence. */
export interface FindingDetail {
  /** The object of the finding. It identifies the same finding in another run. */
  readonly about: About;
  /** The DNS questions that the finding rests on. Another answer to one of them may end it. */
  readonly rests?: readonly Question[];
  /** The codes of the findings that it follows from. */
  readonly causes?: readonly string[];
  /** The faults in receivers' rules that it is or hides, if they are fewer than those of its code or rule. */
  readonly faults?: readonly CauseName[];
  /** The severity of this finding, if it differs from the catalogue. */
  readonly severity?: Severity;
  /** Whether it was seen in a connection to a host, so that no DNS record settles or causes it. */
  readonly isOfHost?: true;
}

/** Makes a finding from a code of the catalogue and its evidence. Any other code does not compile. */
export type Emit<C extends FindingCatalogue> = <K extends keyof C & string>(
  code: K,
  evidence: EvidenceOf<C[K]>,
  detail: FindingDetail,
) => Finding;

/** Declares one entry of a catalogue. `E` is the shape of its evidence. */
export function findingSpec<E extends object>(spec: FindingSpec<E>): FindingSpec<E> {
  return spec;
}

/** @returns the function that turns a code and its evidence into a finding for this target. */
export function emitter<C extends FindingCatalogue>(catalogue: C, target: Target): Emit<C> {
  return (code, evidence, { about, rests = [], causes, faults, severity, isOfHost = false }) => {
    // The specs of the catalogue have many evidence types. The signature of `Emit` guarantees that this evidence fits
    // the code.
    const spec = catalogue[code] as unknown as FindingSpec<typeof evidence>;
    const obstacle = spec.obstacle?.(evidence, target) ?? null;
    const headline = spec.headline?.(evidence) ?? null;
    const { edits = [], ...fix } = obstacle?.fix ?? spec.remediation(evidence, target);
    const remediation = remediationOf(fix, { evidence: evidence as object, target });
    return {
      code,
      severity: severity ?? spec.severity,
      title: spec.title,
      message: spec.message(evidence),
      ...(headline === null ? {} : { headline }),
      ...(spec.details ? { details: spec.details(evidence) } : {}),
      explanation: obstacle === null ? spec.explanation : '',
      subject: subjectOf(about, target),
      about,
      rests: distinct(rests),
      ...(causes ? { causes } : {}),
      ...(faults ? { faults } : {}),
      evidence: evidence as object,
      remediation,
      edits,
      ...(obstacle === null ? {} : { obstacle: { kind: obstacle.kind, message: obstacle.says } }),
      isOfHost,
      reference: spec.reference,
    };
  };
}

/**
 * @param values where the texts of the network come from that the summary may hold.
 * @returns what to do, in the form of the report.
 */
function remediationOf(
  { summary, commands = [], alternatives = [], links = [], ...others }: Omit<Fix, 'edits'>,
  values: { readonly evidence: object; readonly target: Target },
): Remediation {
  return {
    summary: inWords(summary, values),
    ...(commands.length > 0 ? { commands: [...commands] } : {}),
    ...(alternatives.length > 0 ? { alternatives: [...alternatives] } : {}),
    ...(links.length > 0 ? { links: [...links] } : {}),
    ...others,
  };
}

/** @returns the finding, explained by the obstacle. What to do about the obstacle comes in the place of its own remedy. */
export function explainedBy(finding: Finding, { kind, says, fix }: Obstacle, target: Target): Finding {
  const { edits = [], ...others } = fix;
  const remediation = remediationOf(others, { evidence: finding.evidence, target });
  return { ...finding, explanation: '', obstacle: { kind, message: says }, remediation, edits };
}

/** @returns the questions behind DNS answers, including one for each alias that was followed. */
export function questionsOf(
  ...answers: readonly { readonly name: string; readonly type: string; readonly chain?: readonly string[] }[]
): Question[] {
  return answers.flatMap(({ name, type, chain = [] }) => [name, ...chain].map((asked) => ({ name: asked, type })));
}

/** @returns the subject of a finding for people. It is the tested domain if the finding has no object. */
function subjectOf({ network, ip, name, port, item }: About, { domain }: Target): string {
  const subject = network ?? ip ?? name ?? item ?? domain;
  return port === undefined ? subject : `${subject} port ${port}`;
}

function distinct(questions: readonly Question[]): Question[] {
  return [...new Map(questions.map(({ name, type }) => [`${name} ${type}`, { name, type }])).values()];
}
