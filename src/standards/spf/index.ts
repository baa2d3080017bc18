/**
 * Sender Policy Framework (RFC 7208, with RFC 7372 and RFC 8616): may this address send mail for this domain?
 *
 * The standard alone, usable without the rest of the program: every function takes the resolver it asks.
 */
export { type CheckHostRequest, checkHelo, checkHost } from './evaluate.ts';
export { senderIdentity } from './identity.ts';
export { MAX_LOOKUPS, MAX_MX_NAMES, MAX_VOID_LOOKUPS, RECOMMENDED_RECORD_OCTETS } from './limits.ts';
export { type NearMiss, type NearMissCause, nearMiss } from './near-miss.ts';
export { contains, firstAddress, type Network, networkText } from './network.ts';
export { isSpfRecord, parseRecord, selectRecords } from './parse.ts';
export * from './policy.ts';
export {
  effectiveDirectives,
  effectiveRedirect,
  findAll,
  isDirective,
  type SpfRecord,
  type SyntaxProblem,
} from './record.ts';
export { type Relief, relieve } from './relief.ts';
export { authorise, authoriseAll, freshRecord, mergeRecords, publishedAs } from './repair.ts';
export type {
  MatchedTerm,
  RecordTrace,
  SpfOutcome,
  SpfProblem,
  SpfResult,
  TermOutcome,
  TermTrace,
} from './result.ts';
export { correctSyntax } from './syntax-repair.ts';
export { allNodes, allTerms, type CostTree, costTree, type Walk, type WalkNode, type WalkTerm, walk } from './walk.ts';
