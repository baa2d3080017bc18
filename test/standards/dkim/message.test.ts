/** What the signatures of a message mean: each case is signed by the tests' own signer, and near it stands one that passes. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import dkim from '../../../src/check/rules/dkim/rule.ts';
import dmarc from '../../../src/check/rules/dmarc/rule.ts';
import { cpuMs } from '../../cpu-time.ts';
import { checkRule, codes, NOW } from './check-rule.ts';
import { ED25519, ED25519_PRIVATE_PEM, KEY_RECORD, PAIR, RSA_2048 } from './keys.ts';
import { type SignOptions, signMessage } from './sign.ts';
import { type Entry, zoneResolver } from './zone-resolver.ts';

const MESSAGE = 'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n\r\n';
const KEY = PAIR.publicBase64;
const SECONDS = NOW / 1000;
const VERIFIED = ['dkim/message-verified'];

function at(record: string, domain = 'example.com'): Record<string, Entry> {
  return { [`mail._domainkey.${domain}`]: { txt: [record] } };
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

interface Case {
  readonly zone?: Record<string, Entry>;
  readonly sign?: SignOptions;
  /** Instead of the message that `sign` makes. */
  readonly message?: string;
  readonly domain?: string;
  /** `mail` when absent. */
  readonly selectors?: readonly string[];
  readonly dkimKeyPem?: string;
  readonly codes: readonly string[];
  /** Of the first signature that fails. */
  readonly fails?: { readonly result: string; readonly kind: string; readonly comment: RegExp };
  /** What the message of some finding says. */
  readonly says?: RegExp;
  /** What some finding says to do. */
  readonly fix?: RegExp;
}

const FAILS = 'dkim/message-signature-fails';
const permerror = (kind: string, comment: RegExp) => ({ result: 'permerror', kind, comment });
const tags = (own: Record<string, string | null>): SignOptions => ({ tags: own });

const groups: Record<string, Record<string, Case>> = {
  'algorithms and key sizes (RFC 8301)': {
    'rsa-sha1 does not verify': {
      sign: { hash: 'sha1' },
      codes: [FAILS],
      fails: permerror('sha1', /rsa-sha1.*sign with rsa-sha256$/),
    },
    'rsa-sha256 verifies': { codes: VERIFIED },
    'a key of 1016 bits does not verify': {
      zone: at(short.record),
      sign: { key: short.key },
      codes: ['dkim/key-too-short', FAILS],
      fails: permerror('key-too-short', /has 1016 bits.*use 2048$/),
    },
    'a key of 1024 bits verifies, and is weak': {
      zone: at(weak.record),
      sign: { key: weak.key },
      codes: ['dkim/key-weak', 'dkim/message-verified'],
    },
    'ed25519-sha256 verifies': {
      zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
      sign: { key: ed25519 },
      codes: ['dkim/ed25519-only', 'dkim/message-verified'],
    },
    'an unknown algorithm': {
      sign: tags({ a: 'rsa-sha512' }),
      codes: [FAILS],
      fails: permerror('algorithm', /sign with rsa-sha256$/),
    },
  },
  'the key record (RFC 6376 §3.6.1, §6.1.2)': {
    'h= lacks the hash': {
      zone: at(`v=DKIM1; h=sha1; p=${KEY}`),
      codes: [FAILS, 'dkim/sha1-only'],
      fails: permerror('key-hash', /does not allow sha256.*remove h=/),
    },
    'h= has the hash and another one': { zone: at(`v=DKIM1; h=sha1:sha256; p=${KEY}`), codes: VERIFIED },
    's= is for another service': {
      zone: at(`v=DKIM1; s=tlsrpt; p=${KEY}`),
      codes: [FAILS, 'dkim/service-excludes-email'],
      fails: permerror('key-service', /excludes email; remove s=/),
    },
    's= has email and another service': { zone: at(`v=DKIM1; s=tlsrpt:email; p=${KEY}`), codes: VERIFIED },
    's= is for all services': { zone: at(`v=DKIM1; s=*; p=${KEY}`), codes: VERIFIED },
    't=s and i= below d=': {
      zone: at(`v=DKIM1; t=s; p=${KEY}`),
      sign: tags({ i: 'ann@news.example.com' }),
      codes: [FAILS],
      fails: permerror('key-no-subdomains', /t=s.*remove s from t=$/),
    },
    't=s and i= at d=': {
      zone: at(`v=DKIM1; t=s; p=${KEY}`),
      sign: tags({ i: 'ann@Example.COM' }),
      codes: VERIFIED,
    },
    't=s and no i=': { zone: at(`v=DKIM1; t=s; p=${KEY}`), codes: VERIFIED },
    'i= below d= without t=s': { sign: tags({ i: '@news.example.com' }), codes: VERIFIED },
    'v= is another': {
      zone: at(`v=DKIM2; p=${KEY}`),
      codes: [FAILS, 'dkim/syntax-error'],
      fails: permerror('key-syntax', /key record is not valid/),
    },
    'v= is in lower case': {
      zone: at(`v=dkim1; p=${KEY}`),
      codes: [FAILS, 'dkim/syntax-error'],
      fails: permerror('key-syntax', /v=DKIM1/),
    },
    'v= is not first': {
      zone: at(`k=rsa; v=DKIM1; p=${KEY}`),
      codes: [FAILS, 'dkim/syntax-error'],
      fails: permerror('key-syntax', /with v= first/),
    },
    'v= is not there': { zone: at(`p=${KEY}`), codes: VERIFIED },
    'k= is unknown': {
      zone: at(`v=DKIM1; k=dsa; p=${KEY}`),
      codes: ['dkim/key-type-unknown', FAILS],
      fails: permerror('key-type-unknown', /correct k=$/),
    },
    'k= is not the type in a=': {
      zone: at(`v=DKIM1; k=ed25519; p=${ED25519}`),
      codes: ['dkim/ed25519-only', FAILS],
      fails: permerror('key-other-type', /of type ed25519/),
    },
    'p= is empty': {
      zone: at('v=DKIM1; p='),
      codes: [FAILS, 'dkim/revoked error'],
      fails: permerror('key-revoked', /is revoked/),
    },
    'p= is damaged': {
      zone: at(`v=DKIM1\\; p=${KEY}`),
      codes: ['dkim/key-mangled', FAILS],
      fails: permerror('key-mangled', /damaged by copying/),
    },
    'p= is not a key': {
      zone: at('v=DKIM1; p=@@@@'),
      codes: ['dkim/key-invalid', FAILS],
      fails: permerror('key-invalid', /not a key/),
    },
    'p= is a private key': {
      zone: at(`v=DKIM1; p=${PAIR.privateBase64}`),
      codes: [FAILS, 'dkim/private-key-published'],
      fails: permerror('key-private', /private key; delete it/),
    },
    'several records, of which one fits': {
      zone: { 'mail._domainkey.example.com': { txt: [KEY_RECORD, `v=DKIM1; p=${KEY}`] } },
      codes: [FAILS, 'dkim/multiple-records'],
      fails: permerror('key-several', /2 TXT records/),
    },
    'no record': {
      zone: {},
      codes: [FAILS, 'dkim/selector-missing'],
      fails: permerror('key-absent', /publish the key record$/),
    },
    'a CNAME to a missing record': {
      zone: { 'mail._domainkey.example.com': { cname: 'gone.example.net' } },
      codes: ['dkim/cname-broken', FAILS],
      fails: permerror('key-alias', /leads to no key record/),
    },
    'another key': {
      zone: at(`v=DKIM1; p=${RSA_2048}`),
      codes: [FAILS],
      fails: { result: 'fail', kind: 'signature-wrong', comment: /pair of the published key$/ },
    },
    't=y verifies, but may count as unsigned': {
      zone: at(`v=DKIM1; t=y; p=${KEY}`),
      codes: ['dkim/message-verified warning', 'dkim/testing'],
      says: /\(t=y\), so receivers may treat the message as unsigned\.$/,
    },
    't=y beside a key in use': {
      zone: { ...at(`v=DKIM1; t=y; p=${KEY}`, 'news.example.com'), ...at(`v=DKIM1; p=${KEY}`) },
      message: signMessage(signMessage(MESSAGE), { domain: 'news.example.com' }),
      codes: VERIFIED,
    },
  },
  'the signature field (RFC 6376 §3.5, §6.1.1)': {
    'v= is another': { sign: tags({ v: '2' }), codes: [FAILS], fails: permerror('version', /v=1$/) },
    'v= is not there': { sign: tags({ v: null }), codes: [FAILS], fails: permerror('missing-tag', /the tag v=/) },
    'h= is empty': { sign: { signed: '' }, codes: [FAILS], fails: permerror('missing-tag', /the tag h=/) },
    'h= lacks From': {
      sign: { signed: 'To:Subject' },
      codes: [FAILS],
      fails: permerror('from-unsigned', /add From to the signed fields$/),
    },
    'h= has From in capitals, twice': { sign: { signed: 'To:FROM:From' }, codes: VERIFIED },
    'h= names a field that the message lacks': { sign: { signed: 'From:X-None:To:Date' }, codes: VERIFIED },
    'i= is not below d=': {
      sign: tags({ i: '@example.org' }),
      codes: [FAILS],
      fails: permerror('identity', /i= is neither/),
    },
    'i= has only the same ending as d=': {
      sign: tags({ i: '@notexample.com' }),
      codes: [FAILS],
      fails: permerror('identity', /i= is neither/),
    },
    'c= is unknown': {
      sign: tags({ c: 'relaxed/nofws' }),
      codes: [FAILS],
      fails: permerror('canonicalization', /use relaxed\/relaxed$/),
    },
    'c= names one form, the body is simple': {
      sign: { form: 'relaxed/simple', tags: { c: 'relaxed' } },
      codes: VERIFIED,
    },
    'c= is missing, so both forms are simple': { sign: { form: 'simple/simple', tags: { c: null } }, codes: VERIFIED },
    'q= is unknown': {
      sign: tags({ q: 'https/json' }),
      codes: [FAILS],
      fails: permerror('query-method', /remove the q= tag$/),
    },
    'q= has dns/txt and an unknown method': { sign: tags({ q: 'https/json : dns/txt' }), codes: VERIFIED },
    'a tag twice': {
      sign: tags({ t: `${SECONDS};t=${SECONDS}` }),
      codes: [FAILS],
      fails: permerror('syntax', /each tag once/),
    },
    'an unknown tag': { sign: tags({ r: 'y' }), codes: VERIFIED },
    'd= is not a domain': {
      message: signMessage(MESSAGE, { domain: 'not..a domain' }),
      codes: [FAILS],
      fails: permerror('domain', /d= is not a domain name/),
      says: /^A signature does not verify \(permerror\)/,
    },
    's= is not a selector': {
      message: signMessage(MESSAGE, { selector: '../mail' }),
      codes: [FAILS],
      fails: permerror('selector', /s= is not a selector/),
    },
    'a field without any tag': {
      message: `DKIM-Signature: hello\r\n${MESSAGE}`,
      codes: [FAILS],
      fails: permerror('syntax', /at "hello"/),
    },
    'bh= is not base64': { sign: tags({ bh: '@@@@' }), codes: [FAILS], fails: permerror('syntax', /at "bh"/) },
  },
  'time and length (RFC 6376 §3.5)': {
    'x= has passed, because the sample is old': {
      sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }),
      codes: ['dkim/inconclusive'],
      says: /by example\.com \(selector mail\) expired on 2026-09-14T23:00:00Z: send a new message and try with that\.$/,
      fix: /^Send a new message from an address at example\.com .*--message\.$/,
    },
    'x= has passed, and the message was changed': {
      message: signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` })).replace('Bob.', 'Eve.'),
      codes: [FAILS],
      fails: { result: 'fail', kind: 'body-changed', comment: /body hash/ },
    },
    'x= has passed, and the key is revoked': {
      sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }),
      zone: at('v=DKIM1; p='),
      codes: [FAILS, 'dkim/revoked error'],
    },
    'x= had not passed when the message was received': {
      message: `Received: from mail.example.com (mail.example.com [203.0.113.5])\r\n by mx.example.org with ESMTPS id 1;\r\n Tue, 15 Sep 2026 00:30:00 +0200 (CEST)\r\nReceived: from a by b; Mon, 14 Sep 2026 23:30:00 +0000\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      codes: VERIFIED,
    },
    'x= had passed at the last Received field': {
      message: `Received: from a by b; Mon, 14 Sep 2026 23:30:00 +0000\r\nReceived: from a by b; Mon, 14 Sep 2026 22:30:00 +0000\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      codes: ['dkim/inconclusive'],
      says: /expired on/,
    },
    'x= has passed, and the Received field has no readable date': {
      message: `Received: from a by b; 14.9.2026, 22:30\r\n${signMessage(MESSAGE, tags({ t: `${SECONDS - 7200}`, x: `${SECONDS - 3600}` }))}`,
      codes: ['dkim/inconclusive'],
    },
    'x= has not passed, although the clock of the receiver is ahead': {
      message: `Received: from a by b; Tue, 15 Sep 2026 12:00:00 +0000\r\n${signMessage(MESSAGE, tags({ x: `${SECONDS + 3600}` }))}`,
      codes: VERIFIED,
    },
    'x= has not passed': { sign: tags({ t: `${SECONDS - 7200}`, x: `${SECONDS + 3600}` }), codes: VERIFIED },
    'x= is not later than t=': {
      sign: tags({ t: `${SECONDS}`, x: `${SECONDS}` }),
      codes: [FAILS],
      fails: permerror('expires-before-signing', /not later than t=/),
    },
    'x= is not a number': { sign: tags({ x: 'never' }), codes: [FAILS], fails: permerror('time', /not a time/) },
    'x= is far in the future': { sign: tags({ x: '999999999999' }), codes: VERIFIED },
    't= is in the future': {
      sign: tags({ t: `${SECONDS + 3600}` }),
      codes: [FAILS],
      fails: { result: 'policy', kind: 'from-future', comment: /2026-09-15T01:00:00Z.*correct the clock/ },
    },
    't= is too large for a date': {
      sign: tags({ t: '999999999999' }),
      codes: [FAILS],
      fails: { result: 'policy', kind: 'from-future', comment: /9999-12-31/ },
    },
    't= is four minutes in the future': { sign: tags({ t: `${SECONDS + 240}` }), codes: VERIFIED },
    'l= covers a part': {
      sign: { length: 5 },
      codes: VERIFIED,
      says: /It has an l= tag, and leaves the last 7 octets of the body unsigned: anyone can append text/,
    },
    'l= is 0': { sign: { length: 0 }, codes: VERIFIED, says: /the last 12 octets/ },
    'l= covers all but one': { sign: { length: 11 }, codes: VERIFIED, says: /leaves the last octet of the body/ },
    'l= covers the whole body': {
      sign: { length: 12 },
      codes: VERIFIED,
      says: /signature by example\.com\. It has an l= tag: anyone can append text, and the signature stays valid\.$/,
    },
    'l= is missing': { codes: VERIFIED, says: /signature by example\.com\.$/ },
    'l= in one of two signatures': {
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'news.example.com') },
      message: signMessage(signMessage(MESSAGE, { length: 5 }), { domain: 'news.example.com' }),
      codes: VERIFIED,
      says: /signature by news\.example\.com, example\.com\.$/,
    },
    'l= covers the original body, and text was appended': {
      message: `${signMessage(MESSAGE, { length: 12 })}Buy now.\r\n`,
      codes: VERIFIED,
      says: /the last 12 octets/,
    },
    'l= is larger than the body, because the message was truncated': {
      message: signMessage(MESSAGE, { length: 12 }).replace('Hello Bob.', 'Hello'),
      codes: [FAILS],
      fails: permerror('body-shorter', /the message was cut off/),
    },
    'l= is larger than the body': {
      sign: tags({ l: '13' }),
      codes: [FAILS],
      fails: permerror('body-shorter', /l= is larger than the body/),
    },
    'l= is not a number': {
      sign: tags({ l: '-1' }),
      codes: [FAILS],
      fails: permerror('body-length', /l= is not a number/),
    },
  },
  'a verified message shows the selector in use': {
    'a key of the parent domain: no finding about the search for selectors': {
      domain: 'news.example.com',
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'news.example.com': { txt: ['v=spf1 -all'] } },
      selectors: [],
      codes: VERIFIED,
    },
    'control: the message was changed': {
      domain: 'news.example.com',
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')).replace('Bob.', 'Eve.'),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'news.example.com': { txt: ['v=spf1 -all'] } },
      selectors: [],
      codes: [FAILS, 'dkim/none-exist'],
    },
    'a key of a subdomain under a selector that cannot be guessed': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'), 'abcxyz._domainkey.example.com': { txt: [KEY_RECORD] } },
      selectors: [],
      codes: VERIFIED,
    },
    'a key of a subdomain, and a failed search for selectors': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'), '_domainkey.example.com': { fail: 'servfail' } },
      selectors: [],
      codes: VERIFIED,
    },
    'control: another organization signs': {
      message: signMessage(MESSAGE, { domain: 'esp.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`, 'esp.example.net'), 'abcxyz._domainkey.example.com': { txt: [KEY_RECORD] } },
      selectors: [],
      codes: ['dkim/message-not-aligned', 'dkim/selector-unknown'],
    },
    'control: under adkim=s, mail of a subdomain proves nothing about the domain': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] },
      },
      selectors: [],
      codes: ['dkim/message-verified', 'dkim/none-exist'],
    },
    'adkim=s at the From domain, adkim=r above it': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
        '_dmarc.news.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] },
      },
      codes: ['dkim/message-not-aligned'],
      says: /The message is from news\.example\.com, but .*\(strict alignment\)/,
    },
    'adkim=s at the From domain, which signs its own mail': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
        '_dmarc.news.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] },
      },
      codes: VERIFIED,
    },
    'adkim=r at the From domain, adkim=s above it': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] },
        '_dmarc.news.example.com': { txt: ['v=DMARC1; p=none'] },
      },
      codes: VERIFIED,
    },
    'the policy of the From domain cannot be looked up': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com')),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none'] },
        '_dmarc.news.example.com': { fail: 'timeout' },
      },
      codes: ['dkim/inconclusive'],
      says: /whether example\.com belongs to news\.example\.com could not be looked up/i,
    },
    'adkim=r at the From domain shows nothing of a domain with adkim=s': {
      message: signMessage(MESSAGE.replace('@example.com', '@news.example.com'), { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        '_dmarc.example.com': { txt: ['v=DMARC1; p=none; adkim=s'] },
        '_dmarc.news.example.com': { txt: ['v=DMARC1; p=none'] },
      },
      selectors: [],
      codes: ['dkim/message-verified', 'dkim/none-exist'],
    },
    'findings about the keys found remain': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: {
        ...at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
        'default._domainkey.example.com': { txt: ['v=DKIM1; p='] },
      },
      selectors: [],
      codes: ['dkim/message-verified', 'dkim/revoked'],
    },
    'the given private key is the one that signed': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
      selectors: [],
      dkimKeyPem: PAIR.privatePem,
      codes: VERIFIED,
    },
    'the given private key is another one': {
      message: signMessage(MESSAGE, { domain: 'news.example.com' }),
      zone: at(`v=DKIM1; p=${KEY}`, 'news.example.com'),
      selectors: [],
      dkimKeyPem: ED25519_PRIVATE_PEM,
      codes: ['dkim/inconclusive', 'dkim/message-verified'],
      says: /neither the pair of a key found nor/,
    },
  },
  'one aligned signature is enough (RFC 6376 §6.1)': {
    'a second signature of the domain fails': {
      message: signMessage(signMessage(MESSAGE), { selector: 'old' }),
      codes: ['dkim/message-signature-fails warning', 'dkim/message-verified'],
    },
    'the signature of a mailing list fails': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }),
      codes: ['dkim/message-signature-fails info', 'dkim/message-verified'],
    },
    'the key of a third signature cannot be looked up': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'mail._domainkey.lists.example.net': { fail: 'timeout' } },
      codes: ['dkim/message-signature-fails info', 'dkim/message-verified'],
    },
    'no signature passes': {
      message: signMessage(signMessage(MESSAGE), { domain: 'lists.example.net' }).replace('Bob.', 'Eve.'),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      codes: [FAILS, FAILS],
    },
    'one fails, and the key of the other cannot be looked up': {
      message: signMessage(signMessage(MESSAGE, { domain: 'news.example.com' }), { selector: 'old' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), 'mail._domainkey.news.example.com': { fail: 'timeout' } },
      codes: ['dkim/inconclusive', 'dkim/message-signature-fails warning'],
      fix: /^Repeat the check; if it stays, repair the name servers/,
    },
    'only the signature of another organization passes': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      codes: ['dkim/message-not-aligned', FAILS],
    },
    'one has expired, the other passes': {
      message: signMessage(signMessage(MESSAGE), { tags: { x: `${SECONDS - 3600}` } }),
      codes: ['dkim/message-signature-fails info', 'dkim/message-verified'],
    },
    'one has expired, the other fails': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), { tags: { x: `${SECONDS - 3600}` } }),
      codes: ['dkim/inconclusive', 'dkim/message-signature-fails warning'],
    },
    'the signature of another organization has expired, the own one fails': {
      message: signMessage(signMessage(MESSAGE, { selector: 'old' }), {
        domain: 'lists.example.net',
        tags: { x: `${SECONDS - 3600}` },
      }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      codes: ['dkim/inconclusive', FAILS],
    },
    'the own signature has expired, that of another organization passes': {
      message: signMessage(signMessage(MESSAGE, { tags: { x: `${SECONDS - 3600}` } }), { domain: 'lists.example.net' }),
      zone: { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') },
      codes: ['dkim/inconclusive', 'dkim/message-not-aligned warning'],
    },
    'a signature covers another signature': {
      message: signMessage(signMessage(MESSAGE, { domain: 'lists.example.net' }), { signed: 'From:DKIM-Signature' }),
      codes: ['dkim/message-signature-fails info', 'dkim/message-verified'],
    },
    'ARC seals do not count as signatures': {
      message: `ARC-Seal: i=1; a=rsa-sha256; c=relaxed/relaxed; cv=none; d=example.net; s=arc; b=AAAA\r\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=arc; h=from; bh=AAAA; b=AAAA\r\nARC-Authentication-Results: i=1; mx.example.net; dkim=pass\r\n${signMessage(MESSAGE)}`,
      codes: VERIFIED,
    },
  },
  'a message from a file': {
    'line ends are LF': { message: signMessage(MESSAGE).replaceAll('\r\n', '\n'), codes: VERIFIED },
    'line ends are LF, all simple': {
      message: signMessage(MESSAGE, { form: 'simple/simple' }).replaceAll('\r\n', '\n'),
      codes: VERIFIED,
    },
    'line ends are CR': { message: signMessage(MESSAGE).replaceAll('\r\n', '\r'), codes: VERIFIED },
    'the header has CRLF, the body LF': {
      message: signMessage(MESSAGE).replace('Bob.\r\n\r\n', 'Bob.\n\n'),
      codes: VERIFIED,
    },
    'has the first line of an mbox file': {
      message: `From ann@example.com Mon Sep 14 12:00:00 2026\r\n${signMessage(MESSAGE)}`,
      codes: VERIFIED,
    },
    'has a UTF-8 character with an octet that Latin-1 reads as white space': {
      message: signMessage(latin1(MESSAGE.replace('hello', 'Voilà  l’été\u00a0à\u2005la mer'))),
      codes: VERIFIED,
    },
    'its header has 8-bit text': {
      message: signMessage(MESSAGE.replace('hello', 'caf\xe9\xa0\xa0\x85 !')),
      codes: VERIFIED,
    },
    'quotes and parentheses in z=': {
      sign: tags({ z: 'Subject:don\'t=20(panic|From:"x' }),
      codes: VERIFIED,
    },
    'white space before and after every tag': {
      message: signMessage(MESSAGE, tags({ d: ' example.com ', s: '\t mail', v: ' 1 ' })),
      codes: VERIFIED,
    },
    'NUL in a signed field and in the body': {
      message: signMessage(MESSAGE.replace('hello', 'he\0llo').replace('Bob', 'B\0b')),
      codes: VERIFIED,
    },
    'a lone CR in the body': { message: signMessage(MESSAGE.replace('Bob.', 'B\rob.\r')), codes: VERIFIED },
    'no body': { message: signMessage('From: ann@example.com\r\n\r\n'), codes: VERIFIED },
    'no body, all simple': {
      message: signMessage('From: ann@example.com\r\n\r\n', { form: 'simple/simple' }),
      codes: VERIFIED,
    },
    'has no empty line after the header': {
      message: signMessage('From: ann@example.com\r\n\r\n').replace(/\r\n\r\n$/, ''),
      codes: VERIFIED,
    },
    'only white space in the body': {
      message: signMessage('From: ann@example.com\r\n\r\n \t\r\n\r\n  \r\n'),
      codes: VERIFIED,
    },
    'a body that does not end with a line end': { message: signMessage(`${MESSAGE}the end`), codes: VERIFIED },
    'a signature of names in UTF-8': {
      domain: 'bücher.example',
      message: signMessage(latin1(MESSAGE.replace('@example.com', '@bücher.example')), {
        domain: latin1('bücher.example'),
      }),
      zone: at(`v=DKIM1; p=${KEY}`, 'xn--bcher-kva.example'),
      codes: VERIFIED,
    },
    'a To field of a thousand addresses': {
      message: signMessage(MESSAGE.replace('bob@example.org', `${'bob@example.org,\r\n '.repeat(900)}eve@example.net`)),
      codes: VERIFIED,
    },
    'a second To field was added although h= forbids it': {
      message: signMessage(MESSAGE, { signed: 'From:To:To' }).replace(
        'Subject',
        `To: ${'bob@example.org,\r\n '.repeat(900)}eve@example.net\r\nSubject`,
      ),
      codes: [FAILS],
      fails: { result: 'fail', kind: 'signature-wrong', comment: /header was changed/ },
    },
    'two From fields': {
      message: signMessage(`From: eve@example.net\r\n${MESSAGE}`),
      codes: ['dkim/inconclusive'],
      says: /names no single domain/,
    },
  },
};

/** One character per octet of the UTF-8 text. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

async function checked({ zone = at(`v=DKIM1; p=${KEY}`), ...one }: Omit<Case, 'codes'>) {
  const options = {
    ...(one.domain === undefined ? {} : { domain: one.domain }),
    ...(one.dkimKeyPem === undefined ? {} : { dkimKeyPem: one.dkimKeyPem }),
    selectors: one.selectors ?? ['mail'],
    message: Buffer.from(one.message ?? signMessage(MESSAGE, one.sign), 'latin1'),
  };
  return checkRule(dkim, zoneResolver({ 'example.com': { txt: ['v=spf1 -all'] }, ...zone }), options);
}

describe.each(Object.entries(groups))('DKIM message: %s', (_, cases) => {
  it.each(Object.entries(cases))('%s', async (_, { codes: expected, fails, says, fix, ...one }) => {
    const found = await checked(one);
    expect(codes(dkim, found)).toEqual(expected);
    const failing = found.find(({ code }) => code === FAILS);
    if (fails) {
      const { result, kind, comment } = fails;
      expect(failing?.evidence).toMatchObject({ result, defect: { kind } });
      const [, said] =
        /does not verify \([a-z]+\): (.*?)\.(?: Only 10 signatures .*)?$/.exec(failing?.message ?? '') ?? [];
      expect(said).toMatch(comment);
    }
    if (fix) expect(found.map(({ remediation }) => remediation.summary)).toContainEqual(expect.stringMatching(fix));
    if (says) expect(found.map(({ message }) => message)).toContainEqual(expect.stringMatching(says));
    for (const finding of found) {
      expect(finding.message).not.toMatch(/undefined|null|\[object|[\x00-\x1f]/);
      expect(finding.remediation.summary).toMatch(/\.$/);
    }
  });
});

describe('DKIM message: hundreds of signatures', () => {
  const many = (count: number): string => {
    const field = signMessage(MESSAGE, { selector: 'other' }).slice(0, -MESSAGE.length);
    return field.repeat(count);
  };

  it('ten are verified, and the report tells how many were left out', async () => {
    const resolver = zoneResolver({ 'example.com': { txt: ['v=spf1 -all'] }, ...at(`v=DKIM1; p=${KEY}`) });
    const message = Buffer.from(`${signMessage(MESSAGE).slice(0, -MESSAGE.length)}${many(120)}${MESSAGE}`, 'latin1');
    const found = await checkRule(dkim, resolver, { selectors: ['mail'], message });
    expect(codes(dkim, found)).toEqual([...Array(9).fill('dkim/message-signature-fails warning'), ...VERIFIED]);
    for (const { message } of found) expect(message).toMatch(/Only 10 signatures .*; 111 more were left out\.$/);
  });

  it('the eleventh of the domain is not verified, so the result is unknown', async () => {
    const found = await checked({ message: `${many(10)}${signMessage(MESSAGE)}` });
    expect(codes(dkim, found)).toEqual(['dkim/inconclusive', ...Array(10).fill(`${FAILS} warning`)]);
    expect(found[0]?.message).toMatch(/; 1 more was left out\.$/);
    expect(found.at(-1)?.message).toMatch(/^The message has 11 signatures, and only 10 were verified/);
  });

  it('the eleventh is verified when it is the only one of the domain', async () => {
    const foreign = signMessage(MESSAGE, { domain: 'lists.example.net' }).slice(0, -MESSAGE.length).repeat(10);
    for (const domain of ['example.com', 'news.example.com']) {
      const zone = at(`v=DKIM1; p=${KEY}`, domain);
      const found = await checked({ message: `${foreign}${signMessage(MESSAGE, { domain })}`, zone, selectors: [] });
      expect(codes(dkim, found)).toEqual([...Array(9).fill(`${FAILS} info`), ...VERIFIED]);
      expect(found[0]?.message).toMatch(/those of the From domain first; 1 more was left out\.$/);
    }
  });

  it('no signature is aligned when only those of other domains were left out', async () => {
    const foreign = signMessage(MESSAGE, { domain: 'lists.example.net' }).slice(0, -MESSAGE.length).repeat(11);
    const zone = { ...at(`v=DKIM1; p=${KEY}`), ...at(`v=DKIM1; p=${KEY}`, 'lists.example.net') };
    expect(codes(dkim, await checked({ message: foreign + MESSAGE, zone }))).toEqual(['dkim/message-not-aligned']);
  });

  it('the tenth is verified', async () => {
    const found = await checked({ message: `${many(9)}${signMessage(MESSAGE)}` });
    expect(codes(dkim, found)).toContain('dkim/message-verified');
    expect(found[0]?.message).not.toMatch(/left out/);
  });
});

describe('DKIM message: verifies hostile messages without delay', () => {
  const million = 1024 * 1024;
  it.each([
    [
      'a body of white space and line ends',
      signMessage(MESSAGE, { form: 'relaxed/relaxed' }) + ' \r\n'.repeat(5 * million),
    ],
    ['a body of LF', signMessage(MESSAGE).replaceAll('\r\n', '\n') + '\n'.repeat(16 * million)],
  ])('%s, which does not change the result', async (_, message) => {
    const started = cpuMs();
    expect(codes(dkim, await checked({ message }))).toEqual(VERIFIED);
    expect(cpuMs() - started).toBeLessThan(10_000);
  });

  it.each([
    ['a body that is one line', signMessage(MESSAGE) + 'x'.repeat(16 * million)],
    ['a body of CR', signMessage(MESSAGE) + '\r'.repeat(16 * million)],
    ['a tag of colons', signMessage(MESSAGE, tags({ z: ':'.repeat(90_000) })).replace('Bob', 'Eve')],
    ['a tag of white space', signMessage(MESSAGE, tags({ z: ' '.repeat(90_000) })).replace('Bob', 'Eve')],
    ['a field of semicolons', `DKIM-Signature: ${';'.repeat(90_000)}\r\n${MESSAGE}`],
    [
      'h= with From thirty thousand times',
      signMessage(MESSAGE, { signed: 'From:'.repeat(18_000) }).replace('Bob', 'Eve'),
    ],
    [
      'a multipart of boundaries',
      signMessage(`Content-Type: multipart/mixed; boundary="${'-'.repeat(900)}"\r\n${MESSAGE}`) + '-'.repeat(million),
    ],
  ])('%s', async (_, message) => {
    const started = cpuMs();
    expect(codes(dkim, await checked({ message }))).toEqual([FAILS]);
    expect(cpuMs() - started).toBeLessThan(10_000);
  });
});

describe('DKIM message: a hostile From field', () => {
  it.each(['<', '(', '"', ',', 'a,', 'g:', 'a@', '\\', '=?utf-8?q?', '\0', '\xff'])(
    'of %j is read without delay',
    async (piece) => {
      const from = piece.repeat(90_000 / piece.length);
      const started = cpuMs();
      const found = await checked({ message: signMessage(MESSAGE.replace('Ann <ann@example.com>', from)) });
      expect(codes(dkim, found)).toEqual(['dkim/inconclusive']);
      expect(cpuMs() - started).toBeLessThan(10_000);
    },
  );
});

describe('dmarc/enforce-without-dkim and a signed message', () => {
  const reject = { '_dmarc.example.com': { txt: ['v=DMARC1; p=reject; rua=mailto:a@example.com'] } };
  const zone = { 'example.com': { txt: ['v=spf1 -all'] }, ...reject, ...at(`v=DKIM1; p=${KEY}`, 'news.example.com') };

  it.each([
    ['a policy without a key → warned', {}, true],
    [
      'a policy without a key, but a signature by a subdomain → not warned',
      { message: signMessage(MESSAGE, { domain: 'news.example.com' }) },
      false,
    ],
    [
      'a policy without a key, and an invalid signature by a subdomain → warned',
      { message: signMessage(MESSAGE, { domain: 'news.example.com', hash: 'sha1' }) },
      true,
    ],
  ])('%s', async (_, options, isWarned) => {
    const found = await checkRule(dmarc, zoneResolver(zone), { selectors: [], ...options });
    expect(found.some(({ code }) => code === 'dmarc/enforce-without-dkim')).toBe(isWarned);
  });
});
