/** Which service the first bytes of a port belong to. */
import { expect, test } from 'vitest';
import { serviceOf } from '../../../src/knowledge/mail-servers/services.ts';

test.each<[string, string | null]>([
  ['SSH-2.0-OpenSSH_9.6\r\n', 'an SSH server'],
  ['HTTP/1.1 400 Bad Request\r\n', 'a web server (HTTP)'],
  ['<html>\r\n<head><title>400 Bad Request</title>', 'a web server (HTTP)'],
  ['<!DOCTYPE HTML PUBLIC', 'a web server (HTTP)'],
  ['RTSP/1.0 400 Bad Request\r\n', 'a streaming server (RTSP)'],
  ['* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n', 'an IMAP server'],
  ['+OK Dovecot ready.\r\n', 'a POP3 server'],
  ['"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n', 'a ManageSieve server'],
  ['220 (vsFTPd 3.0.3)\r\n', 'an FTP server'],
  ['220 ProFTPD Server (Debian)\r\n', 'an FTP server'],
  ['220-FileZilla Server 1.8.0\r\n', 'an FTP server'],
  ['220 mail.example.com LMTP ready\r\n', 'an LMTP server'],
  ['200 news.example.com InterNetNews ready\r\n', 'a news server (NNTP)'],
  ['RFB 003.008\n', 'a remote desktop (VNC)'],
  ['\xff\xfd\x18\xff\xfd', 'a Telnet server'],
  ['J\0\0\0\x0a8.0.36\0', 'a database (MySQL or MariaDB)'],
  ['<stream:error>', 'an XMPP server'],
  [':irc.example.com NOTICE AUTH :*** Looking up your hostname', 'an IRC server'],
  ['\x15\x03\x03\0\x02\x02', 'a TLS server'],
  ['220 mail.example.com ESMTP Postfix\r\n', null],
  ['220 ftp.example.com ESMTP ready\r\n', null],
  ['554 5.7.1 go away\r\n', null],
  ['hello there\r\n', null],
  ['', null],
])('%j → %s', (heard, service) => {
  expect(serviceOf(heard)).toBe(service);
});
