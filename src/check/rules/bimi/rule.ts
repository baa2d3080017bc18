/**
 * Checks BIMI (draft-brand-indicators-for-message-identification): the record can be used, DMARC is enforced as BIMI
 * requires, and the logo and the mark certificate are as mailbox providers want them. A domain without a record costs one
 * or two questions. The issuer of a certificate is not verified, and a provider may show no logo for reasons of its own.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { isMeantAsBimi, parseBimiRecord } from '../../../standards/bimi/record.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { dmarc } from '../../facts/dmarc.ts';
import { NO_WEB, whyNoLogo } from '../connections.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, type Note, note, type Skip, skip, unused } from '../rule.ts';
import { judgeEnforcement } from './enforcement.ts';
import { type InUse, judgeFiles } from './files.ts';
import { type Emitter, findings } from './findings.ts';

/** The number of texts and defects shown as evidence. */
const MAX_SHOWN = 10;

export default defineRule({
  id: 'bimi',
  title: 'BIMI',
  reference: 'BIMI draft',
  findings,
  isAboutDomain: true,
  step: 'other',

  async *check(context, finding) {
    const { target, dns } = context;
    const domains = [...new Set([target.domain, organizationalDomain(target.domain)])];
    const answers: DnsAnswer<'TXT'>[] = [];
    for (const domain of domains) {
      const answer = await dns.query(`default._bimi.${domain}`, 'TXT');
      answers.push(answer);
      if (isFailure(answer)) {
        const detail = { about: { name: answer.name }, rests: questionsOf(...answers) };
        const reason = 'record-lookup-failed';
        yield finding('bimi/inconclusive', { reason, query: queryEvidence(answer) }, detail);
        return;
      }
      const place = { name: answer.name, alias: answer.chain.at(-1) ?? null };
      const records = textsOf(answer).flatMap((text) => parseBimiRecord(text) ?? []);
      const [record, ...others] = records;
      if (record === undefined) continue;
      const rests = questionsOf(...answers);
      if (others.length > 0) {
        const problem = { kind: 'several', records: records.slice(0, MAX_SHOWN).map(({ text }) => text) } as const;
        yield finding('bimi/invalid', { ...place, problem }, { about: { name: place.name, item: 'record' }, rests });
        return;
      }
      return yield* judgeRecord({ place, record, domains, rests }, context, finding);
    }
    yield absent(answers, finding);
    return unused('no record');
  },
});

function textsOf(answer: DnsAnswer<'TXT'>): string[] {
  return recordsOf(answer).map((strings) => strings.join(''));
}

/** Reports that there is no record. A text that was meant as one makes it a warning: its owner expects a logo. */
function absent(answers: readonly DnsAnswer<'TXT'>[], finding: Emitter): Finding {
  const meant = answers.find((answer) => textsOf(answer).some(isMeantAsBimi));
  const shown = meant ?? answers.at(-1);
  const evidence = {
    name: shown?.name ?? '',
    alias: shown?.chain.at(-1) ?? null,
    queries: answers.map(queryEvidence),
    otherTexts: answers.flatMap(textsOf).slice(0, MAX_SHOWN),
    nearMiss: meant === undefined ? null : (textsOf(meant).find(isMeantAsBimi) ?? null),
  };
  const detail = { about: { name: answers[0]?.name ?? '' }, rests: questionsOf(...answers) };
  return finding('bimi/absent', evidence, meant === undefined ? detail : { ...detail, severity: 'warning' });
}

/** Reports what is wrong with the one record that applies, and with what it names. */
async function* judgeRecord(
  use: InUse,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding, Note | Skip, undefined> {
  const { place, record, rests } = use;
  if (record.defects.length > 0) {
    const defects = record.defects.slice(0, MAX_SHOWN);
    const problem = { kind: 'record', record: record.text, defects, count: record.defects.length } as const;
    yield finding('bimi/invalid', { ...place, problem }, { about: { name: place.name, item: 'record' }, rests });
  }
  if (record.declines) {
    const { text, hasLocalParts } = record;
    yield finding('bimi/declined', { ...place, record: text, hasLocalParts }, { about: { name: place.name }, rests });
    return unused('the domain declines');
  }
  yield* judgePolicy(use, context, finding);
  const without = whyNoLogo(context.settings);
  if (without !== null) return skip(NO_WEB[without]);
  const seen = yield* judgeFiles(use, context, finding);
  return note(seen.length === 0 ? `record at ${place.name}` : seen.join('; '));
}

async function* judgePolicy({ place, rests }: InUse, { facts }: Context, finding: Emitter): AsyncGenerator<Finding> {
  const { faults, failed, answers } = judgeEnforcement(await facts(dmarc));
  const about = { name: place.name, item: 'dmarc' };
  const detail = { about, rests: [...rests, ...questionsOf(...answers)] };
  if (faults.length > 0) yield finding('bimi/dmarc-not-enforcing', { name: place.name, faults }, detail);
  if (failed !== null) {
    const reason = 'dmarc-lookup-failed';
    const unknown = { ...detail, about: { name: failed.name, item: reason } };
    yield finding('bimi/inconclusive', { reason, query: queryEvidence(failed) }, unknown);
  }
}
