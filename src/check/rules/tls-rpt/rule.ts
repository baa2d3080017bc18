/**
 * Checks TLS-RPT (RFC 8460): senders find the record, read it as it was meant, and can deliver their reports. It makes
 * no connection, so it cannot see whether a mailbox exists or a web address takes reports.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { parseIp } from '../../../network/ip.ts';
import type { Question } from '../../../report/status.ts';
import { addressRoute, reportRoute } from '../../../standards/report-route.ts';
import { isRight, readTlsRpt } from '../../../standards/tls-rpt/correct.ts';
import { parseTlsRptRecord, type ReportDestination, type TlsRptRecord } from '../../../standards/tls-rpt/record.ts';
import { type Finding, questionsOf } from '../finding.ts';
import type { Place } from '../own-place.ts';
import { type Context, defineRule, note, unused } from '../rule.ts';
import { seenTexts } from '../seen.ts';
import { demandsOf } from './demands.ts';
import { type Emitter, findings } from './findings.ts';

/** The number of texts, defects and addresses shown as evidence. A TXT record of 64 KiB may have thousands. */
const MAX_SHOWN = 10;

/** The number of hosts of report addresses that are looked up. A record may list thousands. */
const MAX_HOSTS = 10;

export default defineRule({
  id: 'tls-rpt',
  title: 'TLS-RPT',
  reference: 'RFC 8460',
  findings,
  isAboutDomain: true,
  restsOnDns: true,
  step: 'reception',

  async *check(context, finding) {
    const { target, dns } = context;
    const name = `_smtp._tls.${target.domain}`;
    const answer = await dns.query(name, 'TXT');
    const place = { name, alias: answer.chain.at(-1) ?? null };
    const detail = { about: { name }, rests: questionsOf(answer) };
    if (isFailure(answer)) {
      const reason = 'record-lookup-failed';
      yield finding('tls-rpt/inconclusive', { reason, query: queryEvidence(answer) }, detail);
      return;
    }
    const texts = recordsOf(answer).map((strings) => strings.join(''));
    const records = texts.flatMap((text) => parseTlsRptRecord(text) ?? []);
    const [record, ...others] = records;
    if (record === undefined) {
      yield await absent(texts, answer, place, context, finding);
      return unused('no record');
    }
    if (others.length > 0 || !isRight(record.text)) yield invalid(records, place, detail.rests, finding);
    if (others.length > 0) return;
    yield* judgeDestinations(record, place, detail.rests, context, finding);
    const usable = record.destinations.flatMap(({ uri, fault }) => (fault === null ? [uri] : []));
    return note(usable.length === 0 ? 'no usable address' : `reports go to ${seenTexts(usable)}`);
  },
});

/**
 * Reports that there is no record. It is a warning if a text was meant as one, because its owner expects reports, and if
 * mail is held back where TLS fails, because nobody would tell the owner.
 */
async function absent(
  texts: readonly string[],
  answer: DnsAnswer<'TXT'>,
  place: Place,
  context: Context,
  finding: Emitter,
): Promise<Finding> {
  const { demands, answers } = await demandsOf(context);
  const reading = readTlsRpt(texts);
  const nearMiss =
    reading.texts.length === 0
      ? null
      : { texts: reading.texts.slice(0, MAX_SHOWN), slips: reading.slips.slice(0, MAX_SHOWN) };
  const first = `v=TLSRPTv1; rua=mailto:tls-reports@${context.target.domain}`;
  const evidence = {
    ...place,
    query: queryEvidence(answer),
    otherTexts: texts.slice(0, MAX_SHOWN),
    nearMiss,
    proposed: nearMiss === null ? first : reading.meant,
    demands,
  };
  const detail = { about: { name: place.name }, rests: questionsOf(answer, ...answers) };
  const isExpected = nearMiss !== null || demands.length > 0;
  return finding('tls-rpt/absent', evidence, isExpected ? { ...detail, severity: 'warning' } : detail);
}

/**
 * Reports records that do not follow the grammar, and several records. An address of another scheme beside one that
 * senders can use follows the grammar, so it is a warning.
 */
function invalid(
  records: readonly TlsRptRecord[],
  place: Place,
  rests: readonly Question[],
  finding: Emitter,
): Finding {
  const defects = records.flatMap((record) => record.defects);
  const destinations = records.flatMap((record) => record.destinations);
  const addresses = destinations.flatMap(({ uri, fault }) => (fault === null ? [] : [{ uri, fault }]));
  const isUsable = records.length === 1 && destinations.some(({ fault }) => fault === null);
  const isOtherScheme = defects.length === 0 && addresses.every(({ fault }) => fault === 'unsupported-scheme');
  const { slips, meant } = readTlsRpt(records.map(({ text }) => text));
  const evidence = {
    ...place,
    records: records.slice(0, MAX_SHOWN).map(({ text }) => text),
    defects: defects.slice(0, MAX_SHOWN),
    addresses: addresses.slice(0, MAX_SHOWN),
    count: defects.length + addresses.length,
    isUsable,
    slips: slips.slice(0, MAX_SHOWN),
    meant,
  };
  const severity = isUsable && isOtherScheme ? 'warning' : 'error';
  return finding('tls-rpt/invalid', evidence, { about: { name: place.name }, rests, severity });
}

/** Reports addresses whose host cannot receive reports. */
async function* judgeDestinations(
  { destinations }: TlsRptRecord,
  { name }: Place,
  record: readonly Question[],
  { dns, leaveOut }: Pick<Context, 'dns' | 'leaveOut'>,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const hosts = hostsOf(destinations);
  const looked = hosts.slice(0, MAX_HOSTS);
  leaveOut({
    what: `hosts of the report addresses in ${name}`,
    looked: looked.length,
    of: hosts.length,
    rests: record,
  });
  const routes = await Promise.all(
    looked.map(({ host, isMail }) => (isMail ? reportRoute(dns, host) : addressRoute(dns, host))),
  );
  for (const [index, { host, isMail, uris }] of looked.entries()) {
    const route = routes[index];
    if (route === undefined) continue;
    const { state, answers } = route;
    const query = queryEvidence(route.query);
    const rests = [...record, ...questionsOf(...answers)];
    const item = isMail ? 'mailto' : 'https';
    if (state === 'absent' || state === 'null-mx') {
      const evidence = { host, uris: uris.slice(0, MAX_SHOWN), state, isMail, query };
      yield finding('tls-rpt/rua-undeliverable', evidence, { about: { name: host, item }, rests });
    } else if (state === 'unknown') {
      const reason = 'route-lookup-failed';
      yield finding('tls-rpt/inconclusive', { reason, host, query }, { about: { name: host, item }, rests });
    }
  }
}

interface DestinationHost {
  readonly host: string;
  readonly isMail: boolean;
  readonly uris: string[];
}

/** @returns the hosts of the usable addresses, each once for each scheme. An IP address needs no lookup. */
function hostsOf(destinations: readonly ReportDestination[]): DestinationHost[] {
  const hosts = new Map<string, DestinationHost>();
  for (const { uri, scheme, host } of destinations) {
    if (host === null || parseIp(host) !== undefined) continue;
    const isMail = scheme === 'mailto';
    const key = `${scheme} ${host}`;
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, { host, isMail, uris: [uri] });
    else known.uris.push(uri);
  }
  return [...hosts.values()];
}
