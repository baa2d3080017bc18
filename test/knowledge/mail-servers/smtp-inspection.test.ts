/** The marks of a firewall that overwrites SMTP, and what only looks like one. */
import { expect, test } from 'vitest';
import { type InspectedDialogue, overwrittenParts } from '../../../src/knowledge/mail-servers/smtp-inspection.ts';

const plain = { greeting: ['mail.example.com ESMTP Postfix'], keywords: ['PIPELINING', 'SIZE 1000'] };

test.each<[string, Partial<InspectedDialogue>, string[]]>([
  ['asterisks for a greeting', { greeting: ['*'.repeat(60)] }, ['greeting']],
  ['a greeting of which the digits 0 and 2 are left', { greeting: ['*****0*2******00****200**0*0*00'] }, ['greeting']],
  ['a greeting of several lines', { greeting: ['*'.repeat(20), '*'.repeat(20)] }, ['greeting']],
  ['a greeting of which the name is left', { greeting: ['mail.example.com ****************'] }, ['greeting']],
  ['a keyword with its count', { keywords: ['SIZE 1', 'XXXXXXXA'] }, ['keyword']],
  ['a short keyword with its count', { keywords: ['XXXB'] }, ['keyword']],
  ['a keyword in small letters', { keywords: ['xxxxxxxx'] }, ['keyword']],
  ['a keyword of asterisks', { keywords: ['********'] }, ['keyword']],
  ['a command that the server repeats', { startTls: ['5.5.1 Command unrecognized: "XXXXXXXX"'] }, ['reply']],
  ['a command in parentheses', { startTls: ['unimplemented (XXXXXXXA)'] }, ['reply']],
  ['everything', { greeting: ['*****'], keywords: ['XXXX'], startTls: ['XXXX?'] }, ['greeting', 'keyword', 'reply']],
  ['nothing', {}, []],
  ['a frame of asterisks', { greeting: ['*********************', '* Welcome *', 'mail.example.com ESMTP'] }, []],
  ['asterisks around a word', { greeting: ['mail.example.com *** authorised use only ***'] }, []],
  ['no greeting text', { greeting: [''] }, []],
  ['keywords that begin with X', { keywords: ['XCLIENT NAME', 'XFORWARD', 'X-EXPS GSSAPI'] }, []],
  ['a refusal in other words', { startTls: ['5.7.0 TLS not available, see XXL or the manual'] }, []],
])('%s', (_, changes, parts) => {
  expect(overwrittenParts({ ...plain, ...changes })).toEqual(parts);
});
