/**
 * DNS block lists (RFC 5782): neither the address, its network, its names nor the domain is on a list that receivers
 * use. The verdict comes from the return code; a refused, broken or silent list is unknown, never clean.
 */
import { isFailure, queryEvidence } from '../../dns/answer.ts';
import { serverLabel } from '../../dns/servers.ts';
import { gatherListing, type ListLookup, type Liveness, listsForIp } from '../../facts/lists.ts';
import { deadZone, defaultLists, listOfZone } from '../../lists/catalogue.ts';
import type { List, ListCode } from '../../lists/schema.ts';
import { organizationalDomain } from '../../organizational-domain.ts';
import { type Context, defineRule, type Emit, type Finding, note } from '../rule.ts';
import { findings, type ListingEvidence } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'rbl',
  title: 'Block lists',
  reference: 'RFC 5782',
  findings,
  unfinished: 'rbl/inconclusive',

  async *check(context, finding) {
    const { target, facts, settings, dns } = context;
    const lists = settings.dnsblZones?.map(listOfZone) ?? defaultLists();
    if (target.ips.length === 0) {
      const reason = 'There is no address to look up: none was given and the MX hosts have none that could be found';
      yield finding('rbl/inconclusive', { reason }, { subject: target.domain });
    }
    const questions = await questionsOf(lists, context);
    const asked = new Set(questions.map(({ list }) => list));
    const [lookups, alive] = await Promise.all([
      Promise.all(questions.map(({ list, subject }) => gatherListing(dns, list, subject))),
      Promise.all([...asked].map(async (list) => [list, await facts.listLiveness(list)] as const)),
    ]);
    const liveness = new Map(alive);
    const believed = lookups.filter(
      ({ list, outcome }) => isBelieved(liveness.get(list)) && outcome.kind !== 'refused',
    );
    for (const lookup of believed) yield* listingFindings(lookup, finding);
    yield* blindFindings(lookups, liveness, context, finding);

    const clean = [...asked].filter((list) => {
      const own = lookups.filter((lookup) => lookup.list === list);
      return isBelieved(liveness.get(list)) && own.every(({ outcome }) => outcome.kind === 'clean');
    });
    const blocking = [...asked].filter(({ kind }) => kind !== 'allow');
    return note(`clean on ${clean.filter(({ kind }) => kind !== 'allow').length} of ${blocking.length} lists`);
  },
});

interface Question {
  readonly list: List;
  readonly subject: string;
}

/** Addresses are asked of address lists, names of name lists: never an address of a name list. */
async function questionsOf(lists: readonly List[], { target, facts }: Context): Promise<Question[]> {
  const names = new Set<string>([organizationalDomain(target.domain)]);
  if (lists.some(({ kind }) => kind === 'domain')) {
    for (const ip of target.ips) {
      const [helo, ptr] = await Promise.all([facts.heloName(ip), facts.ptr(ip)]);
      const confirmed = ptr.names.filter(({ confirmation }) => confirmation === 'confirmed').map(({ name }) => name);
      for (const name of [helo.name, ...confirmed]) {
        if (name?.includes('.') && /[a-z]$/i.test(name)) names.add(organizationalDomain(name));
      }
    }
  }
  return [
    ...target.ips.flatMap((ip) => listsForIp(lists, ip).map((list) => ({ list, subject: ip }))),
    ...lists
      .filter(({ kind }) => kind === 'domain')
      .flatMap((list) => [...names].map((subject) => ({ list, subject }))),
  ];
}

function isBelieved(liveness: Liveness | undefined): boolean {
  return liveness?.state === 'alive';
}

/** One finding per class of codes: a policy listing beside a reputation listing is two different things to do. */
function* listingFindings(lookup: ListLookup, finding: Emitter): Generator<Finding> {
  const { list, subject, outcome } = lookup;
  if (outcome.kind !== 'listed') return;
  const evidenceOf = (codes: readonly ListCode[]): ListingEvidence => listingEvidence(lookup, codes);
  const of = (...classes: ListCode['class'][]): ListCode[] =>
    outcome.codes.filter((code) => classes.includes(code.class));
  const detail = { subject };

  const allowing = of('allow');
  if (list.kind === 'allow') {
    if (allowing.length > 0) yield finding('rbl/welcome-listed', evidenceOf(allowing), detail);
    return;
  }
  const bad = of('reputation', 'exploit');
  if (list.kind === 'domain') {
    if (bad.length > 0) yield finding('rbl/domain-listed', evidenceOf(bad), detail);
    return;
  }
  const isHeavy = list.impact === 'critical' || list.impact === 'high';
  const wide = [...of('block'), ...bad.filter(({ scope }) => scope === 'block')];
  const own = bad.filter(({ scope }) => scope !== 'block');
  if (own.length > 0) yield finding(isHeavy ? 'rbl/listed' : 'rbl/listed-minor', evidenceOf(own), detail);
  if (wide.length > 0) {
    yield finding('rbl/block-listed', evidenceOf(wide), isHeavy ? { ...detail, severity: 'error' } : detail);
  }
  const policy = of('policy');
  if (policy.length > 0) {
    const byProvider = policy.some(({ name }) => name.endsWith('-ISP'));
    yield finding('rbl/listed-policy', { ...evidenceOf(policy), byProvider }, detail);
  }
  // RFC 5782 §2.3: a code that is not in the table is a listing all the same; it counts as one of a lesser list.
  if (outcome.unknown.length > 0) yield finding('rbl/listed-minor', evidenceOf([]), detail);
}

function listingEvidence({ list, subject, answer, outcome }: ListLookup, codes: readonly ListCode[]): ListingEvidence {
  return {
    subject,
    list: list.name,
    zone: list.zone,
    answers: answer.status === 'answer' ? answer.records : [],
    codes: codes.map(({ match, name, meaning }) => ({ match, name, meaning })),
    txt: 'reasons' in outcome ? outcome.reasons : [],
    impact: list.impact,
    lookup: list.lookupUrl?.replace('{ip}', encodeURIComponent(subject)) ?? null,
    delist: list.delist,
    confidence: list.confidence,
  };
}

/** What could not be seen: one finding per kind of blindness, naming the zones. */
function* blindFindings(
  lookups: readonly ListLookup[],
  liveness: ReadonlyMap<List, Liveness>,
  { target, dns }: Context,
  finding: Emitter,
): Generator<Finding> {
  const subject = target.ips[0] ?? target.domain;
  const refused = new Map<string, string>();
  const broken = new Map<string, string>();
  const silent = new Map<string, string>();
  const answers: string[] = [];
  const queries = [];
  for (const [list, state] of liveness) {
    const own = lookups.filter((lookup) => lookup.list === list);
    const refusals = own.flatMap(({ outcome, answer }) =>
      outcome.kind === 'refused' && answer.status === 'answer' ? answer.records : [],
    );
    const known = deadZone(list.zone);
    if (state.state === 'refused' || refusals.length > 0) {
      refused.set(list.zone, refusalReason(own) ?? 'refused');
      answers.push(...(state.state === 'refused' ? state.answers : []), ...refusals);
    } else if (state.state === 'broken') {
      broken.set(list.zone, known ? known.reason : state.reason);
      answers.push(...state.answers);
    } else if (state.state === 'unknown') {
      silent.set(list.zone, known ? known.reason : isFailure(state.answer) ? state.answer.status : 'no answer');
      queries.push(queryEvidence(state.answer));
    } else {
      const strange = own.find(({ outcome }) => outcome.kind === 'broken');
      if (strange) {
        broken.set(list.zone, 'its answer is not that of a block list');
        answers.push(...(strange.answer.status === 'answer' ? strange.answer.records : []));
      }
      const failed = own.find(({ outcome }) => outcome.kind === 'unknown');
      if (failed) {
        silent.set(list.zone, failed.answer.status);
        queries.push(queryEvidence(failed.answer));
      }
    }
  }
  if (refused.size > 0) {
    yield finding(
      'rbl/query-refused',
      { zones: zones(refused), answers: [...new Set(answers)], resolvers: dns.servers.map(serverLabel) },
      { subject },
    );
  }
  if (broken.size > 0) {
    yield finding('rbl/list-broken', { zones: zones(broken), answers: [...new Set(answers)] }, { subject });
  }
  if (silent.size > 0) {
    const list = zones(silent);
    const reason = `No usable answer from ${list.map(({ zone, reason: why }) => `${zone} (${why})`).join(', ')}`;
    yield finding('rbl/inconclusive', { reason, zones: list, queries }, { subject });
  }
}

function refusalReason(lookups: readonly ListLookup[]): string | undefined {
  const codes = lookups.flatMap(({ outcome }) => (outcome.kind === 'refused' ? outcome.codes : []));
  return codes[0]?.meaning;
}

function zones(reasons: ReadonlyMap<string, string>): { zone: string; reason: string }[] {
  return [...reasons].map(([zone, reason]) => ({ zone, reason }));
}
