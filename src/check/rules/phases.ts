/** When the remediation of a finding is due: what has to be right before what. */

/**
 * The phases of the work, in order. An open relay is closed before anything else that costs reputation, the forward
 * record exists before the reverse one is asked for, and lists are asked to delist only when the host is in order.
 */
export const PHASES = [
  'domain',
  'resolver',
  'address',
  'abuse',
  'host-name',
  'forward-record',
  'full-host-name',
  'reverse-record',
  'announced-name',
  'port-25',
  'provider-policy',
  'sender-policy',
  'signing-keys',
  'domain-policy',
  'reputation',
  'encryption',
  'reception',
  'other',
] as const;

export type Phase = (typeof PHASES)[number];

/** Providers look at the names of a host before they open port 25. */
export const NAMES_OF_THE_HOST: readonly Phase[] = [
  'host-name',
  'forward-record',
  'full-host-name',
  'reverse-record',
  'announced-name',
];
