/** Tells records of the owner of the tested domain from those of registries and others, and finds a mailbox there. */
import { type DnsAnswer, isFailure, type Resolver, recordsOf } from '../../../network/dns/answer.ts';
import { isSameOrSubdomain } from '../../../network/domain.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import type { Target } from '../../target.ts';
import { type DmarcChange, type Edit, editDmarc } from '../edit.ts';
import type { Place } from '../own-place.ts';

/**
 * @returns the edit of a record of the owner, at the target of an alias if that is the owner's, too. None for a record of
 *   somebody else, such as a registry.
 */
export function changeOfOwn({ domain }: Pick<Target, 'domain'>, { name, alias }: Place, change: DmarcChange): Edit[] {
  const isOwn = (one: string): boolean => isSameOrSubdomain(one, organizationalDomain(domain));
  if (!isOwn(name)) return [];
  return [editDmarc(alias !== null && isOwn(alias) ? alias : name, change)];
}

export interface ReportMailbox {
  /** The address, or `null` if none of the domains takes mail, as far as that is known. */
  readonly address: string | null;
  /** Whether it is known that none of the domains takes mail, since each of them was looked up. */
  readonly isNone: boolean;
  /** The answers that it rests on. */
  readonly answers: readonly DnsAnswer<'MX'>[];
}

/**
 * Finds a domain at which a mailbox for reports can be: the first one with MX records other than a null MX (RFC 7505).
 *
 * @param domains the domains of the owner, the preferred one first.
 */
export async function reportMailbox(dns: Resolver, domains: readonly string[]): Promise<ReportMailbox> {
  const answers = await Promise.all([...new Set(domains)].map((domain) => dns.query(domain, 'MX')));
  const takesMail = answers.find((answer) => recordsOf(answer).some(({ exchange }) => exchange !== ''));
  const isNone = takesMail === undefined && !answers.some(isFailure);
  return { address: takesMail === undefined ? null : `dmarc@${takesMail.name}`, isNone, answers };
}
