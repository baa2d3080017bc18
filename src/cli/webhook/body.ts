/** Writes what changed in a fleet as JSON for the webhook. Its size is bounded, whatever the fleet and its zones are. */
import { createHash } from 'node:crypto';
import type { ChangedFinding, FleetEntry, FleetSummary } from '../../report/fleet.ts';
import { VERSION } from '../../version.ts';
import type { Message } from './post.ts';

/** The version of the body. It increases when a field changes its meaning or is removed. */
const WEBHOOK_VERSION = 1;
/** The most targets that a body names. */
const MAX_TARGETS = 200;
/** The most findings that a body names of one target in each direction. */
const MAX_FINDINGS = 20;
/** The most tags that a body names of one target. */
const MAX_TAGS = 20;
/** The most addresses that a body names of one target. */
const MAX_IPS = 20;
/** The longest text in a body, in characters. */
const MAX_TEXT = 300;
/** The largest body, in bytes. */
const MAX_BODY = 256 * 1024;

/** A target as a body names it. */
export interface ChangedTarget {
  readonly domain: string;
  readonly ips: readonly string[];
  readonly place: string;
  readonly tags: readonly string[];
  readonly verdict: string;
  readonly state: string;
  readonly worse: readonly ChangedFinding[];
  readonly better: readonly ChangedFinding[];
}

/** Collects the changed targets of one run. It holds no more of them than a body names. */
export class ChangedTargets {
  /** Those with something worse, which a body names first. */
  readonly #worse: ChangedTarget[] = [];
  readonly #better: ChangedTarget[] = [];
  #count = 0;

  /** Adds a target, unless nothing changed in it. A target without earlier runs is not named. */
  add({ report, place, tags, change }: FleetEntry): void {
    if (change === undefined || change.state === 'same' || change.state === 'new') return;
    this.#count += 1;
    const list = change.state === 'better' ? this.#better : this.#worse;
    if (list.length >= MAX_TARGETS) return;
    const { domain, ips } = report.target;
    list.push({
      domain,
      ips: ips.slice(0, MAX_IPS),
      place: place.slice(0, MAX_TEXT),
      tags: tags.slice(0, MAX_TAGS).map((tag) => tag.slice(0, MAX_TEXT)),
      verdict: report.verdict,
      state: change.state,
      worse: change.worse.slice(0, MAX_FINDINGS).map(cut),
      better: change.better.slice(0, MAX_FINDINGS).map(cut),
    });
  }

  /** @returns the first targets in which something changed, those with something worse first. */
  first(): readonly ChangedTarget[] {
    return [...this.#worse, ...this.#better].slice(0, MAX_TARGETS);
  }

  /** @returns the message about the run, or `undefined` if nothing changed or there is no earlier run. */
  message(summary: FleetSummary): Message | undefined {
    const { runId, startedAt, endedAt, verdicts, changes } = summary;
    if (changes === undefined || changes.new + changes.worse + changes.better + changes.gone.count === 0)
      return undefined;
    const id = createHash('sha256')
      .update(JSON.stringify([runId, startedAt, changes]))
      .digest('hex')
      .slice(0, 32);
    const targets: ChangedTarget[] = [];
    const bodyOf = (): string =>
      JSON.stringify({
        webhookVersion: WEBHOOK_VERSION,
        tool: { name: 'mailcheck', version: VERSION },
        id,
        run: { id: runId.slice(0, MAX_TEXT), startedAt, endedAt, verdicts },
        changes,
        targets,
        omittedTargets: this.#count - targets.length,
      });
    let size = Buffer.byteLength(bodyOf());
    for (const target of this.first()) {
      // The comma between two targets counts too.
      size += Buffer.byteLength(JSON.stringify(target)) + 1;
      if (size > MAX_BODY) break;
      targets.push(target);
    }
    return { id, body: bodyOf() };
  }
}

function cut({ code, severity, subject, title }: ChangedFinding): ChangedFinding {
  return { code, severity, subject: subject.slice(0, MAX_TEXT), title: title.slice(0, MAX_TEXT) };
}
