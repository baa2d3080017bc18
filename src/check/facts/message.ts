/**
 * Judges the message that the user gave: who sent it, and whether one of its signatures is aligned with its From
 * domain.
 */

import { sameName } from '../../network/domain.ts';
import type { MessageSignature } from '../../standards/dkim/message.ts';
import { type AlignmentResult, alignmentBySuffixList, alignmentByTreeWalk } from '../../standards/dmarc/alignment.ts';
import { type PolicyResult, policyByTreeWalk } from '../../standards/dmarc/policy.ts';
import type { Alignment } from '../../standards/dmarc/record.ts';
import { walkTree } from '../../standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { dmarc } from './dmarc.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** One DKIM signature of the message, with its alignment. */
export interface JudgedSignature extends MessageSignature {
  /** The alignment with the From domain (RFC 9989 §4.4). `null` for a signature that does not verify. */
  readonly alignment: AlignmentResult | null;
  /** Whether the signing domain and the From domain have the same organizational domain by the suffix list. */
  readonly isOwn: boolean;
}

/** What the message shows about the DKIM signatures of the host. */
export interface MessageFact {
  /** The domain of the From field. `null` when the field names no domain or several. */
  readonly fromDomain: string | null;
  /** Whether the From domain belongs to the tested organization. Another organization's message shows nothing. */
  readonly isFromTarget: boolean;
  readonly signatures: readonly JudgedSignature[];
  /** The number of signatures that were not verified because the message has too many. */
  readonly leftOut: number;
  /** The alignment mode (`adkim=`) of the policy that applies to the From domain. */
  readonly mode: Alignment;
  /** Whether tree walks decided which names belong together. Otherwise the suffix list decided. */
  readonly isWalked: boolean;
  /** Whether a signature verifies and is aligned. Receivers ask for no more. */
  readonly isVerified: boolean;
  /**
   * Whether such a signature would also pass for mail from the tested domain itself. The domain's key is then known.
   */
  readonly showsSigning: boolean;
}

/**
 * Verifies and judges the message that the user gave. The fact is `null` when no message was given. The keys are DNS records, so
 * the message is verified again where the rules run over other records.
 */
export const message = fact(
  async ({
    dns,
    facts,
    target: { domain },
    verifyMessage,
  }: Needs<'dns' | 'target' | 'verifyMessage'>): Promise<MessageFact | null> => {
    // One signature that verifies is enough. The rule reports each key that could not be looked up.
    const verification = await verifyMessage(unwatched(dns));
    if (verification === null) return null;
    const { fromDomain, leftOut = 0 } = verification;
    const isFromTarget = fromDomain !== null && organizationalDomain(fromDomain) === organizationalDomain(domain);
    const about = { fromDomain, isFromTarget, leftOut };
    const signatures = verification.signatures.map((signature) => ({
      ...signature,
      alignment: null,
      isOwn: isFromTarget && organizationalDomain(signature.domain) === organizationalDomain(fromDomain),
    }));
    if (!isFromTarget || signatures.every(({ result }) => result !== 'pass')) {
      return { ...about, signatures, mode: 'relaxed', isWalked: false, isVerified: false, showsSigning: false };
    }
    const policyOf = async (name: string): Promise<PolicyResult> =>
      sameName(name, domain) ? (await facts(dmarc)).byTreeWalk : policyByTreeWalk(await walkTree(dns, name), true);
    const policy = await policyOf(fromDomain);
    const mode = modeOf(policy);
    // Without a DMARC record, the tree walk finds no organizational domain. Only the suffix list tells which names
    // belong together.
    const isWalked = policy.kind !== 'none';
    const align = (signer: string): AlignmentResult | Promise<AlignmentResult> =>
      isWalked ? alignmentByTreeWalk(dns, fromDomain, signer, mode) : alignmentBySuffixList(fromDomain, signer, mode);
    const judged = await Promise.all(
      signatures.map(async (signature) => ({
        ...signature,
        alignment: signature.result === 'pass' ? await align(signature.domain) : null,
      })),
    );
    const aligned = judged.filter(({ alignment }) => alignment === 'aligned');
    const ownMode = aligned.length > 0 ? modeOf(await policyOf(domain)) : mode;
    return {
      ...about,
      signatures: judged,
      mode,
      isWalked,
      isVerified: aligned.length > 0,
      // Under adkim=s, a subdomain's signature is aligned with mail from that subdomain only (RFC 9989 §4.4).
      showsSigning: aligned.some((signature) => ownMode === 'relaxed' || signature.domain === domain),
    };
  },
);

function modeOf(policy: PolicyResult): Alignment {
  return policy.kind === 'policy' ? policy.record.adkim : 'relaxed';
}
