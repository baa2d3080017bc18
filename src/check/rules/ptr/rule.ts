/**
 * Reverse DNS (RFC 8601 §3 `iprev`, RFC 1912 §2.1): each tested address has one stable name of its own that leads
 * back to it. What receivers think of a default name is policy, not standard; the patterns are the ones they use.
 */
import { isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { isHostName, isSameOrSubdomain } from '../../../network/domain.ts';
import { type IpAddress, parseIp } from '../../../network/ip.ts';
import { heloName } from '../../facts/helo-name.ts';
import { type PtrFact, type PtrName, ptr } from '../../facts/ptr.ts';
import { type Context, defineRule, type Emit, type Finding } from '../rule.ts';
import { findings } from './findings.ts';
import { judgeReverseName } from './generic-name.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'ptr',
  title: 'Reverse DNS (PTR)',
  reference: 'RFC 8601 §3',
  findings,
  unfinished: 'ptr/inconclusive',

  async *check(context, finding) {
    const { target, facts, settings } = context;
    if (target.ips.length === 0) {
      const reason = 'There is no address to test: none was given and the MX hosts have none that could be found';
      yield finding('ptr/inconclusive', { reason }, { subject: target.domain });
      return;
    }
    const checked = target.ips.map(async (ip) => ({ ip, fact: await facts(ptr, ip) }));
    for (const { ip, fact } of await Promise.all(checked)) {
      yield* judge(ip, fact, () => wantedName(ip, context), settings.allowPrivate, finding);
    }
  },
});

/** The name to ask the provider for: looked up only when there is something to ask, since it takes a connection. */
type Wanted = () => Promise<string>;

async function* judge(
  ip: IpAddress,
  fact: PtrFact,
  wanted: Wanted,
  isLab: boolean,
  finding: Emitter,
): AsyncGenerator<Finding> {
  if (fact.kind === 'unknown') {
    const detail = isFailure(fact.query) ? fact.query.detail : fact.query.status;
    const reason = `The reverse name of ${ip} could not be looked up: ${detail}`;
    yield finding('ptr/inconclusive', { reason, ip, query: queryEvidence(fact.query) }, { subject: ip });
    return;
  }
  if (fact.kind === 'absent') {
    yield finding(
      'ptr/missing',
      { ip, query: queryEvidence(fact.query), zone: fact.zone, wanted: await wanted() },
      { subject: ip },
    );
    return;
  }

  const { names, ignored } = fact;
  const valid = names.filter(({ name }) => nameFault(name, isLab) === undefined);
  for (const { name } of names) {
    const reason = nameFault(name, isLab);
    if (reason) yield finding('ptr/invalid-name', { ip, ptr: name, wanted: await wanted(), reason }, { subject: ip });
  }
  for (const { name, forward, confirmation } of valid) {
    if (confirmation !== 'unknown') continue;
    const detail = isFailure(forward) ? forward.detail : forward.status;
    const reason = `The address of ${name}, the reverse name of ${ip}, could not be looked up: ${detail}`;
    yield finding('ptr/inconclusive', { reason, ip, query: queryEvidence(forward) }, { subject: ip });
  }

  const confirmed = valid.filter(({ confirmation }) => confirmation === 'confirmed');
  const denied = valid.filter(({ confirmation }) => confirmation === 'absent' || confirmation === 'mismatch');
  if (denied.length > 0 && confirmed.length > 0) {
    const states = names.map(({ name, confirmation }) => ({ name, confirmation }));
    yield finding('ptr/partly-confirmed', { ip, names: states }, { subject: ip });
  } else {
    for (const name of denied) yield notConfirmed(ip, name, await wanted(), finding);
  }
  if (names.length > 1) {
    const evidence = {
      ip,
      names: names.map(({ name }) => name),
      confirmed: confirmed.map(({ name }) => name),
      ignored,
    };
    yield finding('ptr/multiple', evidence, { subject: ip });
  }

  for (const { name } of valid) {
    const { generic, dynamic } = judgeReverseName(name, ip);
    if (dynamic) {
      yield finding('ptr/dynamic', { ip, ptr: name, wanted: await wanted(), token: dynamic.evidence }, { subject: ip });
    } else if (generic) {
      const evidence = { ip, ptr: name, wanted: await wanted(), pattern: generic.pattern, match: generic.evidence };
      yield finding('ptr/generic', evidence, { subject: ip });
    }
  }
}

function notConfirmed(
  ip: IpAddress,
  { name, forward, confirmation }: PtrName,
  wanted: string,
  finding: Emitter,
): Finding {
  return confirmation === 'absent'
    ? finding('ptr/forward-missing', { ip, ptr: name, wanted, query: queryEvidence(forward) }, { subject: ip })
    : finding(
        'ptr/forward-mismatch',
        { ip, ptr: name, wanted, addresses: recordsOf<'A' | 'AAAA'>(forward) },
        { subject: ip },
      );
}

/** Names that mean the machine itself wherever they are used. */
const LOCAL_SUFFIXES = ['localhost', 'local', 'localdomain'];
/** Names that never exist in the public DNS (RFC 6761, RFC 8375, ICANN's `.internal`), but do in a lab. */
const PRIVATE_SUFFIXES = ['lan', 'internal', 'home.arpa', 'test', 'invalid', 'example', 'onion'];

function nameFault(name: string, isLab: boolean): string | undefined {
  if (parseIp(name)) return 'it is an address, not a name';
  if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(name)) return 'it is a name of the reverse tree itself';
  if (
    (isLab ? LOCAL_SUFFIXES : [...LOCAL_SUFFIXES, ...PRIVATE_SUFFIXES]).some((suffix) =>
      isSameOrSubdomain(name, suffix),
    )
  ) {
    return 'names under this ending exist in private networks only';
  }
  if (!name.includes('.')) return 'it is a single label, not a full name';
  return isHostName(name) ? undefined : 'it has characters that a host name cannot have';
}

/** What to ask the provider for: the name the host says it has, else the customary one. */
async function wantedName(ip: IpAddress, { target, facts }: Context): Promise<string> {
  const helo = await facts(heloName, ip);
  return helo.name !== null && helo.source !== 'ptr' && isHostName(helo.name) ? helo.name : `mail.${target.domain}`;
}
