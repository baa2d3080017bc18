/** Asks whether the domain under test exists. A domain that does not exist has one fault, and no others follow from it. */
import { type DnsAnswer, type DnsFailure, isCutOff, isFailure } from '../../network/dns/answer.ts';
import { fact, type Needs } from './fact.ts';

/** The answers about the domain itself. */
export interface DomainAnswers {
  readonly soa: DnsAnswer<'SOA'>;
  readonly mx: DnsAnswer<'MX'>;
  readonly txt: DnsAnswer<'TXT'>;
}

/** Asks for the records of the domain under test that other facts ask for too. */
export const domainAnswers = fact(async ({ dns, target }: Needs<'dns' | 'target'>): Promise<DomainAnswers> => {
  const { domain } = target;
  const [soa, mx, txt] = await Promise.all([
    dns.query(domain, 'SOA'),
    dns.query(domain, 'MX'),
    dns.query(domain, 'TXT'),
  ]);
  return { soa, mx, txt };
});

/**
 * @returns a failed lookup, if every lookup fails, and neither the end of the run nor a proposed change is the reason. `null`
 *   otherwise.
 */
export function failingLookup({ soa, mx, txt }: DomainAnswers): DnsFailure | null {
  const failures = [soa, mx, txt].filter((answer) => isFailure(answer));
  return failures.length === 3
    ? (failures.find((failure) => !isCutOff(failure) && failure.status !== 'undetermined') ?? null)
    : null;
}

/**
 * @returns whether the domain does not exist (RFC 8020). NXDOMAIN is about all types of a name, and a server that gives it
 *   for one type only is wrong.
 */
export function isNonexistent({ soa, mx, txt }: DomainAnswers): boolean {
  return [soa, mx, txt].every(({ status }) => status === 'nxdomain');
}
