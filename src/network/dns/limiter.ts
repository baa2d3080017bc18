/** @returns a function that runs at most `limit` tasks at a time. Other tasks wait and start in order. */
export function createLimiter(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const finish = (): void => {
    running -= 1;
    waiting.shift()?.();
  };
  function run<T>(task: () => Promise<T>): Promise<T> {
    running += 1;
    const result = task();
    result.then(finish, finish);
    return result;
  }
  return (task) => (running < limit ? run(task) : new Promise((resolve) => waiting.push(() => resolve(run(task)))));
}
