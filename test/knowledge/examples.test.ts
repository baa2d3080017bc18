/**
 * The examples of `mailcheck explain`: the check runs over the records of each. The records that cause the finding must
 * give its code, and the corrected ones neither the code nor any error.
 */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ruleOf } from '../../src/check/rules/index.ts';
import { explanations } from '../../src/cli/explain/explanations.ts';
import { rowsOf } from '../../src/knowledge/data-folder.ts';
import { type Example, exampleOf } from '../../src/knowledge/guides/example.ts';
import type { RecordData } from '../../src/network/dns/answer.ts';
import type { ProposedRecord } from '../../src/network/dns/proposal.ts';
import { triggerOf } from '../../src/reporters/explanation-page.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { checkIn, resultOf } from '../world/check.ts';
import type { Data, ZoneScript } from '../world/zone.ts';

const lines = z.array(z.string().regex(/^\S[^\n]*$/)).min(1);
const examplesSchema = z.strictObject({
  rule: z.string(),
  codes: z.record(
    z.string(),
    z.strictObject({ check: z.string().startsWith('mailcheck ').optional(), trigger: lines, corrected: lines }),
  ),
});

/** Documentation names and addresses (RFC 2606, RFC 5737, RFC 3849), and what must stand beside them. */
const DOCUMENTATION = /(?:^|\.)example(?:\.(?:com|net|org))?\.$|\.in-addr\.arpa\.$|\.ip6\.arpa\.$/;

/** The rules whose findings records can cause. */
const RULES = ['dns', 'ptr', 'helo', 'spf', 'dkim', 'dmarc', 'tls-rpt', 'mx', 'bimi'];

/** Why records alone cannot show a finding of these rules. */
const NOT_BY_RECORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['ptr', 'helo', 'spf', 'dkim', 'dmarc', 'tls-rpt', 'mx', 'bimi'].map((rule) => [
      `${rule}/inconclusive`,
      'a server that does not answer causes it, or an option that is missing',
    ]),
  ),
  'dns/ip-not-public': 'the address that was typed causes it',
  'dns/resolver-rewrites': 'the resolver causes it',
  'dns/unreachable': 'a server that does not answer causes it',
  'dns/lame-delegation': 'a name server of the zone causes it',
  'dns/authoritative-disagreement': 'two name servers of the zone cause it',
  'dns/stale-cache': 'the resolver causes it',
  'ptr/foreign-domain': 'it needs a registered domain besides the tested one',
  'spf/type99': 'it is about the record type, and the record as TXT is right',
  'helo/not-fqdn': 'the name that the mail server announces causes it',
  'helo/bare-ip': 'the name that the mail server announces causes it',
  'helo/address-literal': 'the name that the mail server announces causes it',
  'helo/greeting-name': 'the name in the greeting of the mail server causes it',
  'helo/unknown': 'a mail server that says no name causes it',
  'dkim/private-key-published': 'the record would be a private key, which scanners for secrets report',
  'dkim/key-mismatch': 'it compares the record with a private key',
  'dkim/selector-name': 'the selector that was typed causes it',
  'dkim/message-unsigned': 'it needs a message',
  'dkim/message-signature-fails': 'it needs a message',
  'dkim/message-not-aligned': 'it needs a message',
  'dkim/message-verified': 'it needs a message',
  'dkim/safe-to-switch': 'it needs a private key',
  'dkim/not-safe-yet': 'it needs a private key',
  'dkim/not-at-all-servers': 'it needs a private key and name servers that differ',
  'dmarc/cname-beside': 'a name server loads no zone file with a CNAME record beside a TXT record',
  'mx/behind-proxy': 'it needs the address of a web proxy, and there is none among the documentation addresses',
  'mx/target-not-public': 'a documentation address is not public either, so no corrected record could be shown',
  'mx/port-closed': 'the mail server causes it',
  'mx/some-unreachable': 'the mail server causes it',
  'mx/no-service': 'the mail server causes it',
  'mx/postmaster-refused': 'the mail server causes it',
  'bimi/invalid': 'a corrected record is right only with a web server that has the logo',
};

function toData(record: ProposedRecord): Data {
  const { type, data } = record;
  if (type === 'TXT') return (data as RecordData['TXT']).map(String);
  if (type === 'MX') {
    const { preference, exchange } = data as RecordData['MX'];
    return `${preference} ${exchange === '' ? '.' : exchange}`;
  }
  return String(data);
}

function zoneOf(records: readonly string[]): ZoneScript {
  const zone: Record<string, Record<string, Data[]>> = {};
  for (const record of parseZone(`${records.join('\n')}\n`, 'example', 'example.com').records) {
    zone[record.name] ??= {};
    const types = zone[record.name] ?? {};
    types[record.type] = [...(types[record.type] ?? []), toData(record)];
  }
  return zone;
}

/** The target and the options of a check as typed. */
function caseOf(check: string) {
  const words = check.split(' ').slice(1);
  const valuesOf = (option: string): string[] =>
    words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));
  const operands = words.filter((word, index) => !word.startsWith('--') && !(words[index - 1] ?? '').startsWith('--'));
  const options = words.filter((word) => word.startsWith('--'));
  expect(options.filter((option) => !['--helo', '--selector'].includes(option))).toEqual([]);
  const [helo] = valuesOf('--helo');
  const [domain = '', ...ips] = operands;
  return { domain, ips, selectors: valuesOf('--selector'), ...(helo === undefined ? {} : { helo }) };
}

async function findingsOf(rule: string, check: string, records: readonly string[]) {
  const report = await checkIn({
    ...caseOf(check),
    dns: { zone: zoneOf(records) },
    isInMemory: true,
    rules: [rule],
    onPause: () => {},
  });
  const { status, findings } = resultOf(report, rule);
  expect(status).not.toBe('skipped');
  return findings;
}

const examples = explanations.flatMap(({ code, rule, example }) =>
  example === null ? [] : [{ code, rule, example, check: example.check }],
);

test.each(rowsOf('guides/examples'))('examples: file %# is valid, and each code is one of its rule', (row) => {
  const result = examplesSchema.safeParse(row);
  expect(result.success ? '' : z.prettifyError(result.error)).toBe('');
  const { rule = '', codes = {} } = result.data ?? {};
  expect(Object.keys(codes).filter((code) => ruleOf(rule)?.findings[code] === undefined)).toEqual([]);
});

test('examples: every finding that records can cause has one', () => {
  const wanted = explanations.filter(({ rule }) => RULES.includes(rule));
  const without = wanted.filter(({ example }) => example === null).map(({ code }) => code);
  expect(without.sort()).toEqual(Object.keys(NOT_BY_RECORDS).sort());
});

describe.each(examples)('examples: $code ($check)', ({ code, rule, example }) => {
  const { check, trigger, corrected }: Example = example;

  test('the records that trigger it', async () => {
    const codes = (await findingsOf(rule, check, trigger)).map((finding) => finding.code);
    expect(codes).toContain(code);
  });

  test('the corrected records', async () => {
    const findings = await findingsOf(rule, check, corrected);
    const wrong = findings.filter((finding) => finding.code === code || finding.severity === 'error');
    expect(wrong.map((finding) => `${finding.code} (${finding.severity}): ${finding.message}`)).toEqual([]);
  });

  test('its names are those for documentation', () => {
    const records = [trigger, corrected].flatMap((own) => parseZone(own.join('\n'), 'example', 'example.com').records);
    expect(records.map(({ name }) => `${name}.`).filter((name) => !DOCUMENTATION.test(name))).toEqual([]);
  });
});

test('examples: an option of the check is shown beside the records', () => {
  const plain = exampleOf('spf', 'spf/missing');
  expect(plain && triggerOf(plain)).toEqual(plain?.trigger);
  const optional = exampleOf('helo', 'helo/spf-fail');
  expect(optional && triggerOf(optional)).toEqual([...(optional?.trigger ?? []), `; ${optional?.check}`]);
});
