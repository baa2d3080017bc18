/**
 * Recognises the mail server software by its greeting, and knows the configuration lines that stop it from relaying. A
 * server that does not name itself gets no lines, because a wrong guess would be typed into the wrong file.
 */

import { type ConfigurationLine, lines, unconfirmedLines } from './configuration-line.ts';

/** The id of a known mail server. */
export type MtaId =
  | 'postfix'
  | 'exim'
  | 'opensmtpd'
  | 'sendmail'
  | 'exchange'
  | 'exchange-online'
  | 'barracuda'
  | 'proofpoint'
  | 'mimecast'
  | 'messagelabs'
  | 'haraka'
  | 'stalwart'
  | 'hmailserver'
  | 'mailenable'
  | 'mox'
  | 'mdaemon'
  | 'kerio'
  | 'communigate'
  | 'axigen'
  | 'domino'
  | 'james';

/** A mail server software. */
export interface Mta {
  readonly id: MtaId;
  readonly name: string;
}

interface MtaRow extends Mta {
  /** Matches what only this server says in its greeting or EHLO reply. */
  readonly says: RegExp;
}

/** Every mail server that is recognised. The first matching row decides. */
export const MTAS: readonly MtaRow[] = [
  // Filters in front of a mail server greet in its place.
  { id: 'exchange-online', name: 'Exchange Online', says: /\.mail\.protection\.outlook\.com\b/i },
  { id: 'proofpoint', name: 'Proofpoint', says: /\bProofpoint\b|\.(?:pphosted|ppe-hosted)\.com\b/i },
  { id: 'mimecast', name: 'Mimecast', says: /\bMimecast\b/i },
  { id: 'barracuda', name: 'Barracuda', says: /\bBarracuda(?: ?Networks)?\b/i },
  { id: 'messagelabs', name: 'Symantec Email Security', says: /\bmessagelabs\b/i },
  { id: 'opensmtpd', name: 'OpenSMTPD', says: /\bOpenSMTPD\b/i },
  { id: 'postfix', name: 'Postfix', says: /\bPostfix\b/i },
  { id: 'exim', name: 'Exim', says: /\bExim\b/i },
  { id: 'sendmail', name: 'Sendmail', says: /\bSendmail\b/i },
  { id: 'exchange', name: 'Microsoft Exchange', says: /\bMicrosoft ESMTP MAIL Service ready\b/i },
  { id: 'haraka', name: 'Haraka', says: /\bHaraka\b/i },
  { id: 'stalwart', name: 'Stalwart', says: /\bStalwart\b/i },
  { id: 'hmailserver', name: 'hMailServer', says: /\bhMailServer\b/i },
  { id: 'mailenable', name: 'MailEnable', says: /\bMailEnable\b/i },
  { id: 'mox', name: 'mox', says: /\bESMTP mox\b/i },
  { id: 'mdaemon', name: 'MDaemon', says: /\bMDaemon\b/i },
  { id: 'kerio', name: 'Kerio Connect', says: /\bKerio\b/i },
  { id: 'communigate', name: 'CommuniGate Pro', says: /\bCommuniGate\b/i },
  { id: 'axigen', name: 'Axigen', says: /\bAxigen\b/i },
  { id: 'domino', name: 'HCL Domino', says: /\b(?:Lotus|IBM|HCL) Domino\b/i },
  { id: 'james', name: 'Apache James', says: /\bJAMES SMTP\b/i },
];

/** @returns the server that names itself in the text of a greeting or EHLO reply, or `null`. */
export function recogniseMta(text: string): Mta | null {
  const row = MTAS.find(({ says }) => says.test(text));
  return row ? { id: row.id, name: row.name } : null;
}

/** The fault to close: relaying in general, relaying of rewritten addresses, or submission without AUTH. */
export type RelayFault = 'relay' | 'rewrite' | 'submission';

/** The commands and configuration lines, in the order to use them. */
type Lines = readonly ConfigurationLine[];

const CLOSE_RELAY: Partial<Readonly<Record<MtaId, Partial<Readonly<Record<RelayFault, Lines>>>>>> = {
  postfix: {
    relay: lines(
      "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination'",
      'postconf mynetworks relay_domains smtpd_recipient_restrictions   # no foreign networks, no "permit" before the reject',
      'postfix reload',
    ),
    rewrite: lines(
      "postconf -e 'allow_percent_hack = no' 'swap_bangpath = no' 'allow_untrusted_routing = no'",
      "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination'",
      'postfix reload',
    ),
    submission: lines(
      "postconf -P 'submission/inet/smtpd_relay_restrictions=permit_sasl_authenticated,reject'",
      'postfix reload',
    ),
  },
  exim: {
    relay: lines(
      '# in the ACL named by acl_smtp_rcpt, and nothing that accepts before it:',
      'accept  hosts = +relay_from_hosts',
      'accept  authenticated = *',
      'require message = relay not permitted',
      '        domains = +local_domains : +relay_to_domains',
      '# with: hostlist relay_from_hosts = localhost   (Debian: dc_relay_nets, dc_relay_domains)',
    ),
    rewrite: lines(
      '# in the ACL named by acl_smtp_rcpt, before anything that accepts:',
      'deny    message = restricted characters in address',
      '        domains = +local_domains',
      '        local_parts = ^[.] : ^.*[@%!/|]',
    ),
  },
  opensmtpd: {
    relay: lines(
      '# smtpd.conf: no "match from any for any" without "auth"; relay only with',
      'match from local for any action "outbound"',
      'match auth from any for any action "outbound"',
      'smtpd -n   # check, then restart smtpd',
    ),
    submission: lines(
      '# smtpd.conf: the listen line of the port needs "auth", e.g. listen on egress port submission tls-require auth',
    ),
  },
  sendmail: {
    relay: unconfirmedLines(
      'grep -nE "promiscuous_relay|relay_local_from|relay_entire_domain|relay_mail_from" /etc/mail/sendmail.mc   # remove these',
      'grep -n RELAY /etc/mail/access   # only your own hosts',
      'make -C /etc/mail && systemctl restart sendmail',
    ),
    rewrite: unconfirmedLines(
      'grep -n loose_relay_check /etc/mail/sendmail.mc   # remove it',
      'make -C /etc/mail && systemctl restart sendmail',
    ),
  },
  exchange: {
    relay: unconfirmedLines(
      "Get-ReceiveConnector | Get-ADPermission -User 'NT AUTHORITY\\ANONYMOUS LOGON' | Where-Object { $_.ExtendedRights -like 'Ms-Exch-SMTP-Accept-Any-Recipient' }",
      "# for each connector found: Remove-ADPermission -Identity <connector> -User 'NT AUTHORITY\\ANONYMOUS LOGON' -ExtendedRights 'Ms-Exch-SMTP-Accept-Any-Recipient'",
    ),
  },
  haraka: {
    relay: lines('# config/relay_acl_allow: your own networks only', '# config/host_list: your own domains only'),
  },
  stalwart: {
    relay: lines(
      '# 0.16 and later: allowRelaying of MtaStageRcpt must be: !is_empty(authenticated_as)',
      '# older: session.rcpt.relay must be: !is_empty(authenticated_as)',
    ),
  },
  hmailserver: {
    relay: lines(
      '# Settings > Advanced > IP Ranges > Internet: "External to external" deliveries off,',
      '# and SMTP authentication required for "Local to external" and "External to external"',
    ),
  },
  mailenable: {
    relay: unconfirmedLines(
      '# SMTP connector > Properties > Relay: allow relay for authenticated senders only;',
      '# "Allow relay for local sender addresses" off',
    ),
  },
};

/**
 * @returns the lines that close a relay fault on a mail server. Empty when the server or the lines for it are unknown.
 */
export function closingLines(mta: MtaId | null, fault: RelayFault): Lines {
  return (mta ? CLOSE_RELAY[mta]?.[fault] : undefined) ?? [];
}
