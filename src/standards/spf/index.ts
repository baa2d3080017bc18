/**
 * Sender Policy Framework (SPF, RFC 7208, with RFC 7372 and RFC 8616): may this address send mail for this domain?
 *
 * The owner of a domain publishes a TXT record at the domain itself, such as
 * `v=spf1 ip4:192.0.2.0/24 include:example.net -all`. Its mechanisms name the allowed addresses. A receiver evaluates
 * the record during the SMTP session, for the address of the client and the domain of MAIL FROM, and often also for the
 * HELO name (§2.3, §2.4). The first mechanism that matches decides, and its qualifier is the result: `pass` (+), `fail`
 * (-), `softfail` (~) or `neutral` (?). The result is `none` without a record, `permerror` for a defective record and for
 * one that needs more than 10 DNS lookups (§4.6.4), and `temperror` when a DNS lookup failed.
 *
 * SPF does not check the From field, which is the task of DMARC. It fails when a message is forwarded from another
 * address. Receivers differ: some reject mail at `fail`, others wait for the result of DMARC. Some treat `permerror`
 * like `fail`, others like `none`.
 *
 * Other code uses the functions of this file. They need no other part of mailcheck: callers pass the resolver.
 */

export { withEnding, withoutDuplicates } from './arrange.ts';
export { authorise, authoriseAll, publishedAs, recordFor } from './authorise.ts';
export { readMeaning, type SpfReading } from './correct.ts';
export { isPlausible } from './correct-term.ts';
export { type CheckHostRequest, checkHelo, checkHost } from './evaluate.ts';
export { senderIdentity } from './identity.ts';
export { MAX_LOOKUPS, MAX_MX_NAMES, MAX_VOID_LOOKUPS, RECOMMENDED_RECORD_OCTETS, TIME_LIMIT_MS } from './limits.ts';
export { contains, firstAddress, type Network, networkText } from './network.ts';
export { isSpfRecord, parseRecord, selectRecords } from './parse.ts';
export * from './policy.ts';
export {
  effectiveDirectives,
  effectiveRedirect,
  findAll,
  findModifier,
  isDirective,
  type SpfRecord,
  type SyntaxProblem,
} from './record.ts';
export { addressTerms, type Relief, relieve } from './relief.ts';
export type {
  MatchedTerm,
  RecordTrace,
  SpfOutcome,
  SpfProblem,
  SpfResult,
  TermOutcome,
  TermTrace,
} from './result.ts';
export { type SpfSlip, type SpfSlipKind, slipCause, slipNotes } from './slip.ts';
export { allNodes, allTerms, type CostTree, costTree, type Walk, type WalkNode, type WalkTerm, walk } from './walk.ts';
