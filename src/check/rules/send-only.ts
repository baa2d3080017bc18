/** Finds the tested addresses whose SMTP port is silent, as `--send-only` lets it be, and the words for them. */
import type { IpAddress } from '../../network/ip.ts';
import { isTold, type Silence, silentPort } from '../facts/silent-port.ts';
import type { Context } from './rule.ts';

/** @returns the tested addresses whose SMTP port may be silent and is. None without `--send-only`. */
export async function silentAddresses({
  target,
  facts,
  settings,
}: Pick<Context, 'target' | 'facts' | 'settings'>): Promise<ReadonlyMap<IpAddress, Silence>> {
  if (!settings.sendOnly) return new Map();
  const found = await Promise.all(target.ips.map(async (ip) => [ip, await facts(silentPort, ip)] as const));
  return new Map(found.flatMap(([ip, silence]) => (silence === null ? [] : [[ip, silence] as const])));
}

/** @returns whether it is known of each silent address that nothing listens there. */
export function isAllTold(silent: ReadonlyMap<IpAddress, Silence>): boolean {
  return [...silent.values()].every(isTold);
}

/** @returns what is known of the silent addresses, the unknown before the expected. There is at least one. */
export function silenceWords(silent: ReadonlyMap<IpAddress, Silence>, port: number): string {
  const having = (wanted: Silence): IpAddress[] => [...silent].filter(([, kind]) => kind === wanted).map(([ip]) => ip);
  const blocked = having('blocked');
  const untold = having('untold');
  if (blocked.length > 0) {
    return `it is not known whether anything listens on port ${port} of ${blocked.join(', ')}: this network blocks the port`;
  }
  if (untold.length > 0) {
    return `it is not known whether anything listens on port ${port} of ${untold.join(', ')}: it does not answer, and this network may block the port`;
  }
  return having('no-answer').length === 0
    ? `nothing listens on port ${port}, as expected with --send-only`
    : `port ${port} does not answer, as expected with --send-only`;
}
