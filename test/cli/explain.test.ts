import { expect, test } from 'vitest';
import { mailcheck } from '../world/world.ts';

test('without a code, it lists them all', async () => {
  const { code, stdout } = await mailcheck(['explain']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}spf\/multiple-records +/m);
  expect(stdout).toMatch(/^ {2}receiver\/refuses +/m);
});

test('with a code, it says what it is, why it matters, how to see it and how to fix it', async () => {
  const { code, stdout } = await mailcheck(['explain', 'ptr/missing']);
  expect(code).toBe(0);
  for (const part of ['Why receivers care', 'dig -x 203.0.113.5', 'Fix it', 'RFC 1912 §2.1']) {
    expect(stdout).toContain(part);
  }
});

test('as JSON', async () => {
  const { stdout } = await mailcheck(['explain', 'SPF/missing', '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ code: 'spf/missing', severity: 'error' });
});

test('a code that there is not: one line, with the nearest', async () => {
  const { code, stdout, stderr } = await mailcheck(['explain', 'ptr/mising']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'mailcheck: there is no finding "ptr/mising" (did you mean ptr/missing?). Type: mailcheck explain\n',
  );
});

test.each(['spf', 'SPF', 'spf/'])('%s lists the findings of the check', async (name) => {
  const { code, stdout } = await mailcheck(['explain', name]);
  expect(code).toBe(0);
  const codes = stdout.match(/^ {2}[a-z-]+\/[a-z0-9-]+/gm) ?? [];
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((shown) => !shown.startsWith('  spf/'))).toEqual([]);
});

test('a check that there is not: the nearest, whether check or finding', async () => {
  const { code, stderr } = await mailcheck(['explain', 'dkmi']);
  expect([code, stderr]).toEqual([
    2,
    'mailcheck: there is no finding "dkmi" (did you mean dkim?). Type: mailcheck explain\n',
  ]);
});

test('an enhanced status code', async () => {
  const { code, stdout } = await mailcheck(['explain', '5.7.25']);
  expect(code).toBe(0);
  expect(stdout).toContain('5.7.25 means: The reverse DNS check fails.');
  expect(stdout).toContain('ptr/missing');
});

test('a reply without quotes around it, as JSON', async () => {
  const { code, stdout } = await mailcheck(['explain', '550', '5.7.25', 'no', 'PTR', '--format', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    replies: [{ basic: '550', enhanced: '5.7.25', words: 'no PTR', failure: 'permanent' }],
    left: 0,
  });
});

test('a bounce on standard input', async () => {
  const input = 'Diagnostic-Code: smtp; 554 5.7.1 Client host [203.0.113.5] blocked using zen.spamhaus.org\n';
  const { code, stdout, stderr } = await mailcheck(['explain', '-'], { input });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('The reply names the list Spamhaus ZEN (zen.spamhaus.org).');
  expect(stdout).toContain('https://check.spamhaus.org/');
});

test('a reply that mailcheck does not know: the class of its code, and the check to run', async () => {
  const { code, stdout } = await mailcheck(['explain', '-'], { input: '451 4.9.9 come back on Tuesday' });
  expect(code).toBe(0);
  expect(stdout).toContain('4.9.9 (temporary)');
  expect(stdout).toContain('mailcheck knows neither this reply nor its code.');
  expect(stdout).toContain('  mailcheck example.com 203.0.113.5\n');
});

test.each([
  ['standard input', ['-']],
  ['the text', ['no', 'reply', 'here']],
])('%s without a reply is an error of one line', async (place, words) => {
  const { code, stdout, stderr } = await mailcheck(['explain', ...words], { input: 'Dear postmaster,\n' });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    `mailcheck: ${place} has no SMTP reply such as 550 5.7.25. Paste the whole bounce, or the line with the code\n`,
  );
});

test('of a long text only the first MiB is read', async () => {
  const input = `550 5.7.25 x\n\n${'a '.repeat(600_000)}\n\n550 5.1.1 y`;
  const { code, stdout, stderr } = await mailcheck(['explain', '-', '--format', 'json'], { input });
  expect([code, JSON.parse(stdout).replies.length]).toEqual([0, 1]);
  expect(stderr).toBe('mailcheck: standard input has more than 1 MiB; the rest is not read\n');
});
