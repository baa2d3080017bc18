import { describe, expect, test } from 'vitest';
import { parseIp } from '../../../src/network/ip.ts';
import { namesLimit, Pace } from '../../../src/network/smtp/pace.ts';
import type { SmtpReply } from '../../../src/network/smtp/types.ts';

const ip = parseIp('203.0.113.5') ?? expect.unreachable();
const said = (code: number, ...lines: string[]): SmtpReply => ({ code, enhanced: null, lines });
const busy = said(421, 'too many connections');

describe('the words of a limit of connections', () => {
  test.each([
    said(421, '4.7.0 mail.example.com Error: too many connections from 192.0.2.1', '4.7.0 call 555-0100'),
    said(421, 'Too many concurrent SMTP connections; please try again later.'),
    said(450, '4.7.1 Error: too many connections'),
    said(554, '5.7.1 connection rate limit exceeded'),
    said(421, '4.3.2 Connection rate limit exceeded.'),
    said(421, 'Maximum number of connections reached'),
    said(452, 'too many sessions from your address'),
    said(421, 'You are connecting too fast, slow down'),
    said(421, 'max concurrent connections per client is 2'),
    said(550, 'zu viele Verbindungen'),
    said(421, 'trop de connexions'),
  ])('$code $lines', (reply) => {
    expect(namesLimit(reply)).toBe(true);
  });

  test.each([
    said(220, 'too many connections are no problem here'),
    said(421, 'mail.example.com Service not available'),
    said(554, 'no SMTP service here'),
    said(554, '5.7.1 too many errors'),
    said(550, 'blocked using bl.example.net'),
  ])('not $code $lines', (reply) => {
    expect(namesLimit(reply)).toBe(false);
  });
});

describe('the pace of a host', () => {
  test('the starts of connections are apart by the time that the user wants', () => {
    const pace = new Pace();
    const waits = [0, 10, 1000, 5000].map((now) => {
      const waitMs = pace.waitMs(ip, now);
      if (waitMs === 0) pace.start(ip, 1000, now);
      return waitMs;
    });
    expect(waits).toEqual([0, 990, 0, 0]);
  });

  test('each refusal of a connection alone doubles the wait; beside another one it is short', () => {
    const pace = new Pace();
    const waits = [false, true, true, true].map((isAlone) => {
      pace.refuse(ip, busy, isAlone, 1000, 0);
      return pace.waitMs(ip, 0);
    });
    expect(waits).toEqual([250, 1000, 2000, 4000]);
  });

  test('the pace at which the host lets connections in again is kept, and advised with some more', () => {
    const pace = new Pace();
    for (const now of [0, 100, 200]) pace.letIn(ip, now);
    expect(pace.advisedPause(ip)).toBe(20);
    pace.refuse(ip, busy, true, 1000, 300);
    expect(pace.isRefused(ip)).toBe(true);
    pace.letIn(ip, 6000);
    expect(pace.isRefused(ip)).toBe(false);
    expect(pace.isSlow(ip)).toBe(true);
    expect(pace.waitMs(ip, 6000)).toBe(2000);
    pace.start(ip, 0, 8000);
    expect(pace.waitMs(ip, 8000)).toBe(2000);
    expect(pace.advisedPause(ip)).toBe(3);
  });

  test('a host that has dropped a connection is held off, and not less than before', () => {
    const pace = new Pace();
    pace.hold(ip, 250, 0);
    expect(pace.waitMs(ip, 100)).toBe(150);
    pace.refuse(ip, busy, true, 1000, 100);
    pace.hold(ip, 250, 100);
    expect(pace.waitMs(ip, 100)).toBe(1000);
    expect(pace.isSlow(ip)).toBe(false);
  });

  test('a host that takes one connection at a time is not slowed down further', () => {
    const pace = new Pace();
    pace.letIn(ip, 0);
    pace.refuse(ip, busy, false, 1000, 100);
    pace.letIn(ip, 350);
    expect(pace.isSlow(ip)).toBe(false);
  });

  test('a host that refuses for more than a minute is given up, and tried again a minute later', () => {
    const pace = new Pace();
    expect(pace.refuse(ip, busy, true, 1000, 0)).toBe(true);
    expect(pace.refuse(ip, busy, true, 1000, 64_000)).toBe(true);
    expect(pace.isGivenUp(ip, 64_000)).toBe(false);
    expect(pace.refuse(ip, busy, true, 1000, 65_000)).toBe(false);
    expect(pace.isGivenUp(ip, 65_000)).toBe(true);
    expect(pace.isGivenUp(ip, 125_000)).toBe(false);
    expect(pace.refusal(ip)).toBe('421 too many connections');
  });
});
