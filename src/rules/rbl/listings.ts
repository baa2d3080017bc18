/** A list's answer → findings, by the class of each return code. */
import type { ListOutcome, ListResult } from '../../facts/lists.ts';
import { ipFamily, parseIp } from '../../ip.ts';
import type { ListCode, Removal } from '../../lists/schema.ts';
import type { Emit, Finding } from '../rule.ts';
import type { findings, ListingEvidence } from './findings.ts';

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

/** One finding per class of codes: a policy listing beside a reputation listing is two different things to do. */
export function* listingFindings(result: ListResult, finding: Emit<typeof findings>): Generator<Finding> {
  const { list, subject, outcome } = result;
  if (outcome.kind !== 'listed') return;
  const detail = { subject };
  const evidence = (codes: readonly ListCode[]): ListingEvidence => evidenceOf(result, outcome, codes);
  const of = (...classes: ListCode['class'][]): ListCode[] =>
    outcome.codes.filter((code) => classes.includes(code.class));
  const isHeavy = list.impact === 'critical' || list.impact === 'high';

  if (list.kind === 'allow') {
    const allowing = of('allow');
    if (allowing.length > 0) yield finding('rbl/welcome-listed', evidence(allowing), detail);
    return;
  }
  const bad = of('reputation', 'exploit');
  if (list.kind === 'domain') {
    if (bad.length > 0) yield finding('rbl/domain-listed', evidence(bad), detail);
    const abused = of('abused');
    if (abused.length > 0) yield finding('rbl/domain-abused', evidence(abused), detail);
    const fresh = of('new');
    if (fresh.length > 0) yield finding('rbl/domain-new', evidence(fresh), detail);
  } else {
    // Where the list names the network, that decides; else what the code usually speaks for.
    const isWide = (code: ListCode): boolean => code.class === 'block' || isOfNetwork(code, outcome);
    const wide = [...of('block'), ...bad].filter(isWide);
    const own = bad.filter((code) => !isWide(code));
    if (own.length > 0) yield finding(isHeavy ? 'rbl/listed' : 'rbl/listed-minor', evidence(own), detail);
    if (wide.length > 0) {
      yield finding('rbl/block-listed', evidence(wide), isHeavy ? { ...detail, severity: 'error' } : detail);
    }
    const policy = of('policy');
    if (policy.length > 0) yield finding('rbl/listed-policy', evidence(policy), detail);
  }
  if (outcome.unknown.length === 0) return;
  // RFC 5782 §2.3: a code that is not in the table is a listing all the same; it counts as one of a lesser list.
  const counts = !list.onlyKnownCodes && outcome.codes.every((code) => REMARKS.includes(code.class));
  const unknown = { ...evidence([]), unknown: outcome.unknown };
  yield finding(
    'rbl/code-unknown',
    unknown,
    counts && list.kind === 'domain' ? { ...detail, severity: 'warning' } : detail,
  );
  if (counts && list.kind === 'ip') yield finding('rbl/listed-minor', evidence([]), detail);
}

/** SBL speaks of networks as of single addresses; its TXT record says which. */
function isOfNetwork({ scope }: ListCode, { network, reasons }: Listed): boolean {
  if (network !== null) return true;
  const namesOneAddress = reasons.some((text) => /\/(32|128)\b/.test(text));
  return scope === 'block' && !namesOneAddress;
}

function evidenceOf(
  { list, subject, answer }: ListResult,
  { reasons, network }: Listed,
  codes: readonly ListCode[],
): ListingEvidence {
  const ip = parseIp(subject);
  return {
    subject,
    list: list.name,
    zone: list.zone,
    answers: answer.status === 'answer' ? answer.records : [],
    codes: codes.map(({ match, name, meaning, class: kind }) => ({ match, name, meaning, class: kind })),
    txt: reasons,
    network,
    listedPrefix: ip !== undefined && ipFamily(ip) === 6 ? (list.v6Prefix ?? null) : null,
    impact: list.impact,
    lookup: list.lookupUrl?.replace(/\{(ip|domain)\}/, encodeURIComponent(subject)) ?? null,
    removals: removalsOf(codes, list.delist),
    confidence: list.confidence,
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
