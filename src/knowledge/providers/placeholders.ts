/**
 * The placeholders that a command template may have in braces. The remediation engine replaces them by the user's
 * values.
 */
export const PLACEHOLDERS = [
  'ip',
  'ipv6',
  'domain',
  'helo',
  'allocationId',
  'region',
  'serverId',
  'project',
  'zone',
  'resourceGroup',
  'instance',
] as const;

/** The name of a placeholder, without the braces. */
export type Placeholder = (typeof PLACEHOLDERS)[number];
