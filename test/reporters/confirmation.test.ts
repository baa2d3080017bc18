/** What is not confirmed is marked in every format, with the same words and at the same facts. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/status.ts';
import { reporters } from '../../src/reporters/index.ts';
import { controlWords, egressWords, provenanceWords, unblockWords } from '../../src/reporters/provider-words.ts';
import { receiverTable } from '../../src/reporters/receivers.ts';
import { providerReport } from '../golden/provider-report.ts';
import { wholeFormats } from './whole-formats.ts';

let unsure: Report;
let sure: Report;
beforeAll(async () => {
  // What is known of Exoscale is of low confidence. What is known of Vultr was checked in the year of the test world.
  unsure = await providerReport('exoscale');
  sure = await providerReport('vultr');
});

/** As one line, without the marks that formats put around words. */
const flat = (text: string): string => text.replaceAll('\\', '').replace(/\s+/g, ' ');

describe.each(wholeFormats.filter((format) => !['json', 'sarif'].includes(format)))('%s', (format) => {
  const write = (report: Report): string => flat(reporters[format]([report], { color: false, verbose: true }));

  test('marks what is not confirmed, and nothing else', () => {
    expect(write(unsure)).toContain('Exoscale (not confirmed)');
    expect(write(sure)).not.toContain('Vultr (not confirmed)');
  });
});

test('html marks the facts about the provider, in the words of the terminal', () => {
  const [exoscale, vultr] = [unsure, sure].map((report) => flat(reporters.html([report])));
  expect(exoscale).toContain('<dd>blocked until you ask; by support ticket (not confirmed)');
  expect(exoscale).toContain('<dd>console and command (not confirmed)');
  expect(vultr).toContain('<dd>blocked until you ask; by support ticket (');
  expect(vultr).not.toContain('by support ticket (not confirmed)');
});

test('json says of each candidate and of each receiver whether it is confirmed', () => {
  const candidates = (report: Report) => report.provider?.addresses[0]?.candidates.map(({ confirmed }) => confirmed);
  expect([candidates(unsure), candidates(sure)]).toEqual([[false], [true]]);
  const answers = new Map(
    unsure.receivers.map(({ id, confirmed, replyConfirmed }) => [id, { confirmed, replyConfirmed }]),
  );
  expect(answers.get('proximus')).toEqual({ confirmed: false, replyConfirmed: null });
  expect(answers.get('gmail')).toEqual({ confirmed: true, replyConfirmed: true });
});

test('a receiver is marked by its name, its reply by itself', () => {
  const receivers = unsure.receivers.map((answer) =>
    answer.id === 'gmail' ? { ...answer, replyConfirmed: false } : answer,
  );
  const rows = receiverTable({ ...unsure, receivers });
  const gmail = rows.find(({ text }) => text.startsWith('Gmail'));
  expect(gmail?.text).not.toContain('(not confirmed)');
  expect(gmail?.quote).toMatch(/" \(not confirmed\)$/);
  expect(receiverTable(unsure).find(({ text }) => text.startsWith('Gmail'))?.quote).toMatch(/[^)]$/);
  expect(rows.find(({ text }) => text.startsWith('Proximus'))?.text).toMatch(/^Proximus \(not confirmed\): /);
});

test('a value without words of its own is shown as it is', () => {
  for (const words of [unblockWords, controlWords, provenanceWords]) expect(words('new')).toBe('new');
  expect(egressWords({ egress: 'new', unblock: 'new' })).toBe('new');
});
