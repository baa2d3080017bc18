/**
 * What travels through the queue: the job of one target, and its report. A queue may hold what others wrote, so both
 * are validated where they are read. A job carries no secret and no file of the machine that submits it.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { RunOptions } from '../../check/run.ts';
import { type RecordedSettings, recordedSettings, type Settings } from '../../check/settings.ts';
import type { RunTarget } from '../../check/target.ts';
import { parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { type Report, reportSchema } from '../../report/schema.ts';
import { PREFIX } from './redis.ts';

/** What the run of one target needs. It is the same on this machine and through a queue. */
export interface FleetJob extends Pick<RunOptions, 'ruleIds' | 'judgement' | 'timeoutMs'> {
  readonly target: RunTarget;
  readonly settings: Settings;
}

/** The name of the queue, below the prefix. */
export const QUEUE = 'targets';

/** Seconds after which a report that nobody collects is deleted: one day. */
export const REPORT_SECONDS = 86_400;

/**
 * How the queue keeps a job. It leaves nothing behind, because the report is kept apart. A job that a worker could not
 * end, because Redis was away, is tried again.
 */
export const JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 100,
  backoff: { type: 'fixed', delay: 1000 },
} as const;

const VERSION = 1;
const MAX_ITEMS = 1000;
const MAX_TEXT = 2000;
const MAX_TIMEOUT_MS = 3_600_000;
/** The most bytes of a report, before it is compressed. */
const MAX_REPORT = 20_000_000;

/**
 * The settings that a job may have. The others are the worker's own: what is local to its place, and what asks strangers
 * for more than the usual tests.
 */
const jobSettings = recordedSettings.omit({
  vantage: true,
  whoamiName: true,
  dnssecResolver: true,
  trustAnchors: true,
  egressTargets: true,
  egressControls: true,
  relayRecipient: true,
  activeData: true,
  activeInjection: true,
  askReceivers: true,
  untilSafe: true,
});

const text = z.string().max(MAX_TEXT);
const domain = z.string().transform((name, context) => {
  const parsed = parseDomain(name);
  if (parsed !== undefined) return parsed;
  context.addIssue('not a domain');
  return z.NEVER;
});
const ip = z.string().transform((address, context) => {
  const parsed = parseIp(address);
  if (parsed !== undefined) return parsed;
  context.addIssue('not an address');
  return z.NEVER;
});

const jobSchema = z.strictObject({
  version: z.literal(VERSION),
  target: z.strictObject({
    domain,
    ips: z.array(ip).max(MAX_ITEMS),
    helo: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/)
      .exactOptional(),
    selectors: z.array(z.string().regex(/^[a-z0-9_](?:[a-z0-9_.-]{0,198}[a-z0-9_])?$/)).max(MAX_ITEMS),
    given: z.array(z.array(text).max(10)).max(MAX_ITEMS).exactOptional(),
  }),
  settings: jobSettings,
  ruleIds: z
    .array(z.string().regex(/^[a-z0-9-]{1,50}$/))
    .max(MAX_ITEMS)
    .exactOptional(),
  timeoutMs: z.number().min(1).max(MAX_TIMEOUT_MS),
  judgement: z
    .strictObject({
      allowInconclusive: z.union([z.literal('all'), z.array(text).max(MAX_ITEMS)]).exactOptional(),
      severity: z.record(text, z.enum(['error', 'warning', 'info', 'off'])).exactOptional(),
      accept: z
        .array(
          z.strictObject({
            code: text,
            domain: text.exactOptional(),
            ip: text.exactOptional(),
            subject: text.exactOptional(),
            zone: text.exactOptional(),
            reason: text,
            until: z.iso.date(),
          }),
        )
        .max(MAX_ITEMS)
        .exactOptional(),
    })
    .exactOptional(),
});

/** What a job holds. */
export type JobData = z.infer<typeof jobSchema>;

/** @returns what the queue carries of a job: without secrets, files and what is the worker's own. */
export function dataOf({ target, settings, ruleIds, judgement, timeoutMs }: FleetJob): JobData {
  const { domain, ips, helo, selectors, given } = target;
  return jobSchema.parse({
    version: VERSION,
    target: {
      domain,
      ips,
      selectors,
      ...(helo === undefined ? {} : { helo }),
      ...(given === undefined ? {} : { given }),
    },
    settings,
    timeoutMs,
    ...(ruleIds === undefined ? {} : { ruleIds }),
    ...(judgement === undefined ? {} : { judgement }),
  });
}

/**
 * @returns the job that the queue gave.
 * @throws z.ZodError for anything else.
 */
export function readJob(data: unknown): JobData {
  return jobSchema.parse(data);
}

/**
 * @param local the settings of the worker. They replace those of the job.
 * @returns the settings to run a job with. Private addresses are connected to only if both sides allow it.
 */
export function settingsOf(job: JobData, local: Settings): Settings {
  const recorded: RecordedSettings = job.settings;
  return {
    ...recorded,
    ...local,
    smtpPort: recorded.smtpPort,
    allowPrivate: recorded.allowPrivate && local.allowPrivate,
  };
}

/** The id of a run in the queue. */
export function runKey(runId: string): string {
  return digest(runId, 16);
}

/** @returns the id of a job: the same for the same target, settings and run. */
export function jobId(run: string, targetId: string, data: JobData): string {
  return `${run}-${digest(JSON.stringify([targetId, data]), 32)}`;
}

/** @returns the run that a job belongs to, or `undefined` for a job that mailcheck did not submit. */
export function runOfJob(id: string | undefined): string | undefined {
  return /^([0-9a-f]{16})-[0-9a-f]{32}$/.exec(id ?? '')?.[1];
}

function digest(what: string, length: number): string {
  return createHash('sha256').update(what).digest('hex').slice(0, length);
}

/** @returns the key of the report of a job. */
export function reportKey(id: string): string {
  return `${PREFIX}:report:${id}`;
}

/** @returns the channel on which workers say which jobs of a run have reports. */
export function channelOf(run: string): string {
  return `${PREFIX}:ended:${run}`;
}

/** What a worker made of a job. */
export type Outcome = { readonly report: Report } | { readonly error: string };

const outcomeSchema = z.union([z.strictObject({ report: reportSchema }), z.strictObject({ error: z.string() })]);

/** @returns the outcome as bytes, compressed. */
export function packed(outcome: Outcome): Buffer {
  return gzipSync(JSON.stringify(outcome), { level: 1 });
}

/**
 * @returns the outcome in the bytes that Redis gave. What cannot be read is an outcome with an error.
 */
export function unpacked(bytes: Buffer): Outcome {
  try {
    return outcomeSchema.parse(JSON.parse(gunzipSync(bytes, { maxOutputLength: MAX_REPORT }).toString('utf8')));
  } catch {
    return { error: 'its report in the queue cannot be read. A worker may have another version of mailcheck' };
  }
}
