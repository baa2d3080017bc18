/**
 * Knows the resolvers that many people share, one file each in `resolvers/`. Block lists refuse them, because they
 * cannot tell who asks.
 */
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { rowsOf } from '../data-folder.ts';
import type { SharedResolver } from './schema.ts';

/** Every shared resolver. The tests validate the rows, so a run does not have to. */
export const sharedResolvers = rowsOf('lists/resolvers') as readonly SharedResolver[];

const byAddress = new Map(
  sharedResolvers.flatMap((row) => row.addresses.map((address) => [parseIp(address), row] as const)),
);

/** @returns the shared resolver at an address, or `undefined` when the address is not known to be one. */
export function sharedResolver(address: IpAddress): SharedResolver | undefined {
  return byAddress.get(address);
}
