/**
 * Finds the names of a host that a careless server may trust when a stranger announces them in EHLO: those that it
 * announces itself, and those that the DNS has for its address.
 */
import { isFailure } from '../../network/dns/answer.ts';
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

/** Finds the names of the host at a tested address besides the domain, in lower case, the announced ones first. */
export const ownNames = fact(async (needs: Needs<DialogueSources>, ip: IpAddress): Promise<readonly string[]> => {
  const { facts, target, leaveOut } = needs;
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
  const all = [...new Set(names.map(canonicalName).filter(isHostName))].filter(
    (name) => name !== target.domain && !TRIED_ANYWAY.includes(name),
  );
  const rests = [reverse.query, route.query].map(({ name, type }) => ({ name, type }));
  leaveOut({ what: `names of ${ip}`, looked: Math.min(all.length, MAX_OWN_NAMES), of: all.length, rests });
  return all.slice(0, MAX_OWN_NAMES);
});
