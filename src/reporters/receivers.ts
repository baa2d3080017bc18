/** Groups the predicted answers of receivers into the rows of a table. Receivers with the same answer share a row. */
import { confirmationMark } from '../report/confirmation.ts';
import type { ReceiverResult, Report, Status } from '../report/status.ts';

/** The row of all receivers that give the same answer. */
export interface ReceiverRow {
  readonly status: Status;
  readonly word: string;
  readonly text: string;
  /** The beginning of the SMTP reply in quotes, or `null` if no reply is known. */
  readonly quote: string | null;
}

const WORDS: Record<ReceiverResult['outcome'], { status: Status; word: string }> = {
  refuses: { status: 'fail', word: 'refuse' },
  defers: { status: 'fail', word: 'defer' },
  degrades: { status: 'warn', word: 'distrust' },
  unknown: { status: 'inconclusive', word: 'unknown' },
  accepts: { status: 'pass', word: 'accept' },
};

const ORDER: readonly ReceiverResult['outcome'][] = ['refuses', 'defers', 'degrades', 'unknown', 'accepts'];

/** @returns the rows, rejections first. The texts come from data files and findings, and are not made safe to print. */
export function receiverTable({ receivers }: Report): ReceiverRow[] {
  // Receivers with the same outcome, reason and reply share a row.
  const groups = new Map<string, ReceiverResult[]>();
  for (const receiver of receivers) {
    const key = JSON.stringify([
      receiver.outcome,
      receiver.because,
      receiver.causes,
      receiver.reply,
      receiver.replyConfirmed,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), receiver]);
  }
  const order = (group: readonly ReceiverResult[]): number => ORDER.indexOf(group[0]?.outcome ?? 'accepts');
  return [...groups.values()]
    .sort((a, b) => order(a) - order(b))
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const names = group.map(({ name, confirmed }) => `${name}${confirmationMark(confirmed)}`).join(', ');
      const causes = first.causes.length > 0 ? ` (${first.causes.join(', ')})` : '';
      const text = first.outcome === 'accepts' ? names : `${names}: ${first.because}${causes}`;
      const quote = first.reply === null ? null : `"${first.reply}"${confirmationMark(first.replyConfirmed ?? true)}`;
      return [{ ...WORDS[first.outcome], text, quote }];
    });
}
