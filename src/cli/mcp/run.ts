/** Runs a check for a tool, as the library does, at the place of the server. */
import * as z from 'zod';
import { run } from '../../check/run.ts';
import type { ProgressEvent } from '../../check/run-rules.ts';
import { parseArguments } from '../../check/target.ts';
import { coverageOf, type Report } from '../../report/status.ts';
import { progressWords } from '../check/progress.ts';
import { readCheckOptions } from '../config/library-options.ts';
import { targetSchema } from '../config/schema.ts';
import { reportFault } from '../terminal/faults.ts';
import type { Call } from './answer.ts';
import { dnsServersFor, type Place } from './place.ts';

/** The time limit of a check, in seconds. Many clients give up on a call after 60 seconds. */
const USUAL_SECONDS = 50;

/** The most addresses of a call. More are a fleet, which has a command of its own. */
const MAX_IPS = 32;
/** The most selectors of a call. A domain has a few for each service that signs for it. */
const MAX_SELECTORS = 50;
/** The most DNS servers of a call. */
const MAX_SERVERS = 8;

const { domain, helo, dnsOnly, sendOnly } = targetSchema.shape;

/** Returns a key of the configuration that takes so many texts at most, with the same words. */
const atMost = (key: 'ips' | 'selectors' | 'dns', most: number) =>
  z
    .array(z.string())
    .max(most)
    .optional()
    .meta({ description: targetSchema.shape[key].description ?? '' });
export const ips = atMost('ips', MAX_IPS);
const selectors = atMost('selectors', MAX_SELECTORS);
export const dns = atMost('dns', MAX_SERVERS);

/** Returns the key for the time limit of a call. */
export const timeLimit = (usualSeconds: number | string) =>
  z
    .number()
    .positive()
    .optional()
    .meta({ description: `Time limit in seconds (default ${usualSeconds})` });

/** What every tool that runs a check takes. The configuration file has the same names. */
export const targetInput = {
  domain,
  ips,
  helo,
  selectors,
  dns,
  dnsOnly,
  sendOnly,
  timeout: timeLimit(USUAL_SECONDS),
};

type Given = z.infer<z.ZodObject<typeof targetInput>> & {
  readonly only?: readonly string[] | undefined;
  readonly gate?: 'change' | 'all' | undefined;
  readonly zones?: readonly { readonly name: string; readonly text: string }[];
};

/**
 * @returns the report. It ends early when the client cancels the call.
 * @throws UsageError for an argument that cannot be used, and the reason of the signal for a call that is cancelled.
 */
export async function reportFor(given: Given, place: Place, call: Call): Promise<Report> {
  const { domain: domainText, ips: ipTexts = [], dns, ...options } = given;
  const named = parseArguments(domainText, ipTexts);
  const asked = await readCheckOptions(
    {
      dns: await dnsServersFor(dns, place),
      timeout: USUAL_SECONDS,
      ...options,
      signal: call.mcpReq.signal,
      onFault: reportFault,
      onProgress: progressOf(call),
    },
    named.domain,
  );
  return run({ ...named, ...asked.target }, { ...asked.run, settings: { ...asked.run.settings, ...place.settings } });
}

/** @returns what tells the client how far a check is, if it wants to know. */
function progressOf({ mcpReq: { _meta, notify } }: Call): ((event: ProgressEvent) => void) | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return (event) => {
    if (event.kind !== 'finished') return;
    progress += 1;
    const { waiting } = event;
    const params = { progressToken, progress, total: progress + waiting.length, message: progressWords(waiting) };
    // A client that is gone needs no progress.
    notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}

/** @returns the sentence about the checks that could not be made, or `null` if there is none. */
export function unknownIn({ rules }: Pick<Report, 'rules'>): string | null {
  const ids = coverageOf(rules).incomplete.map(({ id }) => id);
  return ids.length === 0 ? null : `Unknown, not passed: ${ids.join(', ')} could not be checked completely.`;
}
