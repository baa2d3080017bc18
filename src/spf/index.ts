/**
 * Sender Policy Framework (RFC 7208, with RFC 7372 and RFC 8616): may this address send mail for this domain?
 *
 * The standard alone, usable without the rest of the program: every function takes the resolver it asks.
 */
export { type CheckHostRequest, checkHelo, checkHost } from './evaluate.ts';
export { senderIdentity } from './identity.ts';
export { MAX_LOOKUPS, MAX_VOID_LOOKUPS } from './limits.ts';
export { isSpfRecord, parseRecord, selectRecords } from './parse.ts';
export type { SpfRecord, SyntaxProblem } from './record.ts';
export type {
  MatchedTerm,
  RecordTrace,
  SpfOutcome,
  SpfProblem,
  SpfResult,
  TermOutcome,
  TermTrace,
} from './result.ts';
