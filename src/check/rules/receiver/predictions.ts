/**
 * The predictions as findings. They are consequences: each is as severe as what causes it, so that no report fails for
 * them which would have passed without them.
 */
import type { ReceiverResult } from '../../../report/status.ts';
import type { Target } from '../../target.ts';
import { emitter, type Finding } from '../rule.ts';
import { findings } from './findings.ts';

export const RECEIVER_RULE = {
  id: 'receiver',
  title: 'What large receivers would answer',
  reference: 'the receivers’ sender rules',
  findings,
} as const;

export function receiverFindings(predictions: readonly ReceiverResult[], target: Target): Finding[] {
  const finding = emitter(findings, target);
  const consequences = predictions.flatMap((prediction) => {
    const { id, name, outcome, because, causes, severity, reply, source, confirmed, replyConfirmed } = prediction;
    if (severity === null) return [];
    const evidence = { receiver: id, name, outcome, because, causes, reply, source, confirmed, replyConfirmed };
    const isSoft = outcome === 'degrades';
    const detail = { subject: id, severity: isSoft ? ('warning' as const) : severity };
    return [finding(isSoft ? 'receiver/degrades' : 'receiver/refuses', evidence, detail)];
  });
  const unseen = predictions.map(({ id, name, notCheckable }) => ({ id, name, list: notCheckable }));
  return [...consequences, finding('receiver/not-checkable', { receivers: unseen }, { subject: target.domain })];
}
