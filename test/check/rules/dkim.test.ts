import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { describe, expect, it } from 'vitest';
import dkim from '../../../src/check/rules/dkim/rule.ts';
import { selectorsOf } from '../../../src/standards/dkim/message.ts';
import { checkRule, codes, NOW } from '../../standards/dkim/check-rule.ts';
import {
  EC_SPKI,
  ED25519,
  ED25519_PRIVATE_PEM,
  KEY_RECORD,
  PAIR,
  RSA_2048,
  rsaKey,
} from '../../standards/dkim/keys.ts';
import { type Entry, zoneResolver } from '../../standards/dkim/zone-resolver.ts';

const APEX = { 'example.com': { txt: ['v=spf1 -all'] } };
const MAIL = 'mail._domainkey.example.com';
const OTHER = 'other._domainkey.example.com';
const PAIR_RECORD = `v=DKIM1; k=rsa; p=${PAIR.publicBase64}`;

interface Case {
  readonly zone: Record<string, Entry>;
  readonly codes: readonly string[];
  /** What else its findings say, in their order. */
  readonly said?: readonly object[];
  readonly selectors?: readonly string[];
  readonly dkimKeyPem?: string;
  readonly message?: string;
}

function at(text: string): Record<string, Entry> {
  return { [MAIL]: { txt: [text] } };
}

/** A private key of so many bits. */
function privateKey(modulusLength: number): string {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** A finding about the selector `mail`, with this evidence. */
const about = (evidence: object, more: object = {}): object => ({
  subject: MAIL,
  evidence: { selector: 'mail', name: MAIL, ...evidence },
  ...more,
});
/** One about the domain as a whole. */
const ofDomain = (evidence: object): object => ({ subject: 'example.com', evidence });
const fingerprint = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
const pairEvidence = { fingerprint, record: PAIR_RECORD };
const toGenerate = (selector: string): object => ({
  remediation: {
    summary: expect.stringContaining('The second command prints the record to publish'),
    commands: [
      `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ${selector}.private.pem`,
      `mailcheck example.com --selector ${selector} --dkim-key ${selector}.private.pem`,
    ],
  },
});

const given = ['mail'];
const cases: Record<string, Case> = {
  'none-exist': {
    zone: {},
    codes: ['dkim/none-exist'],
    said: [
      {
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
  'none-exist, nearest negative: one key': { zone: at(KEY_RECORD), codes: [] },
  'none-exist, nearest negative: an unknown selector exists': {
    zone: { 'abcxyz._domainkey.example.com': { txt: [KEY_RECORD] } },
    codes: ['dkim/selector-unknown'],
    said: [ofDomain({ existence: 'some', found: [], rfc8020: true, signingKey: null })],
  },
  'selector-unknown: the zone answers every name': {
    zone: { '*.example.com': { a: ['192.0.2.1'] } },
    codes: ['dkim/selector-unknown'],
    said: [ofDomain({ existence: 'unknown', found: [], control: { rcode: 'nodata' } })],
  },
  'selector-unknown: only a revoked key was found': {
    zone: at('v=DKIM1; p='),
    codes: ['dkim/revoked', 'dkim/selector-unknown'],
    said: [about({ record: ['v=DKIM1; p='] }), ofDomain({ existence: 'some', found: ['mail'] })],
  },
  'selector-missing': {
    zone: {},
    selectors: given,
    codes: ['dkim/selector-missing'],
    said: [about({ query: { name: MAIL, rcode: 'nxdomain' }, signingKey: null }, toGenerate('mail'))],
  },
  'selector-missing: no data at the name': {
    zone: { [MAIL]: { a: ['192.0.2.1'] } },
    selectors: given,
    codes: ['dkim/selector-missing'],
  },
  'selector-missing, nearest negative': { zone: at(KEY_RECORD), selectors: given, codes: [] },
  'selectors given: others are not looked for': {
    zone: { ...at(KEY_RECORD), 's1._domainkey.example.com': { txt: ['v=DKIM1; p='] } },
    selectors: given,
    codes: [],
  },
  'cname-broken: NXDOMAIN': {
    zone: { [MAIL]: { cname: 'mail.dkim.example.net' } },
    selectors: given,
    codes: ['dkim/cname-broken'],
    said: [about({ chain: ['mail.dkim.example.net'], query: { name: MAIL, rcode: 'nxdomain' } })],
  },
  'cname-broken: two aliases to NODATA': {
    zone: {
      [MAIL]: { cname: 'a.example.net' },
      'a.example.net': { cname: 'b.example.net' },
      'b.example.net': { a: ['192.0.2.1'] },
    },
    selectors: given,
    codes: ['dkim/cname-broken'],
    said: [about({ chain: ['a.example.net', 'b.example.net'], query: { rcode: 'nodata' } })],
  },
  'cname-broken, nearest negative': {
    zone: { [MAIL]: { cname: 'k.example.net' }, 'k.example.net': { txt: [KEY_RECORD] } },
    selectors: given,
    codes: [],
  },
  'cname-broken: given, though another key given works': {
    zone: { ...at(KEY_RECORD), [OTHER]: { cname: 'gone.example.net' } },
    selectors: ['mail', 'other'],
    codes: ['dkim/cname-broken'],
    said: [{ subject: OTHER, evidence: { selector: 'other', name: OTHER } }],
  },
  'cname-broken: found by guessing while another key works': {
    zone: { ...at(KEY_RECORD), 'selector2._domainkey.example.com': { cname: 'gone.example.net' } },
    codes: ['dkim/cname-broken warning'],
  },
  'cname-broken: found by guessing, nothing else works': {
    zone: { 'selector2._domainkey.example.com': { cname: 'gone.example.net' } },
    codes: ['dkim/cname-broken', 'dkim/selector-unknown'],
  },
  'multiple-records': {
    zone: { [MAIL]: { txt: [KEY_RECORD, `v=DKIM1; p=${PAIR.publicBase64}`] } },
    selectors: given,
    codes: ['dkim/multiple-records'],
    said: [about({ records: [[KEY_RECORD], [`v=DKIM1; p=${PAIR.publicBase64}`]] })],
  },
  'multiple-records: what is wrong with each does not matter': {
    zone: { [MAIL]: { txt: [KEY_RECORD, 'v=DKIM1; p='] } },
    selectors: given,
    codes: ['dkim/multiple-records'],
  },
  'multiple-records, nearest negative: one record of several strings': {
    zone: { [MAIL]: { txt: [[KEY_RECORD.slice(0, 200), KEY_RECORD.slice(200)]] } },
    selectors: given,
    codes: [],
  },
  'syntax-error': {
    zone: at(`k=rsa; v=DKIM1; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/syntax-error'],
    said: [about({ record: [`k=rsa; v=DKIM1; p=${RSA_2048}`], defects: [{ kind: 'version-not-first' }] })],
  },
  'syntax-error: SPF text at the selector': { zone: at('v=spf1 -all'), selectors: given, codes: ['dkim/syntax-error'] },
  'syntax-error: ten are kept': {
    zone: at(`v=DKIM1;${' ;'.repeat(12)} p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/syntax-error'],
    said: [about({ defects: Array(10).fill({ kind: 'empty' }) })],
  },
  'syntax-error: control octets': {
    zone: at('v=DKIM1; p=\x00\x1b[2J'),
    selectors: given,
    codes: ['dkim/syntax-error'],
  },
  'key-mangled': {
    zone: at(KEY_RECORD.replaceAll(';', '\\;')),
    selectors: given,
    codes: ['dkim/key-mangled'],
    said: [about({ record: [KEY_RECORD.replaceAll(';', '\\;')], damage: ['escaped-semicolon'], correct: KEY_RECORD })],
  },
  'key-mangled, nearest negative: spaces inside p=': {
    zone: at(`v=DKIM1; p=${RSA_2048.replace(/(.{60})/g, '$1 ')}`),
    selectors: given,
    codes: [],
  },
  'key-invalid': {
    zone: at('v=DKIM1; p=@@@@'),
    selectors: given,
    codes: ['dkim/key-invalid'],
    said: [about({ record: ['v=DKIM1; p=@@@@'], fault: 'not-base64', octets: 0, detail: null }, toGenerate('mail'))],
  },
  'key-invalid: of another type than it says': {
    zone: at(`v=DKIM1; p=${EC_SPKI}`),
    selectors: given,
    codes: ['dkim/key-invalid'],
    said: [about({ fault: 'wrong-type', octets: 91, detail: 'ec' })],
  },
  'key-invalid: 64 KiB of base64 that is no key': {
    zone: at(`v=DKIM1; p=${'A'.repeat(65_536)}`),
    selectors: given,
    codes: ['dkim/key-invalid'],
  },
  'private-key-published': {
    zone: at(`v=DKIM1; p=${PAIR.privateBase64}`),
    selectors: given,
    codes: ['dkim/private-key-published'],
    said: [about({}, toGenerate('mail-new'))],
  },
  'private-key-published, also beside another record': {
    zone: { [MAIL]: { txt: [KEY_RECORD, PAIR.privatePem] } },
    selectors: given,
    codes: ['dkim/multiple-records', 'dkim/private-key-published'],
    said: [about({ records: [[KEY_RECORD], []] }), about({})],
  },
  'revoked: the selector given': {
    zone: at('v=DKIM1; p='),
    selectors: given,
    codes: ['dkim/revoked error'],
    said: [about({ record: ['v=DKIM1; p='] })],
  },
  'revoked: a leftover beside a key': {
    zone: { ...at(KEY_RECORD), 'default._domainkey.example.com': { txt: ['v=DKIM1; p='] } },
    codes: ['dkim/revoked'],
  },
  'key-too-short: 1023 bits': {
    zone: at(`v=DKIM1; p=${rsaKey(1023)}`),
    selectors: given,
    codes: ['dkim/key-too-short'],
    said: [about({ bits: 1023, published: true }, toGenerate('mail-2048'))],
  },
  'key-weak: 1024 bits': {
    zone: at(`v=DKIM1; p=${rsaKey(1024)}`),
    selectors: given,
    codes: ['dkim/key-weak'],
    said: [about({ bits: 1024, published: true })],
  },
  'key-oversize': {
    zone: at(`v=DKIM1; p=${rsaKey(10_000)}`),
    selectors: given,
    codes: ['dkim/key-oversize'],
    said: [about({ bits: 10_000, published: true })],
  },
  'key-oversize, nearest negative: 4096 bits': { zone: at(`v=DKIM1; p=${rsaKey(4096)}`), selectors: given, codes: [] },
  'key-mismatch': {
    zone: at(KEY_RECORD),
    selectors: given,
    dkimKeyPem: PAIR.privatePem,
    codes: ['dkim/key-mismatch'],
    said: [
      about(
        { record: [KEY_RECORD], published: fingerprint, signing: fingerprint, signingKey: pairEvidence },
        { remediation: { records: [{ name: MAIL, value: PAIR_RECORD }] } },
      ),
    ],
  },
  'key-mismatch: with each selector given': {
    zone: { ...at(KEY_RECORD), [OTHER]: { txt: [KEY_RECORD] } },
    selectors: ['mail', 'other'],
    dkimKeyPem: PAIR.privatePem,
    codes: ['dkim/key-mismatch', 'dkim/key-mismatch'],
    said: [about({}), { subject: OTHER, evidence: { selector: 'other', name: OTHER } }],
  },
  'key-mismatch, nearest negative: which of several records counts is not known': {
    zone: { [MAIL]: { txt: [KEY_RECORD, KEY_RECORD] } },
    selectors: given,
    dkimKeyPem: PAIR.privatePem,
    codes: ['dkim/multiple-records'],
  },
  'key-mismatch, nearest negative: there is no key to compare with': {
    zone: at('v=DKIM1; p='),
    selectors: given,
    dkimKeyPem: PAIR.privatePem,
    codes: ['dkim/revoked error'],
  },
  'key-mismatch, nearest negative': {
    zone: at(PAIR_RECORD),
    selectors: given,
    dkimKeyPem: PAIR.privatePkcs1Pem,
    codes: [],
  },
  'key-mismatch: another selector given has the pair': {
    zone: { ...at(KEY_RECORD), [OTHER]: { txt: [PAIR_RECORD] } },
    selectors: ['mail', 'other'],
    dkimKeyPem: PAIR.privatePem,
    codes: [],
  },
  'private key: its pair is found by guessing': { zone: at(PAIR_RECORD), dkimKeyPem: PAIR.privatePem, codes: [] },
  'private key: only other keys are found, so it may be under another selector': {
    zone: at(KEY_RECORD),
    dkimKeyPem: PAIR.privatePem,
    codes: ['dkim/selector-unknown'],
    said: [ofDomain({ existence: 'some', found: ['mail'], signingKey: pairEvidence })],
  },
  'private key: too short to be published': {
    zone: { 'abcxyz._domainkey.example.com': { txt: [KEY_RECORD] } },
    dkimKeyPem: privateKey(1016),
    codes: ['dkim/key-too-short', 'dkim/selector-unknown'],
    said: [{}, ofDomain({ selector: 'mail', name: MAIL, bits: 1016, published: false })],
  },
  'private key: a weak one, for the selector given': {
    zone: { [OTHER]: { a: ['192.0.2.1'] } },
    selectors: ['other'],
    dkimKeyPem: privateKey(1024),
    codes: ['dkim/key-weak', 'dkim/selector-missing'],
    said: [{}, ofDomain({ selector: 'other', name: OTHER, bits: 1024, published: false })],
  },
  'private key: not a key': {
    zone: at(KEY_RECORD),
    dkimKeyPem: 'hello',
    codes: ['dkim/inconclusive'],
    said: [
      {
        ...ofDomain({ reason: 'private-key-unusable', fault: 'not-a-private-key' }),
        message: 'The private key given cannot be used (not-a-private-key).',
      },
    ],
  },
  'sha1-only': {
    zone: at(`v=DKIM1; h=sha1; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/sha1-only'],
    said: [about({ hashes: ['sha1'] }, { remediation: { records: [{ value: `v=DKIM1; p=${RSA_2048}` }] } })],
  },
  'ed25519-only': {
    zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
    selectors: given,
    codes: ['dkim/ed25519-only'],
    said: [ofDomain({ selectors: ['mail'] })],
  },
  'ed25519-only, nearest negative: an RSA key too': {
    zone: { ...at(`v=DKIM1; k=ed25519; p=${ED25519}`), [OTHER]: { txt: [KEY_RECORD] } },
    selectors: ['mail', 'other'],
    codes: [],
  },
  'ed25519-only: an RSA key that cannot be used does not count': {
    zone: { ...at(`v=DKIM1; k=ed25519; p=${ED25519}`), [OTHER]: { txt: [`v=DKIM1; p=${rsaKey(1023)}`] } },
    selectors: ['mail', 'other'],
    codes: ['dkim/ed25519-only', 'dkim/key-too-short'],
    said: [{ subject: OTHER }, ofDomain({ selectors: ['mail'] })],
  },
  'key-type-unknown': {
    zone: at(`v=DKIM1; k=dsa; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/key-type-unknown'],
    said: [about({ record: [`v=DKIM1; k=dsa; p=${RSA_2048}`], keyType: 'dsa' })],
  },
  'service-excludes-email': {
    zone: at(`v=DKIM1; s=tlsrpt; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/service-excludes-email'],
    said: [about({ record: [`v=DKIM1; s=tlsrpt; p=${RSA_2048}`], services: ['tlsrpt'] })],
  },
  testing: {
    zone: at(`v=DKIM1; t=y; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/testing'],
    said: [about({ record: [`v=DKIM1; t=y; p=${RSA_2048}`] })],
  },
  'testing, nearest negative: t=s': { zone: at(`v=DKIM1; t=s; p=${RSA_2048}`), selectors: given, codes: [] },
  'obsolete-granularity': {
    zone: at(`v=DKIM1; g=*; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/obsolete-granularity'],
    said: [about({ record: [`v=DKIM1; g=*; p=${RSA_2048}`], value: '*' })],
  },
  'obsolete-granularity: empty': {
    zone: at(`v=DKIM1; g=; p=${RSA_2048}`),
    selectors: given,
    codes: ['dkim/obsolete-granularity warning'],
    said: [about({ value: '' })],
  },
  wildcard: {
    zone: { '*._domainkey.example.com': { txt: [KEY_RECORD] } },
    codes: ['dkim/wildcard'],
    said: [
      ofDomain({
        query: { name: expect.stringMatching(/^mailcheck-\w+\._domainkey\.example\.com$/), rcode: 'noerror' },
        records: [[KEY_RECORD]],
      }),
    ],
  },
  'wildcard that revokes everything': {
    zone: { '*._domainkey.example.com': { txt: ['v=DKIM1; p='] } },
    codes: ['dkim/revoked', 'dkim/selector-unknown', 'dkim/wildcard'],
  },
  'inconclusive: the selector given fails': {
    zone: { [MAIL]: { fail: 'servfail' } },
    selectors: given,
    codes: ['dkim/inconclusive'],
    said: [
      {
        subject: MAIL,
        message: 'The key record of selector mail could not be fetched (servfail).',
        evidence: {
          reason: 'key-lookup-failed',
          selector: 'mail',
          query: { name: MAIL, type: 'TXT', rcode: 'servfail' },
        },
        remediation: { summary: expect.stringMatching(/^Repeat the check; .* name servers of example\.com/) },
      },
    ],
  },
  'inconclusive: _domainkey fails': {
    zone: { '_domainkey.example.com': { fail: 'refused' } },
    codes: ['dkim/inconclusive'],
    said: [
      {
        ...ofDomain({
          reason: 'search-lookups-failed',
          queries: [{ name: '_domainkey.example.com', rcode: 'refused' }],
          failed: 1,
        }),
        message: '1 of the queries that look for selectors got no answer, so a key may exist.',
      },
    ],
  },
  'inconclusive: one guess fails': {
    zone: { 'google._domainkey.example.com': { fail: 'timeout' } },
    codes: ['dkim/inconclusive'],
  },
  'inconclusive: all guesses fail, five kept': {
    zone: { '*._domainkey.example.com': { fail: 'timeout' } },
    codes: ['dkim/inconclusive'],
    said: [
      ofDomain({
        reason: 'search-lookups-failed',
        queries: Array(5).fill({ rcode: 'timeout' }),
        failed: expect.any(Number),
      }),
    ],
  },
  'inconclusive, nearest negative: a guess fails but a key was found': {
    zone: { ...at(KEY_RECORD), 'google._domainkey.example.com': { fail: 'timeout' } },
    codes: [],
  },
  'an alias loop is unknown, not missing': {
    zone: { [MAIL]: { cname: MAIL } },
    selectors: given,
    codes: ['dkim/inconclusive'],
  },
};

const PLAIN_MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n';

/** The message with a signature of the pair's private key before it. */
async function signed(signingDomain: string, message = PLAIN_MESSAGE): Promise<string> {
  const key = { signingDomain, selector: 'mail', privateKey: PAIR.privatePem };
  // The declarations ask for the key at the top, the function reads it from the list.
  // Without a time, it reads the clock once for what is signed and once for what is written.
  const { signatures } = await dkimSign(message, { ...key, signTime: new Date(NOW), signatureData: [key] });
  return signatures + message;
}

const pairAt = (domain: string): Record<string, Entry> => ({ [`mail._domainkey.${domain}`]: { txt: [PAIR_RECORD] } });
const strict: Record<string, Entry> = { '_dmarc.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] } };
const own = await signed('example.com');
const foreign = await signed('esp.example.net');

Object.assign(cases, {
  'message-unsigned': {
    zone: pairAt('example.com'),
    selectors: given,
    message: PLAIN_MESSAGE,
    codes: ['dkim/message-unsigned'],
    said: [{ subject: 'example.com', evidence: { from: 'example.com' } }],
  },
  'message-verified': {
    zone: pairAt('example.com'),
    selectors: given,
    message: own,
    codes: ['dkim/message-verified'],
    said: [{ subject: 'example.com', evidence: { from: 'example.com', signers: ['example.com'] } }],
  },
  'message-verified, by a subdomain, relaxed': {
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com') },
    selectors: given,
    message: await signed('news.example.com'),
    codes: ['dkim/message-verified'],
    said: [{ evidence: { from: 'example.com', signers: ['news.example.com'] } }],
  },
  'message-verified, by a subdomain, as the domain’s DMARC record has it': {
    zone: {
      ...pairAt('example.com'),
      ...pairAt('news.example.com'),
      '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
    },
    selectors: given,
    message: await signed('news.example.com'),
    codes: ['dkim/message-verified'],
  },
  'message-verified, by a subdomain, under a record out of force': {
    zone: {
      ...pairAt('example.com'),
      ...pairAt('news.example.com'),
      '_dmarc.example.com': { txt: ['v=DMARC1; p=block; adkim=s'] },
    },
    selectors: given,
    message: await signed('news.example.com'),
    codes: ['dkim/message-verified'],
  },
  'message-verified, from a subdomain': {
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com') },
    selectors: given,
    message: await signed('example.com', PLAIN_MESSAGE.replace('ann@', 'ann@news.')),
    codes: ['dkim/message-verified'],
    said: [{ subject: 'news.example.com', evidence: { from: 'news.example.com', signers: ['example.com'] } }],
  },
  'message-verified: signed twice by the domain, once by another': {
    zone: { ...pairAt('example.com'), ...pairAt('esp.example.net') },
    selectors: given,
    message: await signed('example.com', await signed('esp.example.net', own)),
    codes: ['dkim/message-verified'],
    said: [{ evidence: { signers: ['example.com'] } }],
  },
  'message-verified, besides a signature that fails': {
    zone: pairAt('example.com'),
    selectors: given,
    message: await signed('esp.example.net', own),
    codes: ['dkim/message-signature-fails info', 'dkim/message-verified'],
    said: [{ subject: 'example.com', evidence: { domain: 'esp.example.net', selector: 'mail' } }, {}],
  },
  'message-signature-fails: the body was changed': {
    zone: pairAt('example.com'),
    selectors: given,
    message: own.replace('Hello Bob', 'Hello Eve'),
    codes: ['dkim/message-signature-fails'],
    said: [
      {
        subject: 'example.com',
        evidence: {
          domain: 'example.com',
          selector: 'mail',
          result: 'fail',
          defect: { kind: 'body-changed' },
        },
        message: expect.stringContaining('the body was changed after signing'),
      },
    ],
  },
  'message-signature-fails: another key is published': {
    zone: at(KEY_RECORD),
    selectors: given,
    message: own,
    codes: ['dkim/message-signature-fails'],
  },
  'message-signature-fails: no key at the selector': {
    zone: { 'other._domainkey.example.com': { txt: [KEY_RECORD] } },
    selectors: ['other'],
    message: own,
    codes: ['dkim/message-signature-fails'],
  },
  'message-not-aligned: signed by another domain': {
    zone: { ...pairAt('example.com'), ...pairAt('esp.example.net') },
    selectors: given,
    message: foreign,
    codes: ['dkim/message-not-aligned'],
    said: [
      { subject: 'example.com', evidence: { from: 'example.com', signers: ['esp.example.net'], mode: 'relaxed' } },
    ],
  },
  'message-not-aligned: a subdomain under adkim=s': {
    zone: { ...pairAt('example.com'), ...pairAt('news.example.com'), ...strict },
    selectors: given,
    message: await signed('news.example.com'),
    codes: ['dkim/message-not-aligned'],
    said: [{ evidence: { signers: ['news.example.com'], mode: 'strict' } }],
  },
  'message: its key cannot be fetched': {
    zone: { ...pairAt('example.com'), 'mail._domainkey.news.example.com': { fail: 'servfail' } },
    selectors: given,
    message: await signed('news.example.com'),
    codes: ['dkim/inconclusive'],
    said: [
      {
        subject: 'example.com',
        message: 'The key of the signature by news.example.com (selector mail) could not be fetched.',
        evidence: { reason: 'signature-key-lookup-failed', domain: 'news.example.com', selector: 'mail' },
      },
    ],
  },
  'message: whether its signer belongs to the domain is not known': {
    zone: {
      ...pairAt('example.com'),
      ...pairAt('esp.example.net'),
      '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
      '_dmarc.esp.example.net': { fail: 'servfail' },
    },
    selectors: given,
    message: foreign,
    codes: ['dkim/inconclusive'],
    said: [
      {
        subject: 'example.com',
        message: 'Whether esp.example.net belongs to example.com could not be looked up.',
        evidence: { reason: 'alignment-lookup-failed', from: 'example.com', signers: ['esp.example.net'] },
      },
    ],
  },
  'message: it is from nobody': {
    zone: pairAt('example.com'),
    selectors: given,
    message: PLAIN_MESSAGE.replace('From:', 'X-From:'),
    codes: ['dkim/inconclusive'],
    said: [
      {
        subject: 'example.com',
        message: expect.stringMatching(/names no single domain\.$/),
        evidence: { reason: 'message-of-another-domain', from: null },
      },
    ],
  },
  'message: it is from another domain': {
    zone: pairAt('example.com'),
    selectors: given,
    message: own.replace('ann@example.com', 'ann@example.net'),
    codes: ['dkim/inconclusive'],
    said: [
      {
        subject: 'example.net',
        message: 'The message you gave is not from example.com: its From field names example.net.',
        evidence: { reason: 'message-of-another-domain', domain: 'example.com', from: 'example.net' },
        remediation: { summary: expect.stringMatching(/^Send a new message from an address at example\.com/) },
      },
    ],
  },
} satisfies Record<string, Case>);

describe('selectors of a message', () => {
  it('are those of its signatures by the domain', async () => {
    expect(selectorsOf(Buffer.from(own), 'example.com')).toEqual(['mail']);
    expect(selectorsOf(Buffer.from(own), 'example.net')).toEqual([]);
    expect(selectorsOf(Buffer.from(PLAIN_MESSAGE), 'example.com')).toEqual([]);
  });

  it.each([
    ['no end of header', `DKIM-Signature: d=example.com; s=${'x'.repeat(100_000)}`],
    ['binary', '\u0000\u001b\n\n'],
    ['empty', ''],
  ])('hostile: %s', (_, text) => {
    expect(Array.isArray(selectorsOf(Buffer.from(text), 'example.com'))).toBe(true);
  });
});

describe('dkim rule', () => {
  it.each(Object.entries(cases))('%s', async (_, { zone, codes: expected, said, ...options }) => {
    const found = await checkRule(dkim, zoneResolver({ ...APEX, ...zone }), options);
    expect(codes(dkim, found)).toEqual(expected);
    if (said) expect(found).toMatchObject(said);
    for (const finding of found) {
      expect(finding.message).not.toMatch(/undefined|\[object|[\x00-\x1f]/);
      expect(finding.remediation.summary).toMatch(/\.$/);
      expect(() => JSON.stringify(finding.evidence)).not.toThrow();
    }
  });

  const twice = 'From: a@example.com\r\n\r\nHello.\r\n';
  const alike = `DKIM-Signature: v=1; d=example.com; s=mail\r\nDKIM-Signature: v=1; d=example.com; s=mail\r\n${twice}`;
  const apart: Record<string, Case> = {
    'two signatures for one domain with one selector': { zone: at(KEY_RECORD), message: alike, codes: [] },
    'a weak key published, a weak private key given': {
      zone: at(`v=DKIM1; p=${rsaKey(1024)}`),
      selectors: given,
      dkimKeyPem: privateKey(1024),
      codes: [],
    },
  };

  it.each(Object.entries({ ...cases, ...apart }))(
    '%s: no two findings of one code are about the same',
    async (_, one) => {
      const { zone, codes: _codes, said: _said, ...options } = one;
      const found = await checkRule(dkim, zoneResolver({ ...APEX, ...zone }), options);
      const identities = found.map(({ code, about: subject }) => JSON.stringify([code, subject]));
      expect(new Set(identities).size).toBe(identities.length);
      // What rests on no question is about the message or the key that the user gave.
      const baseless = found.filter(({ rests }) => rests.length === 0).map(({ code }) => code);
      const ofFiles = /message|inconclusive|key-(?:too-short|weak|oversize)/;
      expect(baseless.filter((code) => !ofFiles.test(code))).toEqual([]);
    },
  );

  it.each<[string, Case, string, readonly string[]]>([
    [
      'a key rests on the question for its record, aliases included',
      {
        zone: { [MAIL]: { cname: 'k.example.net' }, 'k.example.net': { txt: ['v=DKIM1; p='] } },
        selectors: given,
        codes: [],
      },
      'dkim/revoked',
      [`${MAIL} TXT`, 'k.example.net TXT'],
    ],
    [
      'a failed search rests on what was not answered',
      { zone: { '_domainkey.example.com': { fail: 'refused' } }, codes: [] },
      'dkim/inconclusive',
      ['_domainkey.example.com TXT'],
    ],
    [
      'a signature rests on its key',
      { zone: pairAt('example.com'), selectors: given, message: own.replace('Bob', 'Eve'), codes: [] },
      'dkim/message-signature-fails',
      [`${MAIL} TXT`],
    ],
    [
      'alignment by the suffix list rests on the keys and on the policy',
      {
        zone: { ...pairAt('example.com'), ...pairAt('esp.example.net') },
        selectors: given,
        message: foreign,
        codes: [],
      },
      'dkim/message-not-aligned',
      [
        'mail._domainkey.esp.example.net TXT',
        '_dmarc.example.com TXT',
        '_dmarc.com TXT',
      ],
    ],
  ])('%s', async (_, one, code, expected) => {
    const { zone, codes: _codes, ...options } = one;
    const found = await checkRule(dkim, zoneResolver({ ...APEX, ...zone }), options);
    const rests = found.filter((finding) => finding.code === code).flatMap((finding) => finding.rests);
    expect(rests.map(({ name, type }) => `${name} ${type}`)).toEqual(expected);
  });

  it('that no key exists rests on every selector that was tried', async () => {
    const [found] = await checkRule(dkim, zoneResolver(APEX));
    const asked = found?.rests.map(({ name }) => name);
    expect(found?.code).toBe('dkim/none-exist');
    expect(asked).toEqual(expect.arrayContaining(['_domainkey.example.com', 'google._domainkey.example.com', MAIL]));
  });

  it('every code is emitted by a case', () => {
    const emitted = new Set(Object.values(cases).flatMap((one) => one.codes.map((code) => code.split(' ')[0])));
    expect(Object.keys(dkim.findings).filter((code) => !emitted.has(code))).toEqual([]);
  });

  it('a private key, given or published, appears nowhere', async () => {
    const zone = { ...APEX, ...at(`v=DKIM1; p=${PAIR.privateBase64}`) };
    const found = await checkRule(dkim, zoneResolver(zone), { selectors: given, dkimKeyPem: PAIR.privatePem });
    const shown = JSON.stringify(found);
    for (const line of PAIR.privatePem.split('\n').slice(1, -2)) expect(shown).not.toContain(line);
    for (let start = 40; start < 400; start += 40) {
      expect(shown).not.toContain(PAIR.privateBase64.slice(start, start + 40));
    }
  });
});

describe('ready records', () => {
  async function records(zone: Record<string, Entry>, options: { selectors?: string[]; dkimKeyPem?: string }) {
    const [finding] = await checkRule(dkim, zoneResolver({ ...APEX, ...zone }), options);
    const { summary, records, commands } = finding?.remediation ?? {};
    // Where the record is known, there is nothing to generate.
    expect(commands).toBeUndefined();
    for (const { name } of records ?? []) expect(summary).toContain(name);
    return records?.map(({ name, value }) => `${name} ${value}`);
  }

  it('none-exist: the record of the private key given', async () => {
    expect(await records({}, { dkimKeyPem: PAIR.privatePem })).toEqual([`${MAIL} ${PAIR_RECORD}`]);
  });

  it('selector-missing: at the selector given', async () => {
    expect(await records({}, { selectors: ['s7'], dkimKeyPem: ED25519_PRIVATE_PEM })).toEqual([
      `s7._domainkey.example.com v=DKIM1; k=ed25519; p=${ED25519}`,
    ]);
  });

  it('key-mangled: the repaired record, split into strings of 255 octets', async () => {
    const [finding] = await checkRule(dkim, zoneResolver({ ...APEX, ...at(`"${KEY_RECORD}"`) }), { selectors: given });
    const [record] = finding?.remediation.records ?? [];
    expect(record?.value).toBe(KEY_RECORD);
    expect(record?.line).toBe(`${MAIL}. IN TXT "${KEY_RECORD.slice(0, 255)}" "${KEY_RECORD.slice(255)}"`);
  });

  it('testing: without y, other flags stay', async () => {
    expect(await records(at(`v=DKIM1; t=y:s; p=${RSA_2048}`), { selectors: given })).toEqual([
      `${MAIL} v=DKIM1; t=s; p=${RSA_2048}`,
    ]);
  });
});
