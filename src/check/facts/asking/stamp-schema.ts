/** The schemas of stamps. A stamp is a file, and a recording may come from a stranger, so neither is trusted. */
import * as z from 'zod';
import { MAX_LINE, MAX_LINES } from './cut-reply.ts';

/** The point of the dialogue at which a receiver answered last. */
const STAGES = ['greeting', 'ehlo', 'mail-from'] as const;

const line = z.string().max(MAX_LINE);
const name = z.string().max(1024);
/** Milliseconds since the epoch. */
const time = z.int().min(0).max(8.64e15);

const saidSchema = z.object({
  /** The MX host that was asked, and its address. */
  host: name,
  server: name,
  /** The HELO name and the domain of MAIL FROM. */
  helo: name,
  sender: name,
  stage: z.enum(STAGES),
  reply: z.object({
    code: z.int().min(200).max(599),
    enhanced: z.string().max(20).nullable(),
    lines: z.array(line).max(MAX_LINES).readonly(),
  }),
});

/** What a receiver said. Untrusted: a file or the network has it. */
export type Said = Readonly<z.infer<typeof saidSchema>>;

/** The schema of a stamp. */
export const stampSchema = z.object({ askedAt: time, said: saidSchema.nullable() });

/** The schema of the answer to a claim. */
export const claimSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('free') }),
  z.object({ status: z.literal('asked'), at: time.nullable(), said: saidSchema.nullable() }),
  z.object({ status: z.literal('unusable'), detail: z.string().max(10_000) }),
]);
