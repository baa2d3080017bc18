/** The schema of a sighting. It is a file, and a recording may come from a stranger, so neither is trusted. */
import { z } from 'zod';

export const sightingSchema = z.object({
  since: z.int().min(0).max(8.64e15).nullable(),
  otherTtl: z.int().min(0).max(0xffff_ffff).nullable(),
});
