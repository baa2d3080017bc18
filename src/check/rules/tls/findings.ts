import type { MtaId } from '../../../knowledge/mail-servers/mta.ts';
import {
  INSPECTION_OFF,
  OTHER_FIREWALLS,
  type OverwrittenPart,
} from '../../../knowledge/mail-servers/smtp-inspection.ts';
import { type TlsFault, tlsLines, tlsLinesOfVersions } from '../../../knowledge/mail-servers/tls-lines.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
import { lowerFirst } from '../../../report/lower-first.ts';
import type { CertificateEvidence, OutOfDate } from '../../../standards/certificate.ts';
import { portText, SUBMISSION_PORTS } from '../../../standards/submission-ports.ts';
import type { NoGreeting } from '../../facts/no-greeting.ts';
import { decoyReason } from '../decoy.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { heldBackReasons } from '../held-back.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { doesText, greetingFix } from '../no-greeting.ts';
import { noRoute, TIME_LIMIT } from '../obstacles.ts';
import { command, knownLines } from '../pasted.ts';
import { sendOnlyHint } from '../send-only-hint.ts';
import { submissionSilent } from '../submission-silent.ts';
import { type Tells, tellsFix, tellsText } from '../turned-away.ts';

/** One address and port, and the names that senders look for in its certificate. */
export interface EndpointEvidence {
  readonly ip: string;
  readonly port: number;
  readonly names: readonly string[];
}

export interface About {
  /** The endpoints where the same was seen. */
  readonly endpoints: readonly EndpointEvidence[];
}

export interface AboutServer extends About {
  readonly mta: MtaId | null;
}

export interface AboutCertificate extends AboutServer {
  readonly certificate: CertificateEvidence;
}

/** What is wrong with a certificate for a name, as the rest of a sentence on it. */
export type CertificateFault = 'not for the host' | 'not trusted' | 'out of date';

export interface VersionsEvidence {
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

/** An endpoint that could not be examined, with the reason in the words of the host or the system. */
export interface Unseen extends About, Obstructed {
  readonly detail: string;
}

export interface Untried extends Unseen {
  readonly versions: readonly string[];
}

const where = ({ endpoints }: About): string => endpoints.map(({ ip, port }) => `${ip} ${portText(port)}`).join(', ');

const day = (iso: string): string => iso.slice(0, 10);

/** @returns a certificate above the leaf and its fault: `"CN=R3" expired on 2026-03-01`. */
function datesText({ certificate: { subject, notBefore, notAfter }, state }: OutOfDate<CertificateEvidence>): string {
  return state === 'expired'
    ? `"${subject}" expired on ${day(notAfter)}`
    : `"${subject}" is not valid before ${day(notBefore)}`;
}

/** The parts of a dialogue that a firewall overwrites, in words. */
const PARTS: Readonly<Record<OverwrittenPart, string>> = {
  greeting: 'the greeting (220 ****)',
  keyword: 'the keywords of the EHLO reply (XXXX)',
  reply: 'the STARTTLS command (XXXX)',
};

/** The alert with which a server demands a certificate of its client (RFC 8446 §6.2). */
const WANTS_CERTIFICATE = /CERTIFICATE_REQUIRED|certificate required/;

function fix(mta: MtaId | null, fault: TlsFault, summary: string): Fix {
  const commands = knownLines(tlsLines(mta, fault));
  const alternatives = tlsLinesOfVersions(mta, fault).map(({ version, lines }) => ({
    label: version,
    commands: knownLines(lines),
  }));
  return {
    summary,
    ...(commands.length > 0 ? { commands } : {}),
    ...(alternatives.length > 0 ? { alternatives } : {}),
  };
}

const ELSEWHERE = 'Run the check from a network that allows outbound port 25, such as the mail server itself.';

/** @returns the addresses of the endpoints that are not for submission. */
function mailAddresses(endpoints: readonly EndpointEvidence[]): string[] {
  return endpoints.filter(({ port }) => !SUBMISSION_PORTS.some((one) => one === port)).map(({ ip }) => ip);
}

export const findings = {
  'tls/no-starttls': findingSpec<AboutServer & { smtp: SmtpEvidence; extensions: readonly string[] }>({
    severity: 'error',
    title: 'The mail server does not offer STARTTLS',
    message: (evidence) => `${where(evidence)} does not offer STARTTLS.`,
    explanation:
      'Mail to this server is sent in clear text, which Gmail shows to its users. Senders that require TLS do not deliver at all.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'enable',
        'Get a certificate for the host name (Let’s Encrypt is enough) and turn STARTTLS on. If it is already on, a firewall in front of the server removes it: turn SMTP inspection off there.',
      ),
    reference: 'RFC 3207 §4',
  }),
  'tls/starttls-overwritten': findingSpec<About & { parts: readonly OverwrittenPart[]; smtp: SmtpEvidence }>({
    severity: 'error',
    title: 'A firewall overwrites STARTTLS',
    message: ({ parts, ...evidence }) =>
      `A firewall in front of ${where(evidence)} overwrites ${parts.map((part) => PARTS[part]).join(' and ')}, so senders cannot start TLS.`,
    explanation:
      'Mail to the host is sent in clear text, and senders that require TLS do not deliver. No setting of the mail server can change this.',
    remediation: () => ({
      summary: `Turn SMTP inspection off in the firewall in front of the mail server. ${OTHER_FIREWALLS} If other mail servers look the same from here, the firewall is in this network: run the check from another one.`,
      commands: knownLines(INSPECTION_OFF),
    }),
    reference: 'RFC 3207 §6',
  }),
  'tls/handshake-failed': findingSpec<
    AboutServer & { detail: string; errno: string | null; versions: VersionsEvidence; isBehindTls?: boolean }
  >({
    severity: 'error',
    title: 'TLS is offered but fails',
    message: ({ detail, ...evidence }) => `TLS with ${where(evidence)} fails: ${detail}.`,
    explanation: 'Senders try STARTTLS and fail. Some then send in clear text, others never deliver.',
    remediation: ({ mta, isBehindTls, detail }) => {
      if (WANTS_CERTIFICATE.test(detail)) {
        return {
          summary:
            'Do not require client certificates on this port, because most mail servers send none (Postfix: smtpd_tls_req_ccert = no; Exim: tls_verify_hosts empty).',
        };
      }
      return isBehindTls
        ? { summary: 'Check the mail server’s log for why it ends the session after the TLS handshake.' }
        : fix(
            mta,
            'certificate',
            'Check the mail server’s log. Usually the key does not match the certificate, or the server cannot read a file.',
          );
    },
    reference: 'RFC 3207 §4.1',
  }),
  'tls/plaintext-after-starttls': findingSpec<AboutServer>({
    severity: 'error',
    title: 'The server sends clear text between STARTTLS and TLS',
    message: (evidence) =>
      `${where(evidence)} sends more clear text after its reply to STARTTLS, before the TLS handshake.`,
    explanation:
      'An attacker on the way may have inserted the text, so that the sender takes it for an encrypted reply. Careful senders end such a session and do not deliver.',
    remediation: () => ({
      summary:
        'Run the check from another network. If the text is still there, update the mail server, or turn SMTP inspection off in the firewall in front of it.',
    }),
    reference: 'RFC 3207 §4.2, CVE-2011-0411',
  }),
  'tls/command-injection': findingSpec<AboutServer>({
    severity: 'error',
    title: 'The server executes commands that come before TLS',
    message: (evidence) =>
      `${where(evidence)} executes a command behind the TLS handshake that came in clear text, together with STARTTLS.`,
    explanation:
      'An attacker on the way can put commands into the encrypted session of somebody else, such as one that sends the mail to the attacker.',
    remediation: () => ({
      summary:
        'Update the mail server, or the proxy that ends TLS in front of it. Postfix fixed this in 2011 (2.8.3, 2.7.4, 2.6.10 and 2.5.13).',
    }),
    reference: 'RFC 3207 §4.2, CVE-2011-0411',
  }),
  'tls/protocol-too-old': findingSpec<AboutServer & { versions: VersionsEvidence }>({
    severity: 'error',
    title: 'The mail server supports only retired TLS versions',
    message: ({ versions, ...evidence }) => `${where(evidence)} accepts only ${versions.accepted.join(', ')}.`,
    explanation:
      'TLS 1.0 and 1.1 are retired, and current mail servers no longer support them. They cannot start TLS with this server.',
    remediation: ({ mta }) =>
      fix(mta, 'versions', 'Enable TLS 1.2 and 1.3. If the server’s TLS library is too old, upgrade it.'),
    reference: 'RFC 8996',
  }),
  'tls/legacy-enabled': findingSpec<AboutServer & { versions: VersionsEvidence }>({
    severity: 'warning',
    title: 'Retired TLS versions are accepted',
    message: ({ versions, ...evidence }) => `${where(evidence)} still accepts ${versions.accepted.join(' and ')}.`,
    explanation: 'TLS 1.0 and 1.1 are retired because they are weak. Security audits report them.',
    remediation: ({ mta }) => fix(mta, 'versions', 'Allow only TLS 1.2 and later.'),
    reference: 'RFC 8996, RFC 9325 §3.1',
  }),
  'tls/weak-cipher': findingSpec<AboutServer & { cipher: string }>({
    severity: 'warning',
    title: 'Weak cipher suites are accepted',
    message: ({ cipher, ...evidence }) => `${where(evidence)} accepts the weak cipher suite ${cipher}.`,
    explanation: 'Such a suite encrypts nothing, or so weakly that an attacker can read the mail.',
    remediation: () => ({
      summary:
        'Allow only modern cipher suites: the server’s default list without NULL, RC4, 3DES, EXPORT and DH below 2048 bits.',
    }),
    reference: 'RFC 9325 §4',
  }),
  'tls/cert-expired': findingSpec<AboutCertificate & { state: 'expired' | 'not-yet-valid'; daysLeft: number }>({
    severity: 'error',
    title: 'The certificate is out of date',
    message: ({ certificate, state, ...evidence }) =>
      state === 'expired'
        ? `The certificate of ${where(evidence)} expired on ${day(certificate.notAfter)}.`
        : `The certificate of ${where(evidence)} is not valid before ${day(certificate.notBefore)}.`,
    explanation: 'Senders that verify certificates do not deliver, and mail programs warn their users.',
    remediation: ({ mta, state }) =>
      fix(
        mta,
        'certificate',
        state === 'expired'
          ? 'Renew the certificate. If it is already renewed, reload the mail server, and make the renewal do so from now on.'
          : 'Check the clock of the server, and that of the machine that issued the certificate.',
      ),
    reference: 'RFC 5280 §4.1.2.5',
  }),
  'tls/cert-expiring': findingSpec<AboutCertificate & { daysLeft: number }>({
    severity: 'warning',
    title: 'The certificate is about to expire',
    message: ({ certificate, daysLeft, ...evidence }) =>
      `The certificate of ${where(evidence)} expires on ${day(certificate.notAfter)}, in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}.`,
    explanation:
      'Automatic renewal should have replaced it by now. Once it expires, senders that verify certificates stop delivering.',
    remediation: () => ({
      summary: 'Check that the renewal works and reloads the mail server.',
      commands: command`certbot renew --dry-run`,
    }),
    reference: 'RFC 5280 §4.1.2.5',
  }),
  'tls/cert-name-mismatch': findingSpec<AboutCertificate & { wanted: readonly string[] }>({
    severity: 'warning',
    title: 'The certificate is for another name',
    message: ({ certificate, wanted, ...evidence }) =>
      `The certificate of ${where(evidence)} is for ${certificate.names.join(', ') || 'no name'}, not for ${wanted.join(', ')}.`,
    explanation:
      'Senders that verify certificates (MTA-STS, DANE) compare it with the MX host name and do not deliver. Most others still deliver.',
    remediation: ({ wanted, mta }) =>
      fix(mta, 'certificate', `Get a certificate whose subject alternative names include ${wanted.join(', ')}.`),
    reference: 'RFC 9525 §6.3',
  }),
  'tls/cert-untrusted': findingSpec<AboutCertificate & { trustError: string; chain: readonly CertificateEvidence[] }>({
    severity: 'warning',
    title: 'The certificate is not trusted',
    message: ({ certificate, trustError, ...evidence }) =>
      `The certificate of ${where(evidence)}, issued by "${certificate.issuer}", is not trusted here (${trustError}).`,
    explanation:
      'Most mail servers still deliver over an untrusted certificate. Senders that verify certificates do not deliver, and mail programs warn their users.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'certificate',
        'Use a certificate from a public CA, or publish TLSA records for this one (DANE). If it is from your own CA, run the check with --ca-file.',
      ),
    reference: 'RFC 7435, RFC 8461 §4.2',
  }),
  'tls/chain-incomplete': findingSpec<AboutCertificate & { trustError: string; chain: readonly CertificateEvidence[] }>(
    {
      severity: 'warning',
      title: 'The server does not send the whole certificate chain',
      message: ({ chain, certificate, ...evidence }) =>
        `${where(evidence)} does not send the certificate of "${chain.at(-1)?.issuer ?? certificate.issuer}", which issued the last one it sends.`,
      explanation:
        'Mail servers do not fetch missing certificates, unlike browsers. They treat this certificate as untrusted.',
      remediation: ({ mta }) =>
        fix(
          mta,
          'certificate',
          'Configure the full chain (fullchain.pem) instead of the certificate alone (cert.pem).',
        ),
      reference: 'RFC 8446 §4.4.2',
    },
  ),
  'tls/cert-without-sni': findingSpec<AboutCertificate & { name: string; faults: readonly CertificateFault[] }>({
    severity: 'warning',
    title: 'Senders without SNI get the wrong certificate',
    message: ({ certificate, name, faults, ...evidence }) =>
      `${where(evidence)} shows another certificate to senders that do not use SNI, for ${certificate.names.join(', ') || `"${certificate.subject}"`}. It is ${faults.join(' and ')}; only senders with SNI get the certificate for ${name}.`,
    explanation:
      'Many mail servers use no SNI, including Postfix by default. Most still deliver, but those that verify certificates do not.',
    remediation: ({ name, mta }) =>
      fix(
        mta,
        'default-certificate',
        `Make the certificate for ${name} the default, so that senders without SNI get it too.`,
      ),
    reference: 'RFC 6066 §3',
  }),
  'tls/sni-required': findingSpec<AboutServer & { detail: string }>({
    severity: 'error',
    title: 'TLS fails for senders without SNI',
    message: ({ detail, ...evidence }) =>
      `TLS with ${where(evidence)} works only with SNI. Without SNI the handshake fails: ${detail}.`,
    explanation:
      'Many mail servers use no SNI, including Postfix by default. Some then send in clear text, others never deliver.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'default-certificate',
        'Configure a default certificate, which the mail server shows to clients without SNI.',
      ),
    reference: 'RFC 6066 §3, RFC 7435',
  }),
  'tls/chain-out-of-date': findingSpec<
    AboutCertificate & { trustError: string; outOfDate: readonly OutOfDate<CertificateEvidence>[] }
  >({
    severity: 'error',
    title: 'The server sends an expired CA certificate',
    message: ({ outOfDate, ...evidence }) =>
      `The certificate of ${where(evidence)} is valid, but a CA certificate in its chain is not: ${outOfDate.map(datesText).join(', ')}.`,
    explanation:
      'Senders that verify certificates check the whole chain and do not deliver. Mail programs warn their users.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'certificate',
        'Replace the chain file with the CA’s current one (fullchain.pem of the last renewal), then reload the mail server. You can keep the certificate.',
      ),
    reference: 'RFC 5280 §6.1.3',
  }),
  'tls/weak-key': findingSpec<AboutCertificate & { weakness: string }>({
    severity: 'error',
    title: 'The certificate is too weak',
    message: ({ weakness, ...evidence }) => `The certificate of ${where(evidence)} has ${weakness}.`,
    explanation: 'Current TLS libraries reject it, so current mail servers cannot start TLS with this server.',
    remediation: () => ({
      summary: 'Get a new certificate with a new key: RSA of 2048 bits or more, or EC P-256, signed with SHA-256.',
      commands: command`openssl ecparam -genkey -name prime256v1 -noout -out mail.key`,
    }),
    reference: 'RFC 9325 §4.1',
  }),
  'tls/plaintext-auth': findingSpec<AboutServer & { mechanisms: readonly string[]; offersTls: boolean }>({
    severity: 'error',
    title: 'The server accepts passwords without TLS',
    message: ({ mechanisms, ...evidence }) => `${where(evidence)} offers AUTH ${mechanisms.join(' ')} before TLS.`,
    explanation: 'A mail program may then send the password in clear text, and an attacker on the way can read it.',
    remediation: ({ mta, endpoints }) =>
      fix(
        mta,
        'auth',
        endpoints.some(({ port }) => port === 587)
          ? 'Offer AUTH only after TLS has started.'
          : 'Do not offer AUTH on port 25, because users submit on port 465 or 587. If you must, offer it only after TLS has started.',
      ),
    reference: 'RFC 4954 §4, RFC 8314 §3.3',
  }),
  'tls/submission-silent': submissionSilent<About & { failure: string }>(
    where,
    'so its TLS was not tested',
    'RFC 8314 §3.3',
  ),
  'tls/inconclusive': inconclusiveSpec({
    title: 'TLS could not be fully tested',
    explanation: 'TLS was not fully tested, so this check does not count as passed.',
    reference: 'RFC 3207',
    reasons: {
      unreached: reason<Unseen>({
        says: (seen) =>
          seen.obstacle?.why === 'port-25'
            ? `TLS was not tested at ${where(seen)}: this network blocks the port.`
            : `TLS was not tested: ${where(seen)} does not answer (${seen.detail}).`,
        fix: ({ endpoints }, target) =>
          `Start the mail server. If it is running, its firewall or this network blocks the port: ${lowerFirst(ELSEWHERE)}${sendOnlyHint(mailAddresses(endpoints), target)}`,
      }),
      'no-route': reason<Unseen>({
        says: (seen) => `TLS was not tested at ${where(seen)}: ${seen.detail}.`,
        fix: () => ELSEWHERE,
        obstacle: ({ endpoints: [first], detail }) => (first === undefined ? null : noRoute(first.ip, detail)),
      }),
      'no-certificate': reason<Unseen>({
        says: (seen) => `${where(seen)} shows no certificate, so none could be verified (${seen.detail}).`,
        fix: () => 'Configure a certificate and cipher suites that use it.',
      }),
      'injection-unknown': reason<Unseen>({
        says: (seen) =>
          `It is not known whether ${where(seen)} executes commands that come before TLS: ${seen.detail}.`,
        fix: () => 'Run the check again later. The mail server’s log shows why it closed the connection.',
      }),
      'names-untried': reason<Unseen & { readonly untriedNames: readonly string[] }>({
        says: ({ untriedNames, ...seen }) =>
          `The certificates of ${where(seen)} for ${untriedNames.join(', ')} were not tested: the address has too many names.`,
        fix: () => 'Get one certificate whose subject alternative names include all names of the host.',
      }),
      'no-greeting': reason<Unseen & { readonly seen: NoGreeting }>({
        says: ({ seen, ...unseen }) => `${where(unseen)} ${doesText(seen)}, so STARTTLS was not tested.`,
        fix: ({ seen, endpoints: [endpoint] }) => greetingFix(seen, endpoint?.port ?? 25),
      }),
      rejected: reason<Unseen & { readonly tells: Tells }>({
        says: (seen) =>
          `${where(seen)} rejects this machine, so TLS was not tested: ${seen.detail}.${tellsText([seen.tells])}`,
        fix: ({ tells }) => tellsFix([tells]),
      }),
      'dialogue-lost': reason<Unseen>({
        says: (seen) => `${where(seen)} closed the connection before TLS could be tested (${seen.detail}).`,
        fix: () =>
          'Run the check later or from another network. The mail server’s log shows why it closed the connection.',
      }),
      forbidden: reason<Unseen>({
        says: (seen) => `${where(seen)} was not tested, because it is not a public address (${seen.detail}).`,
        fix: () => 'To test a lab or an internal network, run the check with --allow-private.',
      }),
      decoy: decoyReason<About>(where, 'whether the host supports TLS'),
      ...heldBackReasons<About>(
        (seen) => `TLS was not fully tested: ${where(seen)}`,
        ({ endpoints }) => [...new Set(endpoints.map(({ ip }) => ip))],
      ),
      aborted: reason<Unseen>({
        says: (seen) =>
          `The time limit of the run was reached before TLS was tested at ${where(seen)} (${seen.detail}).`,
        fix: () => TIME_LIMIT.fix,
        obstacle: () => TIME_LIMIT,
      }),
      'sni-unknown': reason<Unseen>({
        says: ({ detail, ...seen }) =>
          `The certificate of ${where(seen)} for senders without SNI was not tested (${detail}).`,
        fix: () => 'Run the check later: the server may limit connections.',
      }),
      'overwritten-here': reason<Unseen>({
        says: (seen) =>
          `STARTTLS was not tested at ${where(seen)}: a firewall in this network overwrites it for all mail servers.`,
        fix: () => 'Turn SMTP inspection off in the firewall of this network, or run the check from another network.',
      }),
      'versions-unknown': reason<Untried>({
        says: ({ versions, detail, ...seen }) =>
          `It was not tested whether ${where(seen)} accepts ${versions.join(', ')} (${detail}).`,
        fix: () => 'Run the check later: the server may limit connections.',
      }),
      'versions-untestable': reason<Untried>({
        says: ({ versions, detail, ...seen }) =>
          `It was not tested whether ${where(seen)} accepts ${versions.join(', ')}: the TLS library of this machine does not support it (${detail}).`,
        fix: () => 'Run mailcheck with an official Node.js build, which has its own OpenSSL.',
      }),
    },
  }),
};
