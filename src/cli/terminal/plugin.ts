/** Tells whether mailcheck runs as a plugin of Nagios, before its options are read: they may be wrong. */

const PLUGIN = /^\s*nagios\s*$/;

/**
 * @returns whether the arguments ask for the format `nagios` on stdout. Then every end of the process has one of the exit
 *   codes of plugins, and a line on stdout.
 */
export function isPlugin(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const before = end === -1 ? args : args.slice(0, end);
  if (before.some((word) => /^(?:-o|--output(?:=|$))/.test(word))) return false;
  return before.some((word, index) => {
    const [, value] = /^(?:--format=|-[qv]*f=?)(.+)$/s.exec(word) ?? [];
    const next = /^(?:--format|-[qv]*f)$/.test(word) ? before[index + 1] : undefined;
    return PLUGIN.test(value ?? next ?? '');
  });
}

/** The exit code of a plugin that has no result. */
export const PLUGIN_UNKNOWN = 3;
