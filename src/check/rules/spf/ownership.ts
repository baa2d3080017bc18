/** Tells which records the owner of the tested domain can change. */
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';

/** @returns whether a name is in the zone of the owner of the tested domain, as far as names show it. */
export function isOwnZone(name: string, domain: string): boolean {
  return isSameOrSubdomain(name, organizationalDomain(domain));
}
