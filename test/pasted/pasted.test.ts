/**
 * Everything that a report prints to be pasted, from worlds in which the network says hostile things in every place: a
 * shell parses each command, running it starts nothing that the value named, and a name server loads each record.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/check/target.ts';
import { asZone } from '../../src/cli/commands/records-text.ts';
import { planRecords } from '../../src/records/plan.ts';
import type { Report } from '../../src/report/status.ts';
import { formats } from '../../src/reporters/formats.ts';
import { reporters } from '../../src/reporters/index.ts';
import { INVISIBLE } from '../../src/usage-error.ts';
import { isWhole, sample } from '../sample.ts';
import { checkIn } from '../world/check.ts';
import { NOW } from '../world/clock.ts';
import { sentenceFaults, TRAP } from '../world/hostile-evidence.ts';
import type { ZoneScript } from '../world/zone.ts';
import { zoneClient } from '../world/zone-resolver.ts';
import { hasChecker, loadFaults, parseFaults, ran } from './judges.ts';
import { hostileWorlds, IP } from './worlds.ts';

const MINUTES_MS = 20 * 60_000;

interface Printed {
  readonly commands: Set<string>;
  readonly lines: Set<string>;
  readonly links: Set<string>;
  readonly faults: string[];
}

const printed: Printed = { commands: new Set(), lines: new Set(), links: new Set(), faults: [] };

/** Keeps what a report prints to be pasted, and notes the sentences that a shell would act on. */
function collect(title: string, { rules, advice, plan }: Report): void {
  const findings = rules.flatMap((rule) => rule.findings.map(({ remediation }) => remediation));
  const fixes = [...findings, ...advice.steps];
  for (const { summary, commands = [], alternatives = [], links = [], records = [] } of fixes) {
    for (const command of commands) printed.commands.add(command);
    for (const { commands: ofCase } of alternatives) for (const command of ofCase) printed.commands.add(command);
    for (const link of links) printed.links.add(link);
    for (const { line } of records) printed.lines.add(line);
    printed.faults.push(...sentenceFaults(summary).map((fault) => `${title}: ${fault}`));
  }
  const sets = [...advice.steps.flatMap(({ changes }) => changes), ...(plan?.changes ?? [])];
  for (const { add } of sets) for (const { line } of add) printed.lines.add(line);
  for (const { record } of plan?.later ?? []) printed.lines.add(record.line);
  const sentences = [
    ...sets.flatMap(({ notes }) => notes),
    ...(plan?.undecided ?? []).map(({ decide }) => decide),
    advice.summary,
    ...advice.ways.map(({ text }) => text),
  ];
  printed.faults.push(...sentences.flatMap(sentenceFaults).map((fault) => `${title}: ${fault}`));
}

/** @returns the raw characters that no format may have. */
function rawIn(text: string): string[] {
  return (text.match(INVISIBLE) ?? []).filter((character) => character !== '\n');
}

/** @returns whether a name or a value of the zone has a character that no format may have. */
function hasRaw(zone: ZoneScript): boolean {
  return Object.entries(zone)
    .flatMap((entry) => textsOf(entry))
    .some((text) => text.search(INVISIBLE) >= 0);
}

/** @returns every string in a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Some values in each place, and all of them in a whole run. */
const worlds = hostileWorlds().filter((_, index) => isWhole || index % 13 === 4);

beforeAll(async () => {
  for (const { title, zone } of worlds) {
    const report = await checkIn({ dns: { zone }, selectors: ['s1'], isInMemory: true, rules: RULES });
    collect(title, report);
    // A zone without such a character puts none into a report.
    if (!hasRaw(zone)) continue;
    const raw = formats.flatMap((format) => {
      const text = reporters[format]([report], { color: false, verbose: true });
      return rawIn(text).map((character) => `${format}: ${JSON.stringify(character)}`);
    });
    printed.faults.push(...[...new Set(raw)].map((fault) => `${title}: raw in ${fault}`));
  }
}, MINUTES_MS);

/** The rules that connect to no host. */
const RULES = ['dns', 'spf', 'dkim', 'dmarc', 'ptr', 'helo', 'mx', 'rbl', 'provider'];

describe('what is printed to be pasted', () => {
  test('there are commands, records and links to judge', () => {
    expect(printed.commands.size).toBeGreaterThan(4);
    expect(printed.lines.size).toBeGreaterThan(5);
    expect([...printed.lines].some((line) => line.includes(TRAP))).toBe(true);
    expect(printed.links.size).toBeGreaterThan(0);
  });

  test('no sentence has what a shell acts on, and no format has a raw control', () => {
    expect(printed.faults).toEqual([]);
  });

  test('a shell parses each command, and none has the value', () => {
    expect(parseFaults([...printed.commands])).toBe('');
    expect([...printed.commands].filter((command) => command.includes(TRAP))).toEqual([]);
  });

  test(
    'a command starts only its own programs, and makes no file',
    () => {
      for (const command of printed.commands) {
        const { started, files } = ran(command);
        expect({ command, files }).toEqual({ command, files: [] });
        expect(started.flat().filter((word) => word.includes(TRAP) || word === 'sh')).toEqual([]);
      }
    },
    MINUTES_MS,
  );

  test('the judge sees a command that runs what the network named', () => {
    expect(ran(`mailcheck x; ${TRAP}`).started.flat()).toContain(TRAP);
    expect(ran('mailcheck x > made').files).toEqual(['made']);
    expect(parseFaults(["mailcheck 'x"])).not.toBe('');
  });

  test('a link is plain and has https', () => {
    expect([...printed.links].filter((link) => !/^https:\/\/[\w.-]+[\w./?=&#%:,+~-]*$/.test(link))).toEqual([]);
    expect([...printed.links].filter((link) => link.includes(TRAP))).toEqual([]);
  });

  test('a record is one line of visible ASCII', () => {
    expect([...printed.lines].filter((line) => !/^[\x20-\x7e]+$/.test(line))).toEqual([]);
  });

  test.skipIf(!hasChecker)('a name server loads each record', () => {
    // Nothing can stand beside a CNAME, so each of these has a zone of its own.
    const aliases = [...printed.lines].filter((line) => line.includes(' IN CNAME '));
    expect(loadFaults([...printed.lines].filter((line) => !aliases.includes(line)))).toBe('');
    for (const alias of aliases) expect({ alias, fault: loadFaults([alias]) }).toEqual({ alias, fault: '' });
    expect(loadFaults(['a b.example. IN A 192.0.2.1'])).not.toBe('');
  });
});

describe('the list of records', () => {
  /** Lists that a name server has loaded. Many worlds have the same one. */
  const loaded = new Set<string>();

  test.each(sample(worlds, 10))('$title', async ({ zone }) => {
    const dns = zoneClient({ zone }, new AbortController().signal);
    const { domain, ips } = parseArguments('example.com', [IP]);
    const request = { domain, ips, heloName: 'mail.example.com', dkim: null, now: NOW, seed: '0'.repeat(32) };
    const text = asZone(await planRecords(dns, request), []);
    expect(rawIn(text)).toEqual([]);
    const lines = text.split('\n').filter((line) => !line.startsWith(';'));
    expect(
      lines.filter((line) => !/^(?:[\x20-\x7e]* IN (?:A|AAAA|MX|TXT|CNAME|PTR) [\x20-\x7e]+)?$/.test(line)),
    ).toEqual([]);
    const list = lines.join('\n');
    if (hasChecker && !loaded.has(list)) expect(loadFaults(lines)).toBe('');
    loaded.add(list);
  });
});
