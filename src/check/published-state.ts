/** Judges the published records in the run of proposed ones, and tells which answers differ between the two. */
import { type DnsAnswer, isAbsent, type RecordType } from '../network/dns/answer.ts';
import type { DnsClient } from '../network/dns/client.ts';
import type { OverlayClient } from '../network/dns/overlay.ts';
import { recordTexts } from '../network/dns/record-texts.ts';
import { canonicalName } from '../network/domain.ts';
import type { IpAddress } from '../network/ip.ts';
import type { Question } from '../report/status.ts';
import { organizationalDomain } from '../standards/organizational-domain.ts';
import { resolveAddresses } from './addresses.ts';
import { type PublishedState, questionKey } from './conclusion/gate.ts';
import type { Found } from './conclusion/plan/found.ts';
import { markProposed } from './conclusion/proposed.ts';
import { alteredRuleIds, type DnsRun, factsOverDns, runOverDns } from './dns-run.ts';
import type { Facts, FactsOfRun, Sources } from './facts/fact.ts';
import { Gaps } from './facts/gaps.ts';
import { heloName } from './facts/helo-name.ts';
import { mailRoute } from './facts/mx.ts';
import { ptr } from './facts/ptr.ts';
import type { RunTarget, Target } from './target.ts';

/** What is found with the proposed records. */
interface ProposedState {
  readonly target: Target;
  readonly found: Found;
  readonly dns: OverlayClient;
}

/**
 * Runs the rules over the published records, for what the proposed ones change.
 *
 * @param wanted the target as the user typed it.
 */
export async function publishedState(
  wanted: RunTarget,
  proposed: ProposedState,
  dns: DnsClient,
  run: DnsRun & { readonly facts: FactsOfRun<keyof Sources> },
): Promise<PublishedState> {
  const { sources, options } = run;
  const { settings, clock } = sources;
  const ids = alteredRuleIds(options.ruleIds, settings);
  const ofAddresses = new Gaps();
  const target =
    wanted.ips.length > 0 ? proposed.target : await resolveAddresses(wanted, dns, ofAddresses, clock.now());
  const over = 'the published records';
  const gaps = wanted.ips.length > 0 ? {} : { ofAddresses };
  const again = { ...run, sources: { ...sources, target, published: null }, over, ...gaps };
  const facts = factsOverDns(dns, again);
  const { results } = await runOverDns(dns, again, ids, facts);
  // The comparison alone is no reason to ask for more.
  const asked = {
    route: run.facts.known(mailRoute),
    helo: proposed.target.ips.some((ip) => run.facts.known(heloName, ip)),
    reverse: proposed.target.ips.some((ip) => run.facts.known(ptr, ip)),
  };
  const before = await leadsOf(facts, target, asked);
  const now = await leadsOf(run.facts, proposed.target, asked);
  return {
    results: results.filter(({ id }) => ids.includes(id)),
    ips: [...target.ips, ...before.ips],
    newNames: new Set(now.names.filter((name) => !before.names.includes(name))),
    receiving: before.receiving,
    ...(await changedQuestions(proposed.found, { ids, proposed: proposed.dns, dns })),
  };
}

/** What the records of a domain lead to. */
interface Leads {
  readonly names: readonly string[];
  readonly ips: readonly IpAddress[];
  /** Those of `ips` that MX records lead mail to. */
  readonly receiving: readonly IpAddress[];
}

/**
 * @param asked what the rules asked for.
 * @returns the names and the addresses that the records of the domain lead to: those of the MX hosts, and the names that the
 *   tested addresses announce and have in the reverse DNS. Block lists are asked for their organizational domains.
 */
async function leadsOf(
  facts: Facts,
  { domain, ips, helo }: Target,
  asked: { readonly route: boolean; readonly helo: boolean; readonly reverse: boolean },
): Promise<Leads> {
  const { kind, hosts } = asked.route ? await facts(mailRoute) : { kind: 'unknown', hosts: [] };
  const ofAddresses = await Promise.all(
    ips.map(async (ip) => [
      ...(asked.helo ? [(await facts(heloName, ip)).name] : []),
      ...(asked.reverse ? (await facts(ptr, ip)).names.map(({ name }) => name) : []),
    ]),
  );
  const names = [domain, helo, ...hosts.map(({ name }) => name), ...ofAddresses.flat()]
    .filter((name) => name !== null && name !== undefined)
    .map(canonicalName);
  return {
    names: [...new Set(names.flatMap((name) => [name, organizationalDomain(name)]))],
    ips: hosts.flatMap(({ addresses }) => addresses),
    receiving: kind === 'mx' ? hosts.flatMap(({ addresses }) => addresses) : [],
  };
}

/** The types of the questions that proposed records may answer. */
const ANSWERED: Record<RecordType, true> = {
  A: true,
  AAAA: true,
  CNAME: true,
  MX: true,
  NS: true,
  PTR: true,
  DS: true,
  SOA: true,
  SPF: true,
  TLSA: true,
  TXT: true,
};

const isAnswered = (type: string): type is RecordType => Object.hasOwn(ANSWERED, type);

/**
 * Compares the answers behind the findings that rest on proposed records. The rules in `ids` ran over both states: of what they
 * find, only what may rest on a removed set is compared.
 *
 * @returns the questions that have another answer with the proposed records, and those whose records go.
 */
async function changedQuestions(
  { results }: Found,
  {
    ids,
    proposed,
    dns,
  }: { readonly ids: readonly string[]; readonly proposed: OverlayClient; readonly dns: DnsClient },
): Promise<Pick<PublishedState, 'changed' | 'removed'>> {
  const takenAway = takenAwayBy(proposed);
  const resting = markProposed(results, proposed).flatMap(({ id, findings }) =>
    findings
      .filter((finding) => finding.proposed === true && (!ids.includes(id) || finding.rests.some(takenAway)))
      .flatMap(({ rests }) => rests),
  );
  const questions = new Map(resting.map((question) => [questionKey(question), question]));
  const told = ({ status, chain, ...answer }: DnsAnswer): string =>
    JSON.stringify([status, chain, recordTexts({ status, chain, ...answer } as DnsAnswer).sort()]);
  const compared = await Promise.all(
    [...questions].map(async ([key, question]) => {
      const { name, type } = question;
      if (!isAnswered(type)) return [];
      const [before, now] = await Promise.all([dns.query(name, type), proposed.query(name, type)]);
      if (told(before) === told(now)) return [];
      // An alias takes the place of the records. Another target of an alias removes nothing.
      const isGone = now.chain.length > 0 ? before.chain.length === 0 : isAbsent(now);
      const isRemoved = before.status === 'answer' && isGone && takenAway(question);
      // What an alias answered with goes with the alias.
      const set = { name: canonicalName(name), type: before.chain.length > 0 ? 'CNAME' : type };
      return [{ key, set: isRemoved ? set : null }];
    }),
  );
  const changes = compared.flat();
  return {
    changed: new Set(changes.map(({ key }) => key)),
    removed: new Map(changes.flatMap(({ key, set }) => (set === null ? [] : [[key, set] as const]))),
  };
}

/** @returns whether proposed records leave a question without records of its type, or put an alias in their place. */
function takenAwayBy({ used, denied }: OverlayClient): (question: Question) => boolean {
  return ({ name, type }) =>
    denied.has(`${canonicalName(name)} ${type}`) || (type !== 'CNAME' && used.has(`${canonicalName(name)} CNAME`));
}
