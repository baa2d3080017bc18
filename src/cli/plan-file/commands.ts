/** Writes changes as a shell script: the commands that make them at the DNS host of each zone. */
import { fill, type HostCommands } from '../../check/conclusion/dns-host/fill.ts';
import { dnsHostOf } from '../../knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../../knowledge/dns-hosts/schema.ts';
import { copyable } from '../../reporters/printable.ts';
import type { PlanWriter, SetChange, ZoneChanges } from '../../standards/dns-plan/codec.ts';
import { isSame } from './changes.ts';

/**
 * Writes a script for `sh`. It stops at the first command that fails. What no command is known for is a comment, and so is
 * what has to be typed in an editor.
 */
export const write: PlanWriter = (changes) => {
  const parts = changes.map(({ zone, dnsHost, sets }) => ({
    zone,
    host: dnsHost === undefined ? undefined : dnsHostOf(dnsHost),
    sets: sets.filter(({ before, after }) => !isSame(before, after)),
  }));
  // All of them are filled together, so that a name to replace means the same in the whole script.
  const hosted = parts.flatMap(({ zone, host, sets }) =>
    host === undefined ? [] : sets.map((change) => ({ zone, host, change })),
  );
  const made = new Map(fill(hosted).map((commands, index) => [hosted[index]?.change, commands]));
  const texts = parts.map((part) => partOf({ ...part, made }));
  return `#!/bin/sh\n${changes.length === 0 ? '' : 'set -eu\n'}${texts.join('')}`;
};

interface Part extends Pick<ZoneChanges, 'zone' | 'sets'> {
  readonly host: DnsHost | undefined;
  /** The commands for each change. */
  readonly made: ReadonlyMap<SetChange | undefined, HostCommands | undefined>;
}

function partOf({ zone, host, sets, made }: Part): string {
  if (host === undefined) {
    return section([
      `# ${copyable(zone)}: the DNS host is not known. Name it with --dns-host.`,
      ...sets.flatMap(linesOf).map(comment),
    ]);
  }
  const open = new Map(
    sets.flatMap((set) => (made.get(set)?.open ?? []).map(({ name, where }) => [name, where] as const)),
  );
  return section([
    `# ${copyable(zone)}, at ${copyable(host.name)}`,
    ...[...open].map(([name, where]) => comment(`Replace ${name}: ${where}`)),
    ...sets.flatMap((set) => setLines(set, host, made.get(set))),
  ]);
}

/** @returns the lines of one record set. A script cannot type into an editor, so what is edited by hand is a comment too. */
function setLines(set: SetChange, host: DnsHost, made: HostCommands | undefined): string[] {
  if (made === undefined) return [comment(byHand(host)), ...linesOf(set).map(comment)];
  if (!made.isByHand) return [...made.commands];
  return [
    comment('Make this change in the zone file, and raise the serial number of its SOA record:'),
    ...linesOf(set).map(comment),
    ...made.commands.map((line) => comment(`Run: ${line}`)),
  ];
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
