import type { QueryEvidence } from '../../dns/answer.ts';
import { findingSpec, type Remediation } from '../rule.ts';

/** One listing, with what the list's data says of it. */
export interface ListingEvidence {
  readonly subject: string;
  readonly list: string;
  readonly zone: string;
  readonly answers: readonly string[];
  readonly codes: readonly { readonly match: string; readonly name: string; readonly meaning: string }[];
  /** The list's own words. */
  readonly txt: readonly string[];
  readonly impact: string;
  readonly lookup: string | null;
  readonly delist: {
    readonly url: string | null;
    readonly how: string;
    readonly self: boolean | null;
    readonly paid: boolean | null;
    readonly autoExpiry: string | null;
  } | null;
  /** How sure the data about this list is. */
  readonly confidence: string;
}

const what = ({ codes, list }: ListingEvidence): string =>
  codes.length === 0
    ? `${list} (a code that mailcheck does not know)`
    : `${list} ${codes.map(({ name, meaning }) => `${name} (${meaning})`).join(', ')}`;

const said = ({ txt }: ListingEvidence): string => (txt.length === 0 ? '' : ` The list says: ${txt.join(' ')}`);

const message = (evidence: ListingEvidence): string => `${evidence.subject} is on ${what(evidence)}.${said(evidence)}`;

function removal(evidence: ListingEvidence, first: string): Remediation {
  const { delist, lookup, confidence } = evidence;
  const expiry = delist?.autoExpiry ? ` Expires by itself: ${delist.autoExpiry}.` : '';
  const unsure = confidence === 'low' ? ' (Not confirmed: what is known of this list may be out of date.)' : '';
  const links = [lookup, delist?.url ?? null].filter((link) => link !== null);
  return {
    summary: `${first}${delist ? ` ${evidence.list}: ${delist.how}.` : ''}${delist?.paid ? ' Faster removal costs money.' : ''}${expiry}${unsure}`,
    ...(links.length > 0 ? { links: [...new Set(links)] } : {}),
  };
}

const zonesText = (zones: readonly { readonly zone: string; readonly reason: string }[]): string =>
  zones.map(({ zone, reason }) => `${zone} (${reason})`).join(', ');

export const findings = {
  'rbl/listed': findingSpec<ListingEvidence>({
    severity: 'error',
    title: 'The address is on a block list that large receivers use',
    message,
    explanation: 'Receivers that use this list refuse the connection or the mail: "554 5.7.1 … Client host blocked".',
    remediation: (evidence) =>
      removal(
        evidence,
        `Find and stop what got ${evidence.subject} listed, then ask for removal; on a fresh cloud address, swapping it for another is often quicker.`,
      ),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/listed-policy': findingSpec<ListingEvidence & { byProvider: boolean }>({
    severity: 'error',
    title: 'The address is in a range that is not meant to send mail',
    message,
    explanation:
      'A policy listing accuses nobody: the provider or the list says that mail should not come straight from this range. Receivers refuse it all the same.',
    remediation: (evidence) =>
      removal(
        evidence,
        evidence.byProvider
          ? `Only the provider can take ${evidence.subject} off, since it listed the range itself: ask it, or send through its relay.`
          : `Set a PTR of your own for ${evidence.subject}, then have this single address excluded.`,
      ),
    reference: 'Spamhaus PBL',
  }),
  'rbl/listed-minor': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The address is on a block list that filters score',
    message,
    explanation: 'Few receivers refuse for this list alone, but filters add it to the score.',
    remediation: (evidence) => removal(evidence, `Have ${evidence.subject} removed once the cause is gone.`),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/block-listed': findingSpec<ListingEvidence>({
    severity: 'warning',
    title: 'The network around the address is listed',
    message,
    explanation: 'The listing is about the allocation or the whole provider, so nothing you do on this host ends it.',
    remediation: (evidence) =>
      removal(
        evidence,
        `Ask the provider to clear the range of ${evidence.subject}, or choose an address in another range.`,
      ),
    reference: 'RFC 5782 §2.1',
  }),
  'rbl/domain-listed': findingSpec<ListingEvidence>({
    severity: 'error',
    title: 'The domain is on a block list',
    message,
    explanation:
      'Mail that names a listed domain is refused whatever address it comes from; moving to another address does not help.',
    remediation: (evidence) =>
      removal(evidence, `Clean up what got ${evidence.subject} listed, then ask for removal; do not move the address.`),
    reference: 'RFC 5782 §3',
  }),
  'rbl/welcome-listed': findingSpec<ListingEvidence>({
    severity: 'info',
    title: 'The address is on an allow list',
    message,
    explanation: 'Receivers that use the list treat the host a little better.',
    remediation: () => ({ summary: 'Nothing to do.' }),
    reference: 'RFC 5782 §2.2',
  }),
  'rbl/query-refused': findingSpec<{
    zones: readonly { zone: string; reason: string }[];
    answers: readonly string[];
    resolvers: readonly string[];
  }>({
    severity: 'inconclusive',
    title: 'Block lists refuse to answer this resolver',
    message: ({ zones, resolvers }) => `The resolver ${resolvers.join(', ')} is refused by ${zonesText(zones)}.`,
    explanation:
      'These lists do not answer public or shared resolvers. That is neither listed nor clean: it is not known.',
    remediation: () => ({
      summary:
        'Ask through a recursive resolver of your own (for example unbound on this machine: --dns 127.0.0.1), or get a free key from the list.',
    }),
    reference: 'Spamhaus return codes',
  }),
  'rbl/list-broken': findingSpec<{ zones: readonly { zone: string; reason: string }[]; answers: readonly string[] }>({
    severity: 'inconclusive',
    title: 'Block lists do not work as lists',
    message: ({ zones }) => `Not believed: ${zonesText(zones)}.`,
    explanation: 'A list that fails its own test entries says nothing about any address, whether it answers or not.',
    remediation: ({ zones }) => ({
      summary: `Leave ${zones.map(({ zone }) => zone).join(', ')} out: name the lists you want with --dnsbl. A list that works elsewhere may refuse this resolver.`,
    }),
    reference: 'RFC 5782 §5',
  }),
  'rbl/inconclusive': findingSpec<{
    reason: string;
    zones?: readonly { zone: string; reason: string }[];
    queries?: readonly QueryEvidence[];
  }>({
    severity: 'inconclusive',
    title: 'Block lists did not answer',
    message: ({ reason }) => `${reason}.`,
    explanation: 'No answer is not "not listed".',
    remediation: ({ zones }) => ({
      summary: zones
        ? 'Run again; if it stays so, ask through another resolver (--dns) or leave these lists out.'
        : 'Give the address to test: mailcheck <domain> <ip>.',
    }),
    reference: 'RFC 5782 §2.1',
  }),
};
