/** The certificate that is to be installed next, as a deploy hook gives it to the built command line. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordToPublish } from '../../src/standards/tlsa/publish.ts';
import { tlsaText } from '../../src/standards/tlsa/record.ts';
import { createAuthority } from '../world/certificates.ts';
import { signedWorld } from '../world/signer.ts';
import { mailcheck, startWorld, type World } from '../world/world.ts';

const root = createAuthority();
const identity = root.issue({ names: ['mail.example.com'] });
const renewed = root.issue({ names: ['mail.example.com'] });
const recordOf = ({ certificate }: { readonly certificate: string }) =>
  tlsaText(recordToPublish(new X509Certificate(certificate)));

const directory = mkdtempSync(join(tmpdir(), 'mailcheck-next-'));
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const signed = signedWorld(
  [
    { apex: '.' },
    { apex: 'com' },
    {
      apex: 'example.com',
      records: {
        'example.com': { MX: '10 mail.example.com' },
        'mail.example.com': { A: '203.0.113.5' },
        '_25._tcp.mail.example.com': { TLSA: [recordOf(identity), recordOf(root)] },
      },
    },
  ],
  // The command line validates by the clock of the machine.
  { now: Date.now() },
);
const anchors = file('anchors.txt', signed.anchorText);
let world: World;

beforeAll(async () => {
  world = await startWorld({ dns: { zone: {}, signed }, hosts: { '203.0.113.5': { tls: { identity } } } });
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true });
});

const check = (...args: string[]) =>
  mailcheck(['example.com', '--only', 'dane', '--json', '--trust-anchor', anchors, ...world.args, ...args]);

test('a certificate with the key in use matches, and the exit code is 0', async () => {
  const { code, stdout, stderr } = await check('--next-cert', file('same.pem', identity.certificate));
  expect(stderr).toBe('');
  expect(stdout).toContain('the next certificate matches the records of mail.example.com (3 1 1)');
  expect(code).toBe(0);
});

test('a certificate with another key has the exit code 1, its record and the wait', async () => {
  const chain = file('fullchain.pem', renewed.certificate + root.certificate);
  const { code, stdout } = await check('--next-cert', chain, '--dns-only');
  const report = JSON.parse(stdout);
  const [finding] = report.rules.find(({ id }: { id: string }) => id === 'dane').findings;
  expect(finding.code).toBe('dane/next-certificate-mismatch');
  expect(finding.remediation.summary).toContain('wait 10 minutes (two TTLs of 300 seconds)');
  expect(finding.remediation.records[0].line).toBe(`_25._tcp.mail.example.com. IN TLSA ${recordOf(renewed)}`);
  expect(code).toBe(1);
});

test('a recording of the run keeps the certificate, and its replay says the same', async () => {
  const chain = file('fullchain.pem', renewed.certificate + root.certificate);
  const recording = join(directory, 'run.json');
  const first = await check('--next-cert', chain, '--dns-only', '--record', recording);
  const again = await mailcheck(['--replay', recording, '--json']);
  expect(JSON.parse(again.stdout).rules).toEqual(JSON.parse(first.stdout).rules);
  expect(again.code).toBe(1);
});

test.each([
  ['a private key beside the certificate', identity.certificate + identity.key, /contains a private key/],
  ['a private key alone', identity.key, /contains a private key/],
  ['no certificate', 'nothing', /is not a file of certificates in PEM form/],
  ['a broken certificate', identity.certificate.replace(/MII.{20}/, ''), /is not a file of certificates in PEM form/],
  ['too many certificates', identity.certificate.repeat(11), /has more than 10 certificates/],
])('%s is refused in one line that shows nothing of the file', async (_, text, says) => {
  const { code, stdout, stderr } = await check('--next-cert', file('refused.pem', text));
  expect(stderr).toMatch(says);
  expect(stderr).toMatch(/^mailcheck: --next-cert: [^\n]+\n$/);
  expect(stderr).not.toContain(identity.key.slice(40, 60));
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('a host that only sends has no use for it', async () => {
  const { code, stderr } = await check('--next-cert', file('same.pem', identity.certificate), '--send-only');
  expect(stderr).toMatch(/--next-cert and --send-only contradict each other/);
  expect(code).toBe(2);
});
