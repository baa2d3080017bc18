/** A real message of the host: it is signed, the signature verifies, and its domain speaks for the From domain. */
import type { MessageVerification } from '../../dkim/message.ts';
import { alignmentBySuffixList, alignmentByTreeWalk } from '../../dmarc/alignment.ts';
import { organizationalDomain } from '../../organizational-domain.ts';
import type { Context, Emit, Finding } from '../rule.ts';
import type { findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

export async function* judgeMessage(
  { fromDomain, signatures }: MessageVerification,
  { target, dns, facts }: Context,
  finding: Emitter,
): AsyncGenerator<Finding> {
  const about = { subject: fromDomain ?? target.domain };
  if (fromDomain === null || organizationalDomain(fromDomain) !== organizationalDomain(target.domain)) {
    const reason = `the message you gave is not from ${target.domain}: its From field names ${fromDomain ?? 'no single domain'}`;
    yield finding('dkim/inconclusive', { reason }, about);
    return;
  }
  if (signatures.length === 0) {
    yield finding('dkim/message-unsigned', { from: fromDomain }, about);
    return;
  }
  for (const { domain, selector, result, comment } of signatures) {
    if (result === 'pass') continue;
    if (result === 'temperror') {
      const reason = `the key of the signature by ${domain} (selector ${selector}) could not be fetched`;
      yield finding('dkim/inconclusive', { reason }, about);
    } else {
      yield finding('dkim/message-signature-fails', { domain, selector, result, comment }, about);
    }
  }
  const signers = [...new Set(signatures.filter(({ result }) => result === 'pass').map(({ domain }) => domain))];
  if (signers.length === 0) return;
  const { byTreeWalk } = await facts.dmarc();
  // Where no DMARC record marks the organizational domain, the suffix list is all that tells which names belong together.
  const mode = byTreeWalk.kind === 'policy' ? byTreeWalk.record.adkim : 'relaxed';
  const alignments = await Promise.all(
    signers.map((signer) =>
      byTreeWalk.kind === 'none'
        ? alignmentBySuffixList(fromDomain, signer, mode)
        : alignmentByTreeWalk(dns, fromDomain, signer, mode),
    ),
  );
  if (alignments.includes('aligned')) {
    const aligned = signers.filter((_, index) => alignments[index] === 'aligned');
    yield finding('dkim/message-verified', { from: fromDomain, signers: aligned }, about);
  } else if (alignments.includes('unknown')) {
    const reason = `whether ${signers.join(', ')} belongs to ${fromDomain} could not be looked up`;
    yield finding('dkim/inconclusive', { reason }, about);
  } else {
    yield finding('dkim/message-not-aligned', { from: fromDomain, signers, mode }, about);
  }
}
