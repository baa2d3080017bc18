/** Recordings that were changed: refused in one line, or replayed to a valid report; never a crash and never a wait. */

import { beforeAll, expect } from 'vitest';
import { oneLine } from '../../src/cli/program.ts';
import { replay } from '../../src/index.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { INVISIBLE, UsageError } from '../../src/usage-error.ts';
import { cpuMs } from '../cpu-time.ts';
import { recordAndReplay } from '../recording/record-and-replay.ts';
import { sentenceFaults, TRAP } from '../world/hostile-evidence.ts';
import { scenes } from '../world/scenes.ts';
import { worldAuthority } from '../world/world.ts';
import { fuzz, PATIENCE_MS } from './fuzz.ts';
import { changed, changes, type Json } from './json.ts';

let recorded = '';

beforeAll(async () => {
  const { world } = scenes.relay;
  const settings = { extraRoots: [worldAuthority.certificate] };
  const rules = ['spf', 'dkim', 'mx', 'tls', 'open-relay', 'ptr'];
  const { file } = await recordAndReplay({ ...world, domain: 'example.org', ips: ['192.0.2.25'], rules, settings });
  recorded = file;
}, PATIENCE_MS);

fuzz('a recording with pieces replaced, left out or doubled', 60, changes, async (edits) => {
  const value = changed(JSON.parse(recorded) as Json, edits);
  const started = cpuMs();
  try {
    for (const report of await replay(value)) {
      expect(reportSchema.safeParse(report).error).toBeUndefined();
      const fixes = [
        ...report.advice.steps,
        ...report.rules.flatMap((rule) => rule.findings.map((one) => one.remediation)),
      ];
      expect(fixes.flatMap(({ summary }) => sentenceFaults(summary))).toEqual([]);
      // The mailbox of the user may have any character, and is quoted.
      const pasted = fixes.flatMap(({ commands = [], links = [] }) => [...commands, ...links]);
      expect(pasted.filter((line) => line.includes(TRAP) && !line.includes(`'`))).toEqual([]);
      expect(pasted.filter((line) => line.search(INVISIBLE) >= 0)).toEqual([]);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(oneLine(error.message)).toMatch(/^mailcheck: [^\x00-\x1f\x7f-\x9f\u2028\u202e]{1,1000}\n$/);
  }
  expect(cpuMs() - started).toBeLessThan(10_000);
});
