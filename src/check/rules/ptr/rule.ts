/**
 * Checks reverse DNS (RFC 8601 §3 `iprev`, RFC 1912 §2.1): each tested address has one stable name that resolves back
 * to it. How receivers treat a provider's default name is policy and not a standard. The rule uses the patterns that
 * receivers use.
 */
import { judgeReverseName } from '../../../knowledge/providers/reverse-name.ts';
import { queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { typedNames } from '../../../standards/doubled-name.ts';
import { areOfOneOrganization } from '../../../standards/organizational-domain.ts';
import { heloName } from '../../facts/helo-name.ts';
import { hostName } from '../../facts/host-name.ts';
import { type MeantHost, meantHost } from '../../facts/meant-host.ts';
import { type PtrFact, type PtrName, ptr } from '../../facts/ptr.ts';
import { behindProxy } from '../../facts/web-proxy.ts';
import { type Emit, type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { proxyEvidence } from '../web-proxy.ts';
import { findings } from './findings.ts';
import { goalInstead, goalOf, isKeepable, keptName } from './goal.ts';
import { lookAside } from './misplaced.ts';
import { type FormFault, formFault } from './name-faults.ts';
import type { Goal } from './remedies.ts';
import { seenPtr } from './seen.ts';

type Emitter = Emit<typeof findings>;
type Named = Extract<PtrFact, { kind: 'names' }>;

export default defineRule({
  id: 'ptr',
  title: 'PTR record',
  reference: 'RFC 8601 §3',
  findings,
  restsOnDns: true,
  step: 'reverse-record',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts } = context;
    const checked = await Promise.all(target.ips.map((ip) => facts(ptr, ip)));
    for (const fact of checked) {
      if (fact.kind === 'names') yield* judge(fact.ip, fact, context, finding);
      else yield await withoutName(fact.ip, fact, context, finding);
    }
    return note(seenPtr(checked));
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
  const faults = new Map(names.map(({ name }) => [name, formFault(name, isLab)]));
  const restsOn = (...reverse: readonly PtrName[]) => questionsOf(query, ...reverse.map(({ forward }) => forward));
  // Receivers look up a name with an underscore, so it is judged as any other.
  const valid = names.filter(({ name }) => (faults.get(name)?.kind ?? 'underscore') === 'underscore');
  const confirmed = valid.filter(({ confirmation }) => confirmation === 'confirmed');
  // Asking for the name of the host takes a connection, so it is asked for only when a finding needs it.
  const keep =
    names.length > 1 ? keptName(ip, names, confirmed, await context.facts(hostName, ip), context.target) : null;
  for (const reverse of names) {
    const fault = faults.get(reverse.name);
    if (fault !== undefined) yield await badForm(ip, reverse, fault, { fact, keep, context, finding });
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

  for (const reverse of valid) yield* wording(ip, reverse, { fact, keep, context, finding });
}

interface Circumstances {
  readonly fact: Named;
  /** The name that stays, of several. */
  readonly keep: string | null;
  readonly context: Context;
  readonly finding: Emitter;
}

/** Reports what the words of a name say: a default of the provider, an end-user line, a zone that was appended. */
async function* wording(
  ip: IpAddress,
  reverse: PtrName,
  { fact, keep, context, finding }: Circumstances,
): AsyncGenerator<Finding> {
  const { name, confirmation, forward } = reverse;
  const { facts, target } = context;
  const detail = { about: { ip, name }, rests: questionsOf(fact.query, forward) };
  if (confirmation === 'confirmed' && typedNames(name, target.domain).some(({ isPlain }) => isPlain)) {
    const meant = await facts(meantHost, name, target.domain);
    if (meant?.slip === 'zone-appended' && meant.addresses.includes(ip)) {
      yield finding('ptr/zone-appended', { ...goalInstead(fact, meant.name), ptr: name, zone: meant.zone }, detail);
    }
  }
  const isOwn = areOfOneOrganization(name, target.domain);
  const { generic, dynamic, scored } = judgeReverseName(name, ip, isOwn);
  if (dynamic === undefined && generic === undefined && scored === undefined) {
    if (confirmation === 'confirmed' && !isOwn) yield* foreign(ip, reverse, context, finding, detail);
    return;
  }
  const goal = goalOf(fact, await facts(hostName, ip), keep);
  if (dynamic !== undefined) {
    yield finding('ptr/dynamic', { ...goal, ptr: name, token: dynamic }, detail);
  } else if (generic !== undefined) {
    const { pattern, evidence: match } = generic;
    yield finding('ptr/generic', { ...goal, ptr: name, pattern, match }, detail);
  } else if (scored !== undefined) {
    const severity = isOwn ? 'info' : 'warning';
    yield finding('ptr/scored-word', { ...goal, ptr: name, ...scored, isOwn }, { ...detail, severity });
  }
}

/**
 * Notes a good name of another domain, unless the host also announces a name of that. Of the MX hosts of a domain that gave
 * no address it says nothing: those are often a mail service.
 */
async function* foreign(
  ip: IpAddress,
  { name }: PtrName,
  { facts, target }: Context,
  finding: Emitter,
  detail: FindingDetail,
): AsyncGenerator<Finding> {
  if (target.ipSource !== 'argument') return;
  const helo = await facts(heloName, ip);
  // A HELO name that was taken from the PTR record says nothing about it.
  const announced = helo.name === null || helo.source === 'ptr' ? null : helo.name;
  if (announced !== null && areOfOneOrganization(announced, name)) return;
  yield finding('ptr/foreign-domain', { ip, ptr: name, domain: target.domain, helo: announced }, detail);
}

/** Reports a name whose form is wrong. */
async function badForm(
  ip: IpAddress,
  { name, confirmation, forward }: PtrName,
  form: FormFault,
  { fact, keep, context, finding }: Circumstances,
): Promise<Finding> {
  const { facts, target } = context;
  const host = await facts(hostName, ip);
  const leadsBack = confirmation === 'confirmed';
  const rests = questionsOf(fact.query, ...(form.kind === 'impossible' ? [] : [forward]));
  const detail = { about: { ip, name }, rests };
  if (form.kind === 'malformed') {
    return finding(
      'ptr/malformed-name',
      { ...goalOf(fact, host, keep), ptr: name, fault: form.fault, leadsBack },
      detail,
    );
  }
  if (form.kind === 'underscore') {
    return finding('ptr/underscore', { ...goalOf(fact, host, keep), ptr: name, leadsBack }, detail);
  }
  const { fault } = form;
  const owner = name.includes('.') ? goalOf(fact, host).owner : target.domain;
  const meant = fault === 'reverse-tree' || fault === 'single-label' ? await facts(meantHost, name, owner) : null;
  const goal: Goal = goalAfter(meant, { fact, keep }) ?? goalOf(fact, host, keep);
  return finding('ptr/invalid-name', { ...goal, ptr: name, fault, meant }, detail);
}

/** @returns the goal for the PTR record after a slip of the hand, if it is known which name was meant for the address. */
function goalAfter(meant: MeantHost | null, { fact, keep }: Pick<Circumstances, 'fact' | 'keep'>): Goal | undefined {
  if (keep !== null || meant === null) return undefined;
  if (meant.addresses.includes(fact.ip)) return goalInstead(fact, meant.name);
  return meant.addresses.length === 0 ? { ...goalInstead(fact, meant.name), leads: 'nowhere' } : undefined;
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
  const isNamedBeside = fact.names.some((other) => other.name === host.name);
  const isOther = host.source === 'helo' && host.name !== name && (host.leads === 'here' || isNamedBeside);
  const isReplaced = isOther || !isKeepable(name, ip, context.target);
  const goal = isReplaced ? goalOf(fact, host, keep) : { ...goalOf(fact, host), wanted: name };
  if (confirmation === 'mismatch') {
    const addresses = recordsOf<'A' | 'AAAA'>(forward);
    const behind = behindProxy(name, [forward]);
    const proxy = behind && proxyEvidence(behind, forward.chain, context.clock.now());
    return finding('ptr/forward-mismatch', { ...goal, ptr: name, addresses, chain: forward.chain, proxy }, detail);
  }
  const alias = forward.chain.at(-1);
  const found = await context.facts(meantHost, alias ?? name, alias === undefined ? goal.owner : name);
  const meant = found?.slip === 'ending-doubled' && !found.addresses.includes(ip) ? null : found;
  const right = meant?.slip === 'record-misplaced' ? goal : (goalAfter(meant, { fact, keep: null }) ?? goal);
  return finding('ptr/forward-missing', { ...right, ptr: name, meant, query: queryEvidence(forward) }, detail);
}
