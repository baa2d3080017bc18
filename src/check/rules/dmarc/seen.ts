/** Says which DMARC policy was seen, and where. */
import type { PolicyResult } from '../../../standards/dmarc/policy.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';

/** @returns the policy and the name of its record: `p=reject at _dmarc.example.com`. */
export function seenDmarc({ byTreeWalk, bySuffixList }: DmarcFact): string {
  const [first, second] = [textOf(byTreeWalk), textOf(bySuffixList)];
  return first === second ? first : `${first}; for older receivers: ${second}`;
}

function textOf(result: PolicyResult): string {
  switch (result.kind) {
    case 'none':
      return 'no record';
    case 'unknown':
      return 'not known';
    case 'unusable':
      return `a record without a valid policy at _dmarc.${result.domain}`;
    case 'policy':
      return `${result.tag ?? 'p'}=${result.policy} at _dmarc.${result.domain}${result.record.testing ? ' (t=y: testing)' : ''}${result.source === 'own' ? '' : ' (inherited)'}`;
  }
}
