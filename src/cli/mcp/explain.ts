/** The tool `explain`: what a finding or a bounce means. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { tonesFor } from '../../reporters/tones.ts';
import { explained, explanationText } from '../commands/explain.ts';
import { answerOf, UNWRAPPED } from './answer.ts';

/** The most characters of a bounce. Its replies come before the mail that it returns. */
const MAX_BOUNCE = 100_000;

export const explainInput = z.strictObject({
  text: z
    .string()
    .max(MAX_BOUNCE)
    .meta({ description: 'A finding code (ptr/missing), a check (spf), an SMTP reply, or a whole bounce' }),
});

/** @returns the answer: the explanation as text. */
export function explainTool({ text }: z.infer<typeof explainInput>): CallToolResult {
  return answerOf(null, explanationText(explained(text.trim()), UNWRAPPED, tonesFor(false)));
}
