import { confirmationMark } from '../../../report/confirmation.ts';
import { findingSpec } from '../finding.ts';

export interface PredictionEvidence {
  readonly receiver: string;
  readonly name: string;
  readonly outcome: string;
  /** The rule of the receiver that is broken. */
  readonly because: string;
  readonly causes: readonly string[];
  /** The reply that the receiver would give. `null` when it was not seen in a source. */
  readonly reply: string | null;
  /** Whether the data about the receiver's rules is recent enough to be printed without a mark. */
  readonly confirmed: boolean;
  /** The same for the reply. */
  readonly replyConfirmed: boolean | null;
  readonly source: string;
}

const reply = ({ reply: text, replyConfirmed }: PredictionEvidence): string =>
  text === null ? '' : `, with "${text}"${confirmationMark(replyConfirmed ?? true)}`;

const VERBS: Readonly<Record<string, string>> = { refuses: 'refuse', defers: 'defer', degrades: 'distrust' };

const message = (evidence: PredictionEvidence): string =>
  `${evidence.name}${confirmationMark(evidence.confirmed)} would ${VERBS[evidence.outcome] ?? 'refuse'} mail from this host: ${evidence.because}${reply(evidence)}.`;

const remediation = ({ causes }: PredictionEvidence) => ({
  summary: `Settle what causes it: ${causes.join(', ')}.`,
});

export const findings = {
  'receiver/refuses': findingSpec<PredictionEvidence>({
    severity: 'error',
    title: 'A large receiver would refuse or defer mail from this host',
    message,
    explanation: 'It follows from the findings named and the rules that the receiver publishes; nobody was asked.',
    remediation,
    reference: 'the receiver’s sender rules',
  }),
  'receiver/degrades': findingSpec<PredictionEvidence>({
    severity: 'warning',
    title: 'A large receiver would distrust mail from this host',
    message,
    explanation: 'Such mail is filed as spam or slowed down; the rules are those that the receiver publishes.',
    remediation,
    reference: 'the receiver’s sender rules',
  }),
  'receiver/not-checkable': findingSpec<{
    receivers: readonly { id: string; name: string; list: readonly string[] }[];
  }>({
    severity: 'info',
    title: 'Receivers also judge by what no check can see beforehand',
    message: ({ receivers }) =>
      `Not to be seen beforehand: ${receivers.map(({ name, list }) => `${name}: ${list.join(', ')}`).join('; ')}.`,
    explanation: 'Reputation is earned by what is sent: begin with little mail to people who expect it.',
    remediation: () => ({
      summary: 'Begin with little mail, and watch the replies and the receivers’ postmaster tools.',
    }),
    reference: 'RFC 8058; the receivers’ sender rules',
  }),
};
