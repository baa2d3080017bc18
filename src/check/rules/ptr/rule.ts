/**
 * Checks reverse DNS (RFC 8601 §3 `iprev`, RFC 1912 §2.1): each tested address has one stable name that resolves back
 * to it. How receivers treat a provider's default name is policy and not a standard. The rule uses the patterns that
 * receivers use.
 */

import { judgeReverseName } from '../../../knowledge/providers/reverse-name.ts';
import { queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { isHostName, isSameOrSubdomain } from '../../../network/domain.ts';
import { type IpAddress, parseIp } from '../../../network/ip.ts';
import type { Question } from '../../../report/status.ts';
import { heloName } from '../../facts/helo-name.ts';
import { type PtrFact, type PtrName, ptr } from '../../facts/ptr.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { findings, type NameFault } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'ptr',
  title: 'Reverse DNS (PTR)',
  reference: 'RFC 8601 §3',
  findings,
  restsOnDns: true,
  step: 'reverse-record',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts, settings } = context;
    const checked = target.ips.map(async (ip) => ({ ip, fact: await facts(ptr, ip) }));
    for (const { ip, fact } of await Promise.all(checked)) {
      yield* judge(ip, fact, () => wantedName(ip, context), settings.allowPrivate, finding);
    }
  },
});

/**
 * Gives the name to ask the provider for. It takes a connection, so it is called only when a finding needs the name.
 */
type Wanted = () => Promise<string>;

async function* judge(
  ip: IpAddress,
  fact: PtrFact,
  wanted: Wanted,
  isLab: boolean,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { query } = fact;
  const about = { ip };
  if (fact.kind === 'unknown') {
    const evidence = { reason: 'reverse-lookup-failed', ip, query: queryEvidence(query) } as const;
    yield finding('ptr/inconclusive', evidence, { about, rests: questionsOf(query) });
    return;
  }
  if (fact.kind === 'absent') {
    const evidence = { ip, query: queryEvidence(query), zone: fact.zone, wanted: await wanted() };
    yield finding('ptr/missing', evidence, { about, rests: questionsOf(query) });
    return;
  }

  const { names, ignored } = fact;
  const restsOn = (...reverse: readonly PtrName[]) => questionsOf(query, ...reverse.map(({ forward }) => forward));
  const valid = names.filter(({ name }) => nameFault(name, isLab) === undefined);
  for (const { name } of names) {
    const fault = nameFault(name, isLab);
    if (fault === undefined) continue;
    const evidence = { ip, ptr: name, wanted: await wanted(), fault };
    yield finding('ptr/invalid-name', evidence, { about: { ip, name }, rests: questionsOf(query) });
  }
  for (const reverse of valid) {
    const { name, forward, confirmation } = reverse;
    if (confirmation !== 'unknown') continue;
    const evidence = { reason: 'forward-lookup-failed', ip, ptr: name, query: queryEvidence(forward) } as const;
    yield finding('ptr/inconclusive', evidence, { about: { ip, name }, rests: restsOn(reverse) });
  }

  const confirmed = valid.filter(({ confirmation }) => confirmation === 'confirmed');
  const denied = valid.filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch');
  if (denied.length > 0 && confirmed.length > 0) {
    const states = names.map(({ name, confirmation }) => ({ name, confirmation }));
    yield finding('ptr/partly-confirmed', { ip, names: states }, { about, rests: restsOn(...names) });
  } else {
    for (const reverse of denied) yield notConfirmed(ip, reverse, await wanted(), restsOn(reverse), finding);
  }
  if (names.length > 1) {
    const evidence = {
      ip,
      names: names.map(({ name }) => name),
      confirmed: confirmed.map(({ name }) => name),
      ignored,
    };
    yield finding('ptr/multiple', evidence, { about, rests: restsOn(...names) });
  }

  for (const reverse of valid) {
    const { name } = reverse;
    const { generic, dynamic } = judgeReverseName(name, ip);
    const detail = { about: { ip, name }, rests: restsOn(reverse) };
    if (dynamic) {
      yield finding('ptr/dynamic', { ip, ptr: name, wanted: await wanted(), token: dynamic.evidence }, detail);
    } else if (generic) {
      const evidence = { ip, ptr: name, wanted: await wanted(), pattern: generic.pattern, match: generic.evidence };
      yield finding('ptr/generic', evidence, detail);
    }
  }
}

function notConfirmed(
  ip: IpAddress,
  { name, forward, confirmation }: PtrName,
  wanted: string,
  rests: readonly Question[],
  finding: Emitter,
): Finding {
  const detail = { about: { ip, name }, rests };
  return confirmation === 'absent'
    ? finding('ptr/forward-missing', { ip, ptr: name, wanted, query: queryEvidence(forward) }, detail)
    : finding('ptr/forward-mismatch', { ip, ptr: name, wanted, addresses: recordsOf<'A' | 'AAAA'>(forward) }, detail);
}

/** The domains whose names mean the local machine or link in every network. */
const LOCAL_SUFFIXES = ['localhost', 'local', 'localdomain'];
/** The domains that do not exist in the public DNS (RFC 6761, RFC 8375, ICANN's `.internal`) but may exist in a lab. */
const PRIVATE_SUFFIXES = ['lan', 'internal', 'home.arpa', 'test', 'invalid', 'example', 'onion'];

/** @returns why a name cannot be a public host name, or `undefined` when it can. */
function nameFault(name: string, isLab: boolean): NameFault | undefined {
  if (parseIp(name)) return 'address';
  if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name)) return 'reverse-tree';
  const suffixes = isLab ? LOCAL_SUFFIXES : [...LOCAL_SUFFIXES, ...PRIVATE_SUFFIXES];
  if (suffixes.some((suffix) => isSameOrSubdomain(name, suffix))) return 'private';
  if (!name.includes('.')) return 'single-label';
  return isHostName(name) ? undefined : 'characters';
}

/** @returns the name to ask the provider for: the name that the host announces, or else `mail.` and the domain. */
async function wantedName(ip: IpAddress, { target, facts }: Context): Promise<string> {
  const helo = await facts(heloName, ip);
  return helo.name !== null && helo.source !== 'ptr' && isHostName(helo.name) ? helo.name : `mail.${target.domain}`;
}
