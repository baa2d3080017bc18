/**
 * Sender Policy Framework (RFC 7208): the domain's record allows the tested addresses, and survives every verifier.
 * Each address is evaluated as a receiver would; besides, every branch is walked, since an address early in the record
 * hides what is broken or too expensive behind it. The HELO identity is the helo rule's.
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
import type { Finding } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { addresses } from './address-checks.ts';
import { findings } from './findings.ts';
import { openness, size, syntax, wording } from './record-checks.ts';
import { authorising, type Emitter, type Study, unanswered } from './study.ts';
import { branches, limits } from './tree-checks.ts';

export default defineRule({
  id: 'spf',
  title: 'SPF',
  reference: 'RFC 7208',
  findings,
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
      yield finding('spf/multiple-records', { records, correct }, { about: { name: domain } });
      return;
    }
    const { root, isTruncated } = await facts(spfTree, domain);
    const { record } = root;
    if (record === null) {
      const reason = `The TXT records of ${domain} changed while they were being read`;
      yield finding('spf/inconclusive', { reason }, { about: { name: domain } });
      return;
    }
    const study = {
      context,
      finding,
      root,
      record,
      strings,
      isTruncated,
      reported: new Set<string>(),
      unanswered: questions,
    };
    yield* studied(study, published);
  },
});

/** A record with errors is not evaluated by anyone, so that nothing but its errors is worth saying. */
async function* studied(study: Study, published: DnsAnswer<'TXT'>): AsyncGenerator<Finding> {
  const isValid = study.root.status === 'record';
  const checks = isValid ? [syntax, limits, branches, wording, openness, addresses] : [syntax];
  for (const check of checks) {
    for await (const found of check(study)) {
      study.reported.add(found.code);
      yield found;
    }
  }
  yield* size(study, published);
  if (study.context.target.ips.length > 0) return;
  const reason = 'There is no address to test: none was given and the MX hosts have none that could be found';
  yield study.finding('spf/inconclusive', { reason }, { about: { name: study.root.domain } });
}

/** No record, or one that is not read as one. */
async function unread(context: Context, finding: Emitter, published: DnsAnswer<'TXT'>): Promise<Finding> {
  const { dns, target } = context;
  const { domain, ips } = target;
  const fresh = ips.length === 0 ? null : recordFor(ips);
  const otherTxt = recordsOf(published).map((strings) => strings.join(''));
  const others = await Promise.all([`_spf.${domain}`, `spf.${domain}`].map((name) => dns.query(name, 'TXT')));
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
    return finding(
      'spf/missing',
      { query: queryEvidence(published), otherTxt, correct: fresh },
      { about: { name: domain } },
    );
  }
  const correct = meant.correct === null ? fresh : await authorising(context, meant.correct);
  return finding('spf/near-miss', { ...meant, correct }, { about: { name: meant.name } });
}
