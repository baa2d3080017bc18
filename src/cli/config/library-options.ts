/**
 * Reads the options of the library. An option that the configuration file has too is called the same there, takes the same
 * values, and is read by the same parser. The others are for programs: data in place of a file name, times in
 * milliseconds, and callbacks.
 */
import * as z from 'zod';
import type { Judgement } from '../../check/conclusion/judgement.ts';
import type { RunOptions } from '../../check/run.ts';
import type { ProgressEvent } from '../../check/run-rules.ts';
import type { Settings } from '../../check/settings.ts';
import type { Target } from '../../check/target.ts';
import type { ProposedZone } from '../../network/dns/proposal.ts';
import type { Domain } from '../../network/domain.ts';
import type { OnFault } from '../../network/fault.ts';
import type { Recording } from '../../recording/schema.ts';
import type { ReadonlyDeep } from '../../report/schema.ts';
import { refusalOf } from '../../standards/dkim/sample-message.ts';
import { readProposal } from '../../standards/dns-plan/read.ts';
import { UsageError } from '../../usage-error.ts';
import { SMTP_PORT } from '../options/check-options.ts';
import { zoneReader } from '../options/files.ts';
import { KINDS } from '../options/kinds.ts';
import { closest } from '../options/nearest.ts';
import { type OptionReader, optionReader } from '../options/read.ts';
import type { OptionRow } from '../options/row.ts';
import { checkContradictions, refuseWithoutZone, wantedRuleIds, withGate } from '../options/settings.ts';
import { type CheckArguments, OPTIONS, type OptionName } from '../options/table.ts';
import { wordsOf } from './check-config.ts';
import { configuredJudgement } from './judgement.ts';
import { RUN_KEYS, TARGET_KEYS } from './keys.ts';
import { keyPath } from './path.ts';
import { acceptanceSchema, configSchema, targetSchema } from './schema.ts';
import { unknownCode } from './words.ts';

const { domain: _domain, ips: _ips, ...targetOptions } = targetSchema.shape;
const { severity, accept, allowInconclusive } = configSchema.shape;

const callback = <F>() => z.custom<F>((value) => typeof value === 'function', 'expected a function').optional();
const milliseconds = z.number().nonnegative().optional();
const zoneSchema = z.strictObject({ name: z.string(), text: z.string() });

/** The options that only programs have. */
const ofPrograms = {
  timeoutMs: milliseconds,
  greylistWaitMs: milliseconds,
  probePauseMs: milliseconds,
  submissionPorts: z.array(z.number().int().min(1).max(65535)).optional(),
  listKeys: z.record(z.string(), z.string()).optional(),
  extraRoots: z.array(z.string()).optional(),
  dkimKeyPem: z.string().optional(),
  transcript: z.boolean().optional(),
  signal: z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional(),
  onFault: callback<OnFault>(),
  onProgress: callback<(event: ProgressEvent) => void>(),
  record: callback<(recording: Recording) => void>(),
};

/** The schema of the options of `check`. */
export const checkOptionsSchema = z.strictObject({
  ...targetOptions,
  severity,
  accept,
  allowInconclusive,
  ...ofPrograms,
  zones: z.array(z.union([z.string(), zoneSchema], { error: 'expected a file name, or { name, text }' })).optional(),
  message: z
    .union([z.string(), z.instanceof(Uint8Array)], { error: 'expected a file name, or a Uint8Array' })
    .optional(),
  connectTo: z
    .union([z.array(z.string()), z.instanceof(Map)], { error: 'expected texts such as ip:port:ip:port, or a Map' })
    .optional(),
});

/** The schema of the options of `replay`. */
export const replayOptionsSchema = z.strictObject({
  allowInconclusive,
  transcript: z.boolean().optional(),
  signal: ofPrograms.signal,
  onFault: ofPrograms.onFault,
  onProgress: ofPrograms.onProgress,
  onMissing: callback<(questions: readonly string[]) => void>(),
});

/** The options that the configuration file has for a target, with the same names and values. */
type ConfigOptions = Omit<
  ReadonlyDeep<z.infer<typeof targetSchema>>,
  'domain' | 'ips' | 'zones' | 'message' | 'connectTo'
>;

/** The options of `check`. Those of the configuration file have the same names there. */
export interface CheckOptions extends ConfigOptions {
  /** The severities that replace the default ones, by finding code. */
  readonly severity?: Judgement['severity'] | undefined;
  /** Findings that are accepted for a time. */
  readonly accept?: Judgement['accept'] | undefined;
  /** The ids of the checks that may be incomplete, or `true` for all. */
  readonly allowInconclusive?: boolean | readonly string[] | undefined;
  /**
   * Proposed records, which are checked as if they were published: names of files, or the texts themselves. `text` is a
   * zone file, JSON, or the plan of octoDNS, dnscontrol or Terraform as JSON. Error messages call it `name`.
   */
  readonly zones?: readonly (string | { readonly name: string; readonly text: string })[] | undefined;
  /** A message that the host has sent: the name of its file, or the message itself. */
  readonly message?: string | Uint8Array | undefined;
  /** Where to connect to instead: `ip:port:ip:port`, or a map from `ip:port` to host and port. */
  readonly connectTo?: readonly string[] | Settings['connectTo'];
  /** The private DKIM key of the host (PEM), instead of the file `dkimKey`. It is never shown or sent. */
  readonly dkimKeyPem?: string | undefined;
  /** The certificates (PEM) to trust besides the built-in roots, instead of `caFile`. */
  readonly extraRoots?: readonly string[] | undefined;
  /** The keys of block lists, by the environment variable that the command line takes them from. */
  readonly listKeys?: Settings['listKeys'] | undefined;
  /** The submission ports to test. The default is 587 and 465. */
  readonly submissionPorts?: readonly number[] | undefined;
  /** The same as `timeout`, in milliseconds. The default is 60 000. */
  readonly timeoutMs?: number | undefined;
  /** The same as `greylistWait`, in milliseconds. */
  readonly greylistWaitMs?: number | undefined;
  /** The same as `probePause`, in milliseconds. */
  readonly probePauseMs?: number | undefined;
  /** Ends the run early when it is aborted. `check` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the report contains the DNS and SMTP dialogues. */
  readonly transcript?: boolean | undefined;
  /**
   * Called with each internal error of mailcheck. The part that failed counts as not checked, and the run continues.
   */
  readonly onFault?: OnFault | undefined;
  /** Called when a rule starts, reports a finding, or finishes. An error that it throws ends the run. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /**
   * Called once, before the report is returned, with everything the run received from the network and this machine. The
   * recording is plain data for `replay`. It does not contain the keys of block lists, the private key or the message.
   * It does contain the names and addresses of this machine.
   */
  readonly record?: ((recording: Recording) => void) | undefined;
}

/**
 * Checks options against their schema.
 *
 * @returns the options as the configuration file would have them, such as addresses in their usual form.
 * @throws UsageError for an unknown option, with the one that may be meant, and for a value of the wrong type.
 */
export function checkedOptions<T>(schema: z.ZodObject, options: T): T {
  const { success, data, error } = schema.safeParse(options, { reportInput: true });
  // The schema accepts what the type describes, and changes no type.
  if (success) return data as T;
  const [issue] = error.issues;
  if (issue === undefined) throw new UsageError('the options cannot be read');
  if (issue.code !== 'unrecognized_keys')
    throw new UsageError(`${keyPath(issue.path) || 'the options'}: ${wordsOf(issue)}`);
  const [key = ''] = issue.keys;
  if (issue.path[0] === 'severity') throw new UsageError(`severity: ${unknownCode(key)}`);
  const close = closest(key, keysAt(issue.path, schema));
  const hint = close === undefined ? '' : `; did you mean '${close}'?`;
  throw new UsageError(`unknown option '${keyPath([...issue.path, key])}'${hint}`);
}

function keysAt([first]: readonly PropertyKey[], schema: z.ZodObject): string[] {
  const part = first === 'accept' ? acceptanceSchema : first === 'zones' ? zoneSchema : schema;
  return Object.keys(part.shape);
}

/** What the options of the library ask for. */
interface ReadOptions {
  readonly target: Pick<Target, 'selectors' | 'helo'>;
  readonly run: RunOptions;
}

/**
 * Reads the options of `check`.
 *
 * @throws UsageError for an option that is unknown, of the wrong type, or cannot be used.
 */
export async function readCheckOptions(given: CheckOptions, domain: Domain): Promise<ReadOptions> {
  const options = checkedOptions(checkOptionsSchema, given);
  const { reader, values } = readerOf(options);
  const helo = await reader.read('helo');
  const dnsServers = await reader.read('dns');
  const timeoutMs = options.timeoutMs ?? (await timeoutOf(reader, values));
  const { transcript, signal, onFault, onProgress } = options;
  return {
    target: {
      selectors: [...new Set((await reader.read('selector')) ?? [])],
      ...(helo === undefined ? {} : { helo }),
    },
    run: {
      settings: await settingsOf(options, reader, values),
      timeoutMs,
      proposed: await proposedOf(options, domain, reader),
      ruleIds: await ruleIdsOf(reader),
      judgement: await judgementOf(options, reader),
      ...(dnsServers === undefined ? {} : { dnsServers }),
      ...(transcript === undefined ? {} : { transcript }),
      ...(signal === undefined ? {} : { signal }),
      ...(onFault === undefined ? {} : { onFault }),
      ...(onProgress === undefined ? {} : { onProgress }),
    },
  };
}

/** @returns the ids of the checks that may be incomplete, or `all`, from the option of that name. */
export async function allowedOf(
  allowInconclusive: CheckOptions['allowInconclusive'],
): Promise<NonNullable<Judgement['allowInconclusive']>> {
  const { reader } = readerOf(allowInconclusive === undefined ? {} : { allowInconclusive });
  return (await reader.read('allowInconclusive')) ?? [];
}

type CheckReader = OptionReader<typeof OPTIONS>;

const NAMES: ReadonlyMap<string, OptionName> = new Map([...TARGET_KEYS, ...RUN_KEYS]);

/** @returns a reader of those options that the configuration file has too, and their values as the command line has them. */
function readerOf(options: CheckOptions): { readonly reader: CheckReader; readonly values: CheckArguments } {
  const entries = Object.entries(options).flatMap(([key, value]: [string, unknown]) => {
    const name = NAMES.get(key);
    if (name === undefined || value === undefined || isData(key, value)) return [];
    const row: OptionRow = OPTIONS[name];
    return [[name, KINDS[row.takes].fromConfig(value, (file) => file)] as const];
  });
  // The schema has checked that each value is of the kind of its row.
  const values = Object.fromEntries(entries) as unknown as CheckArguments;
  const keys = new Map([...NAMES].map(([key, name]) => [name, key]));
  return { reader: optionReader(OPTIONS, values, { placeOf: (name) => keys.get(name) }), values };
}

/** Tells whether a value is data where the configuration file has texts. */
function isData(key: string, value: unknown): boolean {
  return key === 'zones' || value instanceof Uint8Array || value instanceof Map;
}

async function timeoutOf(reader: CheckReader, values: CheckArguments): Promise<number> {
  return values.timeout === undefined ? 60_000 : reader.read('timeout');
}

async function settingsOf(options: CheckOptions, reader: CheckReader, values: CheckArguments): Promise<Settings> {
  const isProposed = (options.zones ?? []).length > 0;
  await checkContradictions(values, reader, isProposed);
  await refuseWithoutZone(values, { typed: new Set(Object.keys(values)), isProposed }, reader);
  const { message, connectTo, dkimKeyPem, extraRoots, listKeys, submissionPorts, greylistWaitMs, probePauseMs } =
    options;
  const refusal = message instanceof Uint8Array ? refusalOf(message) : undefined;
  if (refusal !== undefined) throw new UsageError(`the message given ${refusal}`);
  return {
    smtpPort: SMTP_PORT,
    allowPrivate: false,
    ...withGate(await reader.settings(), isProposed),
    ...(message instanceof Uint8Array ? { message } : {}),
    ...(connectTo instanceof Map ? { connectTo } : {}),
    ...(dkimKeyPem === undefined ? {} : { dkimKeyPem }),
    ...(extraRoots === undefined ? {} : { extraRoots }),
    ...(listKeys === undefined ? {} : { listKeys }),
    ...(submissionPorts === undefined ? {} : { submissionPorts }),
    ...(greylistWaitMs === undefined ? {} : { greylistWaitMs }),
    ...(probePauseMs === undefined ? {} : { probePauseMs }),
  };
}

async function proposedOf({ zones = [] }: CheckOptions, domain: Domain, reader: CheckReader): Promise<ProposedZone[]> {
  const files = zones.filter((zone) => typeof zone === 'string');
  const texts = zones.filter((zone) => typeof zone !== 'string');
  const read = await reader.about('zone', () => zoneReader()(files, domain));
  return [...read, ...(await Promise.all(texts.map(({ name, text }) => readProposal(text, name, domain))))];
}

async function ruleIdsOf(reader: CheckReader): Promise<string[]> {
  const selected = await wantedRuleIds(reader);
  if (selected.length === 0) throw new UsageError('only and skip leave nothing to check');
  return selected;
}

async function judgementOf({ severity, accept }: CheckOptions, reader: CheckReader): Promise<Judgement> {
  return {
    allowInconclusive: (await reader.read('allowInconclusive')) ?? [],
    ...configuredJudgement({ severity, accept }),
  };
}
