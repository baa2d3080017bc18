/**
 * The gate decides whether a connection to an address may be made. Names lead wherever their owner likes: to this
 * machine, to its network, or to the metadata service of a cloud. Without `--allow-private` nothing connects there.
 */
import { type IpAddress, specialPurpose } from './ip.ts';
import { embeddings, isReachedBy, type Translator } from './nat64.ts';

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
