/** The part of `mailcheck records` that is about TLS between mail servers: the TLSA record, and the policy of MTA-STS. */
import { X509Certificate } from 'node:crypto';
import { zoneCut } from '../../check/facts/zone-cut.ts';
import { isFailure, type TlsaRecord } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName, type Domain } from '../../network/domain.ts';
import type { PlannedRecord } from '../../records/planned-record.ts';
import { covers } from '../../standards/certificate.ts';
import { policyHost, policyUrl, stsName } from '../../standards/mta-sts/places.ts';
import { recordToPublish } from '../../standards/tlsa/publish.ts';

/** The TLSA record to plan, and what is to be said about it. */
export interface PlannedTlsa {
  /** `null` if there is nothing to publish. */
  readonly record: TlsaRecord | null;
  readonly notes: readonly string[];
}

/**
 * Decides whether a TLSA record makes sense. Senders look for one only where the zone of the host is signed (RFC 7672
 * §2.1.1), and a record in another zone is of no use.
 *
 * @param chain the certificates that the user gave, in Base64 of DER, the one of the host first.
 */
export async function tlsaFor(
  dns: DnsClient,
  heloName: string,
  chain: readonly string[] | undefined,
): Promise<PlannedTlsa> {
  const [first] = chain ?? [];
  if (first === undefined) return { record: null, notes: [] };
  const cut = await zoneCut(dns, canonicalName(heloName));
  const zone = cut.kind === 'found' ? cut.zone : heloName;
  const ds = cut.kind === 'failed' ? cut.answer : await dns.query(zone, 'DS');
  if (isFailure(ds)) {
    return {
      record: null,
      notes: [`No TLSA record: it is not known whether ${zone} is signed. Run the command again.`],
    };
  }
  if (ds.status !== 'answer') {
    return { record: null, notes: [`No TLSA record: ${zone} is not signed (DNSSEC), and senders would ignore one.`] };
  }
  const leaf = new X509Certificate(Buffer.from(first, 'base64'));
  return {
    record: recordToPublish(leaf),
    notes: [
      'Publish the TLSA record first. Install the certificate two TTLs of the record later.',
      ...(covers(leaf, heloName) ? [] : [`The certificate does not have the name ${heloName}.`]),
    ],
  };
}

/** The life of the first policy, in seconds: a day, so that a mistake is soon forgotten (RFC 8461 §5). */
const FIRST_MAX_AGE = 86_400;

/**
 * @returns the notes with the policy to serve before the MTA-STS record is published, or what to do first if a policy is in
 *   use and the MX hosts change.
 */
export function policyNotes(domain: Domain, records: readonly PlannedRecord[]): string[] {
  const sts = records.find(({ name, type }) => type === 'TXT' && name === stsName(domain));
  const mx = records.filter(({ name, type, value }) => type === 'MX' && name === domain && value !== '');
  const hosts = mx.map(({ value }) => value.replace(/^\d+ /, '').replace(/\.$/, '')).filter((host) => host !== '');
  if (sts?.status === 'right' && mx.some(({ status }) => status !== 'right')) {
    return [
      `${domain} has an MTA-STS policy. Add ${hosts.join(', ')} to it and change the id before you change the MX record.`,
    ];
  }
  if (sts?.status !== 'missing' || hosts.length === 0) return [];
  return [
    `Before you publish ${stsName(domain)}: serve this file at ${policyUrl(policyHost(domain))}, with a valid certificate for ${policyHost(domain)}:`,
    'version: STSv1',
    'mode: testing',
    ...hosts.map((host) => `mx: ${host}`),
    `max_age: ${FIRST_MAX_AGE}`,
  ];
}
