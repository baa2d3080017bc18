/**
 * The schema of a recording: everything that runs received from the network and the machine, in the order of arrival. A
 * recording file is not trusted, so it must match this schema. No object in the schema has keys that the file chooses,
 * so a file cannot set `__proto__`.
 */

import * as z from 'zod';
import { claimSchema } from '../check/facts/asking/stamp-schema.ts';
import { sightingSchema } from '../check/facts/key-sighting-schema.ts';
import { recordedSettings } from '../check/settings.ts';
import { PROPOSED_FORMATS } from '../network/dns/proposal.ts';
import type { ReadonlyDeep } from '../report/schema.ts';
import { SIGNATURE_DEFECTS } from '../standards/dkim/defect.ts';
import {
  address,
  asked as askedText,
  certificate,
  count,
  detail,
  domain,
  id,
  listOf,
  milliseconds,
  name,
  port,
  shown,
  text,
  word,
} from './fields.ts';

/** The version of the recording format that this mailcheck writes, and the only one that it reads. */
export const RECORDING_VERSION = 2;

/**
 * The most addresses of one recorded run. It bounds the work of a replay, since each address leads to some hundred
 * questions.
 */
const MAX_ADDRESSES = 1024;

/** The most answers of one run. A run over as many addresses as may be has some hundred thousand. */
const MAX_EXCHANGES = 1_000_000;

/** The most values in one DNS answer. A message of 64 KiB has no room for more. */
const MAX_VALUES = 8192;

/** The most items of any other list. */
const MAX_ITEMS = 10_000;

const hostPort = z.object({ host: word, port });

const exchange = {
  name,
  server: text(1000).nullable(),
  transport: z.enum(['udp', 'tcp']),
  durationMs: milliseconds,
  chain: listOf(name, MAX_ITEMS),
  authenticated: z.boolean(),
  authoritative: z.boolean(),
  extendedErrors: listOf(detail, MAX_ITEMS),
};

const recordType = z.enum(['A', 'AAAA', 'CNAME', 'DS', 'MX', 'NS', 'PTR', 'SOA', 'SPF', 'TLSA', 'TXT']);
const mxData = z.object({ preference: count, exchange: name });
const soaData = z.object({
  mname: name,
  rname: name,
  serial: count,
  refresh: count.exactOptional(),
  minimum: count,
});
/** The most hexadecimal digits of one record's data. A record has no more than 65 535 octets. */
const MAX_HEX = 131_070;
const hex = text(MAX_HEX).regex(/^(?:[0-9a-f]{2})*$/);
const octet = z.int().min(0).max(0xff);
const uint16 = z.int().min(0).max(0xffff);
/** The most characters of one record's data as Base64. */
const MAX_BASE64 = 87_384;
const dsData = z.object({ keyTag: count, algorithm: octet, digestType: octet, digest: hex });
const tlsaData = z.object({ usage: octet, selector: octet, matchingType: octet, data: hex });
/** The strings of a TXT record, each at most 255 octets on the wire. A zone file or a list key may make them longer. */
const txtData = listOf(text(65_535), MAX_VALUES);

/** Records of one type, each with the data that this type has. */
const records = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['A', 'AAAA', 'CNAME', 'NS', 'PTR']), records: listOf(name, MAX_VALUES) }),
  z.object({ type: z.literal('MX'), records: listOf(mxData, MAX_VALUES) }),
  z.object({ type: z.literal('SOA'), records: listOf(soaData, MAX_VALUES) }),
  z.object({ type: z.literal('DS'), records: listOf(dsData, MAX_VALUES) }),
  z.object({ type: z.literal('TLSA'), records: listOf(tlsaData, MAX_VALUES) }),
  z.object({ type: z.enum(['SPF', 'TXT']), records: listOf(txtData, MAX_VALUES) }),
]);

const DNS_FAILURES = [
  'servfail',
  'refused',
  'timeout',
  'bogus',
  'truncated-no-tcp',
  'unreachable',
  'malformed',
  'unasked',
] as const;

const answer = z.union([
  z.object({ ...exchange, status: z.literal('answer'), ttl: count }).and(records),
  z.object({
    ...exchange,
    type: recordType,
    status: z.enum(['nodata', 'nxdomain']),
    ttl: count.nullable(),
    zone: name.nullable(),
  }),
  z.object({
    ...exchange,
    type: recordType,
    status: z.enum(DNS_FAILURES),
    detail,
  }),
]);

const signedRecord = z.object({
  /** The labels of the owner name. Each character is one octet. */
  owner: listOf(text(63), 127),
  type: uint16,
  class: uint16,
  ttl: count,
  /** RDATA as Base64. */
  data: z.base64().max(MAX_BASE64),
});

const signedReply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reply'),
    server: text(1000),
    rcode: z.int().min(0).max(0xfff),
    authoritative: z.boolean(),
    authenticated: z.boolean(),
    answers: listOf(signedRecord, MAX_VALUES),
    authorities: listOf(signedRecord, MAX_VALUES),
    extendedErrors: listOf(detail, MAX_ITEMS),
  }),
  z.object({
    kind: z.literal('failed'),
    status: z.enum([...DNS_FAILURES, 'local-data']),
    detail,
  }),
]);

const reply = z.object({
  code: z.int().min(0).max(999),
  enhanced: text(100).nullable(),
  lines: listOf(text(70_000), MAX_ITEMS),
});

const failure = z.object({
  status: z.enum([
    'refused',
    'timeout',
    'unreachable',
    'no-route',
    'closed',
    'reset',
    'malformed',
    'too-long',
    'tls-failed',
    'forbidden',
    'limited',
    'shut-out',
    'capped',
    'unasked',
    'aborted',
  ]),
  detail,
  errno: text(100).exactOptional(),
  elapsedMs: milliseconds.exactOptional(),
  connected: z.boolean().exactOptional(),
  pauseSeconds: z.int().min(0).max(100_000).exactOptional(),
  heard: text(100).exactOptional(),
  waitsFor: z.enum(['tls', 'proxy-header']).exactOptional(),
});

const result = z.union([z.object({ status: z.literal('reply'), reply }), failure]);

const tlsDetails = z.object({
  protocol: text(100),
  cipher: text(200),
  keyExchange: z.object({
    type: text(100).exactOptional(),
    name: text(100).exactOptional(),
    size: count.exactOptional(),
  }),
  /** The certificates in DER form as Base64, leaf first. */
  chain: listOf(certificate, 100),
  trusted: z.boolean(),
  trustError: detail.nullable(),
});

const httpsTls = tlsDetails.extend({ coversName: z.boolean() });

/** The longest body in a recording, in characters of Base64. */
const MAX_BODY = 4_000_000;

const https = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('response'),
    ip: address,
    code: z.int().min(0).max(999),
    contentType: text(10_000).nullable(),
    location: text(10_000).nullable(),
    body: z.base64().max(MAX_BODY),
    isTooLong: z.boolean(),
    tls: httpsTls,
  }),
  z.object({ status: z.literal('untrusted'), ip: address, tls: httpsTls }),
  z.object({
    status: z.enum([
      'refused',
      'timeout',
      'unreachable',
      'no-route',
      'reset',
      'tls-failed',
      'malformed',
      'forbidden',
      'aborted',
      'unasked',
    ]),
    detail,
    isSecured: z.literal(true).exactOptional(),
  }),
]);

const extensions = listOf(z.tuple([text(70_000), text(70_000)]), MAX_ITEMS);

const connection = z.union([
  z.object({
    status: z.literal('connected'),
    greeting: reply,
    tls: tlsDetails.nullable(),
    timings: z.object({ connectMs: milliseconds, greetingMs: milliseconds }),
  }),
  failure,
]);

const startTls = z.union([
  z.object({
    status: z.literal('secured'),
    tls: tlsDetails,
    plaintextAfterReply: z.boolean(),
    executed: z.boolean().exactOptional(),
  }),
  z.object({ status: z.literal('declined'), reply }),
  failure,
]);

const verification = z.object({
  fromDomain: detail.nullable(),
  signatures: listOf(
    z.object({
      domain: detail,
      selector: detail,
      result: text(100),
      defect: z.object({ kind: z.enum(SIGNATURE_DEFECTS), detail: detail.nullable() }).exactOptional(),
      isTesting: z.boolean().exactOptional(),
      unsignedOctets: count.exactOptional(),
      keyFingerprint: text(200).exactOptional(),
    }),
    MAX_ITEMS,
  ),
  leftOut: count.exactOptional(),
});

/** The text that identifies a question within the run. List keys in it are masked. */
const asked = { asked: askedText };

/** One answer from the network or the machine, with its question. */
const exchangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dns'), ...asked, result: answer }),
  z.object({
    kind: z.literal('signed'),
    ...asked,
    name,
    type: uint16,
    transport: z.enum(['udp', 'tcp']),
    durationMs: milliseconds,
    result: signedReply,
  }),
  z.object({ kind: z.literal('yes-or-no'), ...asked, result: z.boolean() }),
  z.object({ kind: z.literal('connect'), ...asked, result: connection }),
  z.object({
    kind: z.literal('reach'),
    ...asked,
    result: z.union([z.object({ status: z.literal('connected'), connectMs: milliseconds }), failure]),
  }),
  z.object({ kind: z.literal('https'), ...asked, result: https }),
  z.object({ kind: z.literal('hello'), ...asked, result, extensions }),
  z.object({ kind: z.literal('reply'), ...asked, result }),
  z.object({
    kind: z.literal('replies'),
    ...asked,
    result: listOf(result, MAX_ITEMS),
    /** Those of the EHLO that ends the group. Absent for a group without one. */
    extensions: extensions.exactOptional(),
  }),
  z.object({ kind: z.literal('starttls'), ...asked, result: startTls, extensions }),
  z.object({ kind: z.literal('quit'), ...asked }),
  z.object({ kind: z.literal('stamp'), ...asked, result: claimSchema }),
  z.object({ kind: z.literal('sighting'), ...asked, result: sightingSchema.nullable() }),
  z.object({
    kind: z.literal('verification'),
    ...asked,
    result: verification.nullable(),
    /** The names of the TXT lookups that the verification made. Their answers are recorded like any other. */
    names: listOf(name, MAX_ITEMS),
  }),
  /** The run did without something slow from here on. */
  z.object({ kind: z.literal('patience'), ...asked }),
  /** The end of the run's time limit. The entries after it are consequences of the abort. */
  z.object({ kind: z.literal('deadline'), ...asked }),
]);

/**
 * The name that the run gave in EHLO. What no EHLO command can carry becomes a name that nobody has: the replay then does
 * not find these steps in the recording, and says so.
 */
const probeName = detail.transform((value) => (word.safeParse(value).success ? value : 'unknown.invalid'));

const severity = z.enum(['error', 'warning', 'info', 'off']);

/** An option of the command line: its flag, and its value if it has one. */
const givenOption = z
  .array(shown(4096))
  .min(1)
  .max(2)
  .refine(([flag = '']) => /^--[a-z][a-z0-9-]{0,60}$/.test(flag), 'not an option');

/** The type of a proposed record. */
const proposedType = z.string().regex(/^[A-Z][A-Z0-9-]{0,20}$/);

const proposedData = z.union([name, mxData, soaData, dsData, tlsaData, txtData]);

const recordedRunSchema = z.object({
  target: z.object({
    domain,
    ips: listOf(address, MAX_ADDRESSES),
    helo: word.exactOptional(),
    /** What is no selector is left out of the replay, which says so. */
    selectors: listOf(word, MAX_ADDRESSES),
    given: listOf(givenOption, 1000).exactOptional(),
  }),
  settings: recordedSettings,
  /** The environment variables that held a list key. Variables with the same key have the same number. */
  listKeys: listOf(z.object({ variable: z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), key: count }), MAX_ITEMS),
  connectTo: listOf(hostPort.extend({ from: word }), MAX_ITEMS).nullable(),
  ruleIds: listOf(id, MAX_ITEMS).nullable(),
  transcript: z.boolean(),
  proposed: listOf(
    z.object({
      /** Shown only. A replay reads no file that a recording names. */
      file: shown(4096),
      format: z.enum(PROPOSED_FORMATS).exactOptional(),
      records: listOf(
        z.object({
          name,
          type: proposedType,
          data: proposedData.nullable(),
          ttl: count,
          line: count.exactOptional(),
          file: shown(4096).exactOptional(),
        }),
        MAX_EXCHANGES,
      ),
      removed: listOf(
        z.object({ name, type: proposedType, line: count.exactOptional() }),
        MAX_EXCHANGES,
      ).exactOptional(),
      apexes: listOf(name, MAX_ITEMS).exactOptional(),
      kept: listOf(
        z.object({
          zone: name,
          label: shown(255),
          types: listOf(proposedType, MAX_ITEMS),
          target: shown(255).exactOptional(),
        }),
        MAX_ITEMS,
      ).exactOptional(),
      undetermined: listOf(
        z.object({
          name: name.nullable(),
          zone: name.nullable(),
          below: word.exactOptional(),
          type: proposedType,
          isReplaced: z.literal(true).exactOptional(),
          why: detail,
        }),
        MAX_EXCHANGES,
      ).exactOptional(),
      edits: listOf(
        z.object({
          name,
          type: recordType,
          remove: listOf(proposedData, MAX_EXCHANGES),
          add: listOf(proposedData, MAX_EXCHANGES),
          ttl: count,
          line: count.exactOptional(),
        }),
        MAX_EXCHANGES,
      ).exactOptional(),
      proxied: listOf(z.object({ name, proxy: id }), MAX_EXCHANGES).exactOptional(),
    }),
    MAX_ITEMS,
  ),
  judgement: z.object({
    allowInconclusive: z.union([z.literal('all'), listOf(id, MAX_ITEMS)]).exactOptional(),
    severity: listOf(z.object({ code: id, severity }), MAX_ITEMS),
    accept: listOf(
      z.object({
        code: id,
        domain: name.exactOptional(),
        ip: name.exactOptional(),
        subject: name.exactOptional(),
        zone: name.exactOptional(),
        reason: detail,
        until: z.iso.date(),
      }),
      MAX_ITEMS,
    ),
  }),
  environment: z.object({
    startedAt: z.int().min(0).max(8.64e15),
    seed: z.string().regex(/^[0-9a-f]{32}$/),
    addresses: listOf(address, MAX_ITEMS),
    probeName,
    dnsServers: listOf(z.object({ address, port, zoneIndex: shown(64).exactOptional() }), 100),
    signingKey: z
      .discriminatedUnion('kind', [
        z.object({
          kind: z.literal('key'),
          signingKey: z.object({
            key: z.discriminatedUnion('type', [
              z.object({ type: z.literal('rsa'), bits: count, exponent: text(100), fingerprint: text(200) }),
              z.object({ type: z.literal('ed25519'), fingerprint: text(200) }),
            ]),
            record: z.string().regex(/^[\x20-\x7e]{1,10000}$/),
          }),
        }),
        z.object({
          kind: z.literal('unusable'),
          reason: z.enum(['not-a-private-key', 'encrypted', 'public', 'other-type']),
        }),
      ])
      .nullable(),
    messageSelectors: listOf(detail, MAX_ITEMS),
  }),
  exchanges: listOf(exchangeSchema, MAX_EXCHANGES),
  /** The questions that had no answer when the run ended. */
  unfinished: listOf(askedText, MAX_EXCHANGES),
  transcripts: listOf(
    z.object({
      id: detail,
      cause: detail.exactOptional(),
      dials: count.exactOptional(),
      lines: listOf(z.object({ from: z.enum(['client', 'server', 'note']), text: askedText }), MAX_EXCHANGES),
    }),
    MAX_EXCHANGES,
  ),
  durations: listOf(z.object({ what: detail, ms: milliseconds }), MAX_EXCHANGES),
  /** The checks that had not ended some time after the deadline. */
  cutOff: listOf(detail, MAX_ITEMS),
});

/** The schema of a recording file. */
export const recordingSchema = z.object({
  recordingVersion: z.literal(RECORDING_VERSION),
  tool: z.object({ name: z.literal('mailcheck'), version: shown(100) }),
  runs: z.array(recordedRunSchema).min(1).max(MAX_ITEMS),
});

/** A question to the network or the machine, with its answer. */
export type Exchange = ReadonlyDeep<z.infer<typeof exchangeSchema>>;
export type ExchangeOf<K extends Exchange['kind']> = Extract<Exchange, { readonly kind: K }>;
/** The TLS details of a connection, with its certificates as Base64. */
export type RecordedTls = ReadonlyDeep<z.infer<typeof tlsDetails>>;
/** The same of a connection to a web server. */
export type RecordedHttpsTls = ReadonlyDeep<z.infer<typeof httpsTls>>;
/** Everything that a replay needs of one run. */
export type RecordedRun = ReadonlyDeep<z.infer<typeof recordedRunSchema>>;
/** A recording: one or more recorded runs. */
export type Recording = ReadonlyDeep<z.infer<typeof recordingSchema>>;
