/**
 * Domain Name System Security Extensions (DNSSEC, RFC 9364 and the RFCs 4033 to 4035 and 5155): is this answer the one
 * that the owner of the zone published?
 *
 * The owner signs every RRset with the keys of the zone (RRSIG, DNSKEY). The parent zone publishes the digest of a key
 * (DS) and signs it, and so on up to the root, whose keys every validator knows in advance (the trust anchor). What does
 * not exist is denied by signed records too (NSEC, NSEC3), so that nobody can leave out a record unnoticed. There are
 * three outcomes: `secure`; `insecure` when a parent proves that a zone is not signed, or when nobody can judge its
 * algorithms; and `bogus` when signatures are to be expected and are missing or wrong. A validating resolver answers
 * SERVFAIL to a question whose answer is bogus: its users see neither the records nor that there are none.
 *
 * DNSSEC hides nothing, and it does not say whether the owner of the zone is honest. Mail needs it for DANE (RFC 7672).
 *
 * Other code uses the functions of this file. They need no other part of mailcheck: callers pass the resolver, which must
 * ask with the DO and CD bits.
 */

export { algorithmName, digestName } from './algorithms.ts';
export { anchorFor, readAnchors, type TrustAnchor } from './anchors.ts';
export { type Ask, DnssecMemory } from './chain.ts';
export { MAX_ITERATIONS } from './limits.ts';
export { labelsOf, nameText } from './names.ts';
export { readDnskey, readNsec3, readRrsig } from './rdata.ts';
export { signatureFacts } from './rrset.ts';
export type * from './security.ts';
export { TYPE, typeName } from './types.ts';
export { type Question, type ValidatedAlias, type Validation, type ValidatorSettings, validate } from './validate.ts';
