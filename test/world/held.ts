/**
 * Lists what the code under test and the test world hold open in this process. The test runner has its own timers,
 * which come and go. A timer therefore counts only if our code has set it.
 */
import { createHook } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';

const OURS = ['src/', 'test/world/'].map((folder) => fileURLToPath(new URL(`../../${folder}`, import.meta.url)));
/** The timers set by our code, by the number that Node.js gives each. */
const timers = new Map<number, string>();

createHook({
  init(id, type) {
    if (type !== 'Timeout' && type !== 'Immediate') return;
    const { stack = '' } = new Error('set here');
    // This file is in the first one or two lines of the stack.
    const callers = stack.split('\n').filter((line) => !line.includes(import.meta.filename));
    if (OURS.some((folder) => callers.some((line) => line.includes(folder)))) timers.set(id, type);
  },
  destroy(id) {
    timers.delete(id);
  },
}).enable();

/** @returns the kinds of the sockets, DNS queries and timers that are open, sorted. */
export function heldResources(): string[] {
  const sockets = process.getActiveResourcesInfo().filter((name) => /TCP|UDP|TLS|DNS|CARES|QUERY/i.test(name));
  return [...sockets, ...timers.values()].sort();
}
