/**
 * Everything that reads text from the network, a file or the command line, in one table: what is right to give it, and
 * how it may refuse. The property tests call it in their own process, the tests of hanging in a worker.
 */

import { meaningOf, namesBlockList } from '../../src/check/facts/relay/replies.ts';
import { refusalMeaning } from '../../src/check/rules/refusal.ts';
import { parseArguments, parseHelo, parseSelector } from '../../src/check/target.ts';
import { checkedConfig } from '../../src/cli/config/check-config.ts';
import { keyPath } from '../../src/cli/config/path.ts';
import { readText } from '../../src/cli/config/text.ts';
import { parseHostPort } from '../../src/cli/options/hosts.ts';
import { parseDuration } from '../../src/cli/options/numbers.ts';
import { recogniseMta } from '../../src/knowledge/mail-servers/mta.ts';
import { judgeReverseName } from '../../src/knowledge/providers/reverse-name.ts';
import type { Resolver } from '../../src/network/dns/answer.ts';
import { impossible } from '../../src/network/dns/client.ts';
import { redactor } from '../../src/network/dns/redact.ts';
import { parseServer } from '../../src/network/dns/servers.ts';
import { isHostName, parseDomain } from '../../src/network/domain.ts';
import { type IpAddress, parseIp, reverseName, sameIp, specialPurpose } from '../../src/network/ip.ts';
import { parseMailbox } from '../../src/network/mailbox.ts';
import { embeddings } from '../../src/network/nat64.ts';
import { parseExtensions } from '../../src/network/smtp/extensions.ts';
import { ReplyParser } from '../../src/network/smtp/reply.ts';
import { printable } from '../../src/reporters/printable.ts';
import { readEvidence } from '../../src/standards/bimi/mark-certificate.ts';
import { isMeantAsBimi, parseBimiRecord } from '../../src/standards/bimi/record.ts';
import { readLogo } from '../../src/standards/bimi/svg.ts';
import { assessKeyRecord } from '../../src/standards/dkim/assess.ts';
import { parseKeyRecord } from '../../src/standards/dkim/key-record.ts';
import { selectorsOf, verifyMessage } from '../../src/standards/dkim/message.ts';
import { holdsPrivateKey, readSigningKey } from '../../src/standards/dkim/private-key.ts';
import { meaningOfSelector } from '../../src/standards/dkim/selector-meaning.ts';
import { candidateSelectors, namesInSpf } from '../../src/standards/dkim/selectors.ts';
import { readDmarcTexts } from '../../src/standards/dmarc/correct.ts';
import { editRecord } from '../../src/standards/dmarc/edit.ts';
import { parseDmarcRecord } from '../../src/standards/dmarc/record.ts';
import { parseReportUris } from '../../src/standards/dmarc/report-uri.ts';
import { readProposal } from '../../src/standards/dns-plan/read.ts';
import { organizationalDomain } from '../../src/standards/organizational-domain.ts';
import { readMeaning } from '../../src/standards/spf/correct.ts';
import { parseRecord, selectRecords } from '../../src/standards/spf/parse.ts';
import { parseTagList } from '../../src/standards/tag-list.ts';
import { readTlsRpt } from '../../src/standards/tls-rpt/correct.ts';
import { parseTlsRptRecord } from '../../src/standards/tls-rpt/record.ts';
import { quotedStrings } from '../../src/standards/zone-file/line.ts';
import { parseZone, refuseConflicts, usesOrigin } from '../../src/standards/zone-file/parse.ts';

export interface TextReader {
  readonly read: (text: string) => unknown;
  /** Texts that it reads well, to be damaged. */
  readonly samples: readonly string[];
  /** Characters it can ever be given; 100 000 when absent. */
  readonly longest?: number;
  /** Whether it may throw a UsageError. */
  readonly refuses?: boolean;
}

const SPF = [
  'v=spf1 include:_spf.example.net ip4:192.0.2.0/24 a:%{i}.%{d2r-}.example mx/24//64 exists:%{l1r+-}.%{v}.x redirect=y.example -all',
  'v=spf1 ip6:2001:db8::/32 ptr ?all exp=explain.%{d}',
];
const DKIM = ['v=DKIM1; k=rsa; t=s:y; h=sha256; n=note=20here; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ', 'p='];
const DMARC = [
  'v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@example.com!10m,mailto:b@example.net; pct=50; fo=1:d:s',
];
const TLS_RPT = [
  'v=TLSRPTv1; rua=mailto:a@example.com , https://r.example.net/x;p=none; rua=mailto:b@example.net;',
  '_smtp._tls IN TXT "v=TLS-RPTv1\\; rua=a@example.com!10m"',
];
const BIMI = [
  'v=BIMI1; l=https://example.com/l.svg; a=https://example.com/m.pem; lps=news , a; avp=brand',
  '"v=bimi1; l=;a="',
];
const SVG = [
  '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg:svg xmlns:svg="http://www.w3.org/2000/svg" x="&#49;"><![CDATA[x]]><!-- y --><a href=\'u\'/></svg:svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 1 1"><title>T</title><path d="M0 0"/></svg>',
];
const REPLIES = [
  '5.7.1 <a@example.org>: Relay access denied; Client host [192.0.2.1] blocked using zen.spamhaus.org',
  'mail.example.com ESMTP Postfix (Debian/GNU) relaying denied, authentication required, sender domain does not exist',
];
const ZONE = [
  '$ORIGIN example.com.\n$TTL 1h\n@ IN SOA ns hostmaster ( 1 2 3 4 5 ) ; x\n@ NS ns\n@ 300 MX 10 mail\nmail A 192.0.2.1\n  TXT "v=spf1 -all" "x\\034\\;"\n',
  '[{"name":"example.com","type":"TXT","value":"v=spf1 -all"}]',
  '; changes\n$TTL 5m\n$ORIGIN example.net.\n* IN 60 A 192.0.2.1\nw CNAME w2\nsub NS ns.sub\nns.sub AAAA 2001:db8::1\n@ CAA 0 issue "a"\n_25._tcp TLSA 3 1 1 abcd\nx TYPE65280 \\# 1 ab\nd DS 1 8 2 abcd\n',
];
const CONFIG = [
  '{"targets":[{"domain":"example.com","ips":["192.0.2.1"]}]}',
  '{"helo":"mail.example.com","zones":["a.zone"],"formats":["json=r.json"],"timeout":"2m","accept":[{"code":"ptr/missing","reason":"r","until":"2030-01-01"}]}',
];
const YAML = [
  'targets:\n  - domain: example.com\n    ips: [192.0.2.1]\nseverity: {ptr/missing: warning}\n',
  'a: &a [1]\nb: *a\n',
  'targets:\n  - &t {domain: example.com, selectors: &s [a, b]}\n  - <<: *t\n    domain: example.net\n  - {<<: [*t], domain: "example.org", selectors: *s}\n',
];
const MESSAGE = [
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=s1; h=from:to:subject; bh=AAAA=;\r\n b=BBBB==\r\nFrom: "A, B" <a@example.com>, Group: c@example.net;\r\nTo: b@example.org\r\nSubject: =?utf-8?q?x?=\r\n\r\nbody\r\n',
];
const PLANS = [
  '{"t":{"example.com.":{"changes":[{"type":"create","name":"","record_type":"TXT","new":{"ttl":60,"value":"a\\\\; b"}}]}}}',
  '{"t":{"example.com.":{"changes":[{"type":"delete","name":"*.a","record_type":"ALIAS","existing":{}}],"meta":null}}}',
  '{"registrars":[],"domains":[{"name":"example.com","dnsProviders":{"a":-1},"records":[{"type":"MX","name":"@","target":"a."}]}]}',
  '{"format_version":"1.2","resource_changes":[]}',
  'log\n{"a":1}\n{}',
];
const PEM = [
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIP\n-----END PRIVATE KEY-----\n',
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n',
];

const ip = (text: string): IpAddress => parseIp(text) ?? ('0.0.0.0' as IpAddress);
const reply = (text: string) => ({ code: 550, enhanced: null, lines: text.split('\n') });
const config = (text: string, isJson: boolean): unknown => {
  const { value, locate } = readText(text, isJson, 'file');
  const place = (path: readonly PropertyKey[]): string => `${locate(path, 'value').line}: ${keyPath(path)}`;
  return checkedConfig({ file: 'file', value, place });
};
const redact = redactor(new Map([['secret.key', 'KEY']]));

export const readers: Readonly<Record<string, TextReader>> = {
  'SPF record': { read: (text) => parseRecord(text), samples: SPF },
  'SPF records among TXT': { read: (text) => selectRecords([[text], [text.slice(0, 20)]]), samples: SPF },
  'SPF meaning': { read: (text) => readMeaning([[text]]), samples: [...SPF, 'v=spf 1 -all', '"v=spf1 -all"'] },
  'SPF strings': { read: (text) => readMeaning([text.split(/(?<=[14])/)]), samples: SPF },
  'SPF merging': { read: (text) => readMeaning([[text], ['v=spf1 a -all']]), samples: SPF },
  'names in an SPF record': { read: (text) => candidateSelectors(namesInSpf(text), 0), samples: SPF },
  'tag list': { read: (text) => parseTagList(text), samples: [...DKIM, ...DMARC] },
  'DKIM key record': { read: (text) => parseKeyRecord(text), samples: DKIM },
  'DKIM key assessment': { read: (text) => assessKeyRecord([text]), samples: DKIM },
  'DKIM meaning': {
    read: (text) => meaningOfSelector([text, text.slice(0, 40), text.slice(40)]),
    samples: [...DKIM, 'x TXT ( "v=DKIM1\\; p=" "MIGf" )'],
  },
  'DMARC record': { read: (text) => parseDmarcRecord(text), samples: DMARC },
  'DMARC meaning': {
    read: (text) => readDmarcTexts([text, 'v=DMARC1; p=none']),
    samples: [...DMARC, 'v=DMARC1 p=none', 'DMARC1;p=x', 'v=DMARCl, p-rejct rua=a@b.example'],
  },
  'DMARC edit': { read: (text) => editRecord(text, { p: 'none', sp: null }), samples: DMARC },
  'DMARC report addresses': { read: (text) => parseReportUris(text), samples: ['mailto:a@example.com!10m, https://x'] },
  'TLS-RPT record': { read: (text) => parseTlsRptRecord(text), samples: TLS_RPT },
  'TLS-RPT meaning': { read: (text) => readTlsRpt([text, text.slice(0, 40)]), samples: TLS_RPT },
  'BIMI record': { read: (text) => [parseBimiRecord(text), isMeantAsBimi(text)], samples: BIMI },
  'BIMI logo': { read: (text) => readLogo(Buffer.from(text)), samples: SVG },
  'BIMI evidence': {
    read: (text) => readEvidence(Buffer.from(text)),
    samples: ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  },
  'reverse name': {
    read: (text) => [judgeReverseName(text, ip('192.0.2.33'), false), judgeReverseName(text, ip('2001:db8::33'), true)],
    samples: ['ip-192-0-2-33.pool.example.com', 'static.33.2.0.192.clients.example.net'],
  },
  'host name': { read: (text) => [isHostName(text), organizationalDomain(text)], samples: ['a.b.example.co.uk'] },
  'mail software': { read: (text) => recogniseMta(text), samples: REPLIES, longest: 65_536 },
  'relay refusal': { read: (text) => meaningOf('rcpt', reply(text)), samples: REPLIES, longest: 65_536 },
  'block list in a reply': { read: (text) => namesBlockList(reply(text)), samples: REPLIES, longest: 65_536 },
  'refusal by a receiver': { read: (text) => refusalMeaning(reply(text)), samples: REPLIES, longest: 65_536 },
  'EHLO reply': {
    read: (text) => parseExtensions(reply(`x\n${text}`)),
    samples: ['SIZE 1\nAUTH=PLAIN\nAUTH LOGIN'],
    longest: 65_536,
  },
  'SMTP stream': { read: (text) => new ReplyParser().feed(Buffer.from(text)), samples: ['250-a\r\n250 5.7.1 b\r\n'] },
  'answer with a secret': {
    read: (text) => redact({ ...impossible(text, 'TXT'), extendedErrors: [text] }),
    samples: ['x.SECRET.key.example'],
  },
  'text for a terminal': { read: (text) => printable(text), samples: ['\x1b[31mred\u202e', 'a\tb\n'] },
  'zone-file strings': { read: (text) => quotedStrings(text), samples: ['a"b\\c'] },
  'zone file': { read: (text) => parseZone(text, 'file', 'example.com'), samples: ZONE, refuses: true },
  'plan of another tool': {
    read: (text) => readProposal(text, 'file', 'example.com'),
    samples: PLANS,
    refuses: true,
  },
  'two zone files': {
    read: (text) => {
      const zones = [
        parseZone(text, 'a', 'example.com'),
        parseZone(text, 'b', usesOrigin(text) ? 'example.net' : 'x.y'),
      ];
      refuseConflicts(zones);
    },
    samples: ZONE,
    refuses: true,
  },
  'JSON configuration': { read: (text) => config(text, true), samples: CONFIG, refuses: true },
  'YAML configuration': { read: (text) => config(text, false), samples: YAML, refuses: true },
  'PEM key': { read: (text) => [readSigningKey(text), holdsPrivateKey(text)], samples: PEM },
  'selectors of a message': { read: (text) => selectorsOf(Buffer.from(text), 'example.com'), samples: MESSAGE },
  'signed message': {
    read: async (text) => {
      const resolver: Resolver = { query: async (name, type) => impossible(name, type) };
      return verifyMessage(Buffer.from(text), resolver, 1_700_000_000_000);
    },
    samples: MESSAGE,
  },
  'domain argument': {
    read: (text) => parseArguments(text, []),
    samples: ['example.com', 'https://u:p@x.example/'],
    refuses: true,
  },
  'address argument': {
    read: (text) => parseArguments('example.com', [text]),
    samples: ['192.0.2.1', '[IPv6:::1]'],
    refuses: true,
  },
  'domain name': { read: (text) => parseDomain(text), samples: ['bücher.example', 'xn--bcher-kva.example.'] },
  'selector option': { read: (text) => parseSelector(text), samples: ['s1._domainkey.example.com'], refuses: true },
  'HELO option': { read: (text) => parseHelo(text), samples: ['mail.example.com', '[192.0.2.1]'], refuses: true },
  // What an A record, a HELO literal, an option or a configuration may hold, and what is then asked of the gate.
  'IP address': {
    read: (text) => {
      const address = parseIp(text);
      return address && [specialPurpose(address), embeddings(address), reverseName(address), sameIp(address, text)];
    },
    samples: ['192.0.2.1', '2001:db8::5', '::ffff:10.0.0.1', '64:ff9b::169.254.169.254', 'fe80::1%eth0'],
  },
  'server option': { read: (text) => parseServer(text), samples: ['192.0.2.1:53', '[2001:db8::1]:53'], refuses: true },
  'time option': { read: (text) => parseDuration(text, '--timeout'), samples: ['2.5m', '60'], refuses: true },
  'host and port option': { read: (text) => parseHostPort(text), samples: ['mx.example:25'], refuses: true },
  'mailbox option': { read: (text) => parseMailbox(text), samples: ['you@example.com', '"a b"@example.com'] },
};
