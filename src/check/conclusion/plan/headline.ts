/** Says in one sentence what a step changes, if no single finding says it. */
import type { RecordChange } from '../../../report/status.ts';

/** @returns the sentence for record sets that are changed together. */
export function headlineOf(changes: readonly RecordChange[]): string {
  const [first] = changes.filter(({ type }) => type !== 'CNAME');
  const change = first ?? changes[0];
  if (change === undefined) return 'Change these records.';
  const { name, owner, add, remove } = change;
  const what = `${wordFor(change)}${add.length > 1 || (add.length === 0 && remove.length > 1) ? 's' : ''}`;
  const verb =
    add.length === 0 ? `delete the ${what}` : remove.length === 0 ? `publish the ${what}` : `replace the ${what}`;
  const sentence = `${verb} of ${name}`;
  switch (owner) {
    case 'own':
      return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
    case 'provider':
      return `Ask the provider of the address to ${sentence}.`;
    case 'other':
      return `Ask whoever runs the zone of ${name} to ${sentence}.`;
  }
}

function wordFor({ name, type, add, remove }: RecordChange): string {
  if (type !== 'TXT') return `${type} record`;
  const [text = ''] = [...add, ...remove].map(({ value }) => value);
  if (/^v=spf1\b/i.test(text)) return 'SPF record';
  if (name.split('.').includes('_domainkey')) return 'DKIM key record';
  return name.startsWith('_dmarc.') ? 'DMARC record' : 'TXT record';
}
