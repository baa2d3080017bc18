/** Puts what the name servers show into the results: findings of the dns rule, and what becomes of other findings. */
import { isFailure } from '../../network/dns/answer.ts';
import { recordTexts } from '../../network/dns/record-texts.ts';
import { ipFamily } from '../../network/ip.ts';
import { findingKey } from '../../report/fingerprint.ts';
import { type FindingResult, isConclusive, isFault, type RuleResult, statusOf } from '../../report/status.ts';
import { findingResult } from '../conclusion/conclude.ts';
import type { EditsOf, Found } from '../conclusion/plan/found.ts';
import type { Authority, ZoneServer } from '../facts/authority/servers.ts';
import { type AuthoritativeView, isChanged, isOwnView, keptFor } from '../facts/authority/view.ts';
import { nameServerFindings } from '../rules/dns/name-servers.ts';
import dns from '../rules/dns/rule.ts';
import { OUTSIDE_VIEW, seenText, type UntilEvidence, waitText } from '../rules/until.ts';
import type { Target } from '../target.ts';
import { behind, wantedKey } from './questions.ts';

/** What the name servers showed. */
export interface Shown {
  /** By `wantedKey`. */
  readonly views: ReadonlyMap<string, AuthoritativeView>;
  /** What the rules find over the answers of the name servers. `null` if they did not run again. */
  readonly again: Found | null;
  /** Whether the user asked for the name servers. What could not be seen of them is then told. */
  readonly isAskedFor: boolean;
  /** The names of the RRsets that were asked for and are not among the views. */
  readonly unfinished: readonly string[];
  readonly target: Target;
  /** The start of the run and the time since then, in milliseconds. */
  readonly startedAt: number;
  readonly elapsedMs: number;
}

/** @returns the findings of the run with what the name servers show. */
export function withAuthority(found: Found, shown: Shown): Found {
  const edits: EditsOf = new Map(found.edits);
  const judged = found.results.map((result): RuleResult => {
    const findings = result.findings.map((finding) => judgedFinding(finding, result, shown, edits));
    return { ...result, findings };
  });
  const added = [...lameFindings(shown), ...disagreements(shown), ...stale(found, shown, edits), ...unseen(shown)];
  const results = judged.map((result) => {
    if (result.id !== dns.id || result.status === 'skipped' || added.length === 0) return result;
    const findings = [...result.findings, ...added];
    return { ...result, findings, status: statusOf(findings) };
  });
  return { ...found, results, edits };
}

/** @returns the finding with what the name servers show of it. */
function judgedFinding(finding: FindingResult, { id }: RuleResult, shown: Shown, edits: EditsOf): FindingResult {
  const wanted = behind(finding);
  if (!isFault(finding) || wanted.length === 0) return finding;
  const key = findingKey(finding);
  const views = wanted.flatMap((one) => shown.views.get(wantedKey(one)) ?? []);
  const changed = views.filter(isChanged);
  const after = shown.again?.results.find((result) => result.id === id);
  const isOver =
    after !== undefined &&
    isConclusive(after) &&
    !after.findings.some((other) => isFault(other) && findingKey(other) === key);
  if (changed.length > 0 && isOver) {
    edits.delete(key);
    return changed.some(isOwnView) ? unseenOutside(finding) : setRight(finding, untilOf(changed, shown));
  }
  // What is left to change is told by the answers of the name servers.
  const ownEdits = changed.length > 0 ? shown.again?.edits.get(key) : undefined;
  if (ownEdits !== undefined) edits.set(key, ownEdits);
  const state = views.some(({ groups }) => groups.length > 1)
    ? ('differing' as const)
    : views.length === wanted.length && views.every(({ agreed }) => agreed !== null)
      ? ('same' as const)
      : null;
  return state === null ? finding : { ...finding, authority: { state, by: null, ttl: null } };
}

/** The fault is over at the name servers, and receivers do not see that yet. */
function setRight(finding: FindingResult, until: UntilEvidence): FindingResult {
  const { by, ttl } = until;
  const wait = waitText(until);
  return {
    ...finding,
    message: `${finding.message} This is already set right at the name servers. ${seenText(until)}`,
    remediation: {
      summary: `${wait}: this is already set right at the name servers, so there is nothing to change. Then run the check again, or add --wait.`,
    },
    authority: { state: 'set-right', by, ttl },
  };
}

/** The fault is one of the resolver's own records. */
function unseenOutside(finding: FindingResult): FindingResult {
  return {
    ...finding,
    message: `${finding.message} The name servers answer otherwise: this resolver has a view of its own.`,
    remediation: { summary: OUTSIDE_VIEW },
    authority: { state: 'own-view', by: null, ttl: null },
  };
}

/** @returns until when resolvers keep one of the old answers. */
function untilOf(changed: readonly AuthoritativeView[], { startedAt, elapsedMs }: Shown): UntilEvidence {
  const kept = changed.map(keptFor).filter((one) => one !== null);
  const isKnown = kept.length > 0 && kept.length === changed.length;
  const ttl = isKnown ? Math.max(...kept.map((one) => one.ttl)) : null;
  return {
    by: ttl === null ? null : new Date(startedAt + elapsedMs + ttl * 1000).toISOString(),
    ttl,
    isLongest: isKnown && kept.every(({ isLongest }) => isLongest),
    at: new Date(startedAt).toISOString(),
  };
}

/**
 * @returns a finding for each server that a zone is delegated to and that does not have it. A server counts only if another
 *   one of the zone answers over the same address family, so that the fault does not lie here. What can be seen of the
 *   servers of a top-level domain is nobody's fault here.
 */
function lameFindings({ views, target }: Shown): FindingResult[] {
  const zones = new Map<string, Authority>();
  for (const { at } of views.values()) if (at?.zone.includes('.')) zones.set(at.zone, at);
  return [...zones.values()].flatMap(({ zone, servers }) => {
    const having = servers.filter(({ standing }) => standing === 'has-zone');
    return servers.flatMap(({ name, address, isDelegated, standing, detail }) => {
      if (standing === 'has-zone' || standing === 'unsteady' || standing === 'unseen' || isDelegated !== true)
        return [];
      if (!having.some((other) => ipFamily(other.address) === ipFamily(address))) return [];
      const others = [...new Set(having.map((other) => other.name))];
      const evidence = { zone, ns: name, address, fault: standing, detail, others };
      const about = { name, item: `${zone} at ${address}` };
      return findingResult(nameServerFindings(target).lame(evidence, { about, rests: [{ name: zone, type: 'NS' }] }));
    });
  });
}

/** @returns a finding for each RRset for which the servers of its zone give different answers. */
function disagreements({ views, target }: Shown): FindingResult[] {
  return [...views.values()].flatMap(({ name, type, at, groups }) => {
    if (groups.length < 2 || at === null) return [];
    const shown = groups.map(({ answer, servers }) => ({
      records: recordTexts(answer),
      servers: servers.map((server) => serverEvidence(server)),
    }));
    const evidence = { name, type, zone: at.zone, groups: shown };
    const detail = { about: { name, item: type }, rests: [{ name, type }] };
    return findingResult(nameServerFindings(target).differing(evidence, detail));
  });
}

const serverEvidence = ({ name, address, serial, isDelegated }: ZoneServer) => ({ name, address, serial, isDelegated });

/** @returns a finding for each old answer of the resolver, and a warning for each fault that only shows behind it. */
function stale({ results }: Found, shown: Shown, edits: EditsOf): FindingResult[] {
  const { target, again } = shown;
  const changed = [...shown.views.values()].filter(isChanged);
  if (changed.length === 0) return [];
  const known = new Set(results.flatMap(({ findings }) => findings.filter(isFault).map(findingKey)));
  const coming = (again?.results ?? [])
    .filter(
      ({ id, status }) =>
        results.some((result) => result.id === id && result.status !== 'skipped') && status !== 'skipped',
    )
    .flatMap(({ findings }) => findings.filter((finding) => isFault(finding) && !known.has(findingKey(finding))));
  const told = new Set<AuthoritativeView>();
  const worse = coming.flatMap((finding) => {
    const rests = new Set(finding.rests.map(wantedKey));
    const views = changed.filter((view) => rests.has(wantedKey(view)));
    const [view] = views;
    // What it rests on besides may be old too.
    const isSure = behind(finding).every((one) => (shown.views.get(wantedKey(one))?.agreed ?? null) !== null);
    if (view === undefined || !isSure || views.some(isOwnView)) return [];
    told.add(view);
    const { code, message, remediation } = finding;
    const evidence = {
      ...evidenceOf(view),
      ...untilOf(views, shown),
      isOwnView: false,
      coming: { code, message },
    };
    const detail = {
      about: { name: view.name, item: [view.type, code, findingKey(finding)].join(' ') },
      rests: finding.rests,
      severity: 'warning' as const,
    };
    const made = findingResult(nameServerFindings(target).stale(evidence, detail));
    const summary = `${made.remediation.summary} ${remediation.summary}`;
    const result = { ...made, remediation: { ...remediation, summary } };
    const own = again?.edits.get(findingKey(finding));
    if (own !== undefined) edits.set(findingKey(result), own);
    return [result];
  });
  const plain = changed
    .filter((view) => !told.has(view))
    .map((view) => {
      const evidence = { ...evidenceOf(view), ...untilOf([view], shown), isOwnView: isOwnView(view), coming: null };
      const { name, type } = view;
      return findingResult(
        nameServerFindings(target).stale(evidence, { about: { name, item: type }, rests: [{ name, type }] }),
      );
    });
  return [...worse, ...plain];
}

function evidenceOf({ name, type, resolver, agreed }: AuthoritativeView) {
  const now = agreed === null ? [] : recordTexts(agreed);
  return { name, type, server: resolver.server, old: recordTexts(resolver), now };
}

/** @returns that the name servers could not all be seen, if the user asked for them. */
function unseen({ views, isAskedFor, unfinished, target }: Shown): FindingResult[] {
  if (!isAskedFor) return [];
  const open = [...views.values()].filter((view) => !isSeen(view));
  const names = [...new Set([...open.map(({ name }) => name), ...unfinished])].sort();
  if (names.length === 0) return [];
  const rests = open.map(({ name, type }) => ({ name, type }));
  const detail = { about: { name: target.domain, item: 'name-servers' }, rests };
  return [findingResult(nameServerFindings(target).unseen({ reason: 'name-servers', names }, detail))];
}

/** A server that cannot be reached from here, as over IPv6, is no gap: another one has the same zone. */
function isSeen({ resolver, at, groups, unseen: silent }: AuthoritativeView): boolean {
  return isFailure(resolver) || (groups.length > 0 && silent.length === 0 && at?.isWhole === true);
}
