/**
 * Says how to set a PTR record at the provider of an address: where to click, what to type, or that it is impossible.
 */

import type { Provider } from '../../../knowledge/providers/schema.ts';
import { isConfirmed } from '../../../knowledge/verification.ts';
import { type IpAddress, ipFamily } from '../../../network/ip.ts';
import { confirmationMark } from '../../../report/confirmation.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
import { shortName } from '../../../report/short-name.ts';
import type { Alternative } from '../../rules/fix.ts';
import { address, type Command, command, fillCommand, hostName, type Link, links } from '../../rules/pasted.ts';
import { joinedAlternatives } from './alternatives.ts';
import { relayPorts } from './relay-ports.ts';

/** A step at a provider, which replaces or extends a remediation. */
export interface Step {
  readonly summary: string;
  readonly commands: readonly Command[];
  /** Commands for different cases, of which one applies. */
  readonly alternatives: readonly Alternative[];
  readonly links: readonly Link[];
  /** Whether nothing that the user can do at this provider fixes the finding. */
  readonly impossible?: boolean;
}

/** @returns ` (not confirmed)` when the data about the provider is old or a guess, else an empty string. */
export function unsure(provider: Provider, now: number): string {
  return confirmationMark(isConfirmed(provider, now));
}

/**
 * @param providers the providers that the address may belong to; at least one.
 * @param wanted the name that the PTR record should hold.
 * @param now milliseconds since the epoch, to mark data about a provider that is too old.
 * @returns the step to set the PTR record of the address. It tells the user to create the address record of the name
 *   first.
 */
export function setPtr(providers: readonly Provider[], ip: IpAddress, wanted: string, now: number): Step {
  const able = providers.filter((provider) => canSetPtr(provider, ip));
  if (able.length === 0) return cannotSet(providers, ip, now);
  const places = able.map((provider) => placeOf(provider, ip, wanted, now));
  const open = [...new Set(places.flatMap((place) => place.open))];
  return {
    summary: [
      `Publish an address record for ${wanted} with ${ip}, then set the PTR record of ${ip} to ${wanted}.`,
      ...places.map(({ text }) => text),
      ...(open.length > 0 ? [`Replace ${open.join(', ')} with your own values.`] : []),
    ].join(' '),
    ...typed(places),
    links: links(...able.map(({ ptr }) => ptr.url)),
  };
}

/**
 * @returns whether a PTR record can be set for the address there. Only a provider that is known not to allow it cannot.
 *   The address of a provider that is gone may have another holder, who can.
 */
export function canSetPtr(provider: Provider, ip: IpAddress): boolean {
  return provider.status !== 'active' || controlOf(provider, ip) !== 'none';
}

function cannotSet(providers: readonly Provider[], ip: IpAddress, now: number): Step {
  const names = providers.map((provider) => `${provider.name}${unsure(provider, now)}`).join(' or ');
  const only4 = ipFamily(ip) === 6 && providers.some(({ ptr }) => ptr.control !== 'none');
  const relay = providers.some((provider) => relayPorts(provider).length > 0)
    ? 'send through a relay'
    : 'send through the HTTPS API of a mail service';
  const instead = only4 ? 'send over IPv4 only' : `${relay}, or move the mail server to another provider`;
  // What is noted about IPv4 holds for IPv6 only where neither has a PTR record.
  const notes = providers.map(({ ptr, ipv6 }) => {
    if (ipFamily(ip) === 4) return ptr.note;
    return ipv6.note === '' && ptr.control === 'none' ? ptr.note : ipv6.note;
  });
  return {
    summary: [`${names} lets nobody set the PTR record of ${ip}: ${instead}.`, ...notes].join(' ').trim(),
    commands: [],
    alternatives: [],
    links: links(...providers.map(({ ptr }) => ptr.url)),
    impossible: true,
  };
}

/** The tools that set nothing and only show whom to ask. */
const LOOKUPS = ['whois', 'dig'];

/** A command of the data with the user's values, and the case that it is for. */
interface Case {
  readonly case: string | null;
  readonly command: Command;
}

/** What to do at one provider. */
interface Place {
  readonly name: string;
  readonly text: string;
  readonly cases: readonly Case[];
  /** The values in the commands that the user has to replace. */
  readonly open: readonly string[];
}

/** The address has another holder now, or none. */
function goneFrom(provider: Provider, ip: IpAddress, now: number): Place {
  const { name, history } = provider;
  const text =
    `${name} no longer exists${unsure(provider, now)}: ask the current holder of the address. ${history ?? ''}`.trim();
  const cases = command`whois ${address(ip)}`.map((whois) => ({ case: HOLDER, command: whois }));
  return { name, text, cases, open: [] };
}

/** The case of the commands that show whom to ask. */
const HOLDER = 'To see who holds the address';

function placeOf(provider: Provider, ip: IpAddress, wanted: string, now: number): Place {
  const { name, ptr, ipv6, status } = provider;
  if (status !== 'active') return goneFrom(provider, ip, now);
  const family = ipFamily(ip);
  const control = controlOf(provider, ip);
  const isOfFamily = (command: Provider['ptr']['commands'][number]): boolean =>
    command.family === null || command.family === family;
  // How a record is set there is not known, so only a lookup is of use.
  const isOfUse = ({ tool }: Provider['ptr']['commands'][number]): boolean =>
    control !== 'unknown' || LOOKUPS.includes(tool);
  const chosen = ptr.commands.filter((command) => isOfFamily(command) && isOfUse(command));
  const values = { ip: address(ip), helo: hostName(wanted), ...(family === 6 ? { ipv6: address(ip) } : {}) };
  const filled = chosen.map(({ text, for: its, values: words }) => ({
    case: its,
    ...fillCommand(text, values, words),
  }));
  const isLookup = chosen.length > 0 && chosen.every(({ tool }) => LOOKUPS.includes(tool));
  const ui = (family === 6 ? ipv6.ui : null) ?? ptr.ui;
  const isOther = family === 6 && ptr.control !== 'unknown';
  const how = [
    ...(control === 'unknown'
      ? [`the way is not known${isOther ? ' for an IPv6 address' : ''}; look in the console or ask the support`]
      : []),
    ...(control === 'unknown' || ui === '' ? [] : [ui]),
    ...(control === 'ticket' && !isLookup ? ['by support ticket'] : []),
  ];
  const byCommand = how.length > 0 ? 'or by command' : 'by command';
  const ways = [...how, ...(chosen.length > 0 && !isLookup ? [byCommand] : [])].join(', ');
  // The note on PTR records is about the way that is known: that of IPv4 where the one of IPv6 is not.
  const general = family === 6 && control === 'unknown' ? '' : ptr.note;
  const note = family === 6 && ipv6.note !== '' ? ipv6.note : general;
  const shows = isLookup ? ' The commands show whom to ask.' : '';
  return {
    name,
    text: `${shortName(name)}${control === 'unknown' ? '' : unsure(provider, now)}: ${ways}.${shows} ${note}`.trim(),
    cases: filled.map(({ case: its, text }) => ({ case: its, command: text })),
    open: filled.flatMap(({ open }) => open),
  };
}

/** Sorts the commands: those that hold in any case, and those of which one case applies. */
function typed(places: readonly Place[]): Pick<Step, 'commands' | 'alternatives'> {
  const isOne = places.length === 1;
  const all = places.flatMap(({ name, cases }) =>
    cases.map(({ case: its, command }) => ({ label: isOne ? its : atProvider(name, its), command })),
  );
  return {
    commands: [...new Set(all.filter(({ label }) => label === null).map(({ command }) => command))],
    alternatives: joinedAlternatives(
      all.flatMap(({ label, command }) => (label === null ? [] : [{ label, commands: [command] }])),
    ),
  };
}

/** @returns the label of a command at one of several providers: `At OVHcloud, on a VPS`. */
function atProvider(name: string, its: string | null): string {
  return its === null ? `At ${name}` : `At ${name}, ${lowerFirst(its)}`;
}

function controlOf({ ptr, ipv6 }: Provider, ip: IpAddress): Provider['ptr']['control'] {
  if (ipFamily(ip) === 4) return ptr.control;
  switch (ipv6.ptr) {
    case 'self-service':
      return ptr.control === 'none' ? 'self-service' : ptr.control;
    case 'ticket':
      return 'ticket';
    case 'none':
    case 'no-ipv6':
      return 'none';
    case 'unknown':
      return ptr.control === 'none' ? 'none' : 'unknown';
  }
}
