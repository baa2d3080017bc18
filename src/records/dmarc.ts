/** The DMARC record that applies to the domain, or one to begin with. */

import type { Resolver } from '../network/dns/answer.ts';
import type { Domain } from '../network/domain.ts';
import { type Mailbox, mailtoUri } from '../network/mailbox.ts';
import { correctRecord } from '../standards/dmarc/correct.ts';
import { policyByTreeWalk } from '../standards/dmarc/policy.ts';
import { walkTree } from '../standards/dmarc/tree-walk.ts';
import { txtRecord } from '../standards/zone-file/line.ts';
import type { PlannedRecord } from './planned-record.ts';

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
