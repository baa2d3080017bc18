/** Reports the lists without a usable answer: one finding for each kind of problem, which names the lists. */

import { type ChosenLists, type DeadZone, deadZone } from '../../../knowledge/lists/catalogue.ts';
import { sharedResolver } from '../../../knowledge/lists/shared-resolvers.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { type QueryEvidence, queryEvidence } from '../../../network/dns/answer.ts';
import type { DnsClient } from '../../../network/dns/client.ts';
import { serverLabel } from '../../../network/dns/servers.ts';
import type { Question } from '../../../report/status.ts';
import type { ListResult } from '../../facts/lists.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import type { Context } from '../rule.ts';
import type { BrokenList, RefusingList, SilentList, UnverifiedList } from './evidence.ts';
import type { findings } from './findings.ts';

/** Reports lists that refuse, are broken, fail or cannot be verified, and addresses that no working list covers. */
export function* blindFindings(
  results: readonly ListResult[],
  { asked, dead, keyless }: ChosenLists,
  { target, clock, dns }: Pick<Context, 'target' | 'clock'> & { readonly dns: Pick<DnsClient, 'servers'> },
  finding: Emit<typeof findings>,
): Generator<Finding> {
  const [ip] = target.ips;
  const about = ip === undefined ? { name: target.domain } : { ip };
  const refusing = new Map<string, RefusingList>(
    keyless.map(({ zone, variable }) => [zone, { zone, reason: null, needsKey: true, variable }]),
  );
  const broken = new Map<string, BrokenList>(
    dead.map((row) => [row.zone, { zone: row.zone, fault: 'dead', ...endOf(row, clock.now()) }]),
  );
  const silent = new Map<string, SilentList>();
  const unverified = new Map<string, UnverifiedList>();
  const answers = new Set<string>();
  const queries: QueryEvidence[] = [];
  const restsOn = (kind: ListResult['outcome']['kind']): Question[] =>
    questionsOf(...results.filter(({ outcome }) => outcome.kind === kind).map(({ answer }) => answer));
  for (const { list, outcome, answer } of results) {
    const { zone } = list;
    switch (outcome.kind) {
      case 'refused':
        refusing.set(zone, {
          zone,
          reason: outcome.codes[0]?.meaning ?? null,
          needsKey: false,
          variable: list.access.key?.env ?? null,
        });
        for (const address of outcome.answers) answers.add(address);
        break;
      case 'broken': {
        // The data may explain the fault, although it was not certain enough to leave the list out.
        const known = endOf(deadZone(zone), clock.now());
        broken.set(zone, { zone, fault: outcome.fault, ...known, keyedBy: list.keyedBy });
        for (const address of outcome.answers) answers.add(address);
        break;
      }
      case 'failed': {
        const { reason, confirmed } = endOf(deadZone(zone), clock.now());
        silent.set(zone, { zone, status: outcome.status, reason, confirmed });
        queries.push(queryEvidence(answer));
        break;
      }
      case 'unverified':
        unverified.set(zone, { zone, list: list.name, reason: outcome.reason });
        break;
      case 'clean':
      case 'listed':
        break;
    }
  }
  if (refusing.size > 0) {
    const resolvers = dns.servers.map((server) => {
      const shared = sharedResolver(server.address);
      return {
        server: serverLabel(server),
        sharedBy: shared?.name ?? null,
        kind: shared?.kind ?? null,
        confirmed: shared === undefined || isConfirmed(shared, clock.now()),
      };
    });
    yield finding(
      'rbl/query-refused',
      { lists: [...refusing.values()], answers: [...answers], resolvers },
      { about, rests: restsOn('refused') },
    );
  }
  if (broken.size > 0) {
    yield finding(
      'rbl/list-broken',
      { lists: [...broken.values()], answers: [...answers] },
      { about, rests: restsOn('broken') },
    );
  }
  if (silent.size > 0) {
    const evidence = { reason: 'silent', lists: [...silent.values()], queries } as const;
    yield finding('rbl/inconclusive', evidence, { about: { ...about, item: 'silent' }, rests: restsOn('failed') });
  }
  if (unverified.size > 0) {
    yield finding('rbl/not-verified', { lists: [...unverified.values()] }, { about, rests: restsOn('unverified') });
  }
  const seesAddresses = asked.length === 0 || asked.some(({ kind }) => kind === 'ip');
  const isNamed = refusing.size + broken.size + silent.size > 0;
  for (const address of seesAddresses ? target.ips : []) {
    const own = results.filter((result) => result.subject === address && result.list.kind !== 'allow');
    if (own.some(({ outcome }) => outcome.kind === 'clean' || outcome.kind === 'listed') || isNamed) continue;
    // All answers are "not listed" from lists that may not work. The address does not count as clean.
    const reason = own.length === 0 ? 'no-list-carries' : 'none-works';
    const detail = { about: { ip: address }, rests: questionsOf(...own.map(({ answer }) => answer)) };
    yield finding('rbl/inconclusive', { reason, ip: address }, detail);
  }
}

/** @returns what the data says about the end of a zone. Most zones have no entry: the reason is then `null`. */
function endOf(
  row: DeadZone | undefined,
  now: number,
): Pick<BrokenList, 'reason' | 'since' | 'confidence' | 'confirmed'> {
  if (row === undefined) return { reason: null, since: null, confidence: 'high', confirmed: true };
  const { reason, since, confidence } = row;
  return { reason, since, confidence, confirmed: isConfirmed(row, now) };
}
