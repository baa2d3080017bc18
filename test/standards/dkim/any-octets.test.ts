/** Whatever a message is made of, verifying it gives a result: it never throws, and never takes long. */

import { describe, expect, it } from 'vitest';
import { MAX_MESSAGE_HEADER, readMail } from '../../../src/standards/dkim/mail.ts';
import { selectorsOf, verifyMessage } from '../../../src/standards/dkim/message.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../sample.ts';
import { zoneResolver } from '../../world/zone-resolver.ts';
import { PAIR } from './keys.ts';
import { NOW, signMessage } from './sign.ts';

const resolver = zoneResolver({
  zone: { 'mail._domainkey.example.com': { TXT: [`v=DKIM1; p=${PAIR.publicBase64}`] } },
});
const SIGNED = Buffer.from(
  signMessage('From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hi\r\n\r\nHello Bob.\r\n'),
  'latin1',
);

const verify = async (message: Uint8Array): Promise<string[]> => {
  selectorsOf(message, 'example.com');
  const { signatures } = await verifyMessage(message, resolver, NOW);
  return signatures.map(({ result }) => result);
};

describe('DKIM: verifyMessage never throws', () => {
  it('for any octets', async () => {
    const octets = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(octets, async (message) => {
        expect(await verify(message)).not.toContain('pass');
      }),
      { numRuns: runs(1000) },
    );
  });

  it('for a signed message with octets replaced, removed or inserted', async () => {
    const edit = fc.record({
      at: fc.nat(SIGNED.length),
      drop: fc.nat(20),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom(';', '=', ':', '\r\n', '\n', '\r', '\0', 'From', 'd=', 'x=1;', '\xff', '@').map(Buffer.from),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        let message: Buffer = SIGNED;
        for (const { at, drop, put } of edits) {
          message = Buffer.concat([message.subarray(0, at), put, message.subarray(at + drop)]);
        }
        for (const result of await verify(message)) expect(result).toMatch(/^(?:pass|fail|policy|permerror)$/);
      }),
      { numRuns: runs(3000) },
    );
    expect(await verify(SIGNED)).toEqual(['pass']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one octet', Buffer.from([0])],
    ['only line ends', Buffer.from('\r\n\r\n')],
    ['a part of a larger piece of memory', new Uint8Array(SIGNED.buffer, SIGNED.byteOffset + 3, 40)],
    [
      'a name as long as a name can be',
      Buffer.from(
        signMessage('From: a@b.example\r\n\r\n', { domain: `${'a.'.repeat(124)}ab`, selector: 'b'.repeat(63) }),
      ),
    ],
  ])('for %s', async (_, message) => {
    expect(await verify(message)).not.toContain('pass');
  });
});

describe('DKIM: a header that is too long for mail servers', () => {
  const withHeader = (octets: number): Buffer => {
    const field = 'X-Long: ';
    const line = `${'x'.repeat(70)}\r\n\t`;
    const padding = octets - SIGNED.indexOf('\r\n\r\n') - field.length - 2;
    const text = line
      .repeat(Math.ceil(padding / line.length))
      .slice(0, padding)
      .replace(/[\r\n\t]+$/, (end) => 'x'.repeat(end.length));
    return Buffer.concat([Buffer.from(`${field}${text}\r\n`), SIGNED]);
  };

  it('counts as an empty header', async () => {
    const message = withHeader(MAX_MESSAGE_HEADER + 100);
    expect(readMail(message)).toBeUndefined();
    expect(await verifyMessage(message, resolver, NOW)).toEqual({ fromDomain: null, signatures: [] });
    expect(selectorsOf(message, 'example.com')).toEqual([]);
  });

  it('control: a header of 100 KiB, with more than a thousand lines in a field, is read', async () => {
    expect(await verify(withHeader(MAX_MESSAGE_HEADER))).toEqual(['pass']);
    expect(selectorsOf(withHeader(MAX_MESSAGE_HEADER), 'example.com')).toEqual(['mail']);
  });
});
