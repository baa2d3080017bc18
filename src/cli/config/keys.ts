/** Which key of the configuration stands for which option of the command line: the only list of them. */
import type { OptionName } from '../options/check-arguments.ts';

/** Of a target, and of all targets. */
export const TARGET_KEYS = {
  helo: 'helo',
  selectors: 'selector',
  dkimKey: 'dkimKey',
  message: 'message',
  provider: 'provider',
  volume: 'volume',
  sendOnly: 'sendOnly',
  only: 'only',
  skip: 'skip',
  dns: 'dns',
  zones: 'zone',
  dnsbl: 'dnsbl',
  dnsblExcept: 'dnsblExcept',
  neighbours: 'neighbours',
  asnLookup: 'asnLookup',
  smtpPort: 'smtpPort',
  probeName: 'probeName',
  relayRcpt: 'relayRcpt',
  activeData: 'activeData',
  activeRcpt: 'activeRcpt',
  greylistWait: 'greylistWait',
  probePause: 'probePause',
  caFile: 'caFile',
  egressTargets: 'egressTarget',
  egressControls: 'egressControl',
  onHost: 'onHost',
  vantage: 'vantage',
  whoamiName: 'whoamiName',
  allowPrivate: 'allowPrivate',
  connectTo: 'connectTo',
  timeout: 'timeout',
} as const satisfies Record<string, OptionName>;

/** Of the whole run. */
export const RUN_KEYS = {
  formats: 'format',
  failOn: 'failOn',
  allowInconclusive: 'allowInconclusive',
  baseline: 'baseline',
} as const satisfies Record<string, OptionName>;

export type TargetKey = keyof typeof TARGET_KEYS;
export type RunKey = keyof typeof RUN_KEYS;

/** Of two options that speak of the same, the one that stands in the upper layer puts the other of a lower one aside. */
export const RIVALS: readonly (readonly [upper: OptionName, lower: OptionName])[] = [
  ['onHost', 'vantage'],
  ['vantage', 'onHost'],
  ['only', 'skip'],
  ['strict', 'failOn'],
];
