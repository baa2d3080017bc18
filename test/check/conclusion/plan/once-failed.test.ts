/**
 * States that a long run of random states once found: each got a fresh record, and what was published was lost. The seed
 * of the run is beside each.
 */
import { expect, test } from 'vitest';
import { parseArguments } from '../../../../src/check/target.ts';
import { planOverDns } from '../../../../src/records/over-dns.ts';
import { NOW } from '../../../world/clock.ts';
import { zoneClient } from '../../../world/zone-resolver.ts';

const SURROUNDINGS = {
  'mail.example.com': { A: ['192.0.2.10'] },
  'spf.example.net': { TXT: ['v=spf1 ip4:198.51.100.5 -all'] },
};

/** @returns the texts at a name with the plan published. */
async function after(name: string, texts: readonly string[]): Promise<readonly string[]> {
  const octets = texts.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
  const zone = {
    ...SURROUNDINGS,
    'example.com': { MX: ['10 mail.example.com'] },
    [name]: { MX: ['10 mail.example.com'], TXT: octets },
  };
  const target = { ...parseArguments('example.com', ['192.0.2.10']), ipSource: 'argument', selectors: [] } as const;
  const dns = zoneClient({ zone }, new AbortController().signal);
  const plan = await planOverDns(dns, { target, ruleIds: ['spf', 'dmarc'], also: [], now: NOW, seed: '0'.repeat(32) });
  return plan.sets.find((set) => set.name === name && set.type === 'TXT')?.after ?? octets;
}

test.each<[seed: number, name: string, texts: readonly string[], kept: RegExp]>([
  [20261129, 'example.com', ['v=spf include:spf.example.net ~all ; mail servers'], /include:spf\.example\.net/],
  [20261129, 'example.com', ['v=spf1v=spf1 include:spf.example.net ~all'], /^v=spf1 include:spf\.example\.net/],
  [20261129, '_dmarc.example.com', ['TXT\u200b"v=DMARC1; p=reject"'], /p=reject/],
  [
    20261129,
    '_dmarc.example.com',
    ['v=dmarc1; p=none; rua=mailto:reports@example.com; x-note=1', 'v=DMARC1; p=none'],
    /reports@example\.com/,
  ],
])('seed %i: nothing of what stands at %s is lost: %j', async (_, name, texts, kept) => {
  const found = await after(name, texts);
  expect(found.join('\n')).toMatch(kept);
  expect(found.join('\n')).not.toMatch(/^v=spf1 ip4:192\.0\.2\.10 -all$/m);
});
