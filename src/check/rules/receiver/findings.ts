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

const VERBS: Readonly<Record<string, string>> = {
  refuses: 'would reject mail from this host',
  defers: 'would defer mail from this host',
  degrades: 'may file mail from this host as spam or reject it',
};

const message = (evidence: PredictionEvidence): string =>
  `${evidence.name}${confirmationMark(evidence.confirmed)} ${VERBS[evidence.outcome] ?? VERBS.refuses}: it ${evidence.because}${reply(evidence)}.`;

const remediation = ({ causes }: PredictionEvidence) => ({
  summary: `Fix the findings listed: ${causes.join(', ')}.`,
});

export const findings = {
  'receiver/refuses': findingSpec<PredictionEvidence>({
    severity: 'error',
    title: 'A large receiver would reject or defer mail from this host',
    message,
    explanation:
      'This is predicted from the findings and from the receiver’s published rules. mailcheck did not contact the receiver.',
    remediation,
    reference: 'the receiver’s sender rules',
  }),
  'receiver/degrades': findingSpec<PredictionEvidence>({
    severity: 'warning',
    title: 'A large receiver may file mail from this host as spam',
    message,
    explanation:
      'This is predicted from the findings and from the receiver’s published rules. mailcheck did not contact the receiver.',
    remediation,
    reference: 'the receiver’s sender rules',
  }),
  'receiver/not-checkable': findingSpec<{
    receivers: readonly { id: string; name: string; list: readonly string[] }[];
  }>({
    severity: 'info',
    title: 'Receivers also use criteria that no check can test',
    message: ({ receivers }) =>
      `Cannot be tested before the first mail: ${receivers.map(({ name, list }) => `${name}: ${list.join(', ')}`).join('; ')}.`,
    explanation: 'Receivers rate a sender by the mail that they get from it.',
    remediation: () => ({
      summary: 'Start with little mail to people who expect it. Watch the replies and the receivers’ postmaster tools.',
    }),
    reference: 'RFC 8058; the receivers’ sender rules',
  }),
};
