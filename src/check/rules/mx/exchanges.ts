/**
 * Judges the hosts that the MX records name, all of them together: what is wrong with each, and which record was meant.
 * A record that is wrong may go only if another one stays.
 */
import { isFailure } from '../../../network/dns/answer.ts';
import { sameName } from '../../../network/domain.ts';
import { type IpAddress, isLoopback, parseIp, specialPurpose } from '../../../network/ip.ts';
import { typedAddress } from '../../../standards/doubled-name.ts';
import { isMisspelling } from '../../../standards/misspelt-name.ts';
import { specialUse } from '../../../standards/special-use-name.ts';
import { mxValue, nameValue, type RecordValue } from '../../../standards/zone-file/line.ts';
import { hostName, type Leads } from '../../facts/host-name.ts';
import { appendedZone, type MeantHost, meantHost } from '../../facts/meant-host.ts';
import type { MailHost, MailRoute } from '../../facts/mx.ts';
import { proxyBefore } from '../../facts/web-proxy.ts';
import { addAddress, type Edit, onlyValues } from '../edit.ts';
import type { Context } from '../rule.ts';

/**
 * What is to be done with the MX records that name a host:
 * - `stays`: they are right. Another record set may be wrong.
 * - `goes`: they go, and others stay.
 * - `renamed`: they are to name another host.
 * - `open`: the owner has to choose.
 */
export type ExchangeChange = 'stays' | 'goes' | 'renamed' | 'open';

/** One host that MX records name, as evidence. */
export interface ExchangeEvidence {
  /** The owner name of the MX records: the domain, or the end of its aliases. */
  readonly owner: string;
  readonly name: string;
  /** The published records that name the host, as in a zone file. */
  readonly published: readonly RecordValue[];
  readonly change: ExchangeChange;
  /** The host that the records are to name. */
  readonly instead: string | null;
  /** The records in place of the published ones. Empty if a record of that host is published already. */
  readonly replacing: readonly RecordValue[];
  /** Whether no host on the internet can have the name. */
  readonly isLocal: boolean;
  /** The target of the alias, if the name is one. */
  readonly alias: string | null;
  /** What was meant by a name without address. */
  readonly meant: MeantHost | null;
  /** Whether the name is a misspelling of `instead`. */
  readonly isMisspelt: boolean;
  /** The alias whose CNAME record is to name `instead`. */
  readonly brokenAlias: string | null;
  /** The addresses that a name is to get. */
  readonly addressless: { readonly name: string; readonly ips: readonly string[] } | null;
}

/** One host that MX records name. */
export interface Exchange {
  readonly host: MailHost;
  /** The address that stands in place of a name, and the host at that address. */
  readonly literal: { readonly ip: IpAddress; readonly name: string; readonly leads: Leads } | null;
  readonly evidence: ExchangeEvidence;
}

type MxRoute = MailRoute & { readonly kind: 'mx' };

/** @returns the owner name of the MX records: the domain, or the end of its aliases. */
export function mxOwner({ query }: Pick<MailRoute, 'query'>, domain: string): string {
  return query.chain.at(-1) ?? domain;
}

/** @returns the edits that make the change of the MX records that name a host. */
export function editsOf(exchange: ExchangeEvidence): Edit[] {
  const { owner, name, published, change, instead, replacing, brokenAlias, addressless } = exchange;
  const mx = (because: string): Edit => ({
    record: 'MX',
    name: owner,
    change: { do: 'values', add: replacing, remove: published, because },
  });
  return [
    ...(change === 'goes' ? [mx(`takes the MX ${name} out`)] : []),
    ...(change === 'renamed' && instead !== null ? [mx(renaming(exchange, instead))] : []),
    ...(brokenAlias !== null && instead !== null ? [onlyValues('CNAME', brokenAlias, nameValue(instead))] : []),
    ...(addressless?.ips.map((ip) => addAddress(addressless.name, ip)) ?? []),
  ];
}

function renaming({ name, replacing }: ExchangeEvidence, instead: string): string {
  return replacing.length > 0
    ? `names ${instead} in place of ${name}`
    : `takes the MX ${name} out, since another record names ${instead}`;
}

/** @returns every host that the MX records name, in the order of preference, each once. */
export async function exchangesOf(route: MxRoute, context: Context): Promise<Exchange[]> {
  const owner = mxOwner(route, context.target.domain);
  const distinct = [...new Map(route.hosts.map((host) => [host.name, host])).values()];
  const studied = await Promise.all(distinct.map((host) => study(host, route, owner, context)));
  const isNull = route.records.some(({ exchange }) => exchange === '');
  const isGood = studied.some(({ evidence: { change } }) => change === 'stays' || change === 'renamed');
  return studied.map((exchange) =>
    exchange.evidence.isLocal && (isNull || isGood)
      ? { ...exchange, evidence: { ...exchange.evidence, change: 'goes' } }
      : exchange,
  );
}

type Outcome = Partial<Omit<ExchangeEvidence, 'owner' | 'name' | 'published' | 'replacing'>>;

async function study(host: MailHost, route: MxRoute, owner: string, context: Context): Promise<Exchange> {
  const { settings } = context;
  const address = parseIp(host.name) ?? (host.addresses.length === 0 ? typedAddress(host.name, owner) : undefined);
  if (address === undefined) return exchange(await named(host, owner, context), null);
  const isUnreachable = isLoopback(address) || (!settings.allowPrivate && specialPurpose(address) !== undefined);
  const { name, leads } = await context.facts(hostName, address);
  const literal = { ip: address, name, leads };
  if (isUnreachable) return exchange({ isLocal: true }, literal);
  if (leads === 'here') return exchange({ change: 'renamed', instead: name }, literal);
  if (leads !== 'nowhere') return exchange({}, literal);
  return exchange({ change: 'renamed', instead: name, addressless: { name, ips: [address] } }, literal);

  function exchange(outcome: Outcome, literal: Exchange['literal']): Exchange {
    const own = route.records.filter((record) => sameName(record.exchange, host.name));
    const { instead = null } = outcome;
    const isThere = route.records.some((record) => instead !== null && sameName(record.exchange, instead));
    const renamed = own.map(({ preference }) => mxValue({ preference, exchange: instead ?? '' }));
    const evidence: ExchangeEvidence = {
      owner,
      name: host.name,
      published: own.map(mxValue),
      replacing: instead === null || isThere ? [] : renamed,
      change: 'open',
      isLocal: false,
      alias: aliasOf(host) ?? null,
      meant: null,
      isMisspelt: false,
      brokenAlias: null,
      addressless: null,
      ...outcome,
      instead,
    };
    return { host, literal, evidence };
  }
}

const aliasOf = ({ a, aaaa }: MailHost): string | undefined => (a.chain.length > 0 ? a : aaaa).chain.at(-1);

/** Judges a host that a record names by a name, not by an address. */
async function named(host: MailHost, owner: string, { facts, settings, target }: Context): Promise<Outcome> {
  const { name, a, aaaa, addresses } = host;
  const isLocal = isLocalName(name, settings.allowPrivate);
  const alias = aliasOf(host);
  if (addresses.length > 0) {
    if (isLocal && !settings.allowPrivate) return { isLocal };
    const doubled = await facts(appendedZone, name, owner);
    if (doubled !== null) return { meant: doubled, change: 'renamed', instead: doubled.name };
    if (alias === undefined) return { change: 'stays' };
    // The target of such an alias is a web proxy, not the mail host.
    return proxyBefore(host) === null ? { change: 'renamed', instead: alias } : {};
  }
  if ([a, aaaa].some(isFailure)) return { change: 'stays' };
  if (isLocal) return { isLocal };
  if (!host.isPossible) return {};
  const meant = await facts(meantHost, alias ?? name, alias === undefined ? owner : name);
  if (meant !== null && meant.addresses.length > 0) return afterSlip(meant, host);
  const own = await Promise.all(target.ips.map(async (ip) => ({ ip, ...(await facts(hostName, ip)) })));
  const announcing = (wanted: string): IpAddress[] =>
    own.filter((one) => one.source === 'helo' && sameName(one.name, wanted)).map(({ ip }) => ip);
  if (meant !== null) {
    const ips = announcing(meant.name);
    // A record that names a host without address is of no use yet, so none is proposed.
    if (ips.length === 0) return { meant, change: 'open', instead: meant.name };
    return { ...afterSlip(meant, host), addressless: { name: meant.name, ips } };
  }
  const right = own.find((one) => one.leads === 'here' && isMisspelling(name, one.name))?.name;
  if (right !== undefined && a.status === 'nxdomain') return { change: 'renamed', instead: right, isMisspelt: true };
  const tested = announcing(name);
  return tested.length === 0 || alias !== undefined ? {} : { change: 'stays', addressless: { name, ips: tested } };
}

function afterSlip(meant: MeantHost, host: MailHost): Outcome {
  const { slip, name, addresses } = meant;
  if (slip === 'record-misplaced') return { meant, change: 'stays', addressless: { name, ips: addresses } };
  const aliases = [host.name, ...(host.a.chain.length > 0 ? host.a : host.aaaa).chain];
  return { meant, change: 'renamed', instead: name, brokenAlias: aliases.at(-2) ?? null };
}

/** Tells whether no host on the internet can have the name. A lab has names of its own. */
function isLocalName(name: string, isLab: boolean): boolean {
  const use = specialUse(name);
  return use === 'machine' || (use !== undefined && !isLab);
}
