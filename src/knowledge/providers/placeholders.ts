/** What a command template may hold in braces; the remediation engine puts the user's values there. */
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

export type Placeholder = (typeof PLACEHOLDERS)[number];
