/**
 * Turns the predicted answers of large receivers into findings. They follow from the findings of other rules. Each is
 * at most as severe as its causes, so that a report never fails because of them alone.
 */
import { isSaid } from '../../../report/receiver-counts.ts';
import type { ReceiverResult } from '../../../report/status.ts';
import type { Target } from '../../target.ts';
import { emitter, type Finding } from '../finding.ts';
import { defineConsequence } from '../rule.ts';
import { findings } from './findings.ts';

const receiver = defineConsequence({
  id: 'receiver',
  title: 'What large receivers would answer',
  reference: 'the receivers’ sender rules',
  findings,
});

export default receiver;

/** @returns one finding for each receiver that would not accept the mail, and a last one on what no check can see. */
export function receiverFindings(predictions: readonly ReceiverResult[], target: Target): Finding[] {
  const finding = emitter(findings, target);
  const consequences = predictions.flatMap((prediction): Finding[] => {
    const { id, name, outcome, because, causes, severity, reply, source, confirmed, replyConfirmed } = prediction;
    // What the receiver really said is a finding of its own.
    if (severity === null || isSaid(prediction)) return [];
    const evidence = { receiver: id, name, outcome, because, causes, reply, source, confirmed, replyConfirmed };
    const isSoft = outcome === 'degrades';
    const detail = { about: { item: id }, causes, severity: isSoft ? ('warning' as const) : severity };
    return [finding(isSoft ? 'receiver/degrades' : 'receiver/refuses', evidence, detail)];
  });
  const unseen = predictions.map(({ id, name, notCheckable }) => ({ id, name, list: notCheckable }));
  return [...consequences, finding('receiver/not-checkable', { receivers: unseen }, { about: {} })];
}
