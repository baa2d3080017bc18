/**
 * The schema of a recording: everything that runs received from the network and the machine, in the order of arrival. A
 * recording file is not trusted, so it must match this schema. No object in the schema has keys that the file chooses,
 * so a file cannot set `__proto__`.
 */

import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { recordedSettings } from '../check/settings.ts';
import { parseDomain } from '../network/domain.ts';
import { parseIp } from '../network/ip.ts';
import type { ReadonlyDeep } from '../report/schema.ts';
import { SIGNATURE_DEFECTS } from '../standards/dkim/defect.ts';

/** The version of the recording format that this mailcheck writes, and the only one that it reads. */
export const RECORDING_VERSION = 2;

/**
 * The most addresses of one recorded run. It bounds the work of a replay, since each address leads to some hundred
 * questions.
 */
const MAX_ADDRESSES = 1024;

const text = z.string();
const count = z.int().nonnegative();
const port = z.int().min(1).max(65535);
const milliseconds = z.number().nonnegative();

const domain = text.transform((value, context) => {
  const parsed = parseDomain(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a domain name');
  return z.NEVER;
});

const address = text.transform((value, context) => {
  const parsed = parseIp(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('not an IP address');
  return z.NEVER;
});

const certificate = z.base64().refine(isCertificate, 'not a certificate');

const hostPort = z.object({ host: text, port });

const exchange = {
  name: text,
  server: text.nullable(),
  transport: z.enum(['udp', 'tcp']),
  durationMs: milliseconds,
  chain: z.array(text),
  authenticated: z.boolean(),
  authoritative: z.boolean(),
  extendedErrors: z.array(text),
};

const recordType = z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'TXT']);
const mxData = z.object({ preference: count, exchange: text });
const soaData = z.object({ mname: text, rname: text, serial: count, minimum: count });
const txtData = z.array(text);

/** Records of one type, each with the data that this type has. */
const records = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['A', 'AAAA', 'CNAME', 'NS', 'PTR']), records: z.array(text) }),
  z.object({ type: z.literal('MX'), records: z.array(mxData) }),
  z.object({ type: z.literal('SOA'), records: z.array(soaData) }),
  z.object({ type: z.literal('TXT'), records: z.array(txtData) }),
]);

const answer = z.union([
  z.object({ ...exchange, status: z.literal('answer'), ttl: count }).and(records),
  z.object({
    ...exchange,
    type: recordType,
    status: z.enum(['nodata', 'nxdomain']),
    ttl: count.nullable(),
    zone: text.nullable(),
  }),
  z.object({
    ...exchange,
    type: recordType,
    status: z.enum(['servfail', 'refused', 'timeout', 'bogus', 'truncated-no-tcp', 'unreachable', 'malformed']),
    detail: text,
  }),
]);

const reply = z.object({ code: count, enhanced: text.nullable(), lines: z.array(text) });

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
    'capped',
    'unasked',
    'aborted',
  ]),
  detail: text,
  errno: text.exactOptional(),
  elapsedMs: milliseconds.exactOptional(),
  connected: z.boolean().exactOptional(),
});

const result = z.union([z.object({ status: z.literal('reply'), reply }), failure]);

const tlsDetails = z.object({
  protocol: text,
  cipher: text,
  keyExchange: z.object({
    type: text.exactOptional(),
    name: text.exactOptional(),
    size: z.number().exactOptional(),
  }),
  /** The certificates in DER form as Base64, leaf first. */
  chain: z.array(certificate),
  trusted: z.boolean(),
  trustError: text.nullable(),
});

const extensions = z.array(z.tuple([text, text]));

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
  z.object({ status: z.literal('secured'), tls: tlsDetails, plaintextAfterReply: z.boolean() }),
  z.object({ status: z.literal('declined'), reply }),
  failure,
]);

const verification = z.object({
  fromDomain: text.nullable(),
  signatures: z.array(
    z.object({
      domain: text,
      selector: text,
      result: text,
      defect: z.object({ kind: z.enum(SIGNATURE_DEFECTS), detail: text.nullable() }).exactOptional(),
      isTesting: z.boolean().exactOptional(),
      unsignedOctets: count.exactOptional(),
      keyFingerprint: text.exactOptional(),
    }),
  ),
  leftOut: count.exactOptional(),
});

/** The text that identifies a question within the run. List keys in it are masked. */
const asked = { asked: text };

/** One answer from the network or the machine, with its question. */
const exchangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dns'), ...asked, result: answer }),
  z.object({ kind: z.literal('yes-or-no'), ...asked, result: z.boolean() }),
  z.object({ kind: z.literal('connect'), ...asked, result: connection }),
  z.object({
    kind: z.literal('reach'),
    ...asked,
    result: z.union([z.object({ status: z.literal('connected'), connectMs: milliseconds }), failure]),
  }),
  z.object({ kind: z.literal('hello'), ...asked, result, extensions }),
  z.object({ kind: z.literal('reply'), ...asked, result }),
  z.object({ kind: z.literal('replies'), ...asked, result: z.array(result) }),
  z.object({ kind: z.literal('starttls'), ...asked, result: startTls, extensions }),
  z.object({ kind: z.literal('quit'), ...asked }),
  z.object({
    kind: z.literal('verification'),
    ...asked,
    result: verification.nullable(),
    /** The names of the TXT lookups that the verification made. Their answers are recorded like any other. */
    names: z.array(text),
  }),
  /** The end of the run's time limit. The entries after it are consequences of the abort. */
  z.object({ kind: z.literal('deadline'), ...asked }),
]);

const severity = z.enum(['error', 'warning', 'info', 'off']);

const recordedRunSchema = z.object({
  target: z.object({
    domain,
    ips: z.array(address).max(MAX_ADDRESSES),
    helo: text.exactOptional(),
    selectors: z.array(text),
    given: z.array(z.array(text)).exactOptional(),
  }),
  settings: recordedSettings,
  /** The environment variables that held a list key. Variables with the same key have the same number. */
  listKeys: z.array(z.object({ variable: z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), key: count })),
  connectTo: z.array(hostPort.extend({ from: text })).nullable(),
  ruleIds: z.array(text).nullable(),
  transcript: z.boolean(),
  proposed: z.array(
    z.object({
      file: text,
      records: z.array(
        z.object({ name: text, type: text, data: z.union([text, mxData, soaData, txtData]).nullable(), ttl: count }),
      ),
    }),
  ),
  judgement: z.object({
    severity: z.array(z.object({ code: text, severity })),
    accept: z.array(
      z.object({
        code: text,
        domain: text.exactOptional(),
        ip: text.exactOptional(),
        subject: text.exactOptional(),
        zone: text.exactOptional(),
        reason: text,
        until: z.iso.date(),
      }),
    ),
  }),
  environment: z.object({
    startedAt: z.int().min(0).max(8.64e15),
    seed: z.string().regex(/^[0-9a-f]{32}$/),
    addresses: z.array(address),
    probeName: text,
    dnsServers: z.array(z.object({ address, port, zoneIndex: text.exactOptional() })),
    signingKey: z
      .discriminatedUnion('kind', [
        z.object({
          kind: z.literal('key'),
          signingKey: z.object({
            key: z.discriminatedUnion('type', [
              z.object({ type: z.literal('rsa'), bits: count, exponent: text, fingerprint: text }),
              z.object({ type: z.literal('ed25519'), fingerprint: text }),
            ]),
            record: text,
          }),
        }),
        z.object({
          kind: z.literal('unusable'),
          reason: z.enum(['not-a-private-key', 'encrypted', 'public', 'other-type']),
        }),
      ])
      .nullable(),
    messageSelectors: z.array(text),
  }),
  exchanges: z.array(exchangeSchema),
  /** The questions that had no answer when the run ended. */
  unfinished: z.array(text),
  transcripts: z.array(
    z.object({
      id: text,
      lines: z.array(z.object({ from: z.enum(['client', 'server', 'note']), text })),
    }),
  ),
  durations: z.array(z.object({ what: text, ms: milliseconds })),
  /** The checks that had not ended some time after the deadline. */
  cutOff: z.array(text),
});

/** The schema of a recording file. */
export const recordingSchema = z.object({
  recordingVersion: z.literal(RECORDING_VERSION),
  tool: z.object({ name: z.literal('mailcheck'), version: text }),
  runs: z.array(recordedRunSchema).min(1),
});

/** A question to the network or the machine, with its answer. */
export type Exchange = ReadonlyDeep<z.infer<typeof exchangeSchema>>;
export type ExchangeOf<K extends Exchange['kind']> = Extract<Exchange, { readonly kind: K }>;
/** The TLS details of a connection, with its certificates as Base64. */
export type RecordedTls = ReadonlyDeep<z.infer<typeof tlsDetails>>;
/** Everything that a replay needs of one run. */
export type RecordedRun = ReadonlyDeep<z.infer<typeof recordedRunSchema>>;
/** A recording: one or more recorded runs. */
export type Recording = ReadonlyDeep<z.infer<typeof recordingSchema>>;

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}
