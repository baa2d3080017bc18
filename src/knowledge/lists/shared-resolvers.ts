/** Resolvers that many people share: lists refuse them, since they cannot tell who asks. */
import { type IpAddress, parseIp } from '../../network/ip.ts';
import data from './data/public-resolvers.json' with { type: 'json' };

export type ResolverKind = 'public' | 'provider' | 'stub';

export interface SharedResolver {
  readonly name: string;
  /** Open to all, a hosting provider's for its customers, or a forwarder on this machine. */
  readonly kind: ResolverKind;
}

const byAddress = new Map(
  data.resolvers.flatMap(({ name, kind, addresses }) =>
    // JSON modules have wide types; a test holds the rows to the three kinds.
    addresses.map((address) => [parseIp(address), { name, kind: kind as ResolverKind }] as const),
  ),
);

/** @returns whose resolver it is, or `undefined` for one that is not known to be shared. */
export function sharedResolver(address: IpAddress): SharedResolver | undefined {
  return byAddress.get(address);
}
