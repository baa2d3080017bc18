/** Tells the zones of the block lists that mailcheck knows, for those who need nothing else of the lists. */
import { rowsOf } from '../data-folder.ts';

/** @returns the zones of all known lists. */
export function knownZones(): ReadonlySet<string> {
  return new Set((rowsOf('lists/data') as readonly { readonly zone: string }[]).map(({ zone }) => zone));
}
