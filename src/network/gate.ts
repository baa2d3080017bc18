/**
 * The gate decides whether a connection to an address may be made. Names lead wherever their owner likes: to this
 * machine, to its network, or to the metadata service of a cloud. Without `--allow-private` nothing connects there.
 */
import { isIP } from 'node:net';
import { type IpAddress, ipFamily, specialPurpose } from './ip.ts';
import { embeddings, isReachedBy, type Translator } from './nat64.ts';

/** Key of a `Redirections` map that applies to every address and port without an entry of its own. */
export const ANYWHERE = '*';

/**
 * Redirects connections, for labs, tunnels and tests: from `203.0.113.5:25` or `[2001:db8::5]:25` to an address and
 * port.
 */
export type Redirections = ReadonlyMap<string, { readonly host: string; readonly port: number }>;

/** @returns the address and port as text: `203.0.113.5:25` or `[2001:db8::5]:25`. */
export function hostPort(ip: IpAddress, port: number): string {
  return ipFamily(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** @returns the address and port to connect to instead of these. They are the same where nothing redirects them. */
export function redirected(
  ip: IpAddress,
  port: number,
  connectTo: Redirections = new Map(),
): { readonly host: string; readonly port: number } {
  return connectTo.get(hostPort(ip, port)) ?? connectTo.get(ANYWHERE) ?? { host: ip, port };
}

/** @throws RangeError when a redirection leads to something other than an IP address. */
export function assertAddresses(connectTo: Redirections): void {
  for (const { host } of connectTo.values()) {
    if (isIP(host) === 0) throw new RangeError(`connectTo needs addresses, not ${JSON.stringify(host)}`);
  }
}

export interface GateOptions {
  /** Whether special-purpose addresses may be connected to. */
  readonly allowPrivate: boolean;
  /**
   * Finds the translators (NAT64) of this network, or gives `null` when that cannot be found out. It is called only for
   * an address that leads to a special-purpose IPv4 address if there is a translator for it. Absent: there are none.
   */
  readonly translators?: () => Promise<readonly Translator[] | null>;
}

/**
 * Decides whether a connection to an address may be made.
 *
 * @returns why it may not, as words that follow the address and "is", or `undefined` when it may.
 */
export async function refusal(
  ip: IpAddress,
  { allowPrivate, translators = async () => [] }: GateOptions,
): Promise<string | undefined> {
  if (allowPrivate) return undefined;
  const special = specialPurpose(ip);
  if (special !== undefined) return special;
  const [first, ...others] = embeddings(ip).flatMap((embedding) => {
    const block = NOWHERE.test(embedding.ipv4) ? undefined : specialPurpose(embedding.ipv4);
    return block === undefined ? [] : [{ ...embedding, says: `${embedding.ipv4} by NAT64, ${block}` }];
  });
  if (first === undefined) return undefined;
  const here = await translators();
  if (here === null) return `perhaps ${first.says}: whether this network translates addresses is not known`;
  return [first, ...others].find((embedding) => isReachedBy(embedding, here))?.says;
}

/** No packet reaches 0.0.0.0/8 through a translator (RFC 1122 §3.2.1.3). Most IPv6 addresses of servers end so: `::25`. */
const NOWHERE = /^0\./;
