/** Plans the DMARC record of a domain: the one that applies to it, or one to start with. */

import type { Resolver } from '../network/dns/answer.ts';
import type { Domain } from '../network/domain.ts';
import { type Mailbox, mailtoUri } from '../network/mailbox.ts';
import { correctRecord } from '../standards/dmarc/correct.ts';
import { policyByTreeWalk } from '../standards/dmarc/policy.ts';
import { walkTree } from '../standards/dmarc/tree-walk.ts';
import { txtRecord } from '../standards/zone-file/line.ts';
import type { PlannedRecord } from './planned-record.ts';

/**
 * Plans the DMARC record of a domain (RFC 9989). In a published record only the errors are corrected. A domain without
 * a record gets one with `p=none` that asks for aggregate reports.
 *
 * @param reportsTo the mailbox of a new record's `rua=` tag.
 * @returns one planned record. It may belong to a parent domain, whose policy applies to this one.
 */
export async function planDmarc(dns: Resolver, domain: Domain, reportsTo: Mailbox): Promise<PlannedRecord[]> {
  const walk = await walkTree(dns, domain);
  const applied = policyByTreeWalk(walk, true);
  const own = walk.steps[0];
  const name = `_dmarc.${domain}`;
  const common = { where: 'own', optional: false, purpose: 'what receivers do with forged mail (RFC 9989)' } as const;
  const correct = txtRecord(name, `v=DMARC1; p=none; rua=${mailtoUri(reportsTo)}`);
  const texts = own?.records.map(({ text }) => text) ?? [];
  if (applied.kind === 'unknown') return [{ ...correct, ...common, status: 'unknown', published: [] }];
  if (applied.kind === 'policy' && texts.length <= 1) {
    const text = correctRecord(applied.record, applied.domain, true);
    const status = text === applied.record.text ? 'right' : 'changed';
    const published = status === 'right' ? [] : [applied.record.text];
    return [{ ...txtRecord(`_dmarc.${applied.domain}`, text), ...common, status, published }];
  }
  return [{ ...correct, ...common, status: texts.length > 0 ? 'changed' : 'missing', published: texts }];
}
