/**
 * The schema of the receiver data: which faults make a receiver refuse, defer or downgrade mail, and with which reply.
 * There is one file per receiver in `data/`.
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
  /** Where the reply was seen. A reply that was seen in no source is never quoted. */
  provenance: provenanceSchema,
});

/** One receiver. */
export const receiverSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  name: z.string(),
  /** The place in the report. The receiver with the most mailboxes has the lowest. */
  place: z.number().int().positive(),
  /** The rules, the hardest first. The first rule whose condition is met decides. */
  rules: z.array(
    z.strictObject({
      outcome: z.enum(['refuses', 'defers', 'degrades']),
      /** `bulk`: the rule applies only to senders of high volume. */
      volume: z.enum(['any', 'bulk']),
      /** The condition: every group must be met, and a group is met by any of its causes. */
      when: z.array(z.array(cause).min(1)).min(1),
      because: z.string(),
      reply: replySchema.nullable(),
    }),
  ),
  /** What the receiver also looks at but no check can see. */
  notCheckable: z.array(z.string()),
  /** What to do before the first mail, if the receiver rejects unknown addresses. `null` when it does not. */
  askFirst: z.string().nullable(),
  source: z.url(),
  verifiedOn: verifiedOnSchema,
  provenance: provenanceSchema,
});

export type Receiver = z.infer<typeof receiverSchema>;
