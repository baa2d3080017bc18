/** The tool `plan`: the changes of DNS records that a check proposes. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { copyable, printable } from '../../reporters/printable.ts';
import { formatNamed, PLAN_FORMAT_IDS } from '../plan-file/formats.ts';
import { planFile } from '../plan-file/text.ts';
import { answerOf, type Call } from './answer.ts';
import { changeCore } from './check.ts';
import type { Place } from './place.ts';
import { reportFor, targetInput, unknownIn } from './run.ts';

const USUAL_FORMAT = 'zone';

export const planInput = z.strictObject({
  ...targetInput,
  format: z
    .string()
    .optional()
    .meta({ description: `Form of the text: ${PLAN_FORMAT_IDS.join(', ')} (default ${USUAL_FORMAT})` }),
});

/** @returns the answer: the plan as text of the format, and as data. */
export async function planTool(
  { format = USUAL_FORMAT, ...given }: z.infer<typeof planInput>,
  place: Place,
  call: Call,
): Promise<CallToolResult> {
  // A wrong format is refused before anybody is asked.
  formatNamed(format);
  const report = await reportFor(given, place, call);
  const { summary, changes, later, undecided, left } = report.plan ?? {
    summary: 'No change of DNS records is proposed.',
    changes: [],
    later: [],
    undecided: [],
    left: [],
  };
  const text = [
    printable(summary),
    ...later.flatMap(({ when, record }) => [`Later: ${copyable(record.line)}`, `  ${printable(when)}`]),
    '',
    await planFile(report, format),
  ].join('\n');
  return answerOf(unknownIn(report), text, {
    verdict: report.verdict,
    summary,
    changes: changes.map(({ step, codes, notes, commands, ...change }) => ({
      step,
      ...changeCore(change),
      codes,
      notes,
      ...(commands.length === 0 ? {} : { commands }),
    })),
    later: later.map(({ name, type, when, record }) => ({ name, type, when, add: [record.line] })),
    undecided: undecided.map(({ name, type, decide }) => ({ name, type, decide })),
    stillWrong: left.map(({ rule }) => rule),
  });
}
