/** Knows the configuration lines for TLS on the mail servers that name themselves. */
import { type ConfigurationLine, lines } from './configuration-line.ts';
import type { MtaId } from './mta.ts';

/**
 * The fault to fix: no TLS, a wrong certificate, a wrong one for clients without SNI, old TLS versions, or passwords that
 * are accepted without TLS.
 */
export type TlsFault = 'enable' | 'certificate' | 'default-certificate' | 'versions' | 'auth';

type Lines = readonly ConfigurationLine[];

const LINES: Partial<Readonly<Record<MtaId, Partial<Readonly<Record<TlsFault, Lines>>>>>> = {
  postfix: {
    enable: lines(
      "postconf -e 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/ssl/private/mail.key, /etc/ssl/certs/mail-fullchain.pem'",
      'postfix reload',
    ),
    certificate: lines('postconf smtpd_tls_chain_files smtpd_tls_cert_file smtpd_tls_key_file', 'postfix reload'),
    'default-certificate': lines(
      'postconf smtpd_tls_chain_files smtpd_tls_cert_file smtpd_tls_key_file   # these are shown without SNI',
      'postconf tls_server_sni_maps',
      'postfix reload',
    ),
    auth: lines("postconf -e 'smtpd_tls_auth_only = yes'", 'postfix reload'),
  },
  exim: {
    enable: lines(
      '# main section:',
      'tls_advertise_hosts = *',
      'tls_certificate = /etc/ssl/certs/mail-fullchain.pem',
      'tls_privatekey = /etc/ssl/private/mail.key',
      '# Debian: MAIN_TLS_ENABLE = true in /etc/exim4/exim4.conf.localmacros, then update-exim4.conf',
    ),
    certificate: lines('exim -bP tls_certificate tls_privatekey'),
    'default-certificate': lines(
      'exim -bP tls_certificate tls_privatekey   # without SNI, $tls_in_sni is empty: that must give a file too',
    ),
    versions: lines(
      '# main section (OpenSSL):',
      'openssl_options = +no_sslv3 +no_tlsv1 +no_tlsv1_1',
      '# or (GnuTLS, as on Debian):',
      'tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1',
    ),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the mail server's own syntax
    auth: lines('# main section:', 'auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}'),
  },
  opensmtpd: {
    enable: lines(
      '# smtpd.conf:',
      'pki mail cert "/etc/ssl/certs/mail-fullchain.pem"',
      'pki mail key "/etc/ssl/private/mail.key"',
      'listen on 0.0.0.0 port 25 tls pki mail',
      'smtpd -n   # check, then restart smtpd',
    ),
    certificate: lines('grep -n pki /etc/smtpd.conf /etc/mail/smtpd.conf', 'smtpd -n   # check, then restart smtpd'),
    auth: lines('# smtpd.conf: "auth" only on listen lines with "tls-require" or "smtps"'),
  },
};

/** The lines for the versions of a mail server that want different ones. */
const LINES_OF_VERSIONS: Partial<
  Readonly<Record<MtaId, Partial<Readonly<Record<TlsFault, readonly LinesOfVersion[]>>>>>
> = {
  postfix: {
    versions: [
      {
        version: 'Postfix 3.6 or newer',
        lines: lines(
          "postconf -e 'smtpd_tls_protocols = >=TLSv1.2' 'smtpd_tls_mandatory_protocols = >=TLSv1.2'",
          'postfix reload',
        ),
      },
      {
        version: 'Postfix before 3.6 (postconf mail_version shows it)',
        lines: lines(
          "postconf -e 'smtpd_tls_protocols = !SSLv2,!SSLv3,!TLSv1,!TLSv1.1' 'smtpd_tls_mandatory_protocols = !SSLv2,!SSLv3,!TLSv1,!TLSv1.1'",
          'postfix reload',
        ),
      },
    ],
  },
};

/** The lines for some versions of a mail server. */
export interface LinesOfVersion {
  /** The versions in words that stand before a colon. */
  readonly version: string;
  readonly lines: Lines;
}

/** @returns the lines that fix a TLS fault, for each version of the mail server that wants its own. */
export function tlsLinesOfVersions(mta: MtaId | null, fault: TlsFault): readonly LinesOfVersion[] {
  return (mta ? LINES_OF_VERSIONS[mta]?.[fault] : undefined) ?? [];
}

/** @returns the lines that fix a TLS fault on any version of a mail server. Empty when the server or the lines for it are unknown. */
export function tlsLines(mta: MtaId | null, fault: TlsFault): Lines {
  return (mta ? LINES[mta]?.[fault] : undefined) ?? [];
}
