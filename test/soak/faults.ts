/** Random failures of servers, the same for the same seed: what fails is only ever how they answer, never what is true. */
import type { Random } from '../random.ts';

import type { SmtpScript, Step } from '../world/smtp.ts';
import { type Answer, answerOf, type DnsScript, type Fault, type NameScript, type TypeEntry } from '../world/zone.ts';

function pick<T>(random: Random, from: readonly T[], fallback: T): T {
  return from[Math.floor(random() * from.length)] ?? fallback;
}

/** Silence costs a check seconds, so there is less of it. */
const DNS_FAULTS: readonly Fault[] = [
  'servfail',
  'servfail',
  'refused',
  'refused',
  'malformed',
  'malformed',
  'truncated',
  'truncated-no-tcp',
  'bogus',
  'notimp',
  'no-edns',
  'referral',
  'spoofed',
  'timeout',
];

/** How much of the DNS fails in one check: often nothing or little, sometimes all of it. */
const SHARES = [0, 0, 0.02, 0.02, 0.1, 0.3, 1] as const;
/** Asked of the names that have something else. */
const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'NS', 'CNAME', 'PTR'] as const;

export function withDnsFaults(script: DnsScript, random: Random): DnsScript {
  const share = pick(random, SHARES, 0);
  const zone = Object.fromEntries(
    Object.entries(script.zone).map(([name, entry]): [string, NameScript] => {
      if (typeof entry === 'string') return [name, entry];
      const types = { ...Object.fromEntries(TYPES.map((type) => [type, [] as readonly string[]])), ...entry };
      // A name that is an alias is one for every type.
      const usual = 'CNAME' in entry ? entry : types;
      return [name, Object.fromEntries(Object.entries(usual).map(([type, answer]) => [type, failing(type, answer)]))];
    }),
  );
  return { ...script, zone };

  function failing(type: string, entry: TypeEntry): Answer {
    const healthy = answerOf(entry);
    if (healthy.fault !== undefined || random() >= share) return healthy;
    if (random() < 0.2) return { ...healthy, delayMs: Math.floor(random() * 400) };
    const drawn = pick(random, DNS_FAULTS, 'servfail');
    // The server forges addresses and texts only.
    const fault = drawn === 'spoofed' && type !== 'A' && type !== 'TXT' ? 'servfail' : drawn;
    return random() < 0.5 ? { ...healthy, fault } : { ...healthy, fault, times: 1 };
  }
}

/** Not during a handshake: a server that hangs up there has refused it, and that is a finding. */
const STEPS: readonly Step[] = ['connect', 'greeting', 'ehlo', 'mail', 'rcpt', 'rset', 'quit'];

/** Of one connection. */
export function withSmtpFault(script: SmtpScript, random: Random, share: number): SmtpScript {
  if (random() >= share) return script;
  switch (Math.floor(random() * 6)) {
    case 0:
      return { ...script, greetingDelayMs: Math.floor(random() * 500) };
    case 1:
      return { ...script, replies: { 'RCPT TO': '451 4.3.0 Temporary failure' } };
    case 2:
      return { ...script, replies: { 'MAIL FROM': '421 4.3.2 Service not available' } };
    case 3:
      return { ...script, greeting: Buffer.from([0x32, 0x32, 0x30, 0x2d, 0xff, 0x00, 0x0a, 0x39]) };
    default: {
      const at = pick(random, STEPS, 'connect');
      return { ...script, drop: { at, with: random() < 0.5 ? 'fin' : 'rst', midReply: random() < 0.3 } };
    }
  }
}

export const SMTP_SHARES = [0, 0, 0.1, 0.5, 1] as const;

export function smtpShare(random: Random): number {
  return pick<number>(random, SMTP_SHARES, 0);
}
