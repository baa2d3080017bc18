/**
 * Checks DNS block lists (RFC 5782): the address, its network, its names and the domain are on no list that receivers
 * use. The return code decides. A list that refuses, is broken or does not answer counts as unknown, never as clean.
 */

import type { AskedList } from '../../../knowledge/lists/catalogue.ts';
import { observed } from '../../../network/fault.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { heloName } from '../../facts/helo-name.ts';
import { hasEntryText } from '../../facts/list-liveness.ts';
import {
  askList,
  chosenLists,
  hasTold,
  type ListResult,
  listsForIp,
  type Question,
  sideOf,
} from '../../facts/lists.ts';
import { type Neighbourhood, neighbours } from '../../facts/neighbours.ts';
import { confirmedNames, ptr } from '../../facts/ptr.ts';
import { askedResolvers } from '../../facts/resolvers.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { noAddress } from '../inconclusive.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { blindFindings } from './blind.ts';
import type { DirectList } from './evidence.ts';
import { findings } from './findings.ts';
import { isClean, listingFindings } from './listings.ts';
import { type LostLists, lostLists } from './lost.ts';
import { noteText } from './words.ts';

export default defineRule({
  id: 'rbl',
  title: 'Block lists',
  reference: 'RFC 5782',
  findings,
  needs: ['lists'],
  judgesAddress: true,
  step: 'reputation',

  async *check(context, finding) {
    const { target, facts, settings, dns, clock } = context;
    const chosen = await facts(chosenLists);
    if (target.ips.length === 0) {
      yield finding('rbl/inconclusive', noAddress(target), { about: {} });
    }
    const ask = (question: Question): Promise<ListResult> => askList({ dns, facts, settings }, question);
    // The lookups run at the same time. Those of names wait for the greeting and the PTR records, those of addresses do
    // not.
    const aboutNames = observed(namesOf(chosen.asked, context).then((questions) => Promise.all(questions.map(ask))));
    const aboutNeighbours = observed(
      Promise.all(settings.neighbours ? target.ips.map((ip) => facts(neighbours, ip)) : []),
    );
    const aboutAddresses = await Promise.all(addressesOf(chosen.asked, context).map(ask));
    for (const result of aboutAddresses) yield* listingFindings(result, clock.now(), finding);
    const results = [...aboutAddresses, ...(await aboutNames)];
    for (const result of results.slice(aboutAddresses.length)) yield* listingFindings(result, clock.now(), finding);
    const surveys = (await aboutNeighbours).filter((survey) => survey !== undefined);
    for (const survey of surveys) yield* neighbourFindings(survey, finding);
    const lost = lostLists(results);
    const resolvers = await facts(askedResolvers);
    const hasText = lost.cause !== undefined && (await someHasEntryText(lost, context));
    yield* blindFindings({ results, chosen, lost, resolvers, hasEntryText: hasText }, context, finding);
    const direct = askedDirectly(results);
    if (direct.length > 0) {
      const evidence = { lists: direct, resolvers, isChosen: settings.listsDirect === true };
      yield finding('rbl/asked-directly', evidence, { about: {}, rests: questionsOf(...directAnswers(results)) });
    }

    const blocking = [...new Set(results.map(({ list }) => list))].filter(({ kind }) => kind !== 'allow');
    const having = (told: Told): number =>
      blocking.filter((list) => toldBy(results.filter((result) => result.list === list)) === told).length;
    return note(
      noteText({
        asked: blocking.length,
        clean: having('clean'),
        listed: having('listed'),
        notVerified: having('not-verified'),
        noAnswer: having('no-answer'),
        direct: direct.filter(({ zone, servers }) => servers.length > 0 && blocking.some((list) => list.zone === zone))
          .length,
        neighbours: surveys.map(({ network, neighbours }) => ({
          network,
          sampled: neighbours.length,
          listed: neighbours.filter(({ state }) => state === 'listed').length,
        })),
      }),
    );
  },
});

/** What a list told about all that it was asked. */
type Told = 'clean' | 'listed' | 'not-verified' | 'no-answer';

/** @returns what one list told: a missing answer decides, then one that is not verified, then a listing. */
function toldBy(results: readonly ListResult[]): Told {
  if (results.every(isClean)) return 'clean';
  const kinds = results.map(({ outcome }) => outcome.kind);
  if (kinds.some((kind) => kind === 'refused' || kind === 'broken' || kind === 'failed')) return 'no-answer';
  return kinds.includes('unverified') ? 'not-verified' : 'listed';
}

/** The number of lists whose test entries are looked at for a text. One would do, but it may be out of service. */
const MAX_TEXTS = 3;

/** Tells whether the resolver has the text of a test entry of some list without an answer. */
async function someHasEntryText({ needed }: LostLists, { facts }: Context): Promise<boolean> {
  const sides = new Map(needed.map(({ list, subject }) => [list, sideOf(subject)]));
  const texts = [...sides].slice(0, MAX_TEXTS).map(([list, side]) => facts(hasEntryText, list, side));
  return (await Promise.all(texts)).includes(true);
}

const directAnswers = (results: readonly ListResult[]): ListResult['answer'][] =>
  results.flatMap(({ direct, answer }) => (direct?.state === 'answered' ? [answer] : []));

/** @returns the lists that were asked at their own name servers, with the servers that answered. */
function askedDirectly(results: readonly ListResult[]): DirectList[] {
  const servers = new Map<string, Set<string>>();
  for (const { list, direct, outcome } of results) {
    if (direct === null || !hasTold({ outcome })) continue;
    const labels = servers.get(list.zone) ?? new Set();
    servers.set(list.zone, direct.state === 'answered' ? labels.add(direct.server) : labels);
  }
  return [...servers].map(([zone, labels]) => ({ zone, servers: [...labels] }));
}

function addressesOf(lists: readonly AskedList[], { target }: Context): Question[] {
  return target.ips.flatMap((ip) => listsForIp(lists, ip).map((list) => ({ list, subject: ip })));
}

/** @returns the questions to lists of names, about the organizational domains that mail from this host names. */
async function namesOf(lists: readonly AskedList[], { target, facts }: Context): Promise<Question[]> {
  const ofNames = lists.filter(({ kind }) => kind === 'domain');
  if (ofNames.length === 0) return [];
  const names = new Set<string>([organizationalDomain(target.domain)]);
  const hosts = await Promise.all(
    target.ips.map(async (ip) => [await facts(heloName, ip), await facts(ptr, ip)] as const),
  );
  for (const [helo, reverse] of hosts) {
    for (const name of [helo.name, ...confirmedNames(reverse)]) {
      if (name?.includes('.') && /[a-z]$/i.test(name)) names.add(organizationalDomain(name));
    }
  }
  return ofNames.flatMap((list) => [...names].map((subject) => ({ list, subject })));
}

/** The share of listed neighbours at which receivers that block ranges may react. */
const NOTICEABLE_SHARE = 0.1;

function* neighbourFindings(
  { network, zones, neighbours }: Neighbourhood,
  finding: Emit<typeof findings>,
): Generator<Finding> {
  const known = neighbours.filter(({ state }) => state !== 'unknown');
  const listed = neighbours.filter(({ state }) => state === 'listed');
  const evidence = {
    network,
    zones,
    sampled: neighbours.length,
    known: known.length,
    listed: listed.length,
    neighbours,
  };
  const detail = { about: { network } };
  const unknown = neighbours.length - known.length;
  if (listed.length >= NOTICEABLE_SHARE * neighbours.length) {
    yield finding('rbl/neighbours-listed', evidence, detail);
  } else if (listed.length + unknown >= NOTICEABLE_SHARE * neighbours.length) {
    // The share would be noticeable if those that are not known were listed.
    const { sampled } = evidence;
    yield finding('rbl/inconclusive', { reason: 'neighbours-unknown', network, sampled, known: known.length }, detail);
  } else {
    yield finding('rbl/neighbours-clean', evidence, detail);
  }
}
