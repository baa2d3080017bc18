import type { MtaId } from '../../../knowledge/mail-servers/mta.ts';
import {
  INSPECTION_OFF,
  OTHER_FIREWALLS,
  type OverwrittenPart,
} from '../../../knowledge/mail-servers/smtp-inspection.ts';
import { type TlsFault, tlsLines, tlsLinesOfVersions } from '../../../knowledge/mail-servers/tls-lines.ts';
import type { SmtpEvidence } from '../../../network/smtp/types.ts';
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
    : `"${subject}" is valid from ${day(notBefore)} on only`;
}

/** The parts of a dialogue that a firewall overwrites, in words. */
const PARTS: Readonly<Record<OverwrittenPart, string>> = {
  greeting: 'the greeting (220 ****)',
  keyword: 'the keywords of the EHLO reply (XXXX)',
  reply: 'the command STARTTLS (XXXX)',
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

const ELSEWHERE = 'Run the check from a network that lets port 25 out, such as the mail host itself.';

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
      'Mail to it travels in clear text. Gmail marks such mail, and senders that require TLS (MTA-STS, DANE, many companies) do not deliver at all.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'enable',
        'Get a certificate for the host’s name (Let’s Encrypt will do) and switch STARTTLS on. If it is on, a firewall before the server takes it out: switch its SMTP inspection off.',
      ),
    reference: 'RFC 3207 §4',
  }),
  'tls/starttls-overwritten': findingSpec<About & { parts: readonly OverwrittenPart[]; smtp: SmtpEvidence }>({
    severity: 'error',
    title: 'A firewall overwrites STARTTLS',
    message: ({ parts, ...evidence }) =>
      `A firewall before ${where(evidence)} inspects SMTP and overwrites ${parts.map((part) => PARTS[part]).join(' and ')}, so senders cannot start TLS.`,
    explanation:
      'Mail to the host travels in clear text, and senders that require TLS do not deliver, whatever the mail server is set to.',
    remediation: () => ({
      summary: `Switch SMTP inspection off in the firewall before the mail server. ${OTHER_FIREWALLS} If mail servers of others look the same from here, the firewall is one of this network: run again from another one.`,
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
    explanation: 'Senders see STARTTLS, try it, and are cut off: some fall back to clear text, others never deliver.',
    remediation: ({ mta, isBehindTls, detail }) => {
      if (WANTS_CERTIFICATE.test(detail)) {
        return {
          summary:
            'Do not demand a certificate of clients on this port: other mail servers have none (Postfix: smtpd_tls_req_ccert = no; Exim: tls_verify_hosts empty).',
        };
      }
      return isBehindTls
        ? { summary: 'Look into the mail server’s log for why it ends the session once TLS is up.' }
        : fix(
            mta,
            'certificate',
            'Look into the mail server’s log: mostly the key does not match the certificate, or a file cannot be read.',
          );
    },
    reference: 'RFC 3207 §4.1',
  }),
  'tls/plaintext-after-starttls': findingSpec<AboutServer>({
    severity: 'error',
    title: 'Clear text comes between STARTTLS and TLS',
    message: (evidence) =>
      `${where(evidence)} sends more clear text behind its reply to STARTTLS, before the TLS handshake.`,
    explanation:
      'Somebody between this machine and the server may have put it there, to have it taken for an encrypted reply. Careful senders end such a session and do not deliver.',
    remediation: () => ({
      summary:
        'Run the check from another network. If the text is still there, update the mail server, or switch SMTP inspection off in the firewall before it: nothing may follow the 220 but the handshake.',
    }),
    reference: 'RFC 3207 §4.2, CVE-2011-0411',
  }),
  'tls/protocol-too-old': findingSpec<AboutServer & { versions: VersionsEvidence }>({
    severity: 'error',
    title: 'The mail server speaks no TLS version in use today',
    message: ({ versions, ...evidence }) => `${where(evidence)} accepts ${versions.accepted.join(', ')} only.`,
    explanation: 'TLS 1.0 and 1.1 are retired; up-to-date mail servers cannot agree on a version with this one.',
    remediation: ({ mta }) =>
      fix(mta, 'versions', 'Enable TLS 1.2 and 1.3; if the server’s library is too old for them, upgrade it.'),
    reference: 'RFC 8996',
  }),
  'tls/legacy-enabled': findingSpec<AboutServer & { versions: VersionsEvidence }>({
    severity: 'warning',
    title: 'Retired TLS versions are accepted',
    message: ({ versions, ...evidence }) => `${where(evidence)} still accepts ${versions.accepted.join(' and ')}.`,
    explanation: 'TLS 1.0 and 1.1 are retired for their weaknesses; audits and some testers mark a host down for them.',
    remediation: ({ mta }) => fix(mta, 'versions', 'Allow TLS 1.2 and later only.'),
    reference: 'RFC 8996, RFC 9325 §3.1',
  }),
  'tls/weak-cipher': findingSpec<AboutServer & { cipher: string }>({
    severity: 'warning',
    title: 'Broken cipher suites are accepted',
    message: ({ cipher, ...evidence }) => `${where(evidence)} accepts the suite ${cipher} when offered weak ones only.`,
    explanation:
      'Such a suite encrypts nothing, or so weakly that it can be read; whoever is on the way can ask for it.',
    remediation: () => ({
      summary:
        'Allow modern cipher suites only (the server’s default list, without NULL, RC4, 3DES, EXPORT and DH below 2048 bits).',
    }),
    reference: 'RFC 9325 §4',
  }),
  'tls/cert-expired': findingSpec<AboutCertificate & { state: 'expired' | 'not-yet-valid'; daysLeft: number }>({
    severity: 'error',
    title: 'The certificate is out of date',
    message: ({ certificate, state, ...evidence }) =>
      state === 'expired'
        ? `The certificate of ${where(evidence)} expired on ${day(certificate.notAfter)}.`
        : `The certificate of ${where(evidence)} is valid from ${day(certificate.notBefore)} on only.`,
    explanation: 'Senders that verify certificates do not deliver, and mail programs warn their users.',
    remediation: ({ mta, state }) =>
      fix(
        mta,
        'certificate',
        state === 'expired'
          ? 'Renew the certificate. If it has been renewed, the mail server still holds the old one: have the renewal reload it.'
          : 'Check the clocks of the server and of the machine that made the certificate.',
      ),
    reference: 'RFC 5280 §4.1.2.5',
  }),
  'tls/cert-expiring': findingSpec<AboutCertificate & { daysLeft: number }>({
    severity: 'warning',
    title: 'The certificate is about to expire',
    message: ({ certificate, daysLeft, ...evidence }) =>
      `The certificate of ${where(evidence)} expires on ${day(certificate.notAfter)}, in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}.`,
    explanation:
      'Automatic renewal would have replaced it by now; when it has expired, senders that verify stop delivering.',
    remediation: () => ({
      summary: 'Check that renewal works, and that it reloads the mail server.',
      commands: command`certbot renew --dry-run`,
    }),
    reference: 'RFC 5280 §4.1.2.5',
  }),
  'tls/cert-name-mismatch': findingSpec<AboutCertificate & { wanted: readonly string[] }>({
    severity: 'warning',
    title: 'The certificate is for another name',
    message: ({ certificate, wanted, ...evidence }) =>
      `The certificate of ${where(evidence)} is not for ${wanted.join(', ')} but for ${certificate.names.join(', ') || 'no name at all'}.`,
    explanation:
      'Senders compare it with the name in the MX record. Most deliver all the same; those that verify (MTA-STS, DANE) do not.',
    remediation: ({ wanted, mta }) =>
      fix(mta, 'certificate', `Get a certificate with ${wanted.join(', ')} among its subject alternative names.`),
    reference: 'RFC 9525 §6.3',
  }),
  'tls/cert-untrusted': findingSpec<AboutCertificate & { trustError: string; chain: readonly CertificateEvidence[] }>({
    severity: 'warning',
    title: 'The certificate does not lead to a trusted root',
    message: ({ certificate, trustError, ...evidence }) =>
      `The certificate of ${where(evidence)}, issued by "${certificate.issuer}", leads to no root that is trusted here (${trustError}).`,
    explanation:
      'Between mail servers an unverifiable certificate still encrypts, and most deliver; mail programs warn their users, and senders that verify do not deliver.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'certificate',
        'Use a certificate of a public CA, or publish this one by DANE. For a CA of your own, rerun with --ca-file.',
      ),
    reference: 'RFC 7435, RFC 8461 §4.2',
  }),
  'tls/chain-incomplete': findingSpec<AboutCertificate & { trustError: string; chain: readonly CertificateEvidence[] }>(
    {
      severity: 'warning',
      title: 'The server does not send the whole certificate chain',
      message: ({ chain, certificate, ...evidence }) =>
        `${where(evidence)} does not send the certificate of "${chain.at(-1)?.issuer ?? certificate.issuer}", which issued the last one it sends.`,
      explanation: 'Browsers fetch what is missing, mail servers do not: to them the certificate is untrusted.',
      remediation: ({ mta }) =>
        fix(mta, 'certificate', 'Configure the full chain (fullchain.pem), not the certificate alone (cert.pem).'),
      reference: 'RFC 8446 §4.4.2',
    },
  ),
  'tls/cert-without-sni': findingSpec<AboutCertificate & { name: string; faults: readonly CertificateFault[] }>({
    severity: 'warning',
    title: 'Senders without SNI are shown a wrong certificate',
    message: ({ certificate, name, faults, ...evidence }) =>
      `To senders that do not name the host (SNI), ${where(evidence)} shows another certificate, for ${certificate.names.join(', ') || `"${certificate.subject}"`}. It is ${faults.join(' and ')}; the one for ${name} is shown with SNI only.`,
    explanation:
      'Many mail servers send no SNI, Postfix by default among them. Most deliver all the same; those that verify certificates do not.',
    remediation: ({ name, mta }) =>
      fix(
        mta,
        'default-certificate',
        `Make the certificate for ${name} the default one, so that the mail server shows it without SNI too.`,
      ),
    reference: 'RFC 6066 §3',
  }),
  'tls/sni-required': findingSpec<AboutServer & { detail: string }>({
    severity: 'error',
    title: 'TLS fails for senders without SNI',
    message: ({ detail, ...evidence }) =>
      `TLS with ${where(evidence)} succeeds only if the sender names the host (SNI). Without it the handshake fails: ${detail}.`,
    explanation:
      'Many mail servers send no SNI, Postfix by default among them. They are cut off: some fall back to clear text, others never deliver.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'default-certificate',
        'Give the mail server a default certificate, which it shows to clients that send no SNI.',
      ),
    reference: 'RFC 6066 §3, RFC 7435',
  }),
  'tls/chain-out-of-date': findingSpec<
    AboutCertificate & { trustError: string; outOfDate: readonly OutOfDate<CertificateEvidence>[] }
  >({
    severity: 'error',
    title: 'A CA certificate that the server sends is out of date',
    message: ({ outOfDate, ...evidence }) =>
      `The certificate of ${where(evidence)} itself is valid, but a CA certificate that is sent with it is not: ${outOfDate.map(datesText).join(', ')}.`,
    explanation:
      'Senders that verify certificates follow the chain that the server sends; they do not deliver, and mail programs warn their users.',
    remediation: ({ mta }) =>
      fix(
        mta,
        'certificate',
        'Replace the chain file of the mail server by the CA’s current one (fullchain.pem of the last renewal), then reload the mail server. The certificate itself can stay.',
      ),
    reference: 'RFC 5280 §6.1.3',
  }),
  'tls/weak-key': findingSpec<AboutCertificate & { weakness: string }>({
    severity: 'error',
    title: 'The certificate is too weak',
    message: ({ weakness, ...evidence }) => `The certificate of ${where(evidence)} has ${weakness}.`,
    explanation: 'Current TLS libraries refuse it, so their mail servers cannot make a TLS connection.',
    remediation: () => ({
      summary: 'Get a new certificate with a new key: RSA of 2048 bits or more, or EC P-256, signed with SHA-256.',
      commands: command`openssl ecparam -genkey -name prime256v1 -noout -out mail.key`,
    }),
    reference: 'RFC 9325 §4.1',
  }),
  'tls/plaintext-auth': findingSpec<AboutServer & { mechanisms: readonly string[]; offersTls: boolean }>({
    severity: 'error',
    title: 'Passwords are taken without TLS',
    message: ({ mechanisms, ...evidence }) => `${where(evidence)} offers AUTH ${mechanisms.join(' ')} before TLS.`,
    explanation:
      'Mail programs that accept the offer send the password in clear text, for everybody on the way to read.',
    remediation: ({ mta, endpoints }) =>
      fix(
        mta,
        'auth',
        endpoints.some(({ port }) => port === 587)
          ? 'Offer AUTH only once TLS is up.'
          : 'Do not offer AUTH on port 25 at all: users submit on 465 or 587. At the least, offer it only once TLS is up.',
      ),
    reference: 'RFC 4954 §4, RFC 8314 §3.3',
  }),
  'tls/submission-silent': submissionSilent<About & { failure: string }>(
    where,
    'so its TLS was not tested',
    'RFC 8314 §3.3',
  ),
  'tls/inconclusive': inconclusiveSpec({
    title: 'TLS could not be tested',
    explanation: 'A server that could not be looked at is not known to do TLS well.',
    reference: 'RFC 3207',
    reasons: {
      unreached: reason<Unseen>({
        says: (seen) =>
          seen.obstacle?.why === 'port-25'
            ? `${where(seen)} could not be tested from here: this network blocks the port.`
            : `${where(seen)} could not be connected to. (${seen.detail})`,
        fix: ({ endpoints }, target) =>
          `Start the mail server. If it runs, its firewall or this network blocks the port: ${ELSEWHERE.toLowerCase()}${sendOnlyHint(mailAddresses(endpoints), target)}`,
      }),
      'no-route': reason<Unseen>({
        says: (seen) => `${where(seen)} could not be tested from here: ${seen.detail}.`,
        fix: () => ELSEWHERE,
        obstacle: ({ endpoints: [first], detail }) => (first === undefined ? null : noRoute(first.ip, detail)),
      }),
      'no-certificate': reason<Unseen>({
        says: (seen) => `${where(seen)} shows no certificate, so it could not be verified. (${seen.detail})`,
        fix: () => 'Configure a certificate in the mail server, and cipher suites that use it.',
      }),
      'names-untried': reason<Unseen & { readonly untriedNames: readonly string[] }>({
        says: ({ untriedNames, ...seen }) =>
          `Whether ${where(seen)} has certificates for ${untriedNames.join(', ')} was not tried: its address has too many names.`,
        fix: () => 'Get one certificate with all names of the host among its subject alternative names.',
      }),
      'no-greeting': reason<Unseen & { readonly seen: NoGreeting }>({
        says: ({ seen, ...unseen }) => `${where(unseen)} ${doesText(seen)}, so STARTTLS was not tested.`,
        fix: ({ seen, endpoints: [endpoint] }) => greetingFix(seen, endpoint?.port ?? 25),
      }),
      rejected: reason<Unseen & { readonly tells: Tells }>({
        says: (seen) =>
          `${where(seen)} refuses this client before TLS can be started: ${seen.detail}.${tellsText([seen.tells])}`,
        fix: ({ tells }) => tellsFix([tells]),
      }),
      'dialogue-lost': reason<Unseen>({
        says: (seen) => `${where(seen)} ended the dialogue before TLS could be started. (${seen.detail})`,
        fix: () => 'Run again later or from another network; the mail server’s log says why it hung up.',
      }),
      forbidden: reason<Unseen>({
        says: (seen) => `${where(seen)} is not public and was not connected to. (${seen.detail})`,
        fix: () => 'In a lab or an internal network, rerun with --allow-private.',
      }),
      decoy: decoyReason<About>(where, 'whether the host does TLS well'),
      ...heldBackReasons<About>(
        (seen) => `TLS was not fully tested: ${where(seen)}`,
        ({ endpoints }) => [...new Set(endpoints.map(({ ip }) => ip))],
      ),
      aborted: reason<Unseen>({
        says: (seen) => `The time for the whole run was up before TLS on ${where(seen)} was seen. (${seen.detail})`,
        fix: () => TIME_LIMIT.fix,
        obstacle: () => TIME_LIMIT,
      }),
      'sni-unknown': reason<Unseen>({
        says: ({ detail, ...seen }) =>
          `What ${where(seen)} shows to senders that do not name it (SNI) could not be tried. (${detail})`,
        fix: () => 'Rerun later: the server may limit connections.',
      }),
      'overwritten-here': reason<Unseen>({
        says: (seen) =>
          `Whether ${where(seen)} offers STARTTLS is not known: a firewall of this network overwrites it on the way to every mail server.`,
        fix: () =>
          'Switch SMTP inspection off in the firewall between this machine and the internet, or run again from another network.',
      }),
      'versions-unknown': reason<Untried>({
        says: ({ versions, detail, ...seen }) =>
          `Whether ${where(seen)} accepts ${versions.join(', ')} could not be tried. (${detail})`,
        fix: () => 'Rerun later: the server may limit connections.',
      }),
      'versions-untestable': reason<Untried>({
        says: ({ versions, detail, ...seen }) =>
          `Whether ${where(seen)} accepts ${versions.join(', ')} is not known: the TLS library here cannot speak it. (${detail})`,
        fix: () => 'Run mailcheck on a Node.js with its own OpenSSL (an official build).',
      }),
    },
  }),
};
