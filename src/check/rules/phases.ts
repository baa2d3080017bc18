/** Defines the order in which remediations are due. */

/**
 * The phases of the work, in order. An open relay is closed before everything else that affects reputation. The address
 * record exists before the PTR record is requested. Removal from block lists is requested only when the host is in
 * order.
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

/** The phase in which a remediation is due. */
export type Phase = (typeof PHASES)[number];

/** The phases that concern the names of the host. Providers check these names before they open port 25. */
export const NAMES_OF_THE_HOST: readonly Phase[] = [
  'host-name',
  'forward-record',
  'full-host-name',
  'reverse-record',
  'announced-name',
];
