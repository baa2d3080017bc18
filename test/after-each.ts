/** Ends what a test has left running. Every test file runs this; what a file starts for all of its tests stays. */
import { afterEach, beforeEach } from 'vitest';
import { endAllSince, runningNow } from './world/running.ts';

let before = runningNow();
beforeEach(() => {
  before = runningNow();
});
afterEach(() => endAllSince(before));
