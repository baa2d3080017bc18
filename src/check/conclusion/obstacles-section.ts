/** Tells each obstacle at the place of the check once, with the rules that it kept from seeing something. */
import type { Report } from '../../report/status.ts';
import { NO_NETWORK } from '../rules/obstacles.ts';

type Section = Report['vantage']['obstacles'];
type Entry = Section[number];

/** @returns the obstacles that explain findings, in the order of the rules. */
export function obstaclesSection(rules: Report['rules']): Section {
  const found = new Map<string, Entry>();
  for (const { id, findings } of rules) {
    for (const { obstacle, remediation } of findings) {
      if (obstacle === undefined) continue;
      const known = found.get(obstacle.kind) ?? { ...obstacle, rules: [], remediation };
      found.set(obstacle.kind, known);
      if (!known.rules.includes(id)) known.rules.push(id);
    }
  }
  return inOne([...found.values()]);
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
