/**
 * What is known of a receiver's rules: which findings make it refuse, defer or distrust mail, and the reply it gives.
 * One file each in `data/`.
 */
import { z } from 'zod';
import { provenanceSchema, verifiedOnSchema } from '../verification-schema.ts';
import { CAUSES, type CauseName } from './causes.ts';

const cause = z.custom<CauseName>((name) => typeof name === 'string' && Object.hasOwn(CAUSES, name), {
  message: 'is no name of a cause',
});

const replySchema = z.strictObject({
  text: z.string().min(3),
  verifiedOn: verifiedOnSchema,
  /** A reply that was seen in no source is never quoted. */
  provenance: provenanceSchema,
});

export const receiverSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  name: z.string(),
  /** Its place in the report: the receiver with the most mailboxes has the lowest. */
  place: z.number().int().positive(),
  /** Hardest first: the first that is broken decides. */
  rules: z.array(
    z.strictObject({
      outcome: z.enum(['refuses', 'defers', 'degrades']),
      /** `bulk`: only for those who send a lot to it. */
      volume: z.enum(['any', 'bulk']),
      /** Every group must be met; each names alternatives. */
      when: z.array(z.array(cause).min(1)).min(1),
      because: z.string(),
      reply: replySchema.nullable(),
    }),
  ),
  /** What no check can see; where it alone decides for a new address, nothing can be promised. */
  notCheckable: z.array(z.string()),
  /** What to do before the first mail, where the receiver knows no unknown address. */
  askFirst: z.string().nullable(),
  source: z.url(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
});

export type Receiver = z.infer<typeof receiverSchema>;
