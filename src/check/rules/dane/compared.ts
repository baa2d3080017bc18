/** Writes the comparison of TLSA records with a certificate as evidence, and in words. */
import type { TlsaRecord } from '../../../network/dns/answer.ts';
import { listed } from '../../../report/listed.ts';
import type { Compared, Miss } from '../../../standards/tlsa/match.ts';
import { tlsaText, type UnusableReason } from '../../../standards/tlsa/record.ts';

/** A TLSA record as evidence. */
export type TlsaEvidence = TlsaRecord;

/** One record with what its comparison gave. */
export type ComparedEvidence = { readonly record: string } & ({ readonly outcome: 'matches' } | WithoutWhy<Miss>);

type WithoutWhy<M> = M extends { readonly why: infer W } ? { readonly outcome: W } & Omit<M, 'why'> : never;

/** @returns the comparison as evidence. */
export function comparedEvidence(compared: readonly Compared[]): ComparedEvidence[] {
  return compared.map((one) => {
    const record = tlsaText(one.record);
    if (one.matches) return { record, outcome: 'matches' };
    const { why, ...rest } = one.miss;
    // The rest belongs to its `why`, which the type of a spread does not keep.
    return { record, outcome: why, ...rest } as ComparedEvidence;
  });
}

/** What senders make of a record that they cannot use, as a predicate. */
const UNUSABLE: Readonly<Record<UnusableReason, string>> = {
  'pkix-usage': 'has a usage that mail servers leave out (0 or 1)',
  'unknown-usage': 'has an unknown usage',
  'unknown-selector': 'has an unknown selector',
  'unknown-matching-type': 'has an unknown matching type',
  'bad-length': 'has data of the wrong length',
  unreadable: 'has data that is no certificate or key',
};

/** @returns why senders cannot use a record, as a predicate. */
export function unusableText(reason: UnusableReason): string {
  return UNUSABLE[reason];
}

/** @returns what the comparison of one record gave, in words. */
export function comparedText(compared: ComparedEvidence): string {
  switch (compared.outcome) {
    case 'matches':
      return 'matches';
    case 'unusable':
      return `cannot be used: it ${unusableText(compared.reason)}`;
    case 'weaker':
      return compared.wouldMatch
        ? 'would match, but a stronger digest takes its place'
        : 'a stronger digest takes its place';
    case 'other':
      return 'is for another certificate or key';
    case 'is-issuer':
      return `has the value of the CA ("${compared.certificate.subject}"), but usage 3 is for the server’s own certificate: use 2`;
    case 'is-own':
      return 'has the value of the server’s own certificate, but usage 2 is for its CA: use 3';
    case 'no-path':
      return `names a CA that has not issued the certificate ("${compared.last.subject}" is not signed by it)`;
    case 'out-of-date':
      return compared.state === 'expired'
        ? `matches, but "${compared.certificate.subject}" expired on ${day(compared.certificate.notAfter)}, and usage 2 checks dates`
        : `matches, but "${compared.certificate.subject}" is not valid before ${day(compared.certificate.notBefore)}, and usage 2 checks dates`;
    case 'other-name':
      return `matches, but the certificate is for ${listed(compared.names) || 'no name'} and not for ${listed(compared.wanted, 'or')}, and usage 2 checks names`;
  }
}

const day = (iso: string): string => iso.slice(0, 10);
