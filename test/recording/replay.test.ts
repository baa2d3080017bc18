import { describe, expect, test } from 'vitest';
import { scenes } from '../world/scenes.ts';
import { recordAndReplay } from './record-and-replay.ts';

describe('the replay of a recorded run is the same report', () => {
  test.each(Object.entries(scenes))('%s', async (_, { world, args }) => {
    const [domain = '', ip = ''] = args;
    const both = await recordAndReplay({ ...world, domain, ips: [ip] });
    expect(both.missing).toEqual([]);
    expect(both.replayed).toBe(both.live);
  });
});
