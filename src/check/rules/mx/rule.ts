/**
 * Checks the receiving path (RFC 5321 §5, RFC 7505): bounces, postmaster mail and DMARC reports must be able to arrive.
 * The rule can tell a closed port from a network that blocks port 25 only if another host answers on that port.
 */

import { isOwnMailHost } from '../../../knowledge/web-proxies/catalogue.ts';
import { isFailure, type MxRecord, queryEvidence } from '../../../network/dns/answer.ts';
import { sameName } from '../../../network/domain.ts';
import { type IpAddress, specialPurpose } from '../../../network/ip.ts';
import { smtpEvidence } from '../../../network/smtp/types.ts';
import type { Question } from '../../../report/status.ts';
import { mxValue, type RecordValue } from '../../../standards/zone-file/line.ts';
import { postmaster } from '../../facts/greeting.ts';
import { hostName } from '../../facts/host-name.ts';
import { type HostObstacle, hostObstacle } from '../../facts/host-obstacle.ts';
import { answersBehind, type MailHost, type MailRoute, mailRoute } from '../../facts/mx.ts';
import { ptr } from '../../facts/ptr.ts';
import { vantage } from '../../facts/vantage.ts';
import { type BehindProxy, edgeProxy, proxyBefore } from '../../facts/web-proxy.ts';
import { UNCONNECTED, whyNoSmtp } from '../connections.ts';
import { type Emit, type EvidenceOf, type Finding, type FindingDetail, questionsOf } from '../finding.ts';
import { missingHere } from '../obstacles.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { proxyEvidence } from '../web-proxy.ts';
import { type Exchange, type ExchangeEvidence, exchangesOf, mxOwner } from './exchanges.ts';
import { findings } from './findings.ts';
import { withoutMx } from './no-mx.ts';
import { answeringOf, type Reach, reachOf, wayOut } from './reachability.ts';
import { seenMx } from './seen.ts';
import type { Unwilling } from './unwilling.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'mx',
  title: 'MX hosts',
  reference: 'RFC 5321 §5',
  findings,
  isAboutDomain: true,
  restsOnDns: true,
  step: 'reception',

  async *check(context, finding) {
    const { facts, settings } = context;
    const route = await facts(mailRoute);
    yield* judgeRoute(route, context, finding);
    const without = whyNoSmtp(settings);
    return note(
      [seenMx(route), ...(without === null ? [] : [`not connected to (${UNCONNECTED[without]})`])].join('; '),
    );
  },
});

async function* judgeRoute(route: MailRoute, context: Context, finding: Emitter): AsyncGenerator<Finding> {
  const { target, settings } = context;
  const { domain } = target;
  const query = queryEvidence(route.query);
  const detail = { about: { name: domain }, rests: questionsOf(route.query) };
  let exchanges: readonly Exchange[] = [];
  switch (route.kind) {
    case 'unknown': {
      // If the domain has no MX record, the failed lookup is one for its own addresses. The finding rests on both.
      const rests = [{ name: domain, type: 'MX' }, ...detail.rests];
      yield inconclusive({ reason: 'lookup-failed', query }, domain, rests, finding);
      return;
    }
    case 'none': {
      const addresses = ['A', 'AAAA'].map((type) => ({ name: domain, type }));
      const evidence = { query, ...(await withoutMx(route, context)) };
      yield finding('mx/no-address', evidence, { ...detail, rests: [...detail.rests, ...addresses] });
      return;
    }
    case 'null-mx':
      yield finding('mx/null-mx', { query, alias: route.query.chain.at(-1) ?? null }, detail);
      return;
    case 'implicit': {
      const [host] = route.hosts;
      const evidence = { query, addresses: host.addresses, ...(await withoutMx(route, context)) };
      yield finding('mx/none', evidence, aboutHost(route, host));
      break;
    }
    case 'mx':
      exchanges = await exchangesOf(route, context);
      yield* recordFindings(route, exchanges, domain, finding);
      break;
  }
  yield* reachability(context, route, exchanges, finding);
  if (settings.activeRcpt && whyNoSmtp(settings) === null) yield* refusedPostmaster(context, route, finding);

  const mxAddresses = route.hosts.flatMap(({ addresses }) => addresses);
  // A host that only sends is no MX host.
  const isMeantToReceive = !settings.sendOnly && target.ips.length > 0;
  if (isMeantToReceive && mxAddresses.length > 0 && !target.ips.some((ip) => mxAddresses.includes(ip))) {
    const evidence = { ips: target.ips, mxAddresses };
    yield finding('mx/ip-not-mx', evidence, { about: { name: domain }, rests: restsOn(route, route.hosts) });
  }
}

function restsOn(route: MailRoute, hosts: readonly MailHost[]): Question[] {
  return questionsOf(...answersBehind(route, hosts));
}

function aboutHost(route: MailRoute, host: MailHost): FindingDetail {
  return { about: { name: host.name }, rests: restsOn(route, [host]) };
}

/** The detail of a finding that hides only what one MX host does. The MX records themselves were seen. */
function unseenAt(detail: FindingDetail, about: FindingDetail['about']): FindingDetail {
  return { ...detail, about, faults: [] };
}

/** Makes an inconclusive finding. The reason is part of its object, because one host may have several such findings. */
function inconclusive(
  evidence: EvidenceOf<(typeof findings)['mx/inconclusive']>,
  name: string,
  rests: readonly Question[],
  finding: Emitter,
): Finding {
  const about = { name, item: evidence.reason };
  return finding('mx/inconclusive', evidence, { about, rests });
}

function* recordFindings(
  route: MailRoute & { kind: 'mx' },
  exchanges: readonly Exchange[],
  domain: string,
  finding: Emitter,
): Generator<Finding> {
  const { query, records } = route;
  if (records.some(({ exchange }) => exchange === '')) {
    const evidence = { records, owner: mxOwner(route, domain), remove: contradicting(records, exchanges) };
    yield finding('mx/null-mx-mixed', evidence, { about: { name: domain }, rests: questionsOf(query) });
  }
  for (const { host, literal, evidence } of exchanges) {
    const { name, preference, a, aaaa, addresses } = host;
    if (literal) {
      const { ip, ...namedHost } = literal;
      const record = { preference, exchange: name };
      const detail = { about: { ip }, rests: questionsOf(query) };
      yield finding('mx/target-is-ip', { ...evidence, record, ip, host: namedHost }, detail);
      continue;
    }
    const detail = aboutHost(route, host);
    const chain = a.chain.length > 0 ? a.chain : aaaa.chain;
    if (isDoubled(evidence) && addresses.length > 0) {
      // Mail still arrives where both names lead to the same host.
      const isSame = addresses.some((ip) => evidence.meant?.addresses.includes(ip));
      const severity = isSame ? 'warning' : 'error';
      yield finding('mx/zone-appended', { ...evidence, addresses }, { ...detail, severity });
      continue;
    }
    if (chain.length > 0) yield finding('mx/target-is-cname', { ...evidence, chain, preference }, detail);
    if (addresses.length > 0 || proxyBefore(host) !== null) continue;
    const failed = [a, aaaa].find(isFailure);
    if (failed) {
      const reason = { reason: 'lookup-failed', query: queryEvidence(failed) } as const;
      yield inconclusive(reason, name, restsOn(route, [host]), finding);
    } else {
      const rcode = host.isPossible ? a.status : 'not a valid host name';
      yield finding('mx/target-unresolvable', { ...evidence, rcode }, detail);
    }
  }
}

const isDoubled = ({ meant }: ExchangeEvidence): boolean => meant?.slip === 'zone-appended';

/** @returns the records that contradict the others beside a null MX, or `null` when it is not plain which were meant. */
function contradicting(records: readonly MxRecord[], exchanges: readonly Exchange[]): readonly RecordValue[] | null {
  const changes = exchanges.map(({ evidence }) => evidence);
  if (changes.some(({ change }) => change === 'stays' || change === 'renamed')) {
    return records.filter(({ exchange }) => exchange === '').map(mxValue);
  }
  return changes.every(({ isLocal }) => isLocal) ? changes.flatMap(({ published }) => published) : null;
}

/** Reports the MX hosts that cannot be reached, and those with addresses that nobody outside can reach. */
async function* reachability(
  context: Context,
  route: MailRoute,
  exchanges: readonly Exchange[],
  finding: Emitter,
): AsyncGenerator<Finding> {
  const { facts, settings } = context;
  const port = settings.smtpPort;
  const observed = await Promise.all(route.hosts.map((host) => reachOf(host, context)));
  for (const { host, notPublic, isAllNotPublic: isAll } of observed) {
    if (notPublic.length === 0) continue;
    const local = exchanges.find((exchange) => exchange.host === host && exchange.evidence.isLocal)?.evidence ?? null;
    const tested = isAll ? await testedAt(host.name, context) : [];
    const evidence = { name: host.name, addresses: notPublic, isAll, local, tested };
    // A sender that picks one of the public addresses can still deliver.
    const severity = isAll ? 'error' : 'warning';
    yield finding('mx/target-not-public', evidence, { ...aboutHost(route, host), severity });
  }
  for (const reach of observed) yield* notServing(route, reach, { context, finding });
  const answered = observed.flatMap((reach) => [...reach.reached, ...reach.turnedAway.map(({ ip }) => ip)]);
  // An address that takes the connection and says nothing may be a device of this network.
  const answering = await answeringOf(
    observed.flatMap(({ heard }) => heard),
    context,
  );
  for (const reach of observed) {
    const { host, failures, reached, turnedAway } = reach;
    const behind = silentProxy(reach) ?? (await silentEdge(reach, context));
    if (behind !== null) {
      // A proxied record that is not published yet needs no connection to show what it does.
      const isShown = behind.addresses.length === 0 || (await wayOut(failures, answering, context)).kind === 'open';
      yield await proxied(host, behind, isShown, { context, route, finding });
      continue;
    }
    const isElsewhere = exchanges.some((exchange) => exchange.host === host && isDoubled(exchange.evidence));
    if (failures.length === 0 || isElsewhere) continue;
    const { name } = host;
    const detail = { ...aboutHost(route, host), isOfHost: true } as const;
    const kinds = await Promise.all(failures.map(async ({ ip }) => (await facts(vantage, ip)).kind));
    // An address that mailcheck did not connect to says nothing about the host.
    const isTried = failures.some(({ status }) => status !== 'forbidden');
    const isClosed = failures.every(({ status }, index) => status === 'refused' && kinds[index] === 'self');
    const out = isClosed || !isTried ? null : await wayOut(failures, answering, context);
    if (out?.kind !== 'closed' && (reached.length > 0 || turnedAway.length > 0)) {
      yield finding('mx/some-unreachable', { port, addresses: failures, reached: answered }, detail);
    } else if (isClosed || out?.kind === 'open') {
      const evidence = { name, port, addresses: failures, reachedElsewhere: out?.kind === 'open' ? out.shownBy : null };
      yield finding('mx/port-closed', evidence, detail);
    } else {
      const [vantage = 'unknown'] = kinds;
      const obstacle = await obstacleAt(failures, context);
      const evidence = { reason: 'unreached', name, port, addresses: failures, vantage, obstacle } as const;
      yield finding('mx/inconclusive', evidence, unseenAt(detail, { name, item: evidence.reason }));
    }
  }
}

/** @returns the web proxy that an MX host is behind, unless the host answers there all the same. */
function silentProxy({ host, reached, turnedAway }: Reach): BehindProxy | null {
  const answering = [...reached, ...turnedAway.map(({ ip }) => ip)];
  const behind = proxyBefore(host);
  return behind === null || behind.addresses.some((ip) => answering.includes(ip)) ? null : behind;
}

/**
 * @returns the web proxy whose edge servers an MX host leads to, if no mail server answers there. Only the tested addresses
 *   are looked up.
 */
async function silentEdge({ host, failures }: Reach, { target, facts }: Context): Promise<BehindProxy | null> {
  const tested = failures.map(({ ip }) => ip).filter((ip) => target.ips.includes(ip));
  const edges = await Promise.all(tested.map(async (ip) => ({ ip, proxy: await facts(edgeProxy, ip) })));
  const proxy = edges.find((edge) => edge.proxy !== null)?.proxy ?? null;
  if (proxy === null || isOwnMailHost(proxy, host.name)) return null;
  return { proxy, addresses: edges.filter((edge) => edge.proxy === proxy).map(({ ip }) => ip) };
}

/** Reports an MX host that is behind a web proxy. */
async function proxied(
  host: MailHost,
  behind: BehindProxy,
  isShown: boolean,
  { context, route, finding }: { context: Context; route: MailRoute; finding: Emitter },
): Promise<Finding> {
  const { settings, clock } = context;
  const { name, a, aaaa } = host;
  const proxy = proxyEvidence(behind, [...a.chain, ...aaaa.chain], clock.now());
  const tested = await testedAt(name, context);
  const evidence = { name, port: settings.smtpPort, proxy, tested, isImplicit: route.kind === 'implicit' };
  const detail = aboutHost(route, host);
  if (isShown) return finding('mx/behind-proxy', evidence, detail);
  const reason = 'behind-proxy-unreached';
  return finding('mx/inconclusive', { reason, ...evidence }, unseenAt(detail, { name, item: reason }));
}

/** Reports the addresses that this machine cannot connect to, and those that answer but take no mail. */
async function* notServing(
  route: MailRoute,
  { host, noRoute, turnedAway, heldBack, decoys }: Reach,
  { context, finding }: { readonly context: Context; readonly finding: Emitter },
): AsyncGenerator<Finding> {
  const { name } = host;
  const port = context.settings.smtpPort;
  const detail = { ...aboutHost(route, host), isOfHost: true } as const;
  if (noRoute.length > 0) {
    const addresses = noRoute.map((failed) => ({ ...failed, missing: missingHere(failed.ip, failed.detail) }));
    const evidence = { reason: 'no-route', name, port, addresses } as const;
    yield finding('mx/inconclusive', evidence, unseenAt(detail, { name, item: evidence.reason }));
  }
  for (const { ip, decoy } of decoys) {
    const obstacle = await obstacleAt([{ ip }], context);
    const evidence = { reason: 'decoy', name, ip, port, decoy, obstacle } as const;
    yield finding('mx/inconclusive', evidence, unseenAt(detail, { name, item: `decoy ${ip}` }));
  }
  for (const { status, ip, ...held } of heldBack) {
    const evidence = { reason: status, name, ip, port, ...held };
    yield finding('mx/inconclusive', evidence, unseenAt(detail, { name, item: `${status} ${ip}` }));
  }
  const because = (wanted: Unwilling) =>
    turnedAway.filter(({ why }) => why === wanted).map(({ why: _, ...answer }) => answer);
  const noMailServer = because('no-mail-server');
  if (noMailServer.length > 0) yield finding('mx/no-service', { name, port, answers: noMailServer }, detail);
  for (const reason of ['put-off', 'client-refused', 'dialogue-lost', 'no-greeting'] as const) {
    const answers = because(reason);
    if (answers.length === 0) continue;
    const evidence = { reason, name, port, answers, obstacle: await obstacleAt(answers, context) };
    yield finding('mx/inconclusive', evidence, unseenAt(detail, { name, item: reason }));
  }
}

/** @returns the one cause that keeps all these addresses from being tested, or `null`. */
async function obstacleAt(
  addresses: readonly { readonly ip: IpAddress }[],
  { facts }: Context,
): Promise<HostObstacle | null> {
  const [first] = addresses;
  const obstacle = first === undefined ? null : await facts(hostObstacle, first.ip);
  return addresses.every(({ ip }) => obstacle?.ips.includes(ip)) ? obstacle : null;
}

/** @returns the tested addresses of the host that announces this name, or whose PTR record holds it. */
async function testedAt(name: string, { target, facts }: Context): Promise<IpAddress[]> {
  const named = await Promise.all(
    target.ips.map(async (ip) => {
      const [host, reverse] = await Promise.all([facts(hostName, ip), facts(ptr, ip)]);
      const names = [...(host.source === 'helo' ? [host.name] : []), ...reverse.names.map((one) => one.name)];
      return { ip, names };
    }),
  );
  return named.filter(({ names }) => names.some((one) => sameName(one, name))).map(({ ip }) => ip);
}

/**
 * Reports MX hosts that refuse mail for postmaster, which RFC 5321 §4.5.1 requires them to accept. It asks with RCPT
 * and sends no message.
 */
async function* refusedPostmaster(
  { facts, target, settings }: Context,
  route: MailRoute,
  finding: Emitter,
): AsyncGenerator<Finding> {
  for (const host of route.hosts) {
    const { name, addresses } = host;
    const ip = addresses.find((address) => settings.allowPrivate || specialPurpose(address) === undefined);
    const asked = ip === undefined ? null : await facts(postmaster, ip);
    // A host that could not be asked was not reached or did not greet. Other findings report that.
    if (asked === null) continue;
    const { command, result } = asked;
    const code = result.status === 'reply' ? result.reply.code : null;
    if (code !== null && code < 300) continue;
    const mailbox = `postmaster@${target.domain}`;
    const smtp = smtpEvidence(command, result);
    // A refusal before RCPT is about this client. A temporary refusal or a lost connection shows nothing.
    if (code !== null && code >= 500 && command.startsWith('RCPT')) {
      yield finding('mx/postmaster-refused', { name, mailbox, smtp }, aboutHost(route, host));
    } else {
      const evidence = { reason: 'postmaster-unknown', name, mailbox, smtp } as const;
      yield finding('mx/inconclusive', evidence, unseenAt(aboutHost(route, host), { name, item: evidence.reason }));
    }
  }
}
