/** Describes in words why a signature does not verify and what to change. */
import type { SignatureDefect, SignatureDefectKind } from '../../../standards/dkim/defect.ts';
import { MAX_SIGNATURES } from '../../../standards/dkim/message.ts';
import { quoteInput } from '../../../usage-error.ts';

type Words = string | ((detail: string) => string);

/** The cause of each defect, followed by what to change. */
const DEFECTS: Readonly<Record<SignatureDefectKind, Words>> = {
  syntax: (piece) =>
    `the DKIM-Signature field is not a valid list of tags${piece && ` (at ${quoteInput(piece)})`}; write each tag once, as tag=value, separated by semicolons`,
  'missing-tag': (tag) => `the tag ${tag}= is missing or empty; configure the signer to write it`,
  version: 'v= is not 1; configure the signer to write v=1',
  algorithm: 'a= names an algorithm that receivers do not know; sign with rsa-sha256',
  sha1: 'it is signed with rsa-sha1, which receivers must not verify any more (RFC 8301); sign with rsa-sha256',
  canonicalization: 'c= names a canonicalization that does not exist; use relaxed/relaxed',
  'query-method': 'q= does not list dns/txt, the only way to fetch a key; remove the q= tag',
  domain: 'd= is not a domain name; sign with the domain of the From address',
  selector: 's= is not a selector; use letters and digits',
  'from-unsigned': 'h= does not include From, which every signature must cover; add From to the signed fields',
  identity: 'the domain in i= is neither the one in d= nor below it; remove the i= tag or correct it',
  'body-length': 'l= is not a number; remove the l= tag',
  'body-shorter': 'l= is larger than the body, so the message was cut off or the tag is wrong; remove the l= tag',
  time: 't= or x= is not a time in seconds; correct or remove the tag',
  'expires-before-signing': 'x= (expiry) is not later than t= (signing); make signatures valid for some days',
  'key-unfetched': (status) =>
    `the key could not be fetched (${status}); contact whoever runs the name servers of its domain`,
  'key-absent': 'its key is not published; publish the key record',
  'key-alias': 'the name of its key is a CNAME that points to no key record; correct the target',
  'key-several': (count) => `there are ${count} TXT records at the name of its key; keep the one of the key in use`,
  'key-private': 'the record of its key holds a private key; delete it, and sign with a new key',
  'key-mangled': 'its key record was damaged by copying; publish it again',
  'key-syntax': 'its key record is not valid; write it as v=DKIM1; k=rsa; p=<key>, with v= first',
  'key-invalid': 'p= of its key record is not a key; publish the key again',
  'key-revoked': 'its key is revoked (p= is empty); sign with a key that is published',
  'key-type-unknown': 'k= of its key record is neither rsa nor ed25519; correct k=',
  'key-other-type': (type) => `the published key is of type ${type}, but a= names another; publish the key in use`,
  'key-too-short': (bits) => `its key has ${bits} bits, but receivers require at least 1024; use 2048`,
  'key-hash': 'h= of its key record does not allow sha256; remove h= from the record',
  'key-service': 's= of its key record excludes email; remove s= from the record',
  'key-no-subdomains':
    'its key record has t=s, which forbids a subdomain in i=; sign with i= in the domain of d=, or remove s from t=',
  'body-changed': 'the body hash does not match, so the body was changed after signing; sign after every filter',
  'signature-wrong':
    'it does not match the published key, or the header was changed after signing; sign with the private key that matches the published one',
  expired: (time) => `it expired on ${time} (x=); check a message that was sent just now`,
  'from-future': (time) => `it was made in the future, on ${time} (t=); correct the clock of the signing host`,
};

/** @returns why the signature does not verify and what to change, as part of a sentence. */
export function describeDefect({ kind, detail }: SignatureDefect): string {
  const words = DEFECTS[kind];
  return typeof words === 'string' ? words : words(detail ?? '');
}

/**
 * @param key the name of the key record.
 * @returns what to do about a signature that does not verify, in sentences.
 */
export function repair(defect: SignatureDefect | null, key: string): string {
  switch (defect?.kind) {
    case 'body-changed':
    case 'body-shorter':
      return 'Something changed the message after it was signed. Sign last, after every filter that adds footers or rewrites. Check the message as the receiver got it.';
    case 'expired':
      return 'Send a new message and check that one. If messages expire in the queue, let signatures be valid for a week or remove x=.';
    case 'from-future':
      return 'Synchronise the clock of the signing host (NTP), send a new message and check that one.';
    case undefined:
    case 'signature-wrong':
      return `Check that the host signs with the private key that matches ${key}, and that nothing changes the header afterwards.`;
    case 'key-unfetched':
    case 'key-absent':
    case 'key-alias':
    case 'key-several':
    case 'key-private':
    case 'key-mangled':
    case 'key-syntax':
    case 'key-invalid':
    case 'key-revoked':
    case 'key-type-unknown':
    case 'key-other-type':
    case 'key-too-short':
    case 'key-hash':
    case 'key-service':
    case 'key-no-subdomains':
      return `Correct the key record at ${key}, or sign with a selector that has a valid one.`;
    default:
      return 'Correct the settings of the signer as described, send a new message and check that one.';
  }
}

/** @returns a sentence on how many signatures were left out, with a space before it. Empty when none was. */
export function describeLeftOut(leftOut: number): string {
  if (leftOut === 0) return '';
  const others = leftOut === 1 ? '1 more was' : `${leftOut} more were`;
  return ` Only ${MAX_SIGNATURES} signatures of the message were verified, those of the From domain first. ${others} left out.`;
}

/**
 * Warns of the l= tag: anyone can append text to such a message, even if l= covers the whole original body (RFC 6376
 * §8.2).
 *
 * @param unsigned the number of octets that l= leaves unsigned now.
 * @returns a sentence on what the tag allows, with a space before it.
 */
export function describeLengthLimit(unsigned: number): string {
  const octets = unsigned === 1 ? 'octet' : `${unsigned} octets`;
  const now = unsigned === 0 ? '' : `, and leaves the last ${octets} of the body unsigned`;
  return ` It has an l= tag${now}: anyone can append text, and the signature stays valid.`;
}
