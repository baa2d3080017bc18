/**
 * Finds the names of a host that a careless server may trust when a stranger announces them in EHLO: those that it
 * announces itself, and those that the DNS has for its address.
 */
import { type DnsAnswer, isFailure } from '../../network/dns/answer.ts';
import { canonicalName, isHostName } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { type DialogueSources, greeting } from './greeting.ts';
import { mailRoute } from './mx.ts';
import { ptr } from './ptr.ts';

/** The number of names of one host that are used. Each takes a connection, and the owner of the DNS chooses them. */
export const MAX_OWN_NAMES = 4;

/** The names that are tried at every host. */
const TRIED_ANYWAY: readonly string[] = ['localhost'];

/** The names of a host besides the domain, and the lookups that failed and might have given more. */
export interface OwnNames {
  /** The names in lower case, the announced ones first. */
  readonly known: readonly string[];
  /** The names beyond `MAX_OWN_NAMES`. */
  readonly omitted: readonly string[];
  readonly missing: readonly DnsAnswer[];
}

/** Finds the names of the host at a tested address. */
export const ownNames = fact(async ({ facts, target }: Needs<DialogueSources>, ip: IpAddress): Promise<OwnNames> => {
  const [greeted, reverse, route] = await Promise.all([facts(greeting, ip), facts(ptr, ip), facts(mailRoute)]);
  const announced = greeted.kind === 'greeted' ? [greeted.greetingName, greeted.helloName] : [];
  // An MX host whose lookup failed may have the address.
  const exchanges = route.hosts.filter(
    ({ addresses, a, aaaa }) => addresses.includes(ip) || isFailure(a) || isFailure(aaaa),
  );
  const names = [
    ...announced,
    target.helo,
    ...reverse.names.map(({ name }) => name),
    ...exchanges.map(({ name }) => name),
  ].filter((name) => name !== null && name !== undefined);
  const lookups: DnsAnswer[] = [reverse.query, ...(route.kind === 'unknown' ? [route.query] : [])];
  const all = [...new Set(names.map(canonicalName).filter(isHostName))].filter(
    (name) => name !== target.domain && !TRIED_ANYWAY.includes(name),
  );
  return { known: all.slice(0, MAX_OWN_NAMES), omitted: all.slice(MAX_OWN_NAMES), missing: lookups.filter(isFailure) };
});
