/**
 * Groups the predicted answers of receivers into the rows of a table. Receivers with the same answer share a row. Those
 * that accept are one row with their number.
 */
import { confirmationMark, confirmationMarks } from '../report/confirmation.ts';
import { isSaid } from '../report/receiver-counts.ts';
import type { ReceiverResult, Report, Status } from '../report/status.ts';
import { obstaclesOf } from './words.ts';

/** The row of all receivers that give the same answer. */
export interface ReceiverRow {
  readonly status: Status;
  readonly word: string;
  readonly text: string;
  /** The beginning of the SMTP reply in quotes, or `null` if no reply is known. */
  readonly quote: string | null;
}

const WORDS: Record<ReceiverResult['outcome'], { status: Status; word: string }> = {
  refuses: { status: 'fail', word: 'reject' },
  defers: { status: 'fail', word: 'defer' },
  degrades: { status: 'warn', word: 'spam risk' },
  unknown: { status: 'inconclusive', word: 'unknown' },
  accepts: { status: 'pass', word: 'accept' },
};

const ORDER: readonly ReceiverResult['outcome'][] = ['refuses', 'defers', 'degrades', 'unknown', 'accepts'];

/** @returns what the answers rest on, for the heading of the table. */
export function basisWords({ receivers }: Pick<Report, 'receivers'>): string {
  return `predicted from their rules${receivers.some(isSaid) ? ', or said when asked' : ''}`;
}

/**
 * @returns the rows, rejections first. None if a cause at the head of the report keeps every answer from being predicted. The
 *   texts come from data files and findings, and are not made safe to print.
 */
export function receiverTable(report: Report): ReceiverRow[] {
  const { receivers } = report;
  if (receivers.every(({ outcome }) => outcome === 'unknown') && obstaclesOf(report).length > 0) return [];
  const groups = new Map<string, ReceiverResult[]>();
  for (const receiver of receivers) {
    const { outcome, because, causes, reply, replyConfirmed } = receiver;
    const key = outcome === 'accepts' ? outcome : JSON.stringify([outcome, because, causes, reply, replyConfirmed]);
    groups.set(key, [...(groups.get(key) ?? []), receiver]);
  }
  const order = (group: readonly ReceiverResult[]): number => ORDER.indexOf(group[0]?.outcome ?? 'accepts');
  return [...groups.values()]
    .sort((a, b) => order(a) - order(b))
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const quote = first.reply === null ? null : `"${first.reply}"${confirmationMark(first.replyConfirmed ?? true)}`;
      return [{ ...WORDS[first.outcome], text: textOf(first, group, receivers.length), quote }];
    });
}

function textOf({ outcome, because, causes }: ReceiverResult, group: readonly ReceiverResult[], total: number): string {
  const { markOf, clause } = confirmationMarks(group);
  const names = group.map((receiver) => `${receiver.name}${markOf(receiver)}`).join(', ');
  if (outcome === 'accepts') return `${group.length} of ${total}: ${names}${clause}`;
  return `${names}: ${because}${causes.length > 0 ? ` (${causes.join(', ')})` : ''}${clause}`;
}
