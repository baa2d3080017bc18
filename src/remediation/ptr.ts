/** Setting a reverse name at the provider of the address: where to click, what to type, or that it cannot be done. */
import { type IpAddress, ipFamily } from '../ip.ts';
import type { Provider } from '../providers/schema.ts';
import { fillCommand } from './shell.ts';

/** What to add to a remediation. */
export interface Step {
  readonly summary: string;
  readonly commands: readonly string[];
  readonly links: readonly string[];
  /** Nothing the user does at this provider settles the finding. */
  readonly impossible?: boolean;
}

/** @returns ` (not confirmed)` where the row is a guess. */
export function unsure({ confidence }: Provider): string {
  return confidence === 'low' ? ' (not confirmed)' : '';
}

/** @returns how to set the PTR of the address to the name; the forward record comes first. */
export function setPtr(provider: Provider, ip: IpAddress, wanted: string): Step {
  const { name, ptr, ipv6 } = provider;
  const is6 = ipFamily(ip) === 6;
  const control = is6 ? controlOf6(provider) : ptr.control;
  const notes = is6 && ipv6.note !== '' ? ipv6.note : ptr.note;
  const links = ptr.url === null ? [] : [ptr.url];
  if (control === 'none') {
    const elsewhere = is6
      ? 'send over IPv4 only'
      : 'send through a relay, or move the mail host to a provider that lets you';
    return {
      summary: `The reverse DNS (PTR) of ${ip} cannot be set at ${name}${unsure(provider)}: ${elsewhere}.${sentence(notes)}`,
      commands: [],
      links,
      impossible: true,
    };
  }
  const family = ipFamily(ip);
  const commands = ptr.commands
    .filter((command) => command.family === null || command.family === family)
    .map(({ text }) => fillCommand(text, { [is6 ? 'ipv6' : 'ip']: ip, ...(is6 ? { ip } : {}), helo: wanted }));
  const open = [...new Set(commands.flatMap((command) => command.open))];
  const asked = `Once ${wanted} has an address record with ${ip}, set the reverse DNS (PTR) of ${ip} to ${wanted} at ${name}${unsure(provider)}`;
  const first =
    control === 'unknown'
      ? `${asked}; how is not confirmed, so ask its support if the console has no field for it`
      : control === 'ticket'
        ? `${asked} by a request to its support`
        : asked;
  const where = ptr.ui === '' ? '' : `: ${ptr.ui}${commands.length > 0 ? ', or by command' : ''}`;
  const fill = open.length > 0 ? ` Put your own values for ${open.join(', ')}.` : '';
  return {
    summary: `${first}${where}.${fill}${sentence(notes)}`,
    commands: commands.map(({ text }) => text),
    links,
  };
}

function controlOf6({ ptr, ipv6 }: Provider): Provider['ptr']['control'] {
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

function sentence(note: string): string {
  return note === '' ? '' : ` ${note}`;
}
