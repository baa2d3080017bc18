/**
 * The placeholders that a command template may have in braces. The remediation engine replaces them by the user's
 * values.
 */
const PLACEHOLDERS = [
  'ip',
  'ipv6',
  'ipBlock',
  'ipId',
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

/** @returns the text as the name of a placeholder, or `undefined` when there is none of this name. */
export function placeholderOf(name: string | undefined): Placeholder | undefined {
  return PLACEHOLDERS.find((known) => known === name);
}
