/** Tests the excerpt of a report in the README, and what is made steady in it. */
import { describe, expect, test } from 'vitest';
import { steady } from '../../tools/demo-report.ts';
import { excerpt } from '../../tools/excerpt.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);
const linesOf = (report: string): string[] => excerpt('mailcheck example.com', report).split('\n').slice(1, -1);

describe('excerpt', () => {
  test('a short report is whole', () => {
    expect(excerpt('mailcheck example.com', 'PASS\nall')).toBe('```\n$ mailcheck example.com\nPASS\nall\n```');
  });

  test('it ends with the last paragraph that ends in its second half', () => {
    const report = [...numbered(4), '', ...numbered(5), '', ...numbered(30)].join('\n');
    expect(linesOf(report)).toEqual(['$ mailcheck example.com', ...numbered(4), '', ...numbered(5), '…']);
  });

  test('it has 15 lines where no paragraph ends', () => {
    expect(linesOf(['', '', ...numbered(40)].join('\n'))).toHaveLength(15);
  });
});

test('steady: two runs of the demo print the same', () => {
  const printed = (port: number, seconds: string, queries: number): string =>
    `\x1b[2mResolver \x1b[22m127.0.0.1#${port}\n\x1b[2mTook \x1b[22m${seconds} s, ${queries} DNS queries, 13 SMTP connections\n` +
    `mailcheck records example.net --dns 127.0.0.1:${port} --selector mail\nChecked from outside (you said so)`;
  expect(steady(printed(40001, '0.3', 165))).toBe(steady(printed(51234, '12.8', 140)));
  expect(steady(printed(40001, '0.3', 165))).toContain(
    '192.0.2.53#53\n\x1b[2mTook \x1b[22m4.2 s, 140 DNS queries, 13 SMTP connections\nmailcheck records example.net --selector mail\nChecked from outside',
  );
});
