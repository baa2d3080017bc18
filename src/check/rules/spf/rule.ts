/**
 * Checks the Sender Policy Framework (RFC 7208): the domain's record allows the tested addresses, and every verifier
 * can use it. The rule evaluates each address as a receiver does. It also walks every branch, because an address that
 * matches early hides broken or expensive terms after it. The helo rule checks the HELO identity.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import {
  correctSyntax,
  isSpfRecord,
  mergeRecords,
  nearMiss,
  recordFor,
  selectRecords,
} from '../../../standards/spf/index.ts';
import { spfTree } from '../../facts/spf.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { addresses } from './address-checks.ts';
import { findings } from './findings.ts';
import { TreeIndex } from './identity.ts';
import { openness, size, syntax, wording } from './record-checks.ts';
import { authorising, type Emitter, type Study, unanswered } from './study.ts';
import { branches, limits } from './tree-checks.ts';

export default defineRule({
  id: 'spf',
  title: 'SPF',
  reference: 'RFC 7208',
  findings,
  restsOnDns: true,
  security: true,
  step: 'sender-policy',

  async *check(context, finding) {
    const { target, dns, facts } = context;
    const { domain } = target;
    const questions = new Set<string>();
    const published = await dns.query(domain, 'TXT');
    if (isFailure(published)) {
      yield* unanswered({ finding, unanswered: questions }, published, [domain]);
      return;
    }
    const spf = recordsOf(published).filter((strings) => isSpfRecord(strings.join('')));
    const [strings, second] = spf;
    if (strings === undefined) {
      yield await unread(context, finding, published);
      return;
    }
    if (second !== undefined) {
      const records = selectRecords(spf);
      const correct = await authorising(context, mergeRecords(records));
      const detail = { about: { name: domain }, rests: questionsOf(published) };
      yield finding('spf/multiple-records', { records, correct }, detail);
      return;
    }
    const { root, isTruncated } = await facts(spfTree, domain);
    const { record } = root;
    if (record === null) {
      const detail = { about: { name: domain }, rests: questionsOf(published) };
      yield finding('spf/inconclusive', { reason: 'record-changed', name: domain }, detail);
      return;
    }
    const study = {
      context,
      finding,
      published,
      root,
      tree: new TreeIndex(root),
      record,
      strings,
      isTruncated,
      reported: new Set<string>(),
      unanswered: questions,
    };
    yield* studied(study);
  },
});

/**
 * Runs the checks of a record. No receiver evaluates a record with errors, so only its errors and its size are
 * reported.
 */
async function* studied(study: Study): AsyncGenerator<Finding> {
  const isValid = study.root.status === 'record';
  const checks = isValid ? [syntax, limits, branches, wording, openness, addresses] : [syntax];
  for (const check of checks) {
    for await (const found of check(study)) {
      study.reported.add(found.code);
      yield found;
    }
  }
  yield* size(study);
  if (study.context.target.ips.length > 0) return;
  yield study.finding('spf/inconclusive', { reason: 'no-address' }, { about: {} });
}

/** @returns the finding for a domain without a valid SPF record: a text that was meant as SPF, or no record at all. */
async function unread(context: Context, finding: Emitter, published: DnsAnswer<'TXT'>): Promise<Finding> {
  const { dns, target } = context;
  const { domain, ips } = target;
  const first = ips.length === 0 ? null : recordFor(ips);
  const otherTxt = recordsOf(published).map((strings) => strings.join(''));
  const others = await Promise.all([`_spf.${domain}`, `spf.${domain}`].map((name) => dns.query(name, 'TXT')));
  const rests = questionsOf(published, ...others);
  const misplaced = others.flatMap((answer) =>
    selectRecords(recordsOf(answer)).map((text) => {
      return { name: answer.name, text, cause: 'wrong-name' as const, correct: correctSyntax(text) };
    }),
  );
  const misread = otherTxt.flatMap((text) => {
    const miss = nearMiss(text);
    return miss ? [{ name: domain, text, ...miss }] : [];
  });
  const [meant] = [...misread, ...misplaced];
  if (meant === undefined) {
    const evidence = { query: queryEvidence(published), otherTxt, correct: first };
    return finding('spf/missing', evidence, { about: { name: domain }, rests });
  }
  const correct = meant.correct === null ? first : await authorising(context, meant.correct);
  return finding('spf/near-miss', { ...meant, correct }, { about: { name: meant.name }, rests });
}
