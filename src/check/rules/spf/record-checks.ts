/** How the record is written, and whom it lets through. */
import { type DnsAnswer, recordsOf } from '../../../network/dns/answer.ts';
import { type IpAddress, ipFamily, parseIp, specialPurpose } from '../../../network/ip.ts';
import {
  allTerms,
  checkHost,
  contains,
  correctSyntax,
  countIpv4,
  decidingNode,
  effectiveDirectives,
  effectiveRedirect,
  findAll,
  firstAddress,
  gluedTerms,
  isDirective,
  isOpenTerm,
  openTerms,
  permittedNetworks,
  RECOMMENDED_RECORD_OCTETS,
  type SpfRecord,
  usesReverseNames,
  type WalkNode,
  withoutTerms,
} from '../../../standards/spf/index.ts';
import { testSender } from '../../facts/spf.ts';
import type { Finding } from '../finding.ts';
import type { Context } from '../rule.ts';
import { authorising, type Emitter, type Study, withoutOwn } from './study.ts';

/** Addresses reserved for documentation (RFC 5737, RFC 3849), from which no one may pass; two of each family. */
const PROBES = ['192.0.2.1', '198.51.100.254', '2001:db8::1', '2001:db8:ffff::fffe'];
/** More than a /8 is no sender's own. */
const MAX_IPV4_ADDRESSES = 2 ** 24;
/** What providers are given, not their customers. */
const WIDE_PREFIX = { 4: 16, 6: 32 } as const;
/** Octets of a DNS answer that passes everywhere (RFC 1035 §4.2.1). */
const SAFE_ANSWER_OCTETS = 512;
const MAX_SYNTAX_FINDINGS = 10;

export async function* syntax({ context, finding, root, record, strings }: Study): AsyncGenerator<Finding> {
  const subject = root.domain;
  const meant = correctSyntax(record.text);
  const correct = meant === null ? null : await authorising(context, meant);
  for (const problem of record.problems.slice(0, MAX_SYNTAX_FINDINGS)) {
    yield finding('spf/syntax-error', { ...problem, record: record.text, correct }, { subject });
  }
  for (const { term, parts } of gluedTerms(strings)) {
    const spaced = correctSyntax(record.text.replace(term, () => parts.join(' ')));
    yield finding('spf/string-join', { strings, term, parts, correct: spaced }, { subject });
  }
}

export async function* wording(study: Study): AsyncGenerator<Finding> {
  const { context, finding, root, record } = study;
  const reverse = allTerms(root).filter(({ term }) => usesReverseNames(term));
  if (reverse.length > 0) {
    const without = withoutOwn(study, reverse);
    const correct = without === null ? null : await authorising(context, without);
    const terms = reverse.map(({ domain, term }) => ({ domain, term: term.text }));
    yield finding('spf/ptr-mechanism', { terms, correct }, { about: { name: root.domain } });
  }
  const ignored = ignoredTerms(record);
  if (ignored.length > 0) {
    const correct = withoutTerms(record, new Set(ignored.map(({ offset }) => offset)));
    const terms = ignored.map(({ text }) => text);
    yield finding('spf/redirect-ignored', { terms, correct }, { about: { name: root.domain } });
  }
  yield* ending(finding, decidingNode(root));
  yield* ranges(context, finding, record);
}

/** @returns directives after `all`, and a `redirect` beside it. */
function ignoredTerms(record: SpfRecord) {
  const effective = new Set<unknown>([...effectiveDirectives(record), effectiveRedirect(record)]);
  return record.terms.filter((term) => {
    const counts = term.kind === 'directive' || (term.kind === 'modifier' && term.name === 'redirect');
    return counts && !effective.has(term);
  });
}

/** What the record that has the last word says of everyone else. */
function* ending(finding: Emitter, node: WalkNode | null): Generator<Finding> {
  if (!node?.record) return;
  const { domain, record } = node;
  const all = findAll(record);
  const about = { domain, record: record.text };
  if (all === undefined) {
    const correct = `${withoutTerms(record, new Set())} ~all`;
    yield finding('spf/no-all', { ...about, correct }, { about: { name: domain } });
  } else if (all.qualifier === '?') {
    const correct = `${withoutTerms(record, new Set([all.offset]))} ~all`;
    yield finding('spf/all-neutral', { ...about, correct }, { about: { name: domain } });
  } else if (all.qualifier === '~') {
    yield finding('spf/all-softfail', about, { about: { name: domain } });
  }
}

function* ranges({ target, settings }: Context, finding: Emitter, record: SpfRecord): Generator<Finding> {
  for (const { mechanism, text: term, qualifier } of record.terms.filter(isDirective)) {
    if (qualifier !== '+' || !('network' in mechanism)) continue;
    const { network } = mechanism;
    const covers = target.ips.filter((ip) => contains(network, ip));
    if (network.prefixLength <= WIDE_PREFIX[network.family]) {
      const ipv4Addresses = network.family === 4 ? 2 ** (32 - network.prefixLength) : null;
      const evidence = { term, ipv4Addresses, prefixLength: network.prefixLength, covers };
      yield finding('spf/range-too-wide', evidence, { about: {} });
    }
    const first = parseIp(firstAddress(network));
    const range = first && specialPurpose(first);
    // A block that holds an address under test is meant: a lab. A length of zero is no special block.
    if (range === undefined || covers.length > 0 || network.prefixLength === 0) continue;
    const lab = settings.allowPrivate ? ({ severity: 'info' } as const) : {};
    yield finding('spf/not-public-range', { term, range }, { about: {}, ...lab });
  }
}

/** Whether addresses pass that no one listed: by an open term, or since a great part of the internet is listed. */
export async function* openness({ context, finding, root, record }: Study): AsyncGenerator<Finding> {
  const open = openTerms(root);
  const passing = open.length === 0 ? [] : await Promise.all(PROBES.map((probe) => passesUnlisted(context, probe)));
  const probes = passing.filter((ip) => ip !== null);
  const isOpen = new Set(probes.map(ipFamily)).size === 2;
  const networks = permittedNetworks(root).filter(({ network }) => network.family === 4);
  const ipv4Addresses = countIpv4(networks.map(({ network }) => network));
  if (!isOpen && ipv4Addresses <= MAX_IPV4_ADDRESSES) return;
  const shortest = Math.min(...networks.map(({ network }) => network.prefixLength));
  const widest = networks.filter(({ network }) => network.prefixLength === shortest);
  const terms = isOpen ? open : widest.map(({ domain, term }) => ({ domain, term }));
  const all = findAll(record);
  const closed = all?.qualifier === '+' ? `${withoutTerms(record, new Set([all.offset]))} -all` : null;
  const correct = closed === null ? null : await authorising(context, closed);
  const evidence = { terms, ipv4Addresses, probes: isOpen ? probes : [], correct };
  yield finding('spf/permits-everyone', evidence, { about: { name: root.domain } });
}

/** @returns the probe where it passes by a term that names no addresses; `null` where it does not, or is listed. */
async function passesUnlisted(context: Context, probe: string): Promise<IpAddress | null> {
  const ip = parseIp(probe);
  if (!ip) return null;
  const { domain } = context.target;
  const outcome = await checkHost({
    ip,
    sender: testSender(domain),
    heloName: domain,
    resolver: context.dns,
  });
  const deciding = outcome.matched.at(-1);
  return outcome.result === 'pass' && deciding !== undefined && isOpenTerm(deciding.term) ? ip : null;
}

/** §3.4: an answer that fits 512 octets needs neither EDNS nor TCP. */
export function* size({ finding, root, record }: Study, published: DnsAnswer<'TXT'>): Generator<Finding> {
  const records = recordsOf(published);
  const octets = record.text.length;
  // Header, question, and per record a compressed owner, fixed fields and a length octet per string (RFC 1035 §4.1).
  const data = records.map((strings) => 12 + strings.reduce((sum, part) => sum + 1 + part.length, 0));
  const answerOctets = data.reduce((sum, length) => sum + length, 12 + root.domain.length + 6);
  if (octets <= RECOMMENDED_RECORD_OCTETS && answerOctets <= SAFE_ANSWER_OCTETS) return;
  const evidence = { octets, answerOctets, txtRecords: records.length };
  yield finding('spf/record-too-long', evidence, { about: { name: root.domain } });
}
