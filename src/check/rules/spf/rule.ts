/**
 * Checks the Sender Policy Framework (RFC 7208): the domain's record allows the tested addresses, and every verifier
 * can use it. The rule evaluates each address as a receiver does. It also walks every branch, because an address that
 * matches early hides broken or expensive terms after it. The helo rule checks the HELO identity.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { observed } from '../../../network/fault.ts';
import { lettersOf } from '../../../network/octet-string.ts';
import { misplacedNames } from '../../../standards/doubled-name.ts';
import {
  isSpfRecord,
  publishedAs,
  readMeaning,
  type SpfReading,
  type SpfSlip,
  selectRecords,
  walk,
} from '../../../standards/spf/index.ts';
import { unwatched } from '../../facts/gaps.ts';
import { spfCheck, spfTree } from '../../facts/spf.ts';
import { type Finding, questionsOf } from '../finding.ts';
import { noAddress } from '../inconclusive.ts';
import { type Context, defineRule, type Findings, note } from '../rule.ts';
import { addresses } from './address-checks.ts';
import { findings } from './findings.ts';
import { TreeIndex } from './identity.ts';
import { openness, size, syntax, wording } from './record-checks.ts';
import { seenSpf } from './seen.ts';
import { type Emitter, type Study, unanswered } from './study.ts';
import { branches, limits } from './tree-checks.ts';

export default defineRule({
  id: 'spf',
  title: 'SPF',
  reference: 'RFC 7208',
  findings,
  isAboutDomain: true,
  restsOnDns: true,
  security: true,
  judgesAddress: true,
  step: 'sender-policy',

  async *check(context, finding) {
    const { target, dns } = context;
    const { domain } = target;
    const obsolete = observed(unwatched(dns).query(domain, 'SPF'));
    const published = await dns.query(domain, 'TXT');
    const end = yield* judged(context, finding, published);
    if (!isFailure(published)) yield* ofOldType(domain, await obsolete, published, finding);
    return end;
  },
});

/** Judges the record that receivers read. */
async function* judged(context: Context, finding: Emitter, published: DnsAnswer<'TXT'>): Findings {
  const { target, dns, facts } = context;
  const { domain } = target;
  const questions = new Set<string>();
  if (isFailure(published)) {
    yield* unanswered({ finding, unanswered: questions }, published, [domain]);
    return undefined;
  }
  const reading = readMeaning(recordsOf(published));
  const { meaning } = reading;
  // The plan judges the corrected record. What that record names is looked up while the other rules run.
  if (meaning.kind === 'corrected') void observed(walk(domain, publishedAs(dns, domain, meaning.text)));
  const spf = recordsOf(published).filter((strings) => isSpfRecord(strings.join('')));
  const [strings, second] = spf;
  if (strings === undefined) {
    yield* unread(context, finding, published, reading);
    return undefined;
  }
  if (second !== undefined) {
    const records = selectRecords(spf).map(lettersOf);
    const detail = { about: { name: domain }, rests: questionsOf(published) };
    yield finding('spf/multiple-records', { records, slips: slipsOf(reading) }, detail);
    return undefined;
  }
  const { root, isTruncated } = await facts(spfTree, domain);
  const { record } = root;
  if (record === null) {
    const detail = { about: { name: domain }, rests: questionsOf(published) };
    yield finding('spf/inconclusive', { reason: 'record-changed', name: domain }, detail);
    return undefined;
  }
  const study = {
    context,
    finding,
    published,
    root,
    tree: new TreeIndex(root),
    record,
    strings,
    reading,
    slips: slipsOf(reading),
    isTruncated,
    reported: new Set<string>(),
    unanswered: questions,
  };
  return yield* studied(study);
}

/**
 * Notes a record of the type that SPF once had (RFC 7208 §3.1). No receiver reads it, so a failed lookup of it says nothing.
 */
function* ofOldType(
  domain: string,
  obsolete: DnsAnswer<'SPF'>,
  published: DnsAnswer<'TXT'>,
  finding: Emitter,
): Generator<Finding> {
  const records = recordsOf(obsolete).map((strings) => lettersOf(strings.join('')));
  if (records.length === 0) return;
  const texts = recordsOf(published).map((strings) => lettersOf(strings.join('')));
  const differs = records.some((record) => !texts.includes(record));
  yield finding('spf/type99', { domain, records, differs }, { about: { name: domain }, rests: questionsOf(obsolete) });
}

/**
 * Runs the checks of a record. No receiver evaluates a record with errors, so only its errors and its size are
 * reported.
 */
async function* studied(study: Study): Findings {
  const { context } = study;
  const { target, facts } = context;
  const isValid = study.root.status === 'record';
  const checks = isValid ? [syntax, beside, limits, branches, wording, openness, addresses] : [syntax, beside];
  for (const check of checks) {
    for await (const found of check(study)) {
      study.reported.add(found.code);
      yield found;
    }
  }
  yield* size(study);
  if (target.ips.length === 0) {
    yield study.finding('spf/inconclusive', noAddress(target), { about: {} });
    return undefined;
  }
  return isValid ? note(seenSpf(await Promise.all(target.ips.map((ip) => facts(spfCheck, ip))))) : undefined;
}

/** @returns the slips of a reading that is plain. An unclear reading corrects nothing. */
function slipsOf({ meaning }: SpfReading): readonly SpfSlip[] {
  return meaning.kind === 'corrected' ? meaning.slips : [];
}

/** Reports the TXT records that were meant as SPF, or as a part of it, beside the record that receivers read. */
function* beside({ context, finding, published, reading, slips }: Study): Generator<Finding> {
  const { domain } = context.target;
  const texts = recordsOf(published).map((strings) => strings.join(''));
  for (const text of reading.sources.map((place) => texts[place] ?? '').filter((source) => !isSpfRecord(source))) {
    const evidence = {
      name: domain,
      text: lettersOf(text),
      slips: slipsBeside(slips, text),
      unread: [],
      isMisplaced: false,
      misplaced: null,
    };
    const detail = { about: { name: domain, item: lettersOf(text) }, rests: questionsOf(published) };
    yield finding('spf/near-miss', evidence, { ...detail, severity: 'warning' });
  }
}

/** @returns the slips of the text itself, and that it is not read together with the record. */
function slipsBeside(slips: readonly SpfSlip[], text: string): SpfSlip[] {
  const letters = lettersOf(text);
  const own = slips.filter(({ kind, saw }) => kind !== 'merged' && letters.includes(saw));
  return own.length > 0 ? own : slips.filter(({ kind }) => kind === 'continued');
}

/** Reports a domain without a record that receivers read: a text that was meant as SPF, or no record at all. */
async function* unread(
  context: Context,
  finding: Emitter,
  published: DnsAnswer<'TXT'>,
  reading: SpfReading,
): AsyncGenerator<Finding> {
  const { dns, target } = context;
  const { domain } = target;
  const otherTxt = recordsOf(published).map((strings) => lettersOf(strings.join('')));
  const wrongNames = [...misplacedNames(domain, [domain]), `_spf.${domain}`, `spf.${domain}`];
  const others = await Promise.all(wrongNames.map((name) => dns.query(name, 'TXT')));
  const rests = questionsOf(published, ...others);
  if (reading.sources.length > 0) {
    const { meaning } = reading;
    const slips = 'slips' in meaning ? meaning.slips : [];
    const text = reading.sources.map((place) => otherTxt[place] ?? '').join('" and "');
    const missed = {
      name: domain,
      text,
      slips,
      unread: meaning.kind === 'unclear' ? meaning.unread : [],
      isMisplaced: false,
      misplaced: null,
    };
    yield finding('spf/near-miss', missed, { about: { name: domain }, rests });
    return;
  }
  const [elsewhere] = others.flatMap((answer) => misplacedAt(answer));
  yield elsewhere === undefined
    ? finding('spf/missing', { query: queryEvidence(published), otherTxt }, { about: { name: domain }, rests })
    : finding('spf/near-miss', elsewhere, { about: { name: elsewhere.name }, rests });
}

/** @returns the record at a name that no receiver asks, and how it is to be published at the domain. */
function misplacedAt(answer: DnsAnswer<'TXT'>) {
  const [text] = selectRecords(recordsOf(answer));
  if (text === undefined) return [];
  const { meaning } = readMeaning(recordsOf(answer));
  const unread = meaning.kind === 'unclear' ? meaning.unread : [];
  const misplaced = meaning.kind === 'corrected' ? meaning.text : meaning.kind === 'right' ? text : null;
  return [{ name: answer.name, text: lettersOf(text), slips: [], unread, isMisplaced: true, misplaced }];
}
