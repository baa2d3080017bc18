/** Turns the answer of a list into findings, by the class of each return code. */

import { lookupPage } from '../../../knowledge/lists/catalogue.ts';
import type { ListCode, Removal } from '../../../knowledge/lists/schema.ts';
import type { CauseName } from '../../../knowledge/receivers/causes.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { ipFamily, parseIp } from '../../../network/ip.ts';
import type { Severity } from '../../../report/status.ts';
import type { ListOutcome } from '../../facts/list-outcome.ts';
import type { ListResult } from '../../facts/lists.ts';
import type { Target } from '../../target.ts';
import { type Emit, emitter, type Finding, questionsOf } from '../finding.ts';
import type { ListingEvidence } from './evidence.ts';
import { findings } from './findings.ts';

type Listed = Extract<ListOutcome, { kind: 'listed' }>;

/** The classes of codes that are remarks and not listings. */
const REMARKS: readonly ListCode['class'][] = ['informational', 'allow'];

/** @returns whether the list works and does not list the subject. Remarks do not count as listings. */
export function isClean({ outcome }: ListResult): boolean {
  if (outcome.kind === 'clean') return true;
  return (
    outcome.kind === 'listed' &&
    outcome.unknown.length === 0 &&
    outcome.codes.every((code) => REMARKS.includes(code.class))
  );
}

/** The finding codes for listings. */
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

/** One listing, as a finding code and its evidence. */
export interface Listing {
  readonly code: ListingCode;
  /** The severity, if it differs from the catalogue. */
  readonly severity?: Severity;
  /** The faults in receivers' rules that it is, if they are fewer than those of the code. */
  readonly faults?: readonly CauseName[];
  readonly evidence: ListingEvidence;
}

/**
 * @param now milliseconds since the epoch, to mark data about a list that is too old.
 * @returns each listing in a list's answer, with its finding for the target.
 */
export function judgeListings(
  result: ListResult,
  target: Target,
  now: number,
): { listing: Listing; finding: Finding }[] {
  const finding = emitter(findings, target);
  return listingsOf(result, now).map((listing) => ({ listing, finding: findingOf(listing, result, finding) }));
}

/**
 * @param now milliseconds since the epoch, to mark data about a list that is too old.
 * @returns the findings for the listings in a list's answer.
 */
export function* listingFindings(result: ListResult, now: number, finding: Emit<typeof findings>): Generator<Finding> {
  for (const listing of listingsOf(result, now)) yield findingOf(listing, result, finding);
}

function findingOf(
  { code, severity, faults, evidence }: Listing,
  { subject, list: { zone }, answer }: ListResult,
  finding: Emit<typeof findings>,
): Finding {
  const ip = parseIp(subject);
  return finding(code, evidence, {
    about: { ...(ip ? { ip } : { name: subject }), zone },
    rests: questionsOf(answer),
    ...(severity === undefined ? {} : { severity }),
    ...(faults === undefined ? {} : { faults }),
  });
}

/**
 * Groups a list's answer by the class of its codes, because each class needs its own remediation.
 *
 * @param now milliseconds since the epoch, to mark data about a list that is too old.
 * @returns the listings, one per class.
 */
export function listingsOf(result: ListResult, now: number): Listing[] {
  const { list, outcome } = result;
  if (outcome.kind !== 'listed') return [];
  const of = (...classes: ListCode['class'][]): ListCode[] =>
    outcome.codes.filter((code) => classes.includes(code.class));
  const as = (
    code: ListingCode,
    codes: readonly ListCode[],
    detail: Pick<Listing, 'severity' | 'faults'> = {},
  ): Listing[] => (codes.length === 0 ? [] : [{ code, evidence: evidenceOf(result, outcome, codes, now), ...detail }]);
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
  // A network named by the list decides. Otherwise the usual scope of the code does.
  const isWide = (code: ListCode): boolean => code.class === 'block' || isOfNetwork(code, outcome);
  return [
    ...as(
      isHeavy ? 'rbl/listed' : 'rbl/listed-minor',
      bad.filter((code) => !isWide(code)),
    ),
    // Receivers that use a heavy list reject for any of its listings. A minor one only tells of the range.
    ...as(
      'rbl/block-listed',
      [...of('block'), ...bad].filter(isWide),
      isHeavy ? { severity: 'error' } : { faults: ['range-listed'] },
    ),
    ...as('rbl/listed-policy', of('policy')),
    ...unknownCode(result, outcome, now),
  ];
}

/**
 * Reports codes that are not in the table. They are listings too (RFC 5782 §2.3), and count like those of a minor list.
 */
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

/**
 * @returns whether a listing covers a network. The SBL lists networks and single addresses; its TXT record tells which.
 */
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
    lookup: lookupPage(list, subject),
    removals: removalsOf(codes, list.delist),
    confidence: list.confidence,
    confirmed: isConfirmed(list, now),
    keyedBy: list.keyedBy,
  };
}

/** @returns the ways to get removed, each with the names of its return codes. */
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
