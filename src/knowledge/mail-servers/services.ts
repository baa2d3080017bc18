/** Recognises services that are no mail server, by the first bytes that they send. The first matching row decides. */

interface Row {
  /** The service as a noun phrase. */
  readonly service: string;
  /** Matches the first bytes as latin1. */
  readonly says: RegExp;
}

const ROWS: readonly Row[] = [
  { service: 'an SSH server', says: /^SSH-\d/ },
  { service: 'a web server (HTTP)', says: /^HTTP\/\d|^\s*<(?:!doctype|html|\?xml)/i },
  { service: 'a streaming server (RTSP)', says: /^RTSP\/\d/ },
  { service: 'an IMAP server', says: /^\* (?:OK|PREAUTH|BYE)\b/i },
  { service: 'a POP3 server', says: /^(?:\+OK|-ERR)\b/i },
  { service: 'a ManageSieve server', says: /^"IMPLEMENTATION"/i },
  {
    service: 'an FTP server',
    says: /^[245]\d\d[ -](?!.*\bE?SMTP\b).*\b(?:(?:vs|pro|pure-)?ftpd?|filezilla|serv-u)\b/i,
  },
  { service: 'an LMTP server', says: /^[245]\d\d[ -].*\bLMTP\b/ },
  { service: 'a news server (NNTP)', says: /^20[01] / },
  { service: 'a remote desktop (VNC)', says: /^RFB \d/ },
  { service: 'a Telnet server', says: /^\xff[\xfb-\xfe]/ },
  { service: 'a database (MySQL or MariaDB)', says: /^.\0\0\0[\x09\x0a\xff]/s },
  { service: 'an XMPP server', says: /^<stream:|^<\?xml[^>]*\?><stream/ },
  { service: 'an IRC server', says: /^(?::\S+ )?(?:NOTICE|ERROR) /i },
  { service: 'a TLS server', says: /^[\x14-\x17]\x03[\x00-\x04]/ },
];

/** @returns the service that begins with these bytes, as a noun phrase, or `null` when it is not known. */
export function serviceOf(heard: string): string | null {
  return ROWS.find(({ says }) => says.test(heard))?.service ?? null;
}
