/** Tells whether the certificate that is about to be installed will still match the published records (RFC 7671 §8.1). */
import { X509Certificate } from 'node:crypto';
import { certificateEvidence, covers } from '../../../standards/certificate.ts';
import { compareTlsa, isMatched } from '../../../standards/tlsa/match.ts';
import { recordToPublish } from '../../../standards/tlsa/publish.ts';
import { fieldsText, isUsable } from '../../../standards/tlsa/record.ts';
import type { DaneHost } from '../../facts/tlsa.ts';
import type { Target } from '../../target.ts';
import type { Emit, Finding } from '../finding.ts';
import type { Expected } from './chains.ts';
import { comparedEvidence } from './compared.ts';
import type { findings } from './findings.ts';

/** @returns the certificates of the setting, the server's own first. */
export function nextChain(setting: readonly string[] | undefined): X509Certificate[] {
  return (setting ?? []).map((der) => new X509Certificate(Buffer.from(der, 'base64')));
}

/**
 * @returns the MX hosts that the certificate is for: those at the addresses that the user typed, else those that it names,
 *   else all.
 */
export function hostsOf(
  [leaf]: readonly X509Certificate[],
  hosts: readonly DaneHost[],
  { ips, ipSource }: Target,
): readonly DaneHost[] {
  const typed = hosts.filter(({ host }) => ipSource === 'argument' && host.addresses.some((ip) => ips.includes(ip)));
  if (typed.length > 0) return typed;
  const named = hosts.filter(({ host }) => leaf !== undefined && covers(leaf, host.name));
  return named.length > 0 ? named : hosts;
}

/**
 * Compares the next certificate with the records of a host.
 *
 * @param now milliseconds since the epoch.
 * @returns the fields of the records that match, such as `3 1 1`. `null` if senders use none of the records.
 */
export function* compareNext(
  chain: readonly X509Certificate[],
  { host, name, tlsa, ttl, names, rests }: Expected,
  now: number,
  finding: Emit<typeof findings>,
): Generator<Finding, readonly string[] | null, undefined> {
  const [leaf] = chain;
  if (leaf === undefined || !tlsa.records.some(isUsable)) return null;
  const compared = compareTlsa(tlsa.records, { chain, names, now });
  if (!isMatched(compared)) {
    const evidence = {
      host,
      name,
      records: comparedEvidence(compared),
      certificate: certificateEvidence(leaf),
      publish: recordToPublish(leaf),
      ttl,
    };
    yield finding('dane/next-certificate-mismatch', evidence, { about: { name: host }, rests });
  }
  return compared.flatMap((one) => (one.matches ? [fieldsText(one.record)] : []));
}
