import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { describe, expect, test } from 'vitest';
import dkim from '../../../src/check/rules/dkim/rule.ts';
import { selectorsOf } from '../../../src/standards/dkim/message.ts';
import {
  EC_SPKI,
  ED25519,
  ED25519_PRIVATE_PEM,
  KEY_RECORD,
  PAIR,
  RSA_2048,
  rsaKey,
} from '../../standards/dkim/keys.ts';
import { NOW } from '../../world/clock.ts';
import { type ExpectedFinding, type RuleCase, ruleTest, type Shown } from '../../world/rule-test.ts';
import { stringsOf, type ZoneScript } from '../../world/zone.ts';
import { messageCases } from './dkim-messages.ts';
import { switchCases } from './dkim-switch.ts';

type Code = keyof typeof dkim.findings;
type Case = RuleCase<Code>;
type Expected = ExpectedFinding<Code>;

const MAIL = 'mail._domainkey.example.com';
const OTHER = 'other._domainkey.example.com';
const PAIR_RECORD = `v=DKIM1; k=rsa; p=${PAIR.publicBase64}`;

function at(text: string): ZoneScript {
  return { [MAIL]: { TXT: [text] } };
}

/** A private key of so many bits. */
function privateKey(modulusLength: number): string {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A finding about the selector `mail`, with this evidence. */
function ofMail(code: Code, evidence: object, more: Partial<Expected> = {}): Expected {
  return { code, subject: MAIL, evidence: { selector: 'mail', name: MAIL, ...evidence }, ...more };
}

/** A finding about the domain as a whole. */
function ofDomain(code: Code, evidence: object, more: Partial<Expected> = {}): Expected {
  return { code, subject: 'example.com', evidence, ...more };
}

const fingerprint = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
const pairEvidence = { fingerprint, record: PAIR_RECORD };

/** The commands for a new key, where nothing is known that could be published. */
function toGenerate(selector: string): Partial<Expected> {
  return {
    fix: /The command writes the private key to a file, .* and prints the record to publish/,
    remediation: {
      commands: [
        `mailcheck records example.com 203.0.113.5 --selector ${selector} --generate-dkim ${selector}.private.pem`,
      ],
    },
  };
}

const given = ['mail'];
const cases: Case[] = [
  {
    when: 'no selector is given and no key exists',
    finds: [
      {
        code: 'dkim/none-exist',
        subject: '_domainkey.example.com',
        evidence: {
          tried: expect.arrayContaining(['default', 'google']),
          node: { name: '_domainkey.example.com', type: 'TXT', rcode: 'nxdomain' },
          control: { name: expect.stringMatching(/^mailcheck-\w+\.example\.com$/), rcode: 'nxdomain' },
          signingKey: null,
        },
        ...toGenerate('mail'),
      },
    ],
  },
  { when: 'no selector is given, and one key is found by guessing', zone: at(KEY_RECORD) },
  {
    when: 'no selector is given, and only a name that nobody guesses exists',
    zone: { 'abcxyz._domainkey.example.com': { TXT: [KEY_RECORD] } },
    finds: [ofDomain('dkim/selector-unknown', { existence: 'some', found: [], rfc8020: true, signingKey: null })],
  },
  {
    when: 'no selector is given, and the zone answers every name',
    zone: { '*.example.com': { A: ['192.0.2.1'] } },
    finds: [ofDomain('dkim/selector-unknown', { existence: 'unknown', found: [], control: { rcode: 'nodata' } })],
  },
  {
    when: 'no selector is given, and only a revoked key is found',
    zone: at('v=DKIM1; p='),
    finds: [
      ofMail('dkim/revoked', { record: ['v=DKIM1; p='] }),
      ofDomain('dkim/selector-unknown', { existence: 'some', found: ['mail'] }),
    ],
  },
  {
    when: 'a selector without a name in the DNS (NXDOMAIN)',
    selectors: given,
    finds: [
      ofMail(
        'dkim/selector-missing',
        { query: { name: MAIL, rcode: 'nxdomain' }, signingKey: null },
        toGenerate('mail'),
      ),
    ],
  },
  {
    when: 'a selector whose name has no TXT record (NODATA)',
    zone: { [MAIL]: { A: ['192.0.2.1'] } },
    selectors: given,
    finds: ['dkim/selector-missing'],
  },
  { when: 'a selector with a good key', zone: at(KEY_RECORD), selectors: given },
  {
    when: 'a selector with a good key; other selectors are not looked for',
    zone: { ...at(KEY_RECORD), 's1._domainkey.example.com': 'v=DKIM1; p=' },
    selectors: given,
  },
  {
    when: 'an alias to a name that does not exist (NXDOMAIN)',
    zone: { [MAIL]: { CNAME: ['mail.dkim.example.net'] } },
    selectors: given,
    finds: [
      ofMail('dkim/cname-broken', { chain: ['mail.dkim.example.net'], query: { name: MAIL, rcode: 'nxdomain' } }),
    ],
  },
  {
    when: 'two aliases to a name without TXT record (NODATA)',
    zone: {
      [MAIL]: { CNAME: ['a.example.net'] },
      'a.example.net': { CNAME: ['b.example.net'] },
      'b.example.net': { A: ['192.0.2.1'] },
    },
    selectors: given,
    finds: [ofMail('dkim/cname-broken', { chain: ['a.example.net', 'b.example.net'], query: { rcode: 'nodata' } })],
  },
  {
    when: 'an alias to a good key',
    zone: { [MAIL]: { CNAME: ['k.example.net'] }, 'k.example.net': { TXT: [KEY_RECORD] } },
    selectors: given,
  },
  {
    when: 'two selectors given, one with an alias to nowhere and one with a good key',
    zone: { ...at(KEY_RECORD), [OTHER]: { CNAME: ['gone.example.net'] } },
    selectors: ['mail', 'other'],
    finds: [{ code: 'dkim/cname-broken', subject: OTHER, evidence: { selector: 'other', name: OTHER } }],
  },
  {
    when: 'an alias to nowhere, found by guessing, beside a good key',
    zone: { ...at(KEY_RECORD), 'selector2._domainkey.example.com': { CNAME: ['gone.example.net'] } },
    finds: [{ code: 'dkim/cname-broken', severity: 'warning' }],
  },
  {
    when: 'an alias to nowhere, found by guessing, and no other key',
    zone: { 'selector2._domainkey.example.com': { CNAME: ['gone.example.net'] } },
    finds: ['dkim/cname-broken', 'dkim/selector-unknown'],
  },
  {
    when: 'two key records at one selector (RFC 6376 §3.6.2.2)',
    zone: { [MAIL]: { TXT: [KEY_RECORD, `v=DKIM1; p=${PAIR.publicBase64}`] } },
    selectors: given,
    finds: [
      ofMail('dkim/multiple-records', {
        records: [stringsOf(KEY_RECORD), stringsOf(`v=DKIM1; p=${PAIR.publicBase64}`)],
      }),
    ],
  },
  {
    when: 'two key records of which one is revoked',
    zone: { [MAIL]: { TXT: [KEY_RECORD, 'v=DKIM1; p='] } },
    selectors: given,
    finds: ['dkim/multiple-records'],
  },
  {
    when: 'one key record of several strings',
    zone: { [MAIL]: { TXT: [[KEY_RECORD.slice(0, 200), KEY_RECORD.slice(200)]] } },
    selectors: given,
  },
  {
    when: 'the version tag is not first',
    zone: at(`k=rsa; v=DKIM1; p=${RSA_2048}`),
    selectors: given,
    finds: [
      ofMail('dkim/syntax-error', {
        record: stringsOf(`k=rsa; v=DKIM1; p=${RSA_2048}`),
        defects: [{ kind: 'version-not-first' }],
      }),
    ],
  },
  { when: 'an SPF record at the selector', zone: at('v=spf1 -all'), selectors: given, finds: ['dkim/syntax-error'] },
  {
    when: 'more syntax errors than are kept as evidence',
    zone: at(`v=DKIM1;${' ;'.repeat(12)} p=${RSA_2048}`),
    selectors: given,
    finds: [ofMail('dkim/syntax-error', { defects: Array(10).fill({ kind: 'empty' }) })],
  },
  { when: 'control octets in p=', zone: at('v=DKIM1; p=\x00\x1b[2J'), selectors: given, finds: ['dkim/syntax-error'] },
  {
    when: 'semicolons escaped with backslashes',
    zone: at(KEY_RECORD.replaceAll(';', '\\;')),
    selectors: given,
    finds: [
      ofMail('dkim/key-mangled', {
        record: stringsOf(KEY_RECORD.replaceAll(';', '\\;')),
        damage: ['escaped-semicolon'],
        correct: KEY_RECORD,
      }),
    ],
  },
  { when: 'spaces inside p=', zone: at(`v=DKIM1; p=${RSA_2048.replace(/(.{60})/g, '$1 ')}`), selectors: given },
  {
    when: 'p= is not base64',
    zone: at('v=DKIM1; p=@@@@'),
    selectors: given,
    finds: [
      ofMail(
        'dkim/key-invalid',
        { record: ['v=DKIM1; p=@@@@'], fault: 'not-base64', octets: 0, detail: null },
        toGenerate('mail'),
      ),
    ],
  },
  {
    when: 'p= holds a key of another type than k= says',
    zone: at(`v=DKIM1; p=${EC_SPKI}`),
    selectors: given,
    finds: [ofMail('dkim/key-invalid', { fault: 'wrong-type', octets: 91, detail: 'ec' })],
  },
  {
    when: '64 KiB of base64 that is no key',
    zone: at(`v=DKIM1; p=${'A'.repeat(65_536)}`),
    selectors: given,
    finds: ['dkim/key-invalid'],
  },
  {
    when: 'p= holds a private key',
    zone: at(`v=DKIM1; p=${PAIR.privateBase64}`),
    selectors: given,
    finds: [ofMail('dkim/private-key-published', {}, toGenerate('mail-new'))],
  },
  {
    when: 'a private key as a second record of the selector',
    zone: { [MAIL]: { TXT: [KEY_RECORD, PAIR.privatePem] } },
    selectors: given,
    finds: [
      ofMail('dkim/multiple-records', { records: [stringsOf(KEY_RECORD), []] }),
      ofMail('dkim/private-key-published', {}),
    ],
  },
  {
    when: 'an empty p= at the selector given',
    zone: at('v=DKIM1; p='),
    selectors: given,
    finds: [ofMail('dkim/revoked', { record: ['v=DKIM1; p='] }, { severity: 'error' })],
  },
  {
    when: 'an empty p=, found by guessing, beside a good key, as a rotation leaves behind',
    zone: { ...at(KEY_RECORD), 'default._domainkey.example.com': 'v=DKIM1; p=' },
    finds: [{ code: 'dkim/revoked', severity: 'info', fix: /^Nothing to do/ }],
    status: 'pass',
  },
  {
    when: 'an RSA key of 1023 bits',
    zone: at(`v=DKIM1; p=${rsaKey(1023)}`),
    selectors: given,
    finds: [ofMail('dkim/key-too-short', { bits: 1023, published: true }, toGenerate('mail-2048'))],
  },
  {
    when: 'an RSA key of 1024 bits',
    zone: at(`v=DKIM1; p=${rsaKey(1024)}`),
    selectors: given,
    finds: [ofMail('dkim/key-weak', { bits: 1024, published: true })],
  },
  {
    when: 'an RSA key of 10000 bits',
    zone: at(`v=DKIM1; p=${rsaKey(10_000)}`),
    selectors: given,
    finds: [ofMail('dkim/key-oversize', { bits: 10_000, published: true })],
  },
  { when: 'an RSA key of 4096 bits', zone: at(`v=DKIM1; p=${rsaKey(4096)}`), selectors: given },
  {
    when: 'the private key given has another public key',
    zone: at(KEY_RECORD),
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [
      ofMail(
        'dkim/key-mismatch',
        { record: stringsOf(KEY_RECORD), published: fingerprint, signing: fingerprint, signingKey: pairEvidence },
        { remediation: { records: [{ name: MAIL, value: PAIR_RECORD }] } },
      ),
    ],
  },
  {
    when: 'the private key given has another public key than two selectors given',
    zone: { ...at(KEY_RECORD), [OTHER]: { TXT: [KEY_RECORD] } },
    selectors: ['mail', 'other'],
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [
      ofMail('dkim/key-mismatch', {}),
      { code: 'dkim/key-mismatch', subject: OTHER, evidence: { selector: 'other', name: OTHER } },
    ],
  },
  {
    when: 'a private key is given and the selector has two records',
    zone: { [MAIL]: { TXT: [KEY_RECORD, KEY_RECORD] } },
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: ['dkim/multiple-records'],
  },
  {
    when: 'a private key is given and the key of the selector is revoked',
    zone: at('v=DKIM1; p='),
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [{ code: 'dkim/revoked', severity: 'error' }],
  },
  {
    when: 'the private key given is the pair of the key',
    zone: at(PAIR_RECORD),
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePkcs1Pem },
    finds: [ofMail('dkim/not-safe-yet', { why: 'unseen', having: [], zone: null })],
  },
  {
    when: 'the private key given is the pair of the second of two selectors given',
    zone: { ...at(KEY_RECORD), [OTHER]: { TXT: [PAIR_RECORD] } },
    selectors: ['mail', 'other'],
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [{ code: 'dkim/not-safe-yet', subject: OTHER }],
  },
  {
    when: 'the private key given is the pair of a key found by guessing',
    zone: at(PAIR_RECORD),
    settings: { dkimKeyPem: PAIR.privatePem },
  },
  {
    when: 'the private key given is not the pair of the only key found by guessing',
    zone: at(KEY_RECORD),
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [ofDomain('dkim/selector-unknown', { existence: 'some', found: ['mail'], signingKey: pairEvidence })],
  },
  {
    when: 'the private key given is too short for a key that is not published yet',
    zone: { 'abcxyz._domainkey.example.com': { TXT: [KEY_RECORD] } },
    settings: { dkimKeyPem: privateKey(1016) },
    finds: [
      'dkim/selector-unknown',
      ofDomain('dkim/key-too-short', { selector: 'mail', name: MAIL, bits: 1016, published: false }),
    ],
  },
  {
    when: 'the private key given is weak and its key is not published yet',
    zone: { [OTHER]: { A: ['192.0.2.1'] } },
    selectors: ['other'],
    settings: { dkimKeyPem: privateKey(1024) },
    finds: [
      'dkim/selector-missing',
      ofDomain('dkim/key-weak', { selector: 'other', name: OTHER, bits: 1024, published: false }),
    ],
  },
  {
    when: 'the private key given is not a key',
    zone: at(KEY_RECORD),
    settings: { dkimKeyPem: 'hello' },
    finds: [
      ofDomain(
        'dkim/inconclusive',
        { reason: 'private-key-unusable', fault: 'not-a-private-key' },
        { says: 'The private key you gave cannot be used: the file is not a private key in PEM.' },
      ),
    ],
  },
  {
    when: 'h= allows SHA-1 only',
    zone: at(`v=DKIM1; h=sha1; p=${RSA_2048}`),
    selectors: given,
    finds: [
      ofMail(
        'dkim/sha1-only',
        { hashes: ['sha1'] },
        { remediation: { records: [{ value: `v=DKIM1; p=${RSA_2048}` }] } },
      ),
    ],
  },
  {
    when: 'an Ed25519 key alone',
    zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
    selectors: given,
    finds: [ofDomain('dkim/ed25519-only', { selectors: ['mail'] })],
  },
  {
    when: 'an Ed25519 key and an RSA key',
    zone: { ...at(`v=DKIM1; k=ed25519; p=${ED25519}`), [OTHER]: { TXT: [KEY_RECORD] } },
    selectors: ['mail', 'other'],
  },
  {
    when: 'an Ed25519 key and an RSA key of 1023 bits, which does not count',
    zone: { ...at(`v=DKIM1; k=ed25519; p=${ED25519}`), [OTHER]: `v=DKIM1; p=${rsaKey(1023)}` },
    selectors: ['mail', 'other'],
    finds: [{ code: 'dkim/key-too-short', subject: OTHER }, ofDomain('dkim/ed25519-only', { selectors: ['mail'] })],
  },
  {
    when: 'k=dsa',
    zone: at(`v=DKIM1; k=dsa; p=${RSA_2048}`),
    selectors: given,
    finds: [ofMail('dkim/key-type-unknown', { record: stringsOf(`v=DKIM1; k=dsa; p=${RSA_2048}`), keyType: 'dsa' })],
  },
  {
    when: 's= leaves out email',
    zone: at(`v=DKIM1; s=tlsrpt; p=${RSA_2048}`),
    selectors: given,
    finds: [
      ofMail('dkim/service-excludes-email', {
        record: stringsOf(`v=DKIM1; s=tlsrpt; p=${RSA_2048}`),
        services: ['tlsrpt'],
      }),
    ],
  },
  {
    when: 't=y',
    zone: at(`v=DKIM1; t=y; p=${RSA_2048}`),
    selectors: given,
    finds: [ofMail('dkim/testing', { record: stringsOf(`v=DKIM1; t=y; p=${RSA_2048}`) })],
  },
  { when: 't=s', zone: at(`v=DKIM1; t=s; p=${RSA_2048}`), selectors: given },
  {
    when: 'g=* (RFC 4871)',
    zone: at(`v=DKIM1; g=*; p=${RSA_2048}`),
    selectors: given,
    finds: [ofMail('dkim/obsolete-granularity', { record: stringsOf(`v=DKIM1; g=*; p=${RSA_2048}`), value: '*' })],
  },
  {
    when: 'g= is empty (RFC 4871)',
    zone: at(`v=DKIM1; g=; p=${RSA_2048}`),
    selectors: given,
    finds: [ofMail('dkim/obsolete-granularity', { value: '' }, { severity: 'warning' })],
  },
  {
    when: 'a wildcard below _domainkey gives every selector one key',
    zone: { '*._domainkey.example.com': { TXT: [KEY_RECORD] } },
    finds: [
      ofDomain('dkim/wildcard', {
        query: { name: expect.stringMatching(/^mailcheck-\w+\._domainkey\.example\.com$/), rcode: 'noerror' },
        records: [stringsOf(KEY_RECORD)],
      }),
    ],
  },
  {
    when: 'a wildcard below _domainkey revokes every selector',
    zone: { '*._domainkey.example.com': 'v=DKIM1; p=' },
    finds: ['dkim/selector-unknown', { code: 'dkim/wildcard', severity: 'info', evidence: { isProtective: true } }],
  },
  {
    when: 'a wildcard below _domainkey revokes every selector but the one in use',
    zone: { ...at(KEY_RECORD), '*._domainkey.example.com': 'v=DKIM1; p=' },
    finds: [{ code: 'dkim/wildcard', severity: 'info', fix: /^Nothing to do/ }],
    status: 'pass',
  },
  {
    when: 'the selector given has no record but that of a wildcard that revokes every selector',
    zone: { '*._domainkey.example.com': 'v=DKIM1; p=' },
    selectors: given,
    finds: [
      { code: 'dkim/revoked', severity: 'error', ...toGenerate('mail-new') },
      { code: 'dkim/wildcard', severity: 'info' },
    ],
  },
  {
    when: 'SERVFAIL for the selector given',
    zone: { [MAIL]: 'servfail' },
    selectors: given,
    finds: [
      {
        code: 'dkim/inconclusive',
        subject: MAIL,
        says: 'The key record of selector mail could not be fetched (servfail).',
        evidence: {
          reason: 'key-lookup-failed',
          selector: 'mail',
          query: { name: MAIL, type: 'TXT', rcode: 'servfail' },
        },
        fix: /^Run the check again, .* lookup of example\.com fails again, contact/,
      },
    ],
  },
  {
    when: 'REFUSED for _domainkey',
    zone: { '_domainkey.example.com': 'refused' },
    finds: [
      ofDomain(
        'dkim/inconclusive',
        {
          reason: 'search-lookups-failed',
          queries: [{ name: '_domainkey.example.com', rcode: 'refused' }],
          failed: 1,
        },
        {
          rests: ['TXT _domainkey.example.com'],
          says: '1 of the lookups of common selectors got no answer, so a key may exist.',
        },
      ),
    ],
  },
  {
    when: 'no reply for one of the names that are guessed',
    zone: { 'google._domainkey.example.com': 'timeout' },
    finds: ['dkim/inconclusive'],
  },
  {
    when: 'no reply for any name that is guessed, of which five are kept as evidence',
    zone: { '*._domainkey.example.com': 'timeout' },
    finds: [
      ofDomain('dkim/inconclusive', {
        reason: 'search-lookups-failed',
        queries: Array(5).fill({ rcode: 'timeout' }),
        failed: expect.any(Number),
      }),
    ],
  },
  {
    when: 'no reply for one of the names that are guessed, and a key at another',
    zone: { ...at(KEY_RECORD), 'google._domainkey.example.com': 'timeout' },
    finds: [
      ofDomain('dkim/inconclusive', {
        reason: 'search-lookups-failed',
        queries: [{ name: 'google._domainkey.example.com', rcode: 'timeout' }],
        failed: 1,
      }),
    ],
  },
  { when: 'an alias of itself', zone: { [MAIL]: { CNAME: [MAIL] } }, selectors: given, finds: ['dkim/inconclusive'] },
];

const PLAIN_MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n';

/** The message with a signature of the pair's private key before it. */
async function signed(signingDomain: string, message = PLAIN_MESSAGE): Promise<string> {
  const key = { signingDomain, selector: 'mail', privateKey: PAIR.privatePem };
  // The declarations ask for the key at the top, the function reads it from the list.
  // Without a time, it reads the clock once for what is signed and once for what is written.
  const { signatures } = await dkimSign(message, { ...key, signTime: new Date(NOW), signatureData: [key] });
  return signatures + message;
}

const pairAt = (domain: string): ZoneScript => ({ [`mail._domainkey.${domain}`]: { TXT: [PAIR_RECORD] } });
const strict: ZoneScript = { '_dmarc.example.com': 'v=DMARC1; p=none; adkim=s' };
const own = await signed('example.com');
const foreign = await signed('esp.example.net');

const messages: Case[] = [
  {
    when: 'a message without signature',
    zone: pairAt('example.com'),
    selectors: given,
    message: PLAIN_MESSAGE,
    finds: [{ code: 'dkim/message-unsigned', subject: 'example.com', evidence: { from: 'example.com' } }],
  },
  {
    when: 'a message signed by its domain',
    zone: pairAt('example.com'),
    selectors: given,
    message: own,
    finds: [
      {
        code: 'dkim/message-verified',
        subject: 'example.com',
        evidence: { from: 'example.com', signers: ['example.com'] },
      },
    ],
  },
  {
    when: 'a message signed by a subdomain, without DMARC record',
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com') },
    selectors: given,
    message: await signed('news.example.com'),
    finds: [{ code: 'dkim/message-verified', evidence: { from: 'example.com', signers: ['news.example.com'] } }],
  },
  {
    when: 'a message signed by a subdomain, with relaxed alignment in the DMARC record',
    zone: {
      ...pairAt('example.com'),
      ...pairAt('news.example.com'),
      '_dmarc.example.com': 'v=DMARC1; p=none',
    },
    selectors: given,
    message: await signed('news.example.com'),
    finds: ['dkim/message-verified'],
  },
  {
    when: 'a message signed by a subdomain, and adkim=s in a DMARC record that is not in force',
    zone: {
      ...pairAt('example.com'),
      ...pairAt('news.example.com'),
      '_dmarc.example.com': 'v=DMARC1; p=block; adkim=s',
    },
    selectors: given,
    message: await signed('news.example.com'),
    finds: ['dkim/message-verified'],
  },
  {
    when: 'a message from a subdomain, signed by the domain',
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com') },
    selectors: given,
    message: await signed('example.com', PLAIN_MESSAGE.replace('ann@', 'ann@news.')),
    finds: [
      {
        code: 'dkim/message-verified',
        subject: 'news.example.com',
        evidence: { from: 'news.example.com', signers: ['example.com'] },
      },
    ],
  },
  {
    when: 'a message signed twice by its domain and once by another',
    zone: { ...pairAt('example.com'), ...pairAt('esp.example.net') },
    selectors: given,
    message: await signed('example.com', await signed('esp.example.net', own)),
    finds: [{ code: 'dkim/message-verified', evidence: { signers: ['example.com'] } }],
  },
  {
    when: 'a message signed by its domain, and by another whose signature fails',
    zone: pairAt('example.com'),
    selectors: given,
    message: await signed('esp.example.net', own),
    finds: [
      {
        code: 'dkim/message-signature-fails',
        severity: 'info',
        subject: 'example.com',
        evidence: { domain: 'esp.example.net', selector: 'mail' },
      },
      'dkim/message-verified',
    ],
  },
  {
    when: 'a message whose body was changed',
    zone: pairAt('example.com'),
    selectors: given,
    message: own.replace('Hello Bob', 'Hello Eve'),
    finds: [
      {
        code: 'dkim/message-signature-fails',
        subject: 'example.com',
        evidence: {
          domain: 'example.com',
          selector: 'mail',
          result: 'fail',
          defect: { kind: 'body-changed' },
        },
        rests: [`TXT ${MAIL}`],
        says: /the body was changed after signing/,
      },
    ],
  },
  {
    when: 'a message signed with another key than the one published',
    zone: at(KEY_RECORD),
    selectors: given,
    message: own,
    finds: ['dkim/message-signature-fails'],
  },
  {
    when: 'a message signed with a selector that has no key',
    zone: { 'other._domainkey.example.com': { TXT: [KEY_RECORD] } },
    selectors: ['other'],
    message: own,
    finds: ['dkim/selector-missing', 'dkim/message-signature-fails'],
  },
  {
    when: 'a message signed by another domain only',
    zone: { ...pairAt('example.com'), ...pairAt('esp.example.net') },
    selectors: given,
    message: foreign,
    finds: [
      {
        code: 'dkim/message-not-aligned',
        subject: 'example.com',
        rests: ['TXT mail._domainkey.esp.example.net', 'TXT _dmarc.example.com', 'TXT _dmarc.com'],
        evidence: { from: 'example.com', signers: ['esp.example.net'], mode: 'relaxed' },
      },
    ],
  },
  {
    when: 'a message signed by a subdomain, and adkim=s',
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com'), ...strict },
    selectors: given,
    message: await signed('news.example.com'),
    finds: [{ code: 'dkim/message-not-aligned', evidence: { signers: ['news.example.com'], mode: 'strict' } }],
  },
  {
    when: 'a message whose key cannot be fetched',
    zone: { ...pairAt('example.com'), 'mail._domainkey.news.example.com': 'servfail' },
    selectors: given,
    message: await signed('news.example.com'),
    finds: [
      {
        code: 'dkim/inconclusive',
        subject: 'example.com',
        says: 'The key of the signature by news.example.com (selector mail) could not be fetched.',
        evidence: { reason: 'signature-key-lookup-failed', domain: 'news.example.com', selector: 'mail' },
      },
    ],
  },
  {
    when: 'a message signed by another domain whose organization cannot be looked up',
    zone: {
      ...pairAt('example.com'),
      ...pairAt('esp.example.net'),
      '_dmarc.example.com': 'v=DMARC1; p=none',
      '_dmarc.esp.example.net': 'servfail',
    },
    selectors: given,
    message: foreign,
    finds: [
      {
        code: 'dkim/inconclusive',
        subject: 'example.com',
        says: 'A lookup failed, so it is unknown whether esp.example.net belongs to example.com.',
        evidence: { reason: 'alignment-lookup-failed', from: 'example.com', signers: ['esp.example.net'] },
      },
    ],
  },
  {
    when: 'a message without From',
    zone: pairAt('example.com'),
    selectors: given,
    message: PLAIN_MESSAGE.replace('From:', 'X-From:'),
    finds: [
      {
        code: 'dkim/inconclusive',
        subject: 'example.com',
        says: /names no single domain\.$/,
        evidence: { reason: 'message-of-another-domain', from: null },
      },
    ],
  },
  {
    when: 'a message from another domain',
    zone: pairAt('example.com'),
    selectors: given,
    message: own.replace('ann@example.com', 'ann@example.net'),
    finds: [
      {
        code: 'dkim/inconclusive',
        subject: 'example.net',
        says: 'The message you gave is not from example.com: its From field names example.net.',
        evidence: { reason: 'message-of-another-domain', domain: 'example.com', from: 'example.net' },
        fix: /^Send a new message from an address at example\.com/,
      },
    ],
  },
];

describe('selectors of a message', () => {
  test('dkim: the selectors of a message are those of its signatures by the domain', async () => {
    expect(selectorsOf(Buffer.from(own), 'example.com')).toEqual(['mail']);
    expect(selectorsOf(Buffer.from(own), 'example.net')).toEqual([]);
    expect(selectorsOf(Buffer.from(PLAIN_MESSAGE), 'example.com')).toEqual([]);
  });

  test.each([
    ['a message whose header does not end', `DKIM-Signature: d=example.com; s=${'x'.repeat(100_000)}`],
    ['NUL and escape octets', '\u0000\u001b\n\n'],
    ['an empty message', ''],
  ])('dkim: the selectors of %s are a list', (_, text) => {
    expect(Array.isArray(selectorsOf(Buffer.from(text), 'example.com'))).toBe(true);
  });
});

const TWICE = 'DKIM-Signature: v=1; d=example.com; s=mail\r\n'.repeat(2);

/** Worlds that could bring about one finding twice. */
const apart: Case[] = [
  {
    when: 'a message with two signatures for one domain with one selector',
    zone: at(KEY_RECORD),
    message: `${TWICE}From: a@example.com\r\n\r\nHello.\r\n`,
    finds: ['dkim/message-signature-fails', 'dkim/message-signature-fails'],
  },
  {
    when: 'a weak key is published and a weak private key is given',
    zone: at(`v=DKIM1; p=${rsaKey(1024)}`),
    selectors: given,
    settings: { dkimKeyPem: privateKey(1024) },
    finds: ['dkim/key-weak', 'dkim/key-weak', 'dkim/key-mismatch'],
  },
];

const restCases: Case[] = [
  {
    when: 'a revoked key behind an alias, which rests on both names',
    zone: { [MAIL]: { CNAME: ['k.example.net'] }, 'k.example.net': 'v=DKIM1; p=' },
    selectors: given,
    finds: [{ code: 'dkim/revoked', severity: 'error', rests: [`TXT ${MAIL}`, 'TXT k.example.net'] }],
  },
  {
    when: 'a message signed by another domain, which rests on the DMARC records that tell both organizations',
    zone: { ...pairAt('example.com'), ...pairAt('esp.example.net'), '_dmarc.example.com': 'v=DMARC1; p=none' },
    selectors: given,
    message: foreign,
    finds: [
      {
        code: 'dkim/message-not-aligned',
        rests: [
          'TXT mail._domainkey.esp.example.net',
          'TXT _dmarc.example.com',
          'TXT _dmarc.com',
          'TXT _dmarc.esp.example.net',
          'TXT _dmarc.example.net',
          'TXT _dmarc.net',
        ],
      },
    ],
  },
  {
    when: 'no key exists, which rests on every selector that was tried',
    also({ findings: [found] }) {
      const asked = found?.rests.map(({ name }) => name);
      expect(asked).toEqual(expect.arrayContaining(['_domainkey.example.com', 'google._domainkey.example.com', MAIL]));
    },
    finds: ['dkim/none-exist'],
  },
];

/** Where the record to publish is known, there is nothing to generate. */
function hasNoCommands({ findings }: Shown): void {
  expect(findings.flatMap(({ remediation }) => remediation.commands ?? [])).toEqual([]);
}

/** The texts of a key whose record is published in two parts. */
const [FIRST_PART, SECOND_PART] = [KEY_RECORD.slice(0, 255), KEY_RECORD.slice(255)];
const TOKEN = 'google-site-verification=rXOxyZounnZasA8Z7oaD3c14JdjS9aKSWvsR1EbUSIQ';

/** The records that the plan gives for the first finding. */
function planned(type: string, ...values: readonly string[]): Partial<Expected> {
  return { remediation: { records: values.map((value) => ({ name: MAIL, type, value })) } };
}

/** Nothing is proposed. */
function hasNoRecords({ findings, report }: Shown): void {
  expect(findings.flatMap(({ remediation }) => remediation.records ?? [])).toEqual([]);
  expect(report.plan?.changes ?? []).toEqual([]);
}

/** The only change takes these texts out. */
function takesOut(...texts: readonly string[]): (shown: Shown) => void {
  return ({ report }) => {
    expect(report.plan?.changes).toMatchObject([{ name: MAIL, type: 'TXT', add: [] }]);
    expect(report.plan?.changes[0]?.remove.map(({ value }) => value)).toEqual(texts);
  };
}

const corrections: Case[] = [
  {
    when: 'the two parts of one record as two TXT records',
    zone: { [MAIL]: { TXT: [SECOND_PART, FIRST_PART] } },
    selectors: given,
    finds: [
      ofMail(
        'dkim/multiple-records',
        { meaning: 'corrected', slips: ['in-parts'] },
        { says: /parts of one record/, ...planned('TXT', KEY_RECORD) },
      ),
    ],
  },
  {
    when: 'a good record and a piece of a key',
    zone: { [MAIL]: { TXT: [SECOND_PART, KEY_RECORD] } },
    selectors: given,
    finds: [ofMail('dkim/multiple-records', { slips: ['part-beside'] }, { says: /a piece of a key/ })],
    also: takesOut(SECOND_PART),
  },
  {
    when: 'a good record and a copy with quotation marks in it',
    zone: { [MAIL]: { TXT: [KEY_RECORD, `"${KEY_RECORD}"`] } },
    selectors: given,
    finds: [
      ofMail(
        'dkim/multiple-records',
        { slips: ['damaged-beside'], damage: ['quotes'] },
        { says: /one is a good key record and another a damaged one; quotation marks/ },
      ),
    ],
    also: takesOut(`"${KEY_RECORD}"`),
  },
  {
    when: 'a good record and the token of a service',
    zone: { [MAIL]: { TXT: [TOKEN, KEY_RECORD] } },
    selectors: given,
    finds: [ofMail('dkim/multiple-records', { leftOut: [TOKEN] }, { says: /another is not; not part of the key: / })],
    also: takesOut(TOKEN),
  },
  {
    when: 'two keys, between which the owner has to choose',
    zone: { [MAIL]: { TXT: [KEY_RECORD, PAIR_RECORD] } },
    selectors: given,
    finds: [ofMail('dkim/multiple-records', { meaning: 'several' }, { says: /a receiver may take any of them/ })],
    also: hasNoRecords,
  },
  {
    when: 'a line feed before a tag, which strict verifiers do not take for whitespace',
    zone: at(KEY_RECORD.replace('; p', ';\np')),
    selectors: given,
    finds: [
      ofMail(
        'dkim/key-mangled',
        { damage: ['line-breaks'], isReadable: true },
        { severity: 'warning', says: /line breaks/, ...planned('TXT', KEY_RECORD) },
      ),
    ],
  },
  {
    when: 'a line feed at the end of a record with a weak key',
    zone: at(`v=DKIM1; p=${rsaKey(1024)}\n`),
    selectors: given,
    finds: [{ code: 'dkim/key-mangled', severity: 'warning' }, 'dkim/key-weak'],
  },
  {
    when: 'the parentheses and the comment of a key file',
    zone: at(`( "v=DKIM1; k=rsa; " "p=${RSA_2048}" ) ; ----- DKIM key mail for example.com`),
    selectors: given,
    finds: [ofMail('dkim/key-mangled', {}, { says: /parentheses.*comment/, ...planned('TXT', KEY_RECORD) })],
  },
  {
    when: 'the version in lower case',
    zone: at(KEY_RECORD.replace('DKIM1', 'dkim1')),
    selectors: given,
    finds: [ofMail('dkim/syntax-error', { meaning: 'corrected' }, planned('TXT', KEY_RECORD))],
  },
  {
    when: 'the key type in upper case',
    zone: at(KEY_RECORD.replace('rsa', 'RSA')),
    selectors: given,
    finds: [ofMail('dkim/key-type-unknown', { correct: KEY_RECORD }, planned('TXT', KEY_RECORD))],
  },
  {
    when: 'a record that is damaged and marked as a test, both of which one change mends',
    zone: at(`"v=DKIM1; k=rsa; t=y; p=${RSA_2048}"`),
    selectors: given,
    finds: [ofMail('dkim/key-mangled', {}, planned('TXT', KEY_RECORD))],
  },
  {
    when: 'a token alone',
    zone: at(TOKEN),
    selectors: given,
    finds: [
      ofMail('dkim/syntax-error', { meaning: 'unrelated' }, { says: /is not a key record/, ...toGenerate('mail') }),
    ],
  },
  {
    when: 'typographic quotation marks, which the message shows as they are',
    zone: at(Buffer.from('v=DKIM1; “k”', 'utf8').toString('latin1')),
    selectors: given,
    finds: [ofMail('dkim/syntax-error', {}, { says: /“k”/ })],
  },
  {
    when: 'a damaged record behind an alias, whose place is named',
    zone: { [MAIL]: { CNAME: ['k.example.net'] }, 'k.example.net': { TXT: [`"${KEY_RECORD}"`] } },
    selectors: given,
    finds: [
      ofMail(
        'dkim/key-mangled',
        { alias: 'k.example.net' },
        {
          says: /an alias of k\.example\.net/,
          fix: /k\.example\.net, of which mail\._domainkey\.example\.com is an alias/,
        },
      ),
    ],
    also({ report }) {
      expect(report.plan?.changes).toMatchObject([{ name: 'k.example.net', type: 'TXT', owner: 'other' }]);
    },
  },
  {
    when: 'the target of a CNAME record as text',
    zone: { ...at('IN CNAME mail.dkim.example.net.'), 'mail.dkim.example.net': { TXT: [KEY_RECORD] } },
    selectors: given,
    finds: [
      ofMail(
        'dkim/syntax-error',
        { target: 'mail.dkim.example.net' },
        { says: /CNAME/, ...planned('CNAME', 'mail.dkim.example.net.') },
      ),
    ],
    also({ findings }) {
      expect(findings[0]?.remediation.commands ?? []).toEqual([]);
    },
  },
  {
    when: 'a name as text that leads to nothing, of which no CNAME record is made',
    zone: at('mail.dkim.example.net'),
    selectors: given,
    finds: [
      ofMail(
        'dkim/syntax-error',
        { target: 'mail.dkim.example.net', targetHasKey: false },
        { says: /but has no key\.$/, fix: /^Ask the service/ },
      ),
    ],
    also: hasNoRecords,
  },
];

/** A key at a wrong name, which is moved. No new key is made. */
function misplaced(name: string, what: string, selectors: readonly string[] = given): Case {
  return {
    when: `the key stands ${what}`,
    zone: { [name]: { TXT: [KEY_RECORD] } },
    selectors: [...selectors],
    finds: [
      ofMail(
        'dkim/selector-missing',
        { misplaced: { at: name, text: KEY_RECORD, target: null } },
        { says: new RegExp(`is at ${name.replaceAll('.', '\\.')} instead`), ...planned('TXT', KEY_RECORD) },
      ),
    ],
    also: hasNoCommands,
  };
}

const places: Case[] = [
  misplaced('mail._domainkey.example.com.example.com', 'at a doubled name'),
  misplaced('mail._domain_key.example.com', 'below a misspelt label'),
  misplaced('mail._domainkeys.example.com', 'below a label in the plural'),
  misplaced('mail.domainkey.example.com', 'below a label without underscore'),
  misplaced('_domainkey.mail.example.com', 'at labels in the wrong order'),
  misplaced('mail_domainkey.example.com', 'at a name without a dot'),
  misplaced('_domainkey.example.com', 'at a name without the selector'),
  misplaced('mail.example.com', 'at a name without _domainkey'),
  misplaced('mail._domainkey.example.com.example.com', 'at a doubled name, and no selector is given', []),
  misplaced('mail.domainkey.example.com', 'below a label without underscore, and no selector is given', []),
  {
    when: 'the key stands among other records of the domain itself',
    zone: { 'example.com': { TXT: ['v=spf1 -all', KEY_RECORD, TOKEN] } },
    selectors: given,
    finds: [ofMail('dkim/selector-missing', { misplaced: { at: 'example.com', text: KEY_RECORD } })],
  },
  {
    when: 'a damaged record stands at a doubled name, and is corrected when it is moved',
    zone: { 'mail._domainkey.example.com.example.com': { TXT: [`"${KEY_RECORD}"`] } },
    selectors: given,
    finds: [ofMail('dkim/selector-missing', {}, planned('TXT', KEY_RECORD))],
  },
  {
    when: 'an alias stands at a doubled name',
    zone: {
      'mail._domainkey.example.com.example.com': { CNAME: ['k.example.net'] },
      'k.example.net': { TXT: [KEY_RECORD] },
    },
    selectors: given,
    finds: [
      ofMail('dkim/selector-missing', { misplaced: { target: 'k.example.net' } }, planned('CNAME', 'k.example.net.')),
    ],
  },
  {
    when: 'a revoked key stands at a doubled name, which is no reason to move it',
    zone: { 'mail._domainkey.example.com.example.com': 'v=DKIM1; p=' },
    selectors: given,
    finds: [ofMail('dkim/selector-missing', { misplaced: null }, toGenerate('mail'))],
  },
  {
    when: 'another key than that of the private key given stands at a doubled name',
    zone: { 'mail._domainkey.example.com.example.com': { TXT: [KEY_RECORD] } },
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [ofMail('dkim/selector-missing', { misplaced: null }, planned('TXT', PAIR_RECORD))],
  },
  {
    when: 'a good key is there, and no other name is asked for',
    zone: at(KEY_RECORD),
    selectors: given,
    also({ asked }) {
      expect(asked.filter((question) => question.includes('key')).length).toBe(2);
    },
  },
  {
    when: 'the domain was appended to the target of an alias',
    zone: { [MAIL]: { CNAME: ['k.example.net.example.com'] }, 'k.example.net': { TXT: [KEY_RECORD] } },
    selectors: given,
    finds: [ofMail('dkim/cname-broken', { meant: 'k.example.net' }, planned('CNAME', 'k.example.net.'))],
  },
  {
    when: 'the target of an alias has the domain in it, as services do',
    zone: { [MAIL]: { CNAME: ['mail.example.com.dkim.example.net'] } },
    selectors: given,
    finds: [ofMail('dkim/cname-broken', { meant: null })],
    also: hasNoRecords,
  },
];

/** The selectors of a service that signs with one of them at a time. */
function pair(good: string, other: string, service = 'example.net'): ZoneScript {
  return {
    [`${good}._domainkey.example.com`]: { CNAME: [`${good}-example-com._domainkey.tenant.${service}`] },
    [`${good}-example-com._domainkey.tenant.${service}`]: { TXT: [KEY_RECORD] },
    [`${other}._domainkey.example.com`]: { CNAME: [`${other}-example-com._domainkey.tenant.example.net`] },
  };
}

const pairs: Case[] = [
  ...(
    [
      ['selector1', 'selector2'],
      ['selector2', 'selector1'],
      ['s1', 's2'],
      ['fm2', 'fm3'],
      ['protonmail', 'protonmail2'],
    ] as const
  ).flatMap(([good, other]): Case[] =>
    [[], [good, other]].map((selectors) => ({
      when: `${other} leads to nowhere while ${good} is good, ${selectors.length > 0 ? 'both given' : 'found by guessing'}`,
      zone: pair(good, other),
      selectors,
      finds: [
        {
          code: 'dkim/cname-broken',
          severity: 'info',
          evidence: { pairs: [good] },
          fix: /^Nothing to do\. Keep the CNAME/,
        },
      ],
      status: 'pass',
    })),
  ),
  {
    when: 'a selector with a number leads to nowhere, and its pair belongs to another service',
    zone: pair('s1', 's2', 'example.org'),
    finds: [{ code: 'dkim/cname-broken', severity: 'warning', evidence: { pairs: [] } }],
  },
  {
    when: 'both selectors of a service lead to nowhere',
    zone: { ...pair('s1', 's2'), 's1-example-com._domainkey.tenant.example.net': { TXT: [] } },
    selectors: ['s1', 's2'],
    finds: ['dkim/cname-broken', 'dkim/cname-broken'],
  },
];

const names: Case[] = [
  ...['default_1807', '_mail', 'a.b_c', '-mail'].map(
    (selector): Case => ({
      when: `the selector ${selector}, which RFC 6376 §3.1 does not allow`,
      zone: { [`${selector}._domainkey.example.com`]: { TXT: [KEY_RECORD] } },
      selectors: [selector],
      finds: [
        {
          code: 'dkim/selector-name',
          evidence: { selector },
          says: /characters other than letters, digits and hyphens/,
        },
      ],
      status: 'pass',
    }),
  ),
  ...['2026-05.mail', 'S1', '20260501'].map(
    (selector): Case => ({
      when: `the selector ${selector}, which is a valid one`,
      zone: { [`${selector}._domainkey.example.com`]: { TXT: [KEY_RECORD] } },
      selectors: [selector],
    }),
  ),
];

const readyRecords: Case[] = [
  {
    when: 'no key exists, and the private key is given',
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: [
      {
        code: 'dkim/none-exist',
        fix: /mail\._domainkey\.example\.com/,
        remediation: { records: [{ name: MAIL, value: PAIR_RECORD }] },
      },
    ],
    also: hasNoCommands,
  },
  {
    when: 'a selector without a name in the DNS, and the private key is given',
    selectors: ['s7'],
    settings: { dkimKeyPem: ED25519_PRIVATE_PEM },
    finds: [
      {
        code: 'dkim/selector-missing',
        fix: /s7\._domainkey\.example\.com/,
        remediation: { records: [{ name: 's7._domainkey.example.com', value: `v=DKIM1; k=ed25519; p=${ED25519}` }] },
      },
    ],
    also: hasNoCommands,
  },
  {
    when: 'a record in quotation marks; the repaired one is split into strings of 255 octets',
    zone: at(`"${KEY_RECORD}"`),
    selectors: given,
    finds: [
      {
        code: 'dkim/key-mangled',
        remediation: {
          records: [
            {
              value: KEY_RECORD,
              line: `${MAIL}. IN TXT "${KEY_RECORD.slice(0, 255)}" "${KEY_RECORD.slice(255)}"`,
            },
          ],
        },
      },
    ],
  },
  {
    when: 't=y:s, of which the second flag stays',
    zone: at(`v=DKIM1; t=y:s; p=${RSA_2048}`),
    selectors: given,
    finds: [
      {
        code: 'dkim/testing',
        fix: /mail\._domainkey\.example\.com/,
        remediation: { records: [{ name: MAIL, value: `v=DKIM1; t=s; p=${RSA_2048}` }] },
      },
    ],
    also: hasNoCommands,
  },
];

/** The lines of a private key that nobody else has. */
const secretLines = PAIR.privatePem.split('\n').slice(1, -2);

const secrets: Case[] = [
  {
    when: 'the private key given appears nowhere in the report',
    zone: at(KEY_RECORD),
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: ['dkim/key-mismatch'],
    also({ report }) {
      for (const line of secretLines) expect(JSON.stringify(report)).not.toContain(line);
    },
  },
  {
    when: 'the private key given is published too, and no finding repeats it',
    zone: at(`v=DKIM1; p=${PAIR.privateBase64}`),
    selectors: given,
    settings: { dkimKeyPem: PAIR.privatePem },
    finds: ['dkim/private-key-published'],
    also({ findings }) {
      const shown = JSON.stringify(findings);
      for (const line of secretLines) expect(shown).not.toContain(line);
      for (let start = 40; start < 400; start += 40) {
        expect(shown).not.toContain(PAIR.privateBase64.slice(start, start + 40));
      }
    },
  },
];

/** What rests on no question is about the message or the key that the user gave. */
const OF_FILES = /message|inconclusive|key-(?:too-short|weak|oversize)/;

ruleTest(
  dkim,
  [
    ...cases,
    ...messages,
    ...apart,
    ...restCases,
    ...corrections,
    ...places,
    ...pairs,
    ...names,
    ...readyRecords,
    ...secrets,
    ...messageCases,
    ...switchCases,
  ].map((one) => ({
    ...one,
    zone: { 'example.com': 'v=spf1 -all', ...one.zone },
    also(shown: Shown) {
      for (const { message } of shown.findings) expect(message).not.toMatch(/[\x00-\x1f]/);
      const baseless = shown.findings.filter(({ rests }) => rests.length === 0).map(({ code }) => code);
      expect(baseless.filter((code) => !OF_FILES.test(code))).toEqual([]);
      one.also?.(shown);
    },
  })),
);
