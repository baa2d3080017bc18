/**
 * Writes the changes of some zones as a shell script: the commands of each zone's DNS host. What no command is known for is a
 * comment.
 */
import type { DnsHost } from '../../../knowledge/dns-hosts/schema.ts';
import type { SetChange, ZoneChanges } from '../../../standards/dns-plan/codec.ts';
import { presentationName } from '../../../standards/zone-file/line.ts';
import { recordOf } from '../plan/values.ts';
import { fill, type OpenValue } from './fill.ts';

/**
 * @param hostOf gives the DNS host of a zone, or `undefined` where it is not known.
 * @returns the text of a script for a POSIX shell, with a final newline. A command that fails ends it. The values that the
 *   user has to put in are named before the commands of their zone.
 */
export function commandScript(changes: readonly ZoneChanges[], hostOf: (zone: string) => DnsHost | undefined): string {
  const zones = changes.flatMap((zone) => ['', ...zoneLines(zone, hostOf(zone.zone))]);
  return `${['#!/bin/sh', 'set -e', ...zones].join('\n')}\n`;
}

function zoneLines({ zone, sets }: ZoneChanges, host: DnsHost | undefined): string[] {
  const title = presentationName(zone);
  if (host === undefined) {
    const how = `# ${title}: the DNS host is not known. Name it with --dns-host (mailcheck dns-hosts lists them).`;
    return [how, ...sets.flatMap(recordLines)];
  }
  const filled = sets.map((set) => ({ set, made: fill(host, set, zone) }));
  const open = filled.flatMap(({ made }) => made?.open ?? []);
  return [
    `# ${title} at ${host.name}`,
    ...distinct(open).map(({ name, where }) => `# Replace ${name}: ${where}`),
    ...filled.flatMap(({ set, made }): readonly string[] =>
      made === undefined
        ? [`# No command is known for the ${set.type} records of ${presentationName(set.name)}:`, ...recordLines(set)]
        : made.commands,
    ),
  ];
}

function distinct(values: readonly OpenValue[]): OpenValue[] {
  return [...new Map(values.map((value) => [`${value.name} ${value.where}`, value])).values()];
}

/** @returns the values that go and those that come, as comments with lines of a zone file. */
function recordLines({ name, type, before, after }: SetChange): string[] {
  const lineOf = (value: SetChange['after'][number]): string => recordOf(name, type, value).line;
  return [
    ...before.filter((value) => !after.includes(value)).map((value) => `# remove: ${lineOf(value)}`),
    ...after.filter((value) => !before.includes(value)).map((value) => `# publish: ${lineOf(value)}`),
  ];
}
