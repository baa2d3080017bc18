/** Writes changes as a shell script: the commands that make them at the DNS host of each zone. */
import { fill } from '../../check/conclusion/dns-host/fill.ts';
import { dnsHostOf } from '../../knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../../knowledge/dns-hosts/schema.ts';
import { copyable } from '../../reporters/printable.ts';
import type { PlanWriter, SetChange, ZoneChanges } from '../../standards/dns-plan/codec.ts';

/** Writes a script for `sh`. It stops at the first command that fails. What no command is known for is a comment. */
export const write: PlanWriter = (changes) =>
  `#!/bin/sh\n${changes.length === 0 ? '' : 'set -eu\n'}${changes.map(partOf).join('')}`;

function partOf({ zone, dnsHost, sets }: ZoneChanges): string {
  const host = dnsHost === undefined ? undefined : dnsHostOf(dnsHost);
  const changed = sets.filter(({ before, after }) => !isSame(before, after));
  if (host === undefined) {
    return section([
      `# ${copyable(zone)}: the DNS host is not known. Name it with --dns-host.`,
      ...changed.flatMap(linesOf).map(comment),
    ]);
  }
  const filled = changed.map((set) => ({ set, made: fill(host, set, zone) }));
  const open = new Map(
    filled.flatMap(({ made }) => (made?.open ?? []).map(({ name, where }) => [name, where] as const)),
  );
  return section([
    `# ${copyable(zone)}, at ${copyable(host.name)}`,
    ...[...open].map(([name, where]) => comment(`Replace ${name}: ${where}`)),
    ...filled.flatMap(({ set, made }): readonly string[] =>
      made === undefined ? [comment(byHand(host)), ...linesOf(set).map(comment)] : made.commands.map(String),
    ),
  ]);
}

const section = (lines: readonly string[]): string => `\n${lines.map((line) => `${line}\n`).join('')}`;
const comment = (text: string): string => `# ${copyable(text)}`;

function byHand({ console: place }: DnsHost): string {
  return `No command is known for this change.${place === null ? '' : ` Make it in the console: ${place.path}`}`;
}

function linesOf(set: SetChange): string[] {
  const { name, type, before, after } = set;
  return [
    ...before.filter((value) => !after.includes(value)).map((value) => `remove ${name} ${type} ${value}`),
    ...after.filter((value) => !before.includes(value)).map((value) => `publish ${name} ${type} ${value}`),
  ];
}

function isSame(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((value) => after.includes(value));
}
