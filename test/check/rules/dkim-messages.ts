/** What the signatures of a message mean: each case is signed by the tests' own signer, and near it is one that passes. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import type dkim from '../../../src/check/rules/dkim/rule.ts';
import type { Severity } from '../../../src/report/status.ts';
import { ED25519, ED25519_PRIVATE_PEM, KEY_RECORD, PAIR, RSA_2048 } from '../../standards/dkim/keys.ts';
import { NOW, type SignOptions, signMessage } from '../../standards/dkim/sign.ts';
import type { ExpectedFinding, RuleCase, Shown } from '../../world/rule-test.ts';
import type { ZoneScript } from '../../world/zone.ts';

type Code = keyof typeof dkim.findings;
type Case = RuleCase<Code>;
type Expected = Code | ExpectedFinding<Code>;

export const MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n\r\n';
const KEY = PAIR.publicBase64;
const SECONDS = NOW / 1000;
const FAILS = 'dkim/message-signature-fails';
const VERIFIED: readonly Expected[] = ['dkim/message-verified'];

/** A key record for the selector `mail`. */
function at(record: string, domain = 'example.com'): ZoneScript {
  return { [`mail._domainkey.${domain}`]: { TXT: [record] } };
}

function pair(bits: number): { key: KeyObject; record: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return {
    key: privateKey,
    record: `v=DKIM1; p=${publicKey.export({ format: 'der', type: 'spki' }).toString('base64')}`,
  };
}
const short = pair(1016);
const weak = pair(1024);
const ed25519 = createPrivateKey(ED25519_PRIVATE_PEM);

/** A message, the zone in which it is verified, and what is found. */
interface Sample {
  /** A good key for `mail` when absent. */
  readonly zone?: ZoneScript;
  readonly sign?: SignOptions;
  /** Instead of the message that `sign` makes; one character for each octet. */
  readonly message?: string;
  readonly domain?: string;
  /** `mail` when absent. */
  readonly selectors?: readonly string[];
  readonly dkimKeyPem?: string;
  readonly finds: readonly Expected[];
  readonly never?: readonly Code[];
  /** Of the first signature that fails. */
  readonly fails?: { readonly result: string; readonly kind: string; readonly comment: RegExp };
  /** What the message of some finding says. */
  readonly says?: RegExp;
  /** What some finding says to do. */
  readonly fix?: RegExp;
  readonly also?: (shown: Shown) => void;
}

const permerror = (kind: string, comment: RegExp) => ({ result: 'permerror', kind, comment });
const tags = (own: Record<string, string | null>): SignOptions => ({ tags: own });

const groups: Record<string, Record<string, Sample>> = {
  'algorithms and key sizes (RFC 8301)': {
    'rsa-sha1 does not verify': {
      sign: { hash: 'sha1' },
      finds: [FAILS],
      fails: permerror('sha1', /rsa-sha1.*sign with rsa-sha256$/),
    },
    'rsa-sha256 verifies': { finds: VERIFIED },
    'a key of 1016 bits does not verify': {
      zone: at(short.record),
      sign: { key: short.key },
      finds: ['dkim/key-too-short', FAILS],
      fails: permerror('key-too-short', /has 1016 bits.*use 2048$/),
    },
    'a key of 1024 bits verifies, and is weak': {
      zone: at(weak.record),
      sign: { key: weak.key },
      finds: ['dkim/key-weak', 'dkim/message-verified'],
    },
    'ed25519-sha256 verifies': {
      zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
      sign: { key: ed25519 },
      finds: ['dkim/message-verified', 'dkim/ed25519-only'],
    },
    'an unknown algorithm': {
      sign: tags({ a: 'rsa-sha512' }),
      finds: [FAILS],
      fails: permerror('algorithm', /sign with rsa-sha256$/),
    },
  },
  'the key record (RFC 6376 §3.6.1, §6.1.2)': {
    'h= lacks the hash': {
      zone: at(`v=DKIM1; h=sha1; p=${KEY}`),
      finds: ['dkim/sha1-only', FAILS],
      fails: permerror('key-hash', /does not allow sha256.*remove h=/),
    },
    'h= has the hash and another one': { zone: at(`v=DKIM1; h=sha1:sha256; p=${KEY}`), finds: VERIFIED },
    's= is for another service': {
      zone: at(`v=DKIM1; s=tlsrpt; p=${KEY}`),
      finds: ['dkim/service-excludes-email', FAILS],
      fails: permerror('key-service', /excludes email; remove s=/),
    },
    's= has email and another service': { zone: at(`v=DKIM1; s=tlsrpt:email; p=${KEY}`), finds: VERIFIED },
    's= is for all services': { zone: at(`v=DKIM1; s=*; p=${KEY}`), finds: VERIFIED },
    't=s and i= below d=': {
      zone: at(`v=DKIM1; t=s; p=${KEY}`),
      sign: tags({ i: 'ann@news.example.com' }),
      finds: [FAILS],
      fails: permerror('key-no-subdomains', /t=s.*remove s from t=$/),
    },
    't=s and i= at d=': { zone: at(`v=DKIM1; t=s; p=${KEY}`), sign: tags({ i: 'ann@Example.COM' }), finds: VERIFIED },
    't=s and no i=': { zone: at(`v=DKIM1; t=s; p=${KEY}`), finds: VERIFIED },
    'i= below d= without t=s': { sign: tags({ i: '@news.example.com' }), finds: VERIFIED },
    'v= is another': {
      zone: at(`v=DKIM2; p=${KEY}`),
      finds: ['dkim/syntax-error', FAILS],
      fails: permerror('key-syntax', /key record is not valid/),
    },
    'v= is in lower case': {
      zone: at(`v=dkim1; p=${KEY}`),
      finds: ['dkim/syntax-error', FAILS],
      fails: permerror('key-syntax', /v=DKIM1/),
    },
    'v= is not first': {
      zone: at(`k=rsa; v=DKIM1; p=${KEY}`),
      finds: ['dkim/syntax-error', FAILS],
      fails: permerror('key-syntax', /with v= first/),
    },
    'v= is not there': { zone: at(`p=${KEY}`), finds: VERIFIED },
    'k= is unknown': {
      zone: at(`v=DKIM1; k=dsa; p=${KEY}`),
      finds: ['dkim/key-type-unknown', FAILS],
      fails: permerror('key-type-unknown', /correct k=$/),
    },
    'k= is not the type in a=': {
      zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
      finds: [FAILS, 'dkim/ed25519-only'],
      fails: permerror('key-other-type', /of type ed25519/),
    },
    'p= is empty': {
      zone: at('v=DKIM1; p='),
      finds: [{ code: 'dkim/revoked', severity: 'error' }, FAILS],
      fails: permerror('key-revoked', /is revoked/),
    },
    'p= is damaged': {
      zone: at(`v=DKIM1\\; p=${KEY}`),
      finds: ['dkim/key-mangled', FAILS],
      fails: permerror('key-mangled', /damaged by copying/),
    },
    'p= is not a key': {
      zone: at('v=DKIM1; p=@@@@'),
      finds: ['dkim/key-invalid', FAILS],
      fails: permerror('key-invalid', /not a key/),
    },
    'p= is a private key': {
      zone: at(`v=DKIM1; p=${PAIR.privateBase64}`),
      finds: ['dkim/private-key-published', FAILS],
      fails: permerror('key-private', /private key; delete it/),
    },
    'several records, of which one fits': {
      zone: { 'mail._domainkey.example.com': { TXT: [KEY_RECORD, `v=DKIM1; p=${KEY}`] } },
      finds: ['dkim/multiple-records', FAILS],
      fails: permerror('key-several', /2 TXT records/),
    },
    'no record': {
      zone: {},
      finds: ['dkim/selector-missing', FAILS],
      fails: permerror('key-absent', /publish the key record$/),
    },
    'a CNAME to a missing record': {
      zone: { 'mail._domainkey.example.com': { CNAME: ['gone.example.net'] } },
      finds: ['dkim/cname-broken', FAILS],
      fails: permerror('key-alias', /points to no key record/),
    },
    'another key': {
      zone: at(`v=DKIM1; p=${RSA_2048}`),
      finds: [FAILS],
      fails: { result: 'fail', kind: 'signature-wrong', comment: /the private key that matches the published one$/ },
    },
    't=y verifies, but may count as unsigned': {
      zone: at(`v=DKIM1; t=y; p=${KEY}`),
      finds: ['dkim/testing', { code: 'dkim/message-verified', severity: 'warning' }],
      says: /\(t=y\), so receivers may treat the message as unsigned\.$/,
    },
    't=y beside a key in use': {
      zone: { ...at(`v=DKIM1; t=y; p=${KEY}`, 'news.example.com'), ...at(`v=DKIM1; p=${KEY}`) },
      message: signMessage(signMessage(MESSAGE), { domain: 'news.example.com' }),
      finds: VERIFIED,
    },
  },
  'the signature field (RFC 6376 §3.5, §6.1.1)': {
    'v= is another': { sign: tags({ v: '2' }), finds: [FAILS], fails: permerror('version', /v=1$/) },
    'v= is not there': { sign: tags({ v: null }), finds: [FAILS], fails: permerror('missing-tag', /the tag v=/) },
    'h= is empty': { sign: { signed: '' }, finds: [FAILS], fails: permerror('missing-tag', /the tag h=/) },
    'h= lacks From': {
      sign: { signed: 'To:Subject' },
      finds: [FAILS],
      fails: permerror('from-unsigned', /add From to the signed fields$/),
    },
    'h= has From in capitals, twice': { sign: { signed: 'To:FROM:From' }, finds: VERIFIED },
    'h= names a field that the message lacks': { sign: { signed: 'From:X-None:To:Date' }, finds: VERIFIED },
    'i= is not below d=': {
      sign: tags({ i: '@example.org' }),
      finds: [FAILS],
      fails: permerror('identity', /i= is neither/),
    },
    'i= has only the same ending as d=': {
      sign: tags({ i: '@notexample.com' }),
      finds: [FAILS],
      fails: permerror('identity', /i= is neither/),
    },
    'c= is unknown': {
      sign: tags({ c: 'relaxed/nofws' }),
      finds: [FAILS],
      fails: permerror('canonicalization', /use relaxed\/relaxed$/),
    },
    'c= names one form, the body is simple': {
      sign: { form: 'relaxed/simple', tags: { c: 'relaxed' } },
      finds: VERIFIED,
    },
    'c= is missing, so both forms are simple': { sign: { form: 'simple/simple', tags: { c: null } }, finds: VERIFIED },
    'q= is unknown': {
      sign: tags({ q: 'https/json' }),
      finds: [FAILS],
      fails: permerror('query-method', /remove the q= tag$/),
    },
    'q= has dns/txt and an unknown method': { sign: tags({ q: 'https/json : dns/txt' }), finds: VERIFIED },
    'a tag twice': {
      sign: tags({ t: `${SECONDS};t=${SECONDS}` }),
      finds: [FAILS],
      fails: permerror('syntax', /each tag once/),
    },
    'an unknown tag': { sign: tags({ r: 'y' }), finds: VERIFIED },
    'd= is not a domain': {
      message: signMessage(MESSAGE, { domain: 'not..a domain' }),
      finds: [FAILS],
      fails: permerror('domain', /d= is not a domain name/),
      says: /^A signature does not verify \(permerror\)/,
    },
    's= is not a selector': {
      message: signMessage(MESSAGE, { selector: '../mail' }),
      finds: [FAILS],
      fails: permerror('selector', /s= is not a selector/),
    },
    'a field without any tag': {
      message: `DKIM-Signature: hello\r\n${MESSAGE}`,
      finds: [FAILS],
      fails: permerror('syntax', /at "hello"/),
    },
    'bh= is not base64': { sign: tags({ bh: '@@@@' }), finds: [FAILS], fails: permerror('syntax', /at "bh"/) },
  },
  'time and length (RFC 6376 §3.5)': {
    'x= has passed, because the sample is old': {
      sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }),
      finds: ['dkim/inconclusive'],
      says: /by example\.com \(selector mail\) expired on 2026-09-14T23:00:00Z\.$/,
      fix: /^Send a new message from an address at example\.com .*--message\.$/,
    },
    'x= has passed, and the message was changed': {
      message: signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` })).replace('Bob.', 'Eve.'),
      finds: [FAILS],
      fails: { result: 'fail', kind: 'body-changed', comment: /body hash/ },
    },
    'x= has passed, and the key is revoked': {
      sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }),
      zone: at('v=DKIM1; p='),
      finds: [{ code: 'dkim/revoked', severity: 'error' }, FAILS],
    },
    'x= had not passed when the message was received': {
      message: `Received: from mail.example.com (mail.example.com [203.0.113.5])\r\n by mx.example.org with ESMTPS id 1;\r\n Tue, 15 Sep 2026 00:30:00 +0200 (CEST)\r\nReceived: from a by b; Mon, 14 Sep 2026 23:30:00 +0000\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      finds: VERIFIED,
    },
    'x= had passed at the last Received field': {
      message: `Received: from a by b; Mon, 14 Sep 2026 23:30:00 +0000\r\nReceived: from a by b; Mon, 14 Sep 2026 22:30:00 +0000\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      finds: ['dkim/inconclusive'],
      says: /expired on/,
    },
    'x= has passed, and the Received field has no readable date': {
      message: `Received: from a by b; 14.9.2026, 22:30\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      finds: ['dkim/inconclusive'],
    },
    'x= has not passed, although the clock of the receiver is ahead': {
      message: `Received: from a by b; Tue, 15 Sep 2026 12:00:00 +0000\r\n${signMessage(MESSAGE, tags({ x: `${SECONDS + 3600}` }))}`,
      finds: VERIFIED,
    },
    'x= has not passed': { sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS + 3600}` }), finds: VERIFIED },
    'x= is not later than t=': {
      sign: tags({ t: `${SECONDS}`, x: `${SECONDS}` }),
      finds: [FAILS],
      fails: permerror('expires-before-signing', /not later than t=/),
    },
    'x= is not a number': { sign: tags({ x: 'never' }), finds: [FAILS], fails: permerror('time', /not a time/) },
    'x= is far in the future': { sign: tags({ x: '999999999999' }), finds: VERIFIED },
    't= is in the future': {
      sign: tags({ t: `${SECONDS + 3600}` }),
      finds: [FAILS],
      fails: { result: 'policy', kind: 'from-future', comment: /2026-09-15T01:00:00Z.*correct the clock/ },
    },
    't= is too large for a date': {
      sign: tags({ t: '999999999999' }),
      finds: [FAILS],
      fails: { result: 'policy', kind: 'from-future', comment: /9999-12-31/ },
    },
    't= is four minutes in the future': { sign: tags({ t: `${SECONDS + 240}` }), finds: VERIFIED },
    'l= covers a part': {
      sign: { length: 5 },
      finds: VERIFIED,
      says: /It has an l= tag, and leaves the last 7 octets of the body unsigned: anyone can append text/,
    },
    'l= is 0': { sign: { length: 0 }, finds: VERIFIED, says: /the last 12 octets/ },
    'l= covers all but one': { sign: { length: 11 }, finds: VERIFIED, says: /leaves the last octet of the body/ },
    'l= covers the whole body': {
      sign: { length: 12 },
      finds: VERIFIED,
      says: /signature by example\.com\. It has an l= tag: anyone can append text, and the signature stays valid\.$/,
    },
    'l= is missing': { finds: VERIFIED, says: /signature by example\.com\.$/ },
    'l= in one of two signatures': {
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'news.example.com') },
      message: signMessage(signMessage(MESSAGE, { length: 5 }), { domain: 'news.example.com' }),
      finds: VERIFIED,
      says: /signature by news\.example\.com, example\.com\.$/,
    },
    'l= covers the original body, and text was appended': {
      message: `${signMessage(MESSAGE, { length: 12 })}Buy now.\r\n`,
      finds: VERIFIED,
      says: /the last 12 octets/,
    },
    'l= is larger than the body, because the message was truncated': {
      message: signMessage(MESSAGE, { length: 12 }).replace('Hello Bob.', 'Hello'),
      finds: [FAILS],
      fails: permerror('body-shorter', /the message was cut off/),
    },
    'l= is larger than the body': {
      sign: tags({ l: '13' }),
      finds: [FAILS],
      fails: permerror('body-shorter', /l= is larger than the body/),
    },
    'l= is not a number': {
      sign: tags({ l: '-1' }),
      finds: [FAILS],
      fails: permerror('body-length', /l= is not a number/),
    },
  },
  'a verified message shows the selector in use': {
    'a key of the parent domain: no finding about the search for selectors': {
      domain: 'news.example.com',
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'news.example.com': 'v=spf1 -all' },
      selectors: [],
      finds: VERIFIED,
    },
    'control: the message was changed': {
      domain: 'news.example.com',
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')).replace('Bob.', 'Eve.'),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'news.example.com': 'v=spf1 -all' },
      selectors: [],
      finds: ['dkim/none-exist', FAILS],
    },
    'a key of a subdomain under a selector that cannot be guessed': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'), 'abcxyz._domainkey.example.com': { TXT: [KEY_RECORD] } },
      selectors: [],
      finds: VERIFIED,
    },
    'a key of a subdomain, and a failed search for selectors': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'), '_domainkey.example.com': 'servfail' },
      selectors: [],
      finds: ['dkim/inconclusive', 'dkim/message-verified'],
    },
    'control: another organization signs': {
      message: signMessage(MESSAGE, { domain: 'esp.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'esp.example.net'), 'abcxyz._domainkey.example.com': { TXT: [KEY_RECORD] } },
      selectors: [],
      finds: ['dkim/selector-unknown', 'dkim/message-not-aligned'],
    },
    'control: under adkim=s, mail of a subdomain proves nothing about the domain': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': 'v=DMARC1; p=none; adkim=s',
      },
      selectors: [],
      finds: ['dkim/none-exist', 'dkim/message-verified'],
    },
    'adkim=s at the From domain, adkim=r above it': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': 'v=DMARC1; p=none',
        '_dmarc.news.example.com': 'v=DMARC1; p=none; adkim=s',
      },
      finds: ['dkim/message-not-aligned'],
      says: /The message is from news\.example\.com, but .*\(strict alignment\)/,
    },
    'adkim=s at the From domain, which signs its own mail': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': 'v=DMARC1; p=none',
        '_dmarc.news.example.com': 'v=DMARC1; p=none; adkim=s',
      },
      finds: VERIFIED,
    },
    'adkim=r at the From domain, adkim=s above it': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': 'v=DMARC1; p=none; adkim=s',
        '_dmarc.news.example.com': 'v=DMARC1; p=none',
      },
      finds: VERIFIED,
    },
    'the policy of the From domain cannot be looked up': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': 'v=DMARC1; p=none',
        '_dmarc.news.example.com': 'timeout',
      },
      finds: ['dkim/inconclusive'],
      says: /unknown whether example\.com belongs to news\.example\.com\.$/,
    },
    'adkim=r at the From domain shows nothing of a domain with adkim=s': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': 'v=DMARC1; p=none; adkim=s',
        '_dmarc.news.example.com': 'v=DMARC1; p=none',
      },
      selectors: [],
      finds: ['dkim/none-exist', 'dkim/message-verified'],
    },
    'findings about the keys found remain': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        'default._domainkey.example.com': 'v=DKIM1; p=',
      },
      selectors: [],
      finds: ['dkim/revoked', 'dkim/message-verified'],
    },
    'the given private key is the one that signed': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
      selectors: [],
      dkimKeyPem: PAIR.privatePem,
      finds: VERIFIED,
    },
    'the given private key is another one': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
      selectors: [],
      dkimKeyPem: ED25519_PRIVATE_PEM,
      finds: ['dkim/inconclusive', 'dkim/message-verified'],
      says: /matches neither a key that was found nor/,
    },
  },
  'one aligned signature is enough (RFC 6376 §6.1)': {
    'a second signature of the domain fails': {
      message: signMessage(signMessage(MESSAGE), { selector: 'old' }),
      finds: [
        'dkim/selector-missing',
        { code: 'dkim/message-signature-fails', severity: 'warning', faults: [] },
        'dkim/message-verified',
      ],
    },
    'the signature of a mailing list fails': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }),
      finds: [{ code: 'dkim/message-signature-fails', severity: 'info' }, 'dkim/message-verified'],
    },
    'the key of a third signature cannot be looked up': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'mail._domainkey.lists.example.net': 'timeout' },
      finds: [{ code: 'dkim/message-signature-fails', severity: 'info' }, 'dkim/message-verified'],
    },
    'no signature passes': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }).replace('Bob.', 'Eve.'),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      finds: [FAILS, FAILS],
      also({ findings }) {
        for (const finding of findings) expect(finding).not.toHaveProperty('faults');
      },
    },
    'one fails, and the key of the other cannot be looked up': {
      message: signMessage(signMessage(MESSAGE, { domain: 'news.example.com' }), { selector: 'old' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'mail._domainkey.news.example.com': 'timeout' },
      finds: [
        'dkim/selector-missing',
        { code: 'dkim/message-signature-fails', severity: 'warning' },
        'dkim/inconclusive',
      ],
      fix: /^Run the check again, or ask another resolver with --dns\./,
    },
    'only the signature of another organization passes': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      finds: ['dkim/selector-missing', { code: FAILS, faults: [] }, 'dkim/message-not-aligned'],
      also: ({ findings }) => expect(findings.at(-1)).not.toHaveProperty('faults'),
    },
    'one has expired, the other passes': {
      message: signMessage(signMessage(MESSAGE), { tags: { x: `${SECONDS - 3600}` } }),
      finds: [{ code: 'dkim/message-signature-fails', severity: 'info' }, 'dkim/message-verified'],
    },
    'one has expired, the other fails': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), { tags: { x: `${SECONDS - 3600}` } }),
      finds: [
        'dkim/selector-missing',
        'dkim/inconclusive',
        { code: 'dkim/message-signature-fails', severity: 'warning' },
      ],
    },
    'the signature of another organization has expired, the own one fails': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), {
        domain: 'lists.example.net',
        tags: { x: `${SECONDS - 3600}` },
      }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      finds: ['dkim/selector-missing', 'dkim/inconclusive', FAILS],
    },
    'the own signature has expired, that of another organization passes': {
      message: signMessage(signMessage(MESSAGE, { tags: { x: `${SECONDS - 3600}` } }), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      finds: ['dkim/inconclusive', { code: 'dkim/message-not-aligned', severity: 'warning', faults: [] }],
    },
    'a signature covers another signature': {
      message: signMessage(signMessage(MESSAGE, { domain: 'lists.example.net' }), { signed: 'From:DKIM-Signature' }),
      finds: [{ code: 'dkim/message-signature-fails', severity: 'info' }, 'dkim/message-verified'],
    },
    'ARC seals do not count as signatures': {
      message: `ARC-Seal: i=1; a=rsa-sha256; c=relaxed/relaxed; cv=none; d=example.net; s=arc; b=AAAA\r\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=arc; h=from; bh=AAAA; b=AAAA\r\nARC-Authentication-Results: i=1; mx.example.net; dkim=pass\r\n${signMessage(MESSAGE)}`,
      finds: VERIFIED,
    },
  },
  'a message from a file': {
    'line ends are LF': { message: signMessage(MESSAGE).replaceAll('\r\n', '\n'), finds: VERIFIED },
    'line ends are LF, all simple': {
      message: signMessage(MESSAGE, { form: 'simple/simple' }).replaceAll('\r\n', '\n'),
      finds: VERIFIED,
    },
    'line ends are CR': { message: signMessage(MESSAGE).replaceAll('\r\n', '\r'), finds: VERIFIED },
    'the header has CRLF, the body LF': {
      message: signMessage(MESSAGE).replace('Bob.\r\n\r\n', 'Bob.\n\n'),
      finds: VERIFIED,
    },
    'has the first line of an mbox file': {
      message: `From ann@example.com Mon Sep 14 12:00:00 2026\r\n${signMessage(MESSAGE)}`,
      finds: VERIFIED,
    },
    'has a UTF-8 character with an octet that Latin-1 reads as white space': {
      message: signMessage(latin1(MESSAGE.replace('hello', 'Voilà  l’été\u00a0à\u2005la mer'))),
      finds: VERIFIED,
    },
    'its header has 8-bit text': {
      message: signMessage(MESSAGE.replace('hello', 'caf\xe9\xa0\xa0\x85 !')),
      finds: VERIFIED,
    },
    'quotes and parentheses in z=': { sign: tags({ z: 'Subject:don\'t=20(panic|From:"x' }), finds: VERIFIED },
    'white space before and after every tag': {
      message: signMessage(MESSAGE, tags({ d: ' example.com ', s: '\t mail', v: ' 1 ' })),
      finds: VERIFIED,
    },
    'NUL in a signed field and in the body': {
      message: signMessage(MESSAGE.replace('hello', 'he\0llo').replace('Bob', 'B\0b')),
      finds: VERIFIED,
    },
    'a lone CR in the body': { message: signMessage(MESSAGE.replace('Bob.', 'B\rob.\r')), finds: VERIFIED },
    'no body': { message: signMessage('From: ann@example.com\r\n\r\n'), finds: VERIFIED },
    'no body, all simple': {
      message: signMessage('From: ann@example.com\r\n\r\n', { form: 'simple/simple' }),
      finds: VERIFIED,
    },
    'has no empty line after the header': {
      message: signMessage('From: ann@example.com\r\n\r\n').replace(/\r\n\r\n$/, ''),
      finds: VERIFIED,
    },
    'only white space in the body': {
      message: signMessage('From: ann@example.com\r\n\r\n \t\r\n\r\n  \r\n'),
      finds: VERIFIED,
    },
    'a body that does not end with a line end': { message: signMessage(`${MESSAGE}the end`), finds: VERIFIED },
    'a signature of names in UTF-8': {
      domain: 'bücher.example',
      message: signMessage(latin1(MESSAGE.replace('@example.com', '@bücher.example')), {
        domain: latin1('bücher.example'),
      }),
      zone: at(`v=DKIM1; p=${KEY}`, 'xn--bcher-kva.example'),
      finds: VERIFIED,
    },
    'a To field of a thousand addresses': {
      message: signMessage(MESSAGE.replace('bob@example.org', `${'bob@example.org,\r\n '.repeat(900)}eve@example.net`)),
      finds: VERIFIED,
    },
    'a second To field was added although h= forbids it': {
      message: signMessage(MESSAGE, { signed: 'From:To:To' }).replace(
        'Subject',
        `To: ${'bob@example.org,\r\n '.repeat(900)}eve@example.net\r\nSubject`,
      ),
      finds: [FAILS],
      fails: { result: 'fail', kind: 'signature-wrong', comment: /header was changed/ },
    },
    'two From fields': {
      message: signMessage(`From: eve@example.net\r\n${MESSAGE}`),
      finds: ['dkim/inconclusive'],
      says: /names no single domain/,
    },
  },
};

/** One character per octet of the UTF-8 text. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Signatures without the message that they are of. */
function signaturesOnly(options: SignOptions, count: number): string {
  return signMessage(MESSAGE, options).slice(0, -MESSAGE.length).repeat(count);
}

/** So many signatures with a selector that has no key. */
const many = (count: number): string => signaturesOnly({ selector: 'other' }, count);
const byList = (count: number): string => signaturesOnly({ domain: 'lists.example.net' }, count);

/** Holds that so many signatures fail, each with this severity. */
function failing({ findings }: Shown, count: number, severity: Severity): void {
  const severities = findings.filter(({ code }) => code === FAILS).map((one) => one.severity);
  expect(severities).toEqual(Array.from({ length: count }, () => severity));
}

/** Samples of which the codes are too many to be listed. */
const NEVER: readonly Code[] = ['dkim/message-unsigned', 'dkim/message-not-aligned', 'dkim/inconclusive'];

const hundreds: Record<string, Sample> = {
  'ten of 121 signatures are verified, and it is said how many were left out': {
    message: `${signaturesOnly({}, 1)}${many(120)}${MESSAGE}`,
    finds: VERIFIED,
    never: NEVER,
    also(shown) {
      failing(shown, 9, 'warning');
      const told = shown.findings.filter(({ code }) => code !== 'dkim/selector-missing');
      for (const { message } of told) expect(message).toMatch(/Only 10 signatures .*\. 111 more were left out\.$/);
    },
  },
  'the eleventh signature of the domain is not verified, so nothing is known': {
    message: `${many(10)}${signMessage(MESSAGE)}`,
    finds: [
      {
        code: 'dkim/inconclusive',
        says: /^The message has 11 signatures\. Only 10 were verified, and none of those is valid\.$/,
      },
    ],
    never: ['dkim/message-verified'],
    also(shown) {
      failing(shown, 10, 'warning');
    },
    says: /first\. 1 more was left out\.$/,
  },
  ...Object.fromEntries(
    ['example.com', 'news.example.com'].map((domain): [string, Sample] => [
      `the eleventh signature is verified, since it is by ${domain}`,
      {
        message: `${byList(10)}${signMessage(MESSAGE, { domain })}`,
        zone: at(`v=DKIM1; p=${KEY}`, domain),
        selectors: [],
        finds: VERIFIED,
        never: NEVER,
        also(shown) {
          failing(shown, 9, 'info');
        },
        says: /those of the From domain first\. 1 more was left out\.$/,
      },
    ]),
  ),
  'eleven signatures by another domain, of which one is left out': {
    message: byList(11) + MESSAGE,
    zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
    finds: ['dkim/message-not-aligned'],
  },
  'the tenth signature is verified, and none is left out': {
    message: `${many(9)}${signMessage(MESSAGE)}`,
    finds: VERIFIED,
    never: NEVER,
    also(shown) {
      failing(shown, 9, 'warning');
      for (const { message } of shown.findings) expect(message).not.toMatch(/left out/);
    },
  },
};

const MILLION = 1024 * 1024;

/** Messages that a careless parser would take minutes for. */
const hostile: readonly (readonly [string, string, readonly Expected[]])[] = [
  [
    'a body of white space and line ends, which changes nothing',
    signMessage(MESSAGE, { form: 'relaxed/relaxed' }) + ' \r\n'.repeat(5 * MILLION),
    VERIFIED,
  ],
  [
    'a body of LF, which changes nothing',
    signMessage(MESSAGE).replaceAll('\r\n', '\n') + '\n'.repeat(16 * MILLION),
    VERIFIED,
  ],
  ['a body that is one line', signMessage(MESSAGE) + 'x'.repeat(16 * MILLION), [FAILS]],
  ['a body of CR', signMessage(MESSAGE) + '\r'.repeat(16 * MILLION), [FAILS]],
  ['a tag of colons', signMessage(MESSAGE, tags({ z: ':'.repeat(90_000) })).replace('Bob', 'Eve'), [FAILS]],
  ['a tag of white space', signMessage(MESSAGE, tags({ z: ' '.repeat(90_000) })).replace('Bob', 'Eve'), [FAILS]],
  ['a field of semicolons', `DKIM-Signature: ${';'.repeat(90_000)}\r\n${MESSAGE}`, [FAILS]],
  [
    'h= with From thirty thousand times',
    signMessage(MESSAGE, { signed: 'From:'.repeat(18_000) }).replace('Bob', 'Eve'),
    [FAILS],
  ],
  [
    'a multipart of boundaries',
    signMessage(`Content-Type: multipart/mixed; boundary="${'-'.repeat(900)}"\r\n${MESSAGE}`) + '-'.repeat(MILLION),
    [FAILS],
  ],
  ...['<', '(', '"', ',', 'a,', 'g:', 'a@', '\\', '=?utf-8?q?', '\0', '\xff'].map(
    (piece): [string, string, Expected[]] => [
      `a From field of ${JSON.stringify(piece)} alone`,
      signMessage(MESSAGE.replace('Ann <ann@example.com>', piece.repeat(90_000 / piece.length))),
      ['dkim/inconclusive'],
    ],
  ),
];

/** @returns the case of a sample. */
function caseOf(when: string, sample: Sample): Case {
  const { sign, message = signMessage(MESSAGE, sign), selectors = ['mail'], dkimKeyPem, fails, says, fix } = sample;
  return {
    when,
    zone: sample.zone ?? at(`v=DKIM1; p=${KEY}`),
    ...(sample.domain === undefined ? {} : { domain: sample.domain }),
    selectors,
    message: Buffer.from(message, 'latin1'),
    settings: dkimKeyPem === undefined ? {} : { dkimKeyPem },
    now: NOW,
    finds: sample.finds,
    ...(sample.never === undefined ? {} : { never: sample.never }),
    also(shown) {
      const { findings } = shown;
      if (fails) {
        const { result, kind, comment } = fails;
        const failing = findings.find(({ code }) => code === FAILS);
        expect(failing?.evidence).toMatchObject({ result, defect: { kind } });
        const [, said] =
          /does not verify \([a-z]+\): (.*?)\.(?: Only 10 signatures .*)?$/.exec(failing?.message ?? '') ?? [];
        expect(said).toMatch(comment);
      }
      if (says) expect(findings.map((one) => one.message)).toContainEqual(expect.stringMatching(says));
      if (fix) expect(findings.map((one) => one.remediation.summary)).toContainEqual(expect.stringMatching(fix));
      for (const one of findings) expect(one.message).not.toContain('null');
      sample.also?.(shown);
    },
  };
}

/** Cases of the rule `dkim`, each with a message that the host has sent. */
export const messageCases: readonly Case[] = [
  ...Object.entries(groups).flatMap(([group, samples]) =>
    Object.entries(samples).map(([name, sample]) => caseOf(`${group}: ${name}`, sample)),
  ),
  ...Object.entries(hundreds).map(([name, sample]) => caseOf(`a message of many signatures: ${name}`, sample)),
  ...hostile.map(([name, message, finds]) => caseOf(`a hostile message: ${name}`, { message, finds })),
];
