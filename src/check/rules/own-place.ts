/** Tells where the owner of the tested domain can change a record, and where somebody else would have to. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import type { Target } from '../target.ts';

/** A name, and the target of the alias there, or `null` when it is no alias. */
export interface Place {
  readonly name: string;
  readonly alias: string | null;
}

/** @returns the name for people, with the target of the alias. */
export function placeText({ name, alias }: Place): string {
  return alias === null ? name : `${name} (an alias of ${alias})`;
}

/** @returns the name at which the owner of the domain changes the records. None for names of somebody else. */
export function ownNames({ domain }: Pick<Target, 'domain'>, { name, alias }: Place): string[] {
  const isOwn = (one: string): boolean => isSameOrSubdomain(one, organizationalDomain(domain));
  return [alias ?? name].filter(isOwn);
}
