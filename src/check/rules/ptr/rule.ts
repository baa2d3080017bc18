/**
 * Checks reverse DNS (RFC 8601 §3 `iprev`, RFC 1912 §2.1): each tested address has one stable name that resolves back
 * to it. How receivers treat a provider's default name is policy and not a standard. The rule uses the patterns that
 * receivers use.
 */
import { judgeReverseName } from '../../../knowledge/providers/reverse-name.ts';
import { queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { isHostName } from '../../../network/domain.ts';
import { type IpAddress, parseIp } from '../../../network/ip.ts';
import { specialUse } from '../../../standards/special-use-name.ts';
import { hostName } from '../../facts/host-name.ts';
import { meantHost } from '../../facts/meant-host.ts';
import { type PtrFact, type PtrName, ptr } from '../../facts/ptr.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { findings, type NameFault } from './findings.ts';
import { goalInstead, goalOf, keptName } from './goal.ts';
import { lookAside } from './misplaced.ts';
import type { Goal } from './remedies.ts';

type Emitter = Emit<typeof findings>;
type Named = Extract<PtrFact, { kind: 'names' }>;

export default defineRule({
  id: 'ptr',
  title: 'Reverse DNS (PTR)',
  reference: 'RFC 8601 §3',
  findings,
  restsOnDns: true,
  step: 'reverse-record',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts } = context;
    const checked = target.ips.map(async (ip) => ({ ip, fact: await facts(ptr, ip) }));
    for (const { ip, fact } of await Promise.all(checked)) {
      if (fact.kind === 'names') yield* judge(ip, fact, context, finding);
      else yield await withoutName(ip, fact, context, finding);
    }
  },
});

/** Reports an address for which no name is known. */
async function withoutName(
  ip: IpAddress,
  fact: Exclude<PtrFact, Named>,
  context: Context,
  finding: Emitter,
): Promise<Finding> {
  const detail = { about: { ip }, rests: questionsOf(fact.query) };
  const query = queryEvidence(fact.query);
  if (fact.kind === 'unknown')
    return finding('ptr/inconclusive', { reason: 'reverse-lookup-failed', ip, query }, detail);
  const goal = goalOf(fact, await context.facts(hostName, ip));
  return finding('ptr/missing', { ...goal, query, zone: fact.zone, ...(await lookAside(fact, context)) }, detail);
}

async function* judge(ip: IpAddress, fact: Named, context: Context, finding: Emitter): AsyncGenerator<Finding> {
  const { query, names, ignored } = fact;
  const about = { ip };
  const isLab = context.settings.allowPrivate;
  const restsOn = (...reverse: readonly PtrName[]) => questionsOf(query, ...reverse.map(({ forward }) => forward));
  const valid = names.filter(({ name }) => nameFault(name, isLab) === undefined);
  const confirmed = valid.filter(({ confirmation }) => confirmation === 'confirmed');
  // Asking for the name of the host takes a connection, so it is asked for only when a finding needs it.
  const keep = names.length > 1 ? keptName(ip, names, confirmed, await context.facts(hostName, ip)) : null;
  for (const { name } of names) {
    const fault = nameFault(name, isLab);
    if (fault !== undefined) yield await invalid(ip, name, fault, { fact, keep, context, finding });
  }
  for (const reverse of valid) {
    const { name, forward, confirmation } = reverse;
    if (confirmation !== 'unknown') continue;
    const evidence = { reason: 'forward-lookup-failed', ip, ptr: name, query: queryEvidence(forward) } as const;
    yield finding('ptr/inconclusive', evidence, { about: { ip, name }, rests: restsOn(reverse) });
  }

  const denied = valid.filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch');
  if (denied.length > 0 && confirmed.length > 0) {
    const states = names.map(({ name, confirmation }) => ({ name, confirmation }));
    const goal = goalOf(fact, await context.facts(hostName, ip));
    yield finding('ptr/partly-confirmed', { ...goal, names: states, keep }, { about, rests: restsOn(...names) });
  } else {
    for (const reverse of denied) yield await notConfirmed(ip, reverse, { fact, keep, context, finding });
  }
  if (names.length > 1) {
    const goal = goalOf(fact, await context.facts(hostName, ip));
    const evidence = {
      ...goal,
      names: names.map(({ name }) => name),
      confirmed: confirmed.map(({ name }) => name),
      ignored,
      keep,
    };
    yield finding('ptr/multiple', evidence, { about, rests: restsOn(...names) });
  }

  for (const reverse of valid) {
    const { name } = reverse;
    const { generic, dynamic } = judgeReverseName(name, ip);
    if (!dynamic && !generic) continue;
    const detail = { about: { ip, name }, rests: restsOn(reverse) };
    const goal = goalOf(fact, await context.facts(hostName, ip), keep);
    if (dynamic) {
      yield finding('ptr/dynamic', { ...goal, ptr: name, token: dynamic.evidence }, detail);
    } else if (generic) {
      const { pattern, evidence: match } = generic;
      yield finding('ptr/generic', { ...goal, ptr: name, pattern, match }, detail);
    }
  }
}

interface Circumstances {
  readonly fact: Named;
  /** The name that stays, of several. */
  readonly keep: string | null;
  readonly context: Context;
  readonly finding: Emitter;
}

/** Reports a name that no public host can have. */
async function invalid(
  ip: IpAddress,
  name: string,
  fault: NameFault,
  { fact, keep, context, finding }: Circumstances,
): Promise<Finding> {
  const { facts, target } = context;
  const host = await facts(hostName, ip);
  const owner = name.includes('.') ? goalOf(fact, host).owner : target.domain;
  const meant = fault === 'reverse-tree' || fault === 'single-label' ? await facts(meantHost, name, owner) : null;
  const isRight = keep === null && meant !== null && meant.addresses.includes(ip);
  const goal: Goal = isRight ? goalInstead(fact, meant.name) : goalOf(fact, host, keep);
  const detail = { about: { ip, name }, rests: questionsOf(fact.query) };
  return finding('ptr/invalid-name', { ...goal, ptr: name, fault, meant }, detail);
}

/** Reports a name that does not lead back to the address. */
async function notConfirmed(
  ip: IpAddress,
  reverse: PtrName,
  { fact, keep, context, finding }: Circumstances,
): Promise<Finding> {
  const { name, forward, confirmation } = reverse;
  const detail = { about: { ip, name }, rests: questionsOf(fact.query, forward) };
  const host = await context.facts(hostName, ip);
  const { generic, dynamic } = judgeReverseName(name, ip);
  const isNamedBeside = fact.names.some((other) => other.name === host.name);
  const isOther = host.source === 'helo' && host.name !== name && (host.leads === 'here' || isNamedBeside);
  const isReplaced = generic !== undefined || dynamic !== undefined || isOther;
  const goal = isReplaced ? goalOf(fact, host, keep) : { ...goalOf(fact, host), wanted: name };
  if (confirmation === 'mismatch') {
    const addresses = recordsOf<'A' | 'AAAA'>(forward);
    return finding('ptr/forward-mismatch', { ...goal, ptr: name, addresses, chain: forward.chain }, detail);
  }
  const meant = await context.facts(meantHost, name, goal.owner);
  const isDoubled = meant?.slip === 'zone-appended' && meant.addresses.includes(ip);
  const right = isDoubled ? goalInstead(fact, meant.name) : goal;
  return finding('ptr/forward-missing', { ...right, ptr: name, meant, query: queryEvidence(forward) }, detail);
}

/** @returns why a name cannot be a public host name, or `undefined` when it can. A lab has names of its own. */
function nameFault(name: string, isLab: boolean): NameFault | undefined {
  if (parseIp(name)) return 'address';
  if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name)) return 'reverse-tree';
  const use = specialUse(name);
  if (use === 'machine' || (use !== undefined && !isLab)) return 'private';
  if (!name.includes('.')) return 'single-label';
  return isHostName(name) ? undefined : 'characters';
}
