/** Tells each obstacle once, with the rules that it kept from seeing something. */
import type { Report } from '../../report/status.ts';
import { NO_NETWORK, TARGET_OBSTACLES } from '../rules/obstacles.ts';

type Section = Report['vantage']['obstacles'];
type Entry = Section[number];

/** The obstacles that explain findings, in the order of the rules. */
export interface Obstacles {
  /** Those at the place of the check. */
  readonly here: Section;
  /** Those at the target. */
  readonly atTarget: Section;
}

/** @returns the obstacles that explain findings. */
export function obstaclesSection(rules: Report['rules']): Obstacles {
  const found = new Map<string, Entry>();
  for (const { id, findings } of rules) {
    for (const { obstacle, remediation } of findings) {
      if (obstacle === undefined) continue;
      // Two hosts may have the same trouble. A machine or network has each trouble once.
      const key = isAtTarget(obstacle) ? `${obstacle.kind} ${obstacle.message}` : obstacle.kind;
      const known = found.get(key) ?? { ...obstacle, rules: [], remediation };
      found.set(key, known);
      if (!known.rules.includes(id)) known.rules.push(id);
    }
  }
  const all = [...found.values()];
  return { here: inOne(all.filter((entry) => !isAtTarget(entry))), atTarget: all.filter(isAtTarget) };
}

const AT_TARGET: readonly string[] = TARGET_OBSTACLES;

function isAtTarget({ kind }: Pick<Entry, 'kind'>): boolean {
  return AT_TARGET.includes(kind);
}

/** A machine without a route over either family has no network. That is one cause, and not two. */
function inOne(obstacles: readonly Entry[]): Section {
  const parts = obstacles.filter(({ kind }) => kind === 'no-ipv4' || kind === 'no-ipv6');
  if (parts.length < 2) return [...obstacles];
  const { kind, says: message, fix } = NO_NETWORK;
  const rules = [...new Set(parts.flatMap((part) => part.rules))];
  const whole = { kind, message, rules, remediation: { summary: fix.summary } };
  return [whole, ...obstacles.filter((obstacle) => !parts.includes(obstacle))];
}
