/** What a run of a fleet has to do with its earlier runs: it is compared with them, and what changed goes to a webhook. */
import type { History } from '../../fleet/history/history.ts';
import type { FleetTarget } from '../../fleet/target.ts';
import type { FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { UsageError } from '../../usage-error.ts';
import type { FleetOptions } from '../options/fleet-options.ts';
import type { ChangedTarget, ChangedTargets } from '../webhook/body.ts';
import type { Webhook } from '../webhook/webhook.ts';
import type { RunIdentity } from './state.ts';

/** The earlier runs, and the webhook. */
export interface Past {
  readonly history: History | undefined;
  /** Counts a judged target whose change is known. */
  add(entry: FleetEntry): void;
  /** The first targets that changed, those with something worse first. */
  changed(): readonly ChangedTarget[];
  /** Keeps what changed, before the run counts as complete. */
  keep(summary: FleetSummary): Promise<void>;
  /** Posts what changed, when the run is complete. */
  send(signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * @param options those that name earlier runs, the state folder (which exists by now) and the webhook.
 * @throws UsageError for a file that cannot be used.
 */
export async function openPast(
  { baseline, state }: Pick<FleetOptions, 'baseline' | 'state'>,
  url: URL | undefined,
  { runId }: RunIdentity,
): Promise<Past> {
  const isCompared = baseline !== undefined || state !== undefined;
  if (url !== undefined && !isCompared) {
    throw new UsageError(
      '--webhook posts what changed since earlier runs. Name them with --state <folder> or --baseline <file>',
    );
  }
  const history = isCompared
    ? await (await import('../../fleet/history/history.ts')).openHistory({ baseline, state, runId })
    : undefined;
  try {
    const targets = await changedTargets(isCompared);
    const webhook = url === undefined ? undefined : await openWebhook(url, state);
    return {
      history,
      add: (entry) => targets?.add(entry),
      changed: () => targets?.first() ?? [],
      async keep(summary) {
        const message = targets?.message(summary);
        if (message !== undefined) await webhook?.keep(message);
        history?.keep();
      },
      send: async (signal) => webhook?.send(signal),
      close: () => history?.close(),
    };
  } catch (error) {
    history?.close();
    throw error;
  }
}

async function changedTargets(isCompared: boolean): Promise<ChangedTargets | undefined> {
  if (!isCompared) return undefined;
  const { ChangedTargets } = await import('../webhook/body.ts');
  return new ChangedTargets();
}

async function openWebhook(url: URL, state: string | undefined): Promise<Webhook> {
  const { openWebhook: open } = await import('../webhook/webhook.ts');
  return open(url, state);
}

/** @returns whether a target is wanted. Tells the earlier runs of one that is not, since it is not gone. */
export function passingOn(
  isWanted: (target: FleetTarget) => boolean,
  { history }: Past,
): (target: FleetTarget) => boolean {
  return (target) => {
    if (isWanted(target)) return true;
    history?.leave(target);
    return false;
  };
}
