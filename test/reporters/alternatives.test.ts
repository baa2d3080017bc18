/** Tests that every format shows commands for different cases below their labels, and a PTR record below its own. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/status.ts';
import { reporters } from '../../src/reporters/index.ts';
import { commandGroups, LINKS_LABEL, REVERSE_ZONE_LABEL, typedGroups } from '../../src/reporters/typed-groups.ts';
import { providerReport } from '../golden/provider-report.ts';
import { wholeFormats } from './whole-formats.ts';

let report: Report;

beforeAll(async () => {
  report = await providerReport('ovhcloud');
});

const VPS = 'ovhcloud vps ip set-reverse SERVER_ID 198.51.100.7 mail.example.com.';
const DEDICATED = 'ovhcloud ip reverse set 198.51.100.7 198.51.100.7 mail.example.com.';

/** Undoes what the formats do to a text: escapes, entities, and the line ends of GitHub's commands. */
function plain(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('\\n', '\n').replaceAll('\\', '');
}

describe.each(wholeFormats.filter((format) => format !== 'json'))('%s', (format) => {
  test('each command stands behind the label of its case', () => {
    const text = plain(reporters[format]([report], { color: false, verbose: false }));
    const places = ['On a VPS:', VPS, 'On a dedicated server, or for an additional IP address:', DEDICATED].map(
      (part) => text.indexOf(part),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('the PTR record stands behind its label', () => {
    const text = plain(reporters[format]([report], { color: false, verbose: false, full: true }));
    const label = text.indexOf(REVERSE_ZONE_LABEL);
    expect(label).toBeGreaterThan(-1);
    expect(text.indexOf('7.100.51.198.in-addr.arpa', label)).toBeGreaterThan(label);
  });
});

test('json: the step has the alternatives as data, and no block with both', () => {
  const { advice } = JSON.parse(reporters.json([report])) as Report;
  const step = advice.steps.find(({ codes }) => codes.includes('ptr/missing'));
  expect(step?.commands).toEqual([]);
  expect(step?.alternatives).toEqual([
    { label: 'On a VPS', commands: [VPS] },
    { label: 'On a dedicated server, or for an additional IP address', commands: [DEDICATED] },
  ]);
});

test('groups: links have a label of their own only behind lines for one case', () => {
  const links = ['https://example.com/'];
  expect(typedGroups({ commands: ['a'], links })).toEqual([
    { kind: 'commands', label: null, lines: ['a'] },
    { kind: 'links', label: null, lines: links },
  ]);
  const labels = typedGroups({ alternatives: [{ label: 'On a VPS', commands: ['b'] }], links }).map(
    ({ label }) => label,
  );
  expect(labels).toEqual(['On a VPS:', LINKS_LABEL]);
});

test('groups: commands for any case come first, and a group without lines is left out', () => {
  const alternatives = [
    { label: 'On a VPS', commands: ['b'] },
    { label: 'Empty', commands: [] },
  ];
  expect(commandGroups({ commands: ['a'], alternatives })).toEqual([
    { kind: 'commands', label: null, lines: ['a'] },
    { kind: 'commands', label: 'On a VPS:', lines: ['b'] },
  ]);
  expect(typedGroups({})).toEqual([]);
});
