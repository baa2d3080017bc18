/**
 * @returns milliseconds of the processor that this process has used. Two readings tell how much work lies between them,
 *   which is the same on a quiet machine and on a busy one.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
