import { expect, test } from 'vitest';
import { isHeldBack, isOwnEnd, type SmtpFailureStatus } from '../../../src/network/smtp/types.ts';

type Meaning = 'held back' | 'own end' | 'the host or the network';

const MEANINGS: Readonly<Record<SmtpFailureStatus, Meaning>> = {
  limited: 'held back',
  'shut-out': 'held back',
  'no-route': 'own end',
  forbidden: 'own end',
  capped: 'own end',
  unasked: 'own end',
  aborted: 'own end',
  refused: 'the host or the network',
  timeout: 'the host or the network',
  unreachable: 'the host or the network',
  closed: 'the host or the network',
  reset: 'the host or the network',
  malformed: 'the host or the network',
  'too-long': 'the host or the network',
  'tls-failed': 'the host or the network',
};

const isStatus = (text: string): text is SmtpFailureStatus => text in MEANINGS;

test.each(Object.entries(MEANINGS))('%s: %s', (status, meaning) => {
  if (!isStatus(status)) throw new Error(status);
  expect([isHeldBack(status), isOwnEnd(status)]).toEqual([
    meaning === 'held back',
    meaning !== 'the host or the network',
  ]);
});
