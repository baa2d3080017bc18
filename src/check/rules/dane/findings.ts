import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { count } from '../../../report/count.ts';
import { listed } from '../../../report/listed.ts';
import type { CertificateEvidence } from '../../../standards/certificate.ts';
import { durationText, waitBeforeUse } from '../../../standards/tlsa/publish.ts';
import type { UnusableReason } from '../../../standards/tlsa/record.ts';
import { tlsaValue } from '../../../standards/zone-file/line.ts';
import { addValues } from '../edit.ts';
import { type Detail, findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { heldBackReasons } from '../held-back.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { noRoute, TIME_LIMIT } from '../obstacles.ts';
import { command, commandOf, hostName } from '../pasted.ts';
import { type ComparedEvidence, comparedText, type TlsaEvidence, unusableText } from './compared.ts';

/** An MX host, and where its TLSA records stand. */
export interface AboutHost {
  readonly host: string;
  /** The owner name of the records, without aliases. */
  readonly name: string;
}

export interface AboutChain extends AboutHost {
  /** The addresses of the host that show the same. */
  readonly addresses: readonly string[];
  readonly records: readonly ComparedEvidence[];
  /** The server's own certificate. `null` when it shows none. */
  readonly certificate: CertificateEvidence | null;
  /** The record to publish for its key. */
  readonly publish: TlsaEvidence | null;
  /** The TTL of the records, in seconds. */
  readonly ttl: number;
}

/** An address that could not be seen. */
export interface Unseen extends AboutHost, Obstructed {
  readonly addresses: readonly string[];
  readonly detail: string;
}

const at = ({ host, addresses }: { readonly host: string; readonly addresses: readonly string[] }): string =>
  `${host} (${addresses.join(', ')})`;

const RENEW_WITH_SAME_KEY =
  'To renew without changing the record, keep the key: certbot renew --reuse-key. The record 3 1 1 then stays valid.';

/** Returns the commands that print the value of the record `3 1 1` on the mail server itself. */
function ownValue(host: string): Fix['commands'] {
  const word = hostName(host);
  return command`openssl x509 -in /etc/letsencrypt/live/${word}/fullchain.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256`;
}

function recordDetails(records: readonly ComparedEvidence[]): Detail[] {
  return records.map((compared) => ({ label: compared.record, text: comparedText(compared) }));
}

/** Says how to publish the record of the key in use. The live key is what this machine was shown. */
function publishLive({ host, name, publish, ttl }: AboutChain, why: string): Fix {
  if (publish === null) return { summary: 'Configure a certificate and cipher suites that use it.' };
  return {
    summary: `${why} Add the record below for the key in use, if the command prints the same value on the server. Delete the old record after ${durationText(waitBeforeUse(ttl))} (two TTLs). Before the next change of the key, publish its record first and wait as long.`,
    edits: [addValues('TLSA', name, tlsaValue(publish))],
    commands: ownValue(host) ?? [],
  };
}

export const findings = {
  'dane/absent': findingSpec<{ domain: string; hosts: readonly (AboutHost & { publish: string | null })[] }>({
    severity: 'info',
    title: 'No TLSA records are published',
    message: ({ hosts }) =>
      `${listed(hosts.map(({ host }) => host))} ${hosts.length === 1 ? 'has' : 'have'} no TLSA record.`,
    details: ({ hosts }) =>
      hosts.flatMap(({ name, publish }) => (publish === null ? [] : [{ label: `TLSA of ${name}`, text: publish }])),
    explanation:
      'The zone is signed, so DANE could be used. It makes senders verify the host, so that nobody on the way can read the mail.',
    remediation: () => ({
      summary: `DANE is optional. To use it, publish a TLSA record 3 1 1 with the SHA-256 of the public key for each MX host. ${RENEW_WITH_SAME_KEY}`,
    }),
    reference: 'RFC 7672 §2.2',
  }),
  'dane/unsigned': findingSpec<AboutHost & { what: 'host' | 'mx'; zone: string; records: readonly string[] }>({
    severity: 'warning',
    title: 'TLSA records are published in a zone without DNSSEC',
    message: ({ what, host, zone, records }) =>
      what === 'host'
        ? `Senders ignore ${count(records.length, 'TLSA record')} of ${host}, because the zone ${zone} is not signed.`
        : `The TLSA records protect the way to the MX hosts only, because the MX records of ${zone} are not signed.`,
    explanation:
      'Without signatures an attacker can forge the DNS answers. Senders do not use such TLSA records, or cannot tell whether the MX records lead to the right host.',
    remediation: ({ what, zone, name }) => ({
      summary:
        what === 'host'
          ? `Sign the zone ${zone} with DNSSEC, and have its DS record published in the parent zone. Or delete the TLSA records at ${name}.`
          : `Sign the zone ${zone} with DNSSEC, and have its DS record published in the parent zone.`,
    }),
    reference: 'RFC 7672 §2.1, §2.2.1',
  }),
  'dane/lookup-fails': findingSpec<AboutHost & { query: QueryEvidence; zone: string | null }>({
    severity: 'error',
    title: 'The lookup of TLSA records fails',
    message: ({ host, query, zone }) =>
      zone === null
        ? `The ${query.type} lookup of ${query.name} fails (${query.detail ?? query.rcode}), although the address of ${host} resolves.`
        : `The ${query.type} answer for ${query.name} is not validly signed (zone ${zone}), although the address of ${host} is.`,
    explanation:
      'Senders that use DANE cannot tell whether there are records. They keep the mail in their queue and finally return it.',
    remediation: ({ query, zone }) => ({
      summary:
        zone === null
          ? `Fix the name servers of ${query.name}, or the firewall in front of them: they must answer questions of every type, also for names that do not exist.`
          : `Sign the zone ${zone} again, including its denials (NSEC or NSEC3 records), and check that all its name servers have the same zone.`,
      commands: commandOf(['dig', '+dnssec', query.name, query.type]),
    }),
    reference: 'RFC 7672 §2.1.2',
  }),
  'dane/mismatch': findingSpec<AboutChain>({
    severity: 'error',
    title: 'No TLSA record matches the certificate',
    message: (evidence) =>
      evidence.certificate === null
        ? `${at(evidence)} shows no certificate, so no TLSA record matches.`
        : `No TLSA record of ${evidence.host} matches the certificate at ${evidence.addresses.join(', ')}.`,
    details: ({ records }) => recordDetails(records),
    explanation: 'Senders that use DANE do not deliver: they keep the mail in their queue and finally return it.',
    remediation: (evidence) => publishLive(evidence, 'The key or the certificate was changed without its record.'),
    reference: 'RFC 7671 §5, §8.1',
  }),
  'dane/unusable': findingSpec<
    AboutHost & { records: readonly { record: string; reason: UnusableReason }[]; others: number }
  >({
    severity: 'warning',
    title: 'Senders cannot use a TLSA record',
    message: ({ host, records, others }) =>
      `Senders cannot use ${others === 0 ? 'any' : count(records.length, 'TLSA record')}${others === 0 ? ' TLSA record' : ''} of ${host}: ${records.map(({ record, reason }) => `${record} ${unusableText(reason)}`).join('; ')}.`,
    explanation:
      'Without a record that they can use, senders demand TLS but do not verify the host. An attacker on the way can still read the mail.',
    remediation: ({ name, others }) => ({
      summary:
        others === 0
          ? `Replace the records at ${name} by 3 1 1 with the SHA-256 of the server’s public key, or by 2 1 1 with that of the CA.`
          : `Delete the records that cannot be used at ${name}.`,
    }),
    reference: 'RFC 7672 §3.1.3, RFC 7671 §4.1',
  }),
  'dane/digest-agility': findingSpec<AboutChain>({
    severity: 'error',
    title: 'The strongest digest of the TLSA records does not match',
    message: (evidence) =>
      `At ${at(evidence)} only a weaker digest matches: senders use the strongest one, which does not.`,
    details: ({ records }) => recordDetails(records),
    explanation:
      'Of the records with the same usage and selector, senders compare only those with the strongest digest. They do not deliver.',
    remediation: (evidence) => {
      const stronger = evidence.records.filter(({ outcome }) => outcome === 'other').map(({ record }) => record);
      return {
        summary: `Delete the records of ${evidence.name} that do not match (${listed(stronger.map((record) => record.split(' ').slice(0, 3).join(' ')))}), or publish the digests of the same key in each form. The record 3 1 1 alone is enough.`,
      };
    },
    reference: 'RFC 7671 §9',
  }),
  'dane/next-certificate-mismatch': findingSpec<Omit<AboutChain, 'addresses' | 'publish'> & { publish: TlsaEvidence }>({
    severity: 'error',
    title: 'The next certificate matches no TLSA record',
    message: ({ host }) => `The certificate given with --next-cert matches no TLSA record of ${host}.`,
    details: ({ records }) => recordDetails(records),
    explanation: 'From the moment it is installed, senders that use DANE no longer deliver.',
    remediation: ({ name, publish, ttl }) => ({
      summary: `Do not install it yet. Publish the record below beside the others, wait ${durationText(waitBeforeUse(ttl))} (two TTLs of ${ttl} seconds), then install the certificate and reload the mail server. ${RENEW_WITH_SAME_KEY}`,
      edits: [addValues('TLSA', name, tlsaValue(publish))],
    }),
    reference: 'RFC 7671 §8.1',
  }),
  'dane/no-starttls': findingSpec<AboutHost & { addresses: readonly string[]; smtp: SmtpEvidence }>({
    severity: 'error',
    title: 'A host with TLSA records does not offer STARTTLS',
    message: (evidence) =>
      evidence.smtp.command === 'EHLO'
        ? `${at(evidence)} has TLSA records but does not offer STARTTLS.`
        : `${at(evidence)} has TLSA records but refuses STARTTLS (${evidence.smtp.text}).`,
    explanation: 'TLSA records promise TLS. Senders that use DANE do not deliver without it.',
    remediation: ({ name }) => ({
      summary: `Turn STARTTLS on, or delete the TLSA records at ${name}. If it is on, a firewall in front of the server removes it: turn SMTP inspection off there.`,
    }),
    reference: 'RFC 7672 §2.2',
  }),
  'dane/partial': findingSpec<{ protected: readonly string[]; unprotected: readonly string[] }>({
    severity: 'warning',
    title: 'Some MX hosts have no TLSA records',
    message: (evidence) =>
      `${listed(evidence.protected)} ${evidence.protected.length === 1 ? 'has' : 'have'} TLSA records, but ${listed(evidence.unprotected)} ${evidence.unprotected.length === 1 ? 'has' : 'have'} none.`,
    explanation:
      'An attacker who blocks the protected hosts makes senders use the others, whose certificate nobody verifies.',
    remediation: ({ unprotected }) => ({
      summary: `Publish TLSA records for ${listed(unprotected)} too, in a signed zone.`,
    }),
    reference: 'RFC 7672 §2.2.1',
  }),
  'dane/no-rollover': findingSpec<AboutHost & { records: readonly string[] }>({
    severity: 'info',
    title: 'No TLSA record is prepared for the next key',
    message: ({ host, records }) => `All usable TLSA records of ${host} are for one key or issuer: ${listed(records)}.`,
    explanation: 'If the key or the issuer changes without warning, mail is delayed until a new record has spread.',
    remediation: ({ name }) => ({
      summary: `Add a spare record at ${name}: 3 1 1 of the next key, or 2 1 1 of the CA that issues the certificate. ${RENEW_WITH_SAME_KEY}`,
    }),
    reference: 'RFC 7671 §8.4',
  }),
  'dane/inconclusive': inconclusiveSpec({
    title: 'DANE could not be fully tested',
    explanation: 'The TLSA records were not fully compared, so this check does not count as passed.',
    reference: 'RFC 7672 §2.1',
    reasons: {
      'lookup-failed': reason<{ readonly query: QueryEvidence }>({
        says: ({ query }) =>
          `DANE was not tested: the ${query.type} lookup of ${query.name} failed (${query.detail ?? query.rcode}).`,
        fix: ({ query }) =>
          `Run the check again. If the lookup still fails, use another resolver (--dns) or contact whoever runs the name servers of ${query.name}. Senders keep the mail in their queue while it fails.`,
      }),
      bogus: reason<{ readonly name: string; readonly type: string; readonly zone: string }>({
        says: ({ name, type, zone }) =>
          `DANE was not tested: the ${type} records of ${name} are not validly signed (zone ${zone}).`,
        fix: ({ zone }) =>
          `Fix DNSSEC of the zone ${zone} first. Senders that validate cannot reach the host until then.`,
      }),
      unproved: reason<{ readonly name: string; readonly type: string; readonly why: string }>({
        says: ({ name, type }) =>
          `DANE was not tested: it is not known whether the ${type} records of ${name} are validly signed.`,
        fix: () =>
          'Use a resolver that returns DNSSEC signatures, such as --dns 127.0.0.1 if one runs on this machine.',
      }),
      unreached: reason<Unseen>({
        says: (seen) =>
          seen.obstacle?.why === 'port-25'
            ? `The TLSA records of ${at(seen)} were not compared: this network blocks the port.`
            : `The TLSA records of ${at(seen)} were not compared: the mail server could not be reached (${seen.detail}).`,
        fix: () =>
          'Start the mail server. If it is running, run the check from a network that allows outbound port 25, such as the mail server itself.',
      }),
      'no-route': reason<Unseen>({
        says: (seen) =>
          `The TLSA records of ${at(seen)} were not compared: this machine has no route to it (${seen.detail}).`,
        fix: () => 'Run the check on a machine that has a route to the host.',
        obstacle: ({ addresses: [first], detail }) => (first === undefined ? null : noRoute(first, detail)),
      }),
      forbidden: reason<Unseen>({
        says: (seen) =>
          `The TLSA records of ${at(seen)} were not compared, because it is not a public address (${seen.detail}).`,
        fix: () => 'To test a lab or an internal network, run the check with --allow-private.',
      }),
      'handshake-failed': reason<Unseen>({
        says: (seen) =>
          `The TLSA records of ${at(seen)} were not compared, because the TLS handshake fails (${seen.detail}).`,
        fix: () => 'Fix TLS on the mail server first. Senders that use DANE do not deliver without it.',
      }),
      'overwritten-here': reason<Unseen>({
        says: (seen) =>
          `The TLSA records of ${at(seen)} were not compared: a firewall in this network overwrites STARTTLS for all mail servers.`,
        fix: () => 'Turn SMTP inspection off in the firewall of this network, or run the check from another network.',
      }),
      aborted: reason<Unseen>({
        says: (seen) => `The time limit of the run was reached before ${at(seen)} was compared (${seen.detail}).`,
        fix: () => TIME_LIMIT.fix,
        obstacle: () => TIME_LIMIT,
      }),
      ...heldBackReasons<AboutHost & { readonly addresses: readonly string[] }>(
        (seen) => `The TLSA records were not compared: ${at(seen)}`,
        ({ addresses }) => addresses,
      ),
    },
  }),
};
