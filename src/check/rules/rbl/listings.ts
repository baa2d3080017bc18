/** A list's answer → findings, by the class of each return code. */

import type { ListCode, Removal } from '../../../knowledge/lists/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { ipFamily, parseIp } from '../../../network/ip.ts';
import type { Severity } from '../../../report/status.ts';
import type { ListOutcome, ListResult } from '../../facts/lists.ts';
import type { Target } from '../../target.ts';
import { type Emit, emitter, type Finding, questionsOf } from '../finding.ts';
import type { ListingEvidence } from './evidence.ts';
import { findings } from './findings.ts';

type Listed = Extract<ListOutcome, { kind: 'listed' }>;

/** Codes that are remarks, and no listing. */
const REMARKS: readonly ListCode['class'][] = ['informational', 'allow'];

/** @returns whether the list was seen to work and has nothing against the subject. */
export function isClean({ outcome }: ListResult): boolean {
  if (outcome.kind === 'clean') return true;
  return (
    outcome.kind === 'listed' &&
    outcome.unknown.length === 0 &&
    outcome.codes.every((code) => REMARKS.includes(code.class))
  );
}

export type ListingCode =
  | 'rbl/listed'
  | 'rbl/listed-policy'
  | 'rbl/listed-minor'
  | 'rbl/block-listed'
  | 'rbl/domain-listed'
  | 'rbl/domain-abused'
  | 'rbl/domain-new'
  | 'rbl/welcome-listed'
  | 'rbl/code-unknown';

export interface Listing {
  readonly code: ListingCode;
  /** Where it is not the code's usual one. */
  readonly severity?: Severity;
  readonly evidence: ListingEvidence;
}

/** @returns each listing that a list's answer holds, with the finding that it makes for a target. */
export function judgeListings(
  result: ListResult,
  target: Target,
  now: number,
): { listing: Listing; finding: Finding }[] {
  const finding = emitter(findings, target);
  return listingsOf(result, now).map((listing) => ({ listing, finding: findingOf(listing, result, finding) }));
}

/** @returns the findings that a list's answer makes. */
export function* listingFindings(result: ListResult, now: number, finding: Emit<typeof findings>): Generator<Finding> {
  for (const listing of listingsOf(result, now)) yield findingOf(listing, result, finding);
}

function findingOf(
  { code, severity, evidence }: Listing,
  { subject, list: { zone }, answer }: ListResult,
  finding: Emit<typeof findings>,
): Finding {
  const ip = parseIp(subject);
  return finding(code, evidence, {
    about: { ...(ip ? { ip } : { name: subject }), zone },
    rests: questionsOf(answer),
    ...(severity === undefined ? {} : { severity }),
  });
}

/**
 * One listing per class of codes: a policy listing beside a reputation listing is two different things to do.
 *
 * @param now milliseconds since the epoch: by it, old data about a list is marked.
 */
export function listingsOf(result: ListResult, now: number): Listing[] {
  const { list, outcome } = result;
  if (outcome.kind !== 'listed') return [];
  const of = (...classes: ListCode['class'][]): ListCode[] =>
    outcome.codes.filter((code) => classes.includes(code.class));
  const as = (code: ListingCode, codes: readonly ListCode[], severity?: Severity): Listing[] =>
    codes.length === 0
      ? []
      : [{ code, evidence: evidenceOf(result, outcome, codes, now), ...(severity === undefined ? {} : { severity }) }];
  if (list.kind === 'allow') return as('rbl/welcome-listed', of('allow'));
  const bad = of('reputation', 'exploit');
  if (list.kind === 'domain') {
    return [
      ...as('rbl/domain-listed', bad),
      ...as('rbl/domain-abused', of('abused')),
      ...as('rbl/domain-new', of('new')),
      ...unknownCode(result, outcome, now),
    ];
  }
  const isHeavy = list.impact === 'critical' || list.impact === 'high';
  // Where the list names the network, that decides; else what the code usually speaks for.
  const isWide = (code: ListCode): boolean => code.class === 'block' || isOfNetwork(code, outcome);
  return [
    ...as(
      isHeavy ? 'rbl/listed' : 'rbl/listed-minor',
      bad.filter((code) => !isWide(code)),
    ),
    ...as('rbl/block-listed', [...of('block'), ...bad].filter(isWide), isHeavy ? 'error' : undefined),
    ...as('rbl/listed-policy', of('policy')),
    ...unknownCode(result, outcome, now),
  ];
}

/** RFC 5782 §2.3: a code that is not in the table is a listing all the same; it counts as one of a lesser list. */
function unknownCode(result: ListResult, outcome: Listed, now: number): Listing[] {
  const { list } = result;
  if (outcome.unknown.length === 0) return [];
  const counts = !list.onlyKnownCodes && outcome.codes.every((code) => REMARKS.includes(code.class));
  const evidence = evidenceOf(result, outcome, [], now);
  if (list.kind === 'domain')
    return [{ code: 'rbl/code-unknown', evidence, ...(counts ? { severity: 'warning' } : {}) }];
  const unknown: Listing = { code: 'rbl/code-unknown', evidence };
  return counts ? [unknown, { code: 'rbl/listed-minor', evidence }] : [unknown];
}

/** SBL speaks of networks as of single addresses; its TXT record says which. */
function isOfNetwork({ scope }: ListCode, { network, reasons }: Listed): boolean {
  if (network !== null) return true;
  const namesOneAddress = reasons.some((text) => /\/(32|128)\b/.test(text));
  return scope === 'block' && !namesOneAddress;
}

function evidenceOf(
  { list, subject, answer }: ListResult,
  { reasons, network, unknown }: Listed,
  codes: readonly ListCode[],
  now: number,
): ListingEvidence {
  const ip = parseIp(subject);
  return {
    subject,
    list: list.name,
    zone: list.zone,
    answers: answer.status === 'answer' ? answer.records : [],
    codes: codes.map(({ match, name, meaning, class: kind }) => ({ match, name, meaning, class: kind })),
    unknown,
    txt: reasons,
    network,
    listedPrefix: ip !== undefined && ipFamily(ip) === 6 ? (list.v6Prefix ?? null) : null,
    impact: list.impact,
    lookup: list.lookupUrl?.replace(/\{(ip|domain)\}/, encodeURIComponent(subject)) ?? null,
    removals: removalsOf(codes, list.delist),
    confidence: list.confidence,
    confirmed: isConfirmed(list, now),
    keyedBy: list.keyedBy,
  };
}

/** The ways off, each with the codes it is for. */
function removalsOf(codes: readonly ListCode[], usual: Removal | null): ListingEvidence['removals'] {
  const ways = new Map<string, { codes: string[]; removal: Removal }>();
  for (const { name, delist } of codes.length > 0 ? codes : [{ name: '', delist: undefined }]) {
    const removal = delist ?? usual;
    if (removal === null) continue;
    const key = JSON.stringify(removal);
    const way = ways.get(key) ?? { codes: [], removal };
    if (!way.codes.includes(name)) way.codes.push(name);
    ways.set(key, way);
  }
  return [...ways.values()].map((way) => ({ codes: way.codes, ...way.removal }));
}
