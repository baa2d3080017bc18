/**
 * Tells whether an MX host has TLSA records for its SMTP port (RFC 7672 §2.2). Senders with DANE judge such a host by them,
 * and MTA-STS does not change that (RFC 8461 §2). It does not tell whether the records are signed.
 */
import { recordsOf } from '../../network/dns/answer.ts';
import { tlsaName } from '../../standards/tlsa/publish.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Asks for the TLSA records of an MX host. A failure counts as none: the answer adds to the words of a finding only. */
export const tlsaPublished = fact(
  async ({ dns }: Needs<'dns'>, host: string): Promise<boolean> =>
    recordsOf(await unwatched(dns).query(tlsaName(host), 'TLSA')).length > 0,
);
