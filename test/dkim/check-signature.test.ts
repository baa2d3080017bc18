/** Canonicalization and the check of a signature: the examples of RFC 6376, and side by side with mailauth. */
import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBody, canonicalField } from '../../src/dkim/canonical.ts';
import { checkSignature } from '../../src/dkim/check-signature.ts';
import { type Mail, readMail } from '../../src/dkim/mail.ts';
import { askMailauth, keyNameOf } from '../../src/dkim/mailauth.ts';
import { isSignatureField, readSignature } from '../../src/dkim/signature.ts';
import { NOW } from './check-rule.ts';
import { PAIR } from './keys.ts';
import { signMessage } from './sign.ts';

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('RFC 6376 §3.4.5: the example', () => {
  const mail = readMail(octets('A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n'));

  it.each([
    ['relaxed', ['a:X', 'b:Y Z'], ' C\r\nD E\r\n'],
    ['simple', ['A: X', 'B : Y\t\r\n\tZ  '], ' C \r\nD \t E\r\n'],
  ] as const)('%s', (form, fields, body) => {
    expect(mail.fields.map((field) => canonicalField(field, form))).toEqual(fields);
    expect(canonicalBody(mail.body, form).toString('latin1')).toBe(body);
  });

  it.each([
    ['§3.4.3: an empty body is a line end', 'simple', '', '\r\n'],
    ['§3.4.4: an empty body is nothing', 'relaxed', '', ''],
    ['§3.4.4: only white space is nothing', 'relaxed', ' \r\n\t\r\n', ''],
    ['a body without a line end gets one', 'simple', 'a', 'a\r\n'],
    ['a body without a line end gets one, white space or not', 'relaxed', 'a \t', 'a\r\n'],
    ['a lone CR is no line end', 'relaxed', 'a \r b\r\n', 'a \r b\r\n'],
    ['a lone CR is no line end at the end', 'simple', 'a\r\r\n', 'a\r\r\n'],
  ] as const)('%s', (_, form, body, expected) => {
    expect(canonicalBody(octets(body), form).toString('latin1')).toBe(expected);
  });
});

const key = { key: createPublicKey(PAIR.publicPem), fingerprint: '', isTesting: false };

async function opinions(text: string) {
  const mail: Mail = readMail(octets(text));
  const signatures = mail.fields.filter(isSignatureField).flatMap((field) => {
    const reading = readSignature(field);
    return reading.kind === 'signature' ? [reading.signature] : [];
  });
  const keys = new Map(signatures.map((one) => [keyNameOf(one), `v=DKIM1; p=${PAIR.publicBase64}`]));
  const { verified } = await askMailauth(mail, signatures, keys, NOW);
  return signatures.map((one) => ({ ours: checkSignature(mail, one, key) === null, mailauth: verified.has(one) }));
}

const form = fc.constantFrom('relaxed/relaxed', 'simple/simple', 'relaxed/simple', 'simple/relaxed');
/** What mailauth reads as the RFC does: no other white space, no lone CR, no white space in place of the last line end. */
const piece = fc.constantFrom(
  'a',
  'Bob',
  ' ',
  '  ',
  '\t',
  '\r\n',
  '\r\n\r\n',
  ' \r\n',
  '.',
  '\xe9',
  ':',
  ';',
  '=',
  '--',
);
const line = fc.array(fc.constantFrom('x', ' ', '\t', ':', '\r\n ', '\xfc', '"', '('), { maxLength: 8 });
const message = fc
  .tuple(line, fc.array(piece, { maxLength: 20 }))
  .map(
    ([subject, body]) =>
      `From: ann@example.com\r\nSubject: ${subject.join('')}.\r\nSubject: 2\r\n\r\n${body.length === 0 ? '' : `${body.join('')}\r\n`}`,
  );

describe('side by side with mailauth', () => {
  it('what our signer signs, both verify', async () => {
    await fc.assert(
      fc.asyncProperty(message, form, async (text, c) => {
        const signed = signMessage(text, { form: c, signed: 'From:Subject:Subject:Subject' });
        expect(await opinions(signed)).toEqual([{ ours: true, mailauth: true }]);
      }),
      { numRuns: 3000 },
    );
  });

  it('of what was changed afterwards, both say the same', async () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(message, form, place, piece, async (text, c, at, put) => {
        const signed = signMessage(text, { form: c, signed: 'From:Subject' });
        // Behind the signature, where a change is not one of its own tags.
        const start = signed.length - text.length;
        const chosen = start + Math.floor(at * text.length);
        const index = signed[chosen] === '\n' ? chosen - 1 : chosen;
        for (const { ours, mailauth } of await opinions(signed.slice(0, index) + put + signed.slice(index))) {
          expect(ours).toBe(mailauth);
        }
      }),
      { numRuns: 300 },
    );
  });

  const misread: [string, string][] = [
    ['an octet that is white space elsewhere', signMessage('From: ann@example.com\r\nSubject: \xc3\xa0\r\n\r\n')],
    ['a quote in z=', signMessage('From: ann@example.com\r\n\r\n', { tags: { z: "Subject:don't" } })],
    ['l=0', signMessage('From: ann@example.com\r\n\r\nHello\r\n', { length: 0 })],
  ];
  it.each(misread)('mailauth refuses %s; the RFC does not', async (_, signed) => {
    expect(await opinions(signed)).toEqual([{ ours: true, mailauth: false }]);
  });
});
