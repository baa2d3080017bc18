/** The schema of a sighting. It is a file, and a recording may come from a stranger, so neither is trusted. */
import * as z from 'zod';

const time = z.int().min(0).max(8.64e15);

export const sightingSchema = z.object({
  since: time.nullable(),
  otherTtl: z.int().min(0).max(0xffff_ffff).nullable(),
  lostAt: time.exactOptional(),
  olderUntil: time.exactOptional(),
});
