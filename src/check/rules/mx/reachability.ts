/** Finds the MX hosts that cannot be reached. It tries every address that mailcheck may connect to. */
import { type IpAddress, specialPurpose } from '../../../network/ip.ts';
import type { Facts } from '../../facts/fact.ts';
import { type Greeting, greeting } from '../../facts/greeting.ts';
import type { MailHost } from '../../facts/mx.ts';
import type { Context } from '../rule.ts';
import type { Unreachable } from './findings.ts';

/** An address that was tried in vain. */
export interface Failed extends Unreachable {
  readonly ip: IpAddress;
}

/** What the connections to one MX host showed. */
export interface Reach {
  readonly host: MailHost;
  /** The addresses that nobody outside can reach. They were not tried. */
  readonly notPublic: readonly IpAddress[];
  readonly isAllNotPublic: boolean;
  readonly failures: readonly Failed[];
  readonly reached: readonly IpAddress[];
}

/**
 * @returns what the connections to the addresses of an MX host show. An address that was not tried, because it is in a
 *   planned record only, is neither reached nor failed.
 */
export async function reachOf(
  host: MailHost,
  { facts, settings }: Pick<Context, 'facts' | 'settings'>,
): Promise<Reach> {
  const tried = host.addresses.filter((ip) => settings.allowPrivate || specialPurpose(ip) === undefined);
  const results = await greetingsOf(tried, facts);
  return {
    host,
    notPublic: host.addresses.filter((ip) => !tried.includes(ip)),
    isAllNotPublic: tried.length === 0,
    failures: results.flatMap(({ ip, greeted }) =>
      greeted.kind === 'failed' && greeted.failure.status !== 'unasked'
        ? [{ ip, status: greeted.failure.status, detail: greeted.failure.detail }]
        : [],
    ),
    reached: results.filter(({ greeted }) => greeted.kind !== 'failed').map(({ ip }) => ip),
  };
}

/** Finds a tested address that answers on the port, which proves that this network does not block the port. */
export async function reachedTarget({ target, facts }: Context): Promise<IpAddress | undefined> {
  const greetings = await greetingsOf(target.ips, facts);
  return greetings.find(({ greeted }) => greeted.kind !== 'failed')?.ip;
}

async function greetingsOf(ips: readonly IpAddress[], facts: Facts): Promise<{ ip: IpAddress; greeted: Greeting }[]> {
  return Promise.all(ips.map(async (ip) => ({ ip, greeted: await facts(greeting, ip) })));
}
