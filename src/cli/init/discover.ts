/** Finds in the DNS what a configuration for a domain says, by the same facts as a check. */
import { dkim } from '../../check/facts/dkim.ts';
import { createFacts } from '../../check/facts/fact.ts';
import { type MailHost, mailRoute } from '../../check/facts/mx.ts';
import { type ProviderFact, provider } from '../../check/facts/provider.ts';
import { type PtrFact, ptr } from '../../check/facts/ptr.ts';
import { parseSelector } from '../../check/target.ts';
import { tokensOf } from '../../check/token.ts';
import { webProxyAt } from '../../knowledge/web-proxies/catalogue.ts';
import { isFailure } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { type Domain, isHostName, isSameOrSubdomain, parseDomain } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import { isUsable } from '../../standards/dkim/lookup.ts';
import { UsageError } from '../../usage-error.ts';

/** What the user has said. Nothing else is looked for in its place. */
export interface Given {
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly selectors: readonly string[];
  readonly helo?: string;
}

/** What the DNS says. Each text is checked: it is a name, an address, a selector or an id that mailcheck knows. */
export interface Discovered {
  readonly ips: readonly IpAddress[];
  /** The name that the server probably announces, or `null`. */
  readonly helo: string | null;
  readonly selectors: readonly string[];
  /** The hosting provider of all addresses, if it was recognised without doubt, or `null`. */
  readonly provider: { readonly id: string; readonly name: string } | null;
  /** The MX hosts whose names are not below the domain. Their addresses may belong to a mailbox provider. */
  readonly foreignHosts: readonly string[];
  /** Whether all lookups were answered. */
  readonly isComplete: boolean;
}

/** What is known without the DNS. */
export const NOTHING: Discovered = {
  ips: [],
  helo: null,
  selectors: [],
  provider: null,
  foreignHosts: [],
  isComplete: false,
};

/**
 * @param run.now milliseconds since the epoch.
 * @param run.seed 32 hexadecimal digits that nobody can guess, for names that cannot exist.
 * @returns what the DNS says about the domain and its addresses.
 */
export async function discover(
  dns: DnsClient,
  given: Given,
  { now, seed }: { readonly now: number; readonly seed: string },
): Promise<Discovered> {
  const { domain, selectors } = given;
  const facts = createFacts<'clock' | 'dns' | 'settings' | 'signingKey' | 'target' | 'token'>({
    dns,
    target: { domain, ips: given.ips, ipSource: 'argument', selectors },
    settings: { smtpPort: 25, allowPrivate: false },
    clock: { now: () => now },
    token: tokensOf(seed),
    signingKey: null,
  });
  const [route, keys] = await Promise.all([facts(mailRoute), facts(dkim)]);
  const own = route.hosts.filter(({ name }) => isSameOrSubdomain(name, domain));
  const ips = given.ips.length > 0 ? given.ips : addressesOf(own);
  const [owners, pointers] = await Promise.all([
    Promise.all(ips.map((ip) => facts(provider, ip))),
    Promise.all(ips.map((ip) => facts(ptr, ip))),
  ]);
  const confirmed = pointers.flatMap(({ names }) =>
    names.filter(({ confirmation }) => confirmation === 'confirmed').map(({ name }) => name),
  );
  const mxNames = own.filter(({ addresses }) => addresses.some((ip) => ips.includes(ip))).map(({ name }) => name);
  const isOwnName = (name: string): boolean => isSameOrSubdomain(name, domain);
  return {
    ips,
    helo: given.helo ?? [...confirmed.filter(isOwnName), ...mxNames, ...confirmed].map(hostNameOf).find(isText) ?? null,
    selectors: selectors.length > 0 ? selectors : usableSelectors(keys.lookups),
    provider: providerOfAll(owners),
    foreignHosts: route.hosts
      .map(({ name }) => hostNameOf(name))
      .filter(isText)
      .filter((name) => !isOwnName(name)),
    isComplete:
      route.kind !== 'unknown' &&
      !own.some(({ a, aaaa }) => isFailure(a) || isFailure(aaaa)) &&
      (keys.discovery?.failures ?? []).length === 0 &&
      pointers.every(isAnswered) &&
      owners.every(({ failures }) => failures.length === 0),
  };
}

function isAnswered({ kind, names }: PtrFact): boolean {
  return kind !== 'unknown' && names.every(({ confirmation }) => confirmation !== 'unknown');
}

function addressesOf(hosts: readonly MailHost[]): IpAddress[] {
  const ips = hosts.flatMap(({ addresses }) => addresses);
  return [...new Set(ips)].filter((ip) => webProxyAt(ip) === undefined);
}

function usableSelectors(lookups: readonly Parameters<typeof isUsable>[0][]): string[] {
  return lookups.filter(isUsable).flatMap(({ selector }) => {
    try {
      return [parseSelector(selector)];
    } catch (error) {
      // The key of a wildcard has no selector.
      if (error instanceof UsageError) return [];
      throw error;
    }
  });
}

function providerOfAll(owners: readonly ProviderFact[]): Discovered['provider'] {
  const [first, ...others] = owners.map(({ candidates: [one, ...more], certainty }) =>
    certainty === 'high' && more.length === 0 ? one?.provider : undefined,
  );
  const isOne = first !== undefined && !first.generic && others.every((other) => other?.id === first.id);
  return isOne ? { id: first.id, name: first.name } : null;
}

/** Returns the name if a host can have it. The DNS may hold any text. */
function hostNameOf(name: string): string | undefined {
  return isHostName(name) ? parseDomain(name) : undefined;
}

function isText(name: string | undefined): name is string {
  return name !== undefined;
}
