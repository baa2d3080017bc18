/** What the message the user gave shows: whose it is, and whether a signature of it speaks for its From domain. */

import { sameName } from '../../network/domain.ts';
import type { MessageSignature } from '../../standards/dkim/message.ts';
import { type AlignmentResult, alignmentBySuffixList, alignmentByTreeWalk } from '../../standards/dmarc/alignment.ts';
import { type PolicyResult, policyByTreeWalk } from '../../standards/dmarc/policy.ts';
import type { Alignment } from '../../standards/dmarc/record.ts';
import { walkTree } from '../../standards/dmarc/tree-walk.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { dmarc } from './dmarc.ts';
import { fact, type Needs } from './fact.ts';

export interface JudgedSignature extends MessageSignature {
  /** Asked only of a signature that verifies; `null` for another. */
  readonly alignment: AlignmentResult | null;
  /** Whether it is by the organization of the From domain, going by the suffix list. */
  readonly isOwn: boolean;
}

export interface MessageFact {
  /** `null` where the From field names no domain, or several. */
  readonly fromDomain: string | null;
  /** `false` for a message from another organization than the one tested: it shows nothing. */
  readonly isFromTarget: boolean;
  readonly signatures: readonly JudgedSignature[];
  /** Signatures that nobody verified, since the message has too many. */
  readonly leftOut: number;
  /** `adkim=` of the policy that applies to the From domain. */
  readonly mode: Alignment;
  /** Tree walks of the From domain and of the signers tell which names belong together; the suffix list does otherwise. */
  readonly isWalked: boolean;
  /** A signature verifies and is aligned, which is all that receivers ask for. */
  readonly isVerified: boolean;
  /** Mail from the tested domain itself would pass with such a signature: how the domain signs is known. */
  readonly showsSigning: boolean;
}

/** What the message that the user gave shows; `null` where none was given. */
export const message = fact(
  async ({
    dns,
    facts,
    target: { domain },
    verifyMessage,
  }: Needs<'dns' | 'target' | 'verifyMessage'>): Promise<MessageFact | null> => {
    const verification = await verifyMessage(dns);
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
    // Where no DMARC record marks the organizational domain, the suffix list is all that tells which names belong together.
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
      // Under adkim=s, a signature by a subdomain speaks for mail from that subdomain only (RFC 9989 §4.4).
      showsSigning: aligned.some((signature) => ownMode === 'relaxed' || signature.domain === domain),
    };
  },
);

function modeOf(policy: PolicyResult): Alignment {
  return policy.kind === 'policy' ? policy.record.adkim : 'relaxed';
}
