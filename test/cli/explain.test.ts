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
