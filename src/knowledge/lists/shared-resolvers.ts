/** Resolvers that many people share, one file each in `resolvers/`: lists refuse them, since they cannot tell who asks. */
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { rowsOf } from '../data-folder.ts';
import type { SharedResolver } from './schema.ts';

/** The tests hold every row to the schema, so that no run has to. */
export const sharedResolvers = rowsOf('lists/resolvers', import.meta.url) as readonly SharedResolver[];

const byAddress = new Map(
  sharedResolvers.flatMap((row) => row.addresses.map((address) => [parseIp(address), row] as const)),
);

/** @returns whose resolver it is, or `undefined` for one that is not known to be shared. */
export function sharedResolver(address: IpAddress): SharedResolver | undefined {
  return byAddress.get(address);
}
