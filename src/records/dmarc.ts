/** Plans the DMARC record of a domain: the one that applies to it, or one to start with. */

import type { Resolver } from '../network/dns/answer.ts';
import type { Domain } from '../network/domain.ts';
import { type Mailbox, mailtoUri } from '../network/mailbox.ts';
import { readDmarcTexts } from '../standards/dmarc/correct.ts';
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
  const common = { where: 'own', optional: false, purpose: 'what receivers do with forged mail (RFC 9989)' } as const;
  const fresh = txtRecord(`_dmarc.${domain}`, `v=DMARC1; p=none; rua=${mailtoUri(reportsTo)}`);
  if (applied.kind === 'unknown') return [{ ...fresh, ...common, status: 'unknown', published: [] }];
  const from = applied.kind === 'none' ? domain : applied.domain;
  const step = walk.steps.find((one) => one.domain === from) ?? walk.steps[0];
  const { texts, meaning } = readDmarcTexts(step?.texts ?? []);
  const name = `_dmarc.${from}`;
  switch (meaning.kind) {
    case 'right':
      return [{ ...txtRecord(name, texts[0] ?? ''), ...common, status: 'right', published: [] }];
    case 'corrected':
      return [{ ...txtRecord(name, meaning.text), ...common, status: 'changed', published: texts }];
    case 'unclear':
      return [{ ...txtRecord(name, texts[0] ?? ''), ...common, status: 'unknown', published: texts }];
    case 'unrelated':
      return [{ ...fresh, ...common, status: 'missing', published: [] }];
  }
}
