import { expect, test } from 'vitest';
import { recogniseDecoy } from '../../../src/knowledge/mail-servers/decoys.ts';

test.each([
  ['mail.example.com ESMTP spamd IP-based SPAM blocker; Mon Nov 23 10:00:00 2026', 'OpenBSD spamd', 'tarpit'],
  ['mail.example.com ESMTP Hello, spam sender. Pleased to be wasting your time.', 'OpenBSD spamd', 'tarpit'],
  ['mailhog.example ESMTP MailHog', 'MailHog', 'trap'],
  ['mx.example.com Mailpit ESMTP Service ready', 'Mailpit', 'trap'],
  ['EventMachine SMTP Server', 'MailCatcher', 'trap'],
  ['smtp4dev ready', 'smtp4dev', 'trap'],
  ['192.0.2.1 GreenMail SMTP Service v2.0 Ready at port 25', 'GreenMail', 'trap'],
  ['inbucket Inbucket SMTP ready', 'Inbucket', 'trap'],
  ['mail.example.com INetSim Mail Service ready.', 'INetSim', 'honeypot'],
  ['mail.example.com ESMTP tarpit, take your time', 'a tarpit', 'tarpit'],
  ['mail.example.com ESMTP Teergrube', 'a tarpit', 'tarpit'],
  ['mail.example.com SMTP honeypot', 'a honeypot', 'honeypot'],
])('%s → %s', (text, name, kind) => {
  expect(recogniseDecoy(text)).toEqual({ name, kind });
});

test.each([
  'mail.example.com ESMTP Postfix',
  'spamd.example.com ESMTP Postfix',
  'honeypot.example.com ESMTP Exim 4.96',
  'mailhog.example.com ESMTP ready',
  'mail.example.com ESMTP Postfix (no spam trap here)',
  'mail.example.com ESMTP, filtered by spamassassin',
  'mx.example.com ESMTP ready, write to honeypot@example.com',
])('%s is no decoy', (text) => {
  expect(recogniseDecoy(text)).toBeNull();
});
