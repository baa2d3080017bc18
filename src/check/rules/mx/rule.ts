/**
 * The receiving path (RFC 5321 §5, RFC 7505): bounces, postmaster mail and DMARC reports must be able to come back.
 * It cannot tell a closed port from a network that blocks port 25, unless something else answers on that port.
 */
import { type DnsAnswer, isFailure, queryEvidence } from '../../../network/dns/answer.ts';
import { type IpAddress, parseIp, specialPurpose } from '../../../network/ip.ts';
import { smtpEvidence } from '../../../network/smtp/types.ts';
import type { Facts } from '../../facts/fact.ts';
import { type Greeting, greeting, postmaster } from '../../facts/greeting.ts';
import { MAX_ADDRESSES_PER_HOST, MAX_EXCHANGES, type MailHost, type MailRoute, mailRoute } from '../../facts/mx.ts';
import { vantage } from '../../facts/vantage.ts';
import type { Emit, Finding } from '../finding.ts';
import { type Context, defineRule, skip } from '../rule.ts';
import { findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'mx',
  title: 'Receiving path (MX)',
  reference: 'RFC 5321 §5',
  findings,
  step: 'reception',

  async *check(context, finding) {
    const { target, facts, settings } = context;
    const { domain } = target;
    if (settings.sendOnly) return skip('--send-only: the host is not meant to receive mail');
    const route = await facts(mailRoute);
    switch (route.kind) {
      case 'unknown':
        yield finding('mx/inconclusive', lookupFailed(route.query), { about: { name: domain } });
        return;
      case 'none':
        yield finding('mx/no-address', { query: queryEvidence(route.query) }, { about: { name: domain } });
        return;
      case 'null-mx':
        yield finding('mx/null-mx', { query: queryEvidence(route.query) }, { about: { name: domain } });
        return;
      case 'implicit': {
        const { addresses } = route.hosts[0];
        yield finding('mx/none', { query: queryEvidence(route.query), addresses }, { about: { name: domain } });
        break;
      }
      case 'mx':
        yield* recordFindings(route, domain, finding);
        break;
    }
    yield* beyondLimits(route, domain, finding);
    yield* reachability(context, route.hosts, finding);
    if (settings.activeRcpt) yield* refusedPostmaster(context, route.hosts, finding);

    const mxAddresses = route.hosts.flatMap(({ addresses }) => addresses);
    if (mxAddresses.length > 0 && target.ips.length > 0 && !target.ips.some((ip) => mxAddresses.includes(ip))) {
      yield finding('mx/ip-not-mx', { ips: target.ips, mxAddresses }, { about: { name: domain } });
    }
    return;
  },
});

function* recordFindings(route: MailRoute & { kind: 'mx' }, domain: string, finding: Emitter): Generator<Finding> {
  const { records, hosts } = route;
  if (records.some(({ exchange }) => exchange === ''))
    yield finding('mx/null-mx-mixed', { records }, { about: { name: domain } });
  for (const { name, preference, a, aaaa, addresses } of hosts) {
    if (parseIp(name)) {
      yield finding('mx/target-is-ip', { record: { preference, exchange: name } }, { about: { name } });
      continue;
    }
    const chain = a.chain.length > 0 ? a.chain : aaaa.chain;
    if (chain.length > 0) yield finding('mx/target-is-cname', { name, chain, preference }, { about: { name } });
    if (addresses.length > 0) continue;
    const failed = [a, aaaa].find(isFailure);
    if (failed) yield finding('mx/inconclusive', lookupFailed(failed), { about: { name } });
    else yield finding('mx/target-unresolvable', { name, rcode: a.status }, { about: { name } });
  }
}

/** What is not looked at is said: there is no telling whether it could receive mail. */
function* beyondLimits(route: MailRoute, domain: string, finding: Emitter): Generator<Finding> {
  const exchanges = route.kind === 'mx' ? route.records.filter(({ exchange }) => exchange !== '').length : 1;
  if (exchanges > MAX_EXCHANGES) {
    const reason = `Only the ${MAX_EXCHANGES} most preferred of ${exchanges} MX hosts were looked at`;
    yield finding('mx/inconclusive', { reason }, { about: { name: domain } });
  }
  for (const { name, omitted } of route.hosts) {
    if (omitted === 0) continue;
    const reason = `Only ${MAX_ADDRESSES_PER_HOST} of the ${MAX_ADDRESSES_PER_HOST + omitted} addresses of ${name} were looked at`;
    yield finding('mx/inconclusive', { reason }, { about: { name } });
  }
}

/** Connects to every MX address that is allowed to be connected to. */
async function* reachability(context: Context, hosts: readonly MailHost[], finding: Emitter): AsyncGenerator<Finding> {
  const { facts, settings } = context;
  const port = settings.smtpPort;
  const unreached: { host: MailHost; failures: readonly Failed[]; isWhole: boolean }[] = [];
  const reached: string[] = [];
  const observed = await Promise.all(hosts.map((host) => observe(host, facts, settings.allowPrivate)));
  for (const { host, publicAddresses, results } of observed) {
    const addresses = host.addresses.filter((ip) => !publicAddresses.includes(ip));
    if (addresses.length > 0) {
      const evidence = { name: host.name, addresses, isAll: publicAddresses.length === 0 };
      // Senders that draw one of the public ones still get through.
      const severity = evidence.isAll ? 'error' : 'warning';
      yield finding('mx/target-not-public', evidence, { about: { name: host.name }, severity });
    }
    const failures = results.flatMap(({ ip, greeting }) =>
      greeting.kind === 'failed' ? [{ ip, status: greeting.failure.status, detail: greeting.failure.detail }] : [],
    );
    reached.push(...results.filter(({ greeting }) => greeting.kind !== 'failed').map(({ ip }) => ip));
    if (failures.length > 0) unreached.push({ host, failures, isWhole: failures.length === results.length });
  }
  const elsewhere = reached[0] ?? (await reachedTarget(context));
  for (const { host, failures, isWhole } of unreached) {
    const kinds = await Promise.all(failures.map(async ({ ip }) => (await facts(vantage, ip)).kind));
    const closed = failures.every(({ status }, index) => status === 'refused' && kinds[index] === 'self');
    if (!isWhole) {
      yield finding('mx/some-unreachable', { port, addresses: failures, reached }, { about: { name: host.name } });
    } else if (closed || elsewhere !== undefined) {
      const evidence = {
        name: host.name,
        port,
        addresses: failures,
        reachedElsewhere: elsewhere ?? 'the host itself refuses',
      };
      yield finding('mx/port-closed', evidence, { about: { name: host.name } });
    } else {
      const seen = failures.map(({ ip, detail }) => `${ip} (${detail})`).join(', ');
      const reason = `${host.name} could not be reached on port ${port}: ${seen}; and nothing else answered on that port, so this network may block it`;
      yield finding(
        'mx/inconclusive',
        { reason, addresses: failures, vantage: kinds[0] ?? 'unknown' },
        { about: { name: host.name } },
      );
    }
  }
}

/** RFC 5321 §4.5.1: every host that takes mail takes it for postmaster. Asked at RCPT; nothing is sent. */
async function* refusedPostmaster(
  { facts, target, settings }: Context,
  hosts: readonly MailHost[],
  finding: Emitter,
): AsyncGenerator<Finding> {
  for (const { name, addresses } of hosts) {
    const ip = addresses.find((address) => settings.allowPrivate || specialPurpose(address) === undefined);
    const asked = ip === undefined ? null : await facts(postmaster, ip);
    // Where nobody could be asked, the host was not reached or does not greet, which is judged elsewhere.
    if (asked === null) continue;
    const { command, result } = asked;
    const code = result.status === 'reply' ? result.reply.code : null;
    if (code !== null && code < 300) continue;
    const mailbox = `postmaster@${target.domain}`;
    const smtp = smtpEvidence(command, result);
    // Refused before the recipient was named, it is this client that is refused; put off or cut off, nothing is known.
    if (code !== null && code >= 500 && command.startsWith('RCPT')) {
      yield finding('mx/postmaster-refused', { name, mailbox, smtp }, { about: { name } });
    } else {
      const reason = `Whether ${name} takes mail for ${mailbox} is not known: ${command} got ${code === null ? '' : `${code} `}${smtp.text}`;
      yield finding('mx/inconclusive', { reason, smtp }, { about: { name } });
    }
  }
}

interface Observed {
  readonly ip: IpAddress;
  readonly greeting: Greeting;
}

interface Failed {
  readonly ip: IpAddress;
  readonly status: string;
  readonly detail: string;
}

async function observe(host: MailHost, facts: Facts, allowPrivate: boolean) {
  const publicAddresses = host.addresses.filter((ip) => allowPrivate || specialPurpose(ip) === undefined);
  const results = await Promise.all(
    publicAddresses.map(async (ip): Promise<Observed> => ({ ip, greeting: await facts(greeting, ip) })),
  );
  return { host, publicAddresses, results };
}

/** The control: a tested address that answers on the port shows that this network lets it out. */
async function reachedTarget({ target, facts }: Context): Promise<string | undefined> {
  const greetings = await Promise.all(target.ips.map(async (ip) => ({ ip, greeting: await facts(greeting, ip) })));
  return greetings.find(({ greeting }) => greeting.kind !== 'failed')?.ip;
}

function lookupFailed(answer: DnsAnswer) {
  const detail = isFailure(answer) ? answer.detail : answer.status;
  return { reason: `The lookup of ${answer.name} ${answer.type} failed: ${detail}`, query: queryEvidence(answer) };
}
