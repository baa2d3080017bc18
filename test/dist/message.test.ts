/** `--message` through the built command line: what verifies a message there is a bundled CommonJS module. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAIR } from '../standards/dkim/keys.ts';
import { signMessage } from '../standards/dkim/sign.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

const MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n';
const KEY = `v=DKIM1; k=rsa; p=${PAIR.publicBase64}`;

let world: World;
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mailcheck-message-'));
  world = await startWorld({
    dns: {
      zone: {
        'example.com': { SOA: [], A: ['203.0.113.5'] },
        'mail._domainkey.example.com': { TXT: [[KEY.slice(0, 250), KEY.slice(250)]] },
      },
    },
  });
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

async function check(message: string) {
  const file = join(directory, 'message.eml');
  await writeFile(file, message, 'latin1');
  const args = ['example.com', '203.0.113.5', '--only', 'dkim', '--message', file, '--format', 'json', ...world.args];
  const { code, stdout, stderr } = await mailcheck(args);
  expect(stderr).not.toMatch(/\n\s+at /);
  const report = JSON.parse(stdout);
  const [{ status, findings }] = report.rules.filter(({ id }: { id: string }) => id === 'dkim');
  return { code, status, codes: findings.map((finding: { code: string }) => finding.code) };
}

test.each([
  ['signed, relaxed', signMessage(MESSAGE), { code: 0, status: 'pass', codes: ['dkim/message-verified'] }],
  [
    'signed, simple',
    signMessage(MESSAGE, { form: 'simple/simple' }),
    { code: 0, status: 'pass', codes: ['dkim/message-verified'] },
  ],
  [
    'changed after it was signed',
    signMessage(MESSAGE).replace('Hello Bob', 'Hello Eve'),
    { code: 1, status: 'fail', codes: ['dkim/message-signature-fails'] },
  ],
])('%s', async (_, message, expected) => {
  expect(await check(message)).toEqual(expected);
});

test('unsigned', async () => {
  const { code, status, codes } = await check(MESSAGE);
  expect({ code, status }).toEqual({ code: 1, status: 'fail' });
  expect(codes).toContain('dkim/message-unsigned');
});
