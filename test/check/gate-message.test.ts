/** A change of the records that a user's message is verified with: the message is verified in both states. */
import { expect, test } from 'vitest';
import { exitCode } from '../../src/report/status.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { PAIR, RSA_2048 } from '../standards/dkim/keys.ts';
import { NOW, signMessage } from '../standards/dkim/sign.ts';
import { recordIn } from '../world/check.ts';

const MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n\r\n';

const recordOf = (key: string): string => `v=DKIM1; k=rsa; p=${key}`;
const KEY = recordOf(PAIR.publicBase64);
const otherKey = recordOf(RSA_2048);

/** A run of the gate with a signed message and this change. The replay must give the same report. */
const change = (text: string, message = signMessage(MESSAGE)) =>
  recordIn(
    {
      isInMemory: true,
      dns: {
        zone: {
          'example.com': { SOA: [], NS: ['ns.example.com'] },
          'mail._domainkey.example.com': { TXT: [KEY] },
          'mail._domainkey.news.example.com': { TXT: [KEY] },
          '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'] },
        },
        apexes: ['example.com'],
      },
      rules: ['dkim'],
      settings: { gate: 'change', message: Buffer.from(message, 'latin1') },
    },
    { proposed: [parseZone(text, 'change.zone', 'example.com')], clock: { now: () => NOW } },
  );

test.each([
  ['a change that touches no key', 'www A 198.51.100.9', undefined, 'dkim/message-verified', 0],
  [
    'another key at the selector',
    `mail._domainkey TXT ${(otherKey.match(/.{1,200}/g) ?? []).map((part) => `"${part}"`).join(' ')}`,
    undefined,
    'dkim/message-signature-fails',
    1,
  ],
  [
    'strict alignment, for a message that a subdomain signs',
    '_dmarc TXT "v=DMARC1; p=reject; adkim=s; rua=mailto:dmarc@example.com"',
    signMessage(MESSAGE, { domain: 'news.example.com' }),
    'dkim/message-not-aligned',
    1,
  ],
])('%s', async (_, text, message, found, code) => {
  const { report } = await change(text, message);
  const { findings = [] } = report.rules.find(({ id }) => id === 'dkim') ?? {};
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([found]));
  expect([report.verdict, exitCode(report)]).toEqual(code === 1 ? ['fail', 1] : ['pass', 0]);
});
