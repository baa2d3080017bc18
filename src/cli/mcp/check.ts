/** The tool `check`: the report on a mail server, short. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { exitCode, type FindingResult, type RecordChange, type Report, type Status } from '../../report/status.ts';
import { pretty } from '../../reporters/pretty.ts';
import { targetSchema } from '../config/schema.ts';
import { answerOf, type Call, UNWRAPPED } from './answer.ts';
import type { Place } from './place.ts';
import { reportFor, targetInput, unknownIn } from './run.ts';

/** The most characters of proposed records. A zone file of a mail domain has some thousand. */
const MAX_ZONE = 1_000_000;

const { only, gate } = targetSchema.shape;

export const checkInput = z.strictObject({
  ...targetInput,
  only,
  zone: z
    .string()
    .max(MAX_ZONE)
    .optional()
    .meta({ description: 'Proposed records as text (a zone file, or JSON), judged as if they were published' }),
  gate: gate.meta({
    description: 'With zone: fail on what the change makes worse (default), or on all that is wrong with it',
  }),
  detail: z
    .enum(['short', 'full'])
    .optional()
    .meta({ description: 'full: the whole report as JSON, some 20 times as long' }),
});

/** @returns the answer: the report as text, and its core as data. */
export async function checkTool(
  { zone, detail, ...given }: z.infer<typeof checkInput>,
  place: Place,
  call: Call,
): Promise<CallToolResult> {
  const zones = zone === undefined ? {} : { zones: [{ name: 'zone', text: zone }] };
  const report = await reportFor({ ...given, ...zones }, place, call);
  const text = pretty([report], { color: false, verbose: false, width: UNWRAPPED, policy: {} });
  return answerOf(unknownIn(report), text, detail === 'full' ? report : coreOf(report));
}

/** @returns what a program needs to go on: the verdict, what is wrong, and what to do. The notes are left out. */
function coreOf(report: Report) {
  const { rules, verdict, advice, plan } = report;
  const statuses = [...new Set(rules.map(({ status }) => status))];
  const idsOf = (wanted: Status): string[] => rules.filter(({ status }) => status === wanted).map(({ id }) => id);
  return {
    verdict,
    exitCode: exitCode(report),
    rules: Object.fromEntries(statuses.map((status) => [status, idsOf(status)])),
    findings: rules
      .filter(({ kind }) => kind === 'check')
      .flatMap(({ findings }) => findings.filter(({ severity }) => severity !== 'info').map(findingCore)),
    steps: advice.steps.map(({ summary, codes, commands }) => ({
      summary,
      codes,
      ...(commands.length === 0 ? {} : { commands }),
    })),
    ...(plan === null ? {} : { plan: plan.changes.map(changeCore) }),
  };
}

function findingCore({ code, severity, message, change }: FindingResult) {
  return { code, severity, message, ...(change === undefined ? {} : { change }) };
}

/**
 * @returns what goes from a record set and what comes, in lines of a zone file, and how many records stay. Those are only
 *   counted: a domain may have hundreds. Most are the domain's own.
 */
export function changeCore({
  name,
  type,
  owner,
  remove,
  keep,
  add,
}: Pick<RecordChange, 'name' | 'type' | 'owner' | 'remove' | 'keep' | 'add'>) {
  const linesOf = (records: RecordChange['add']): string[] => records.map(({ line }) => line);
  return {
    name,
    type,
    ...(owner === 'own' ? {} : { owner }),
    remove: linesOf(remove),
    add: linesOf(add),
    kept: keep.length,
  };
}
