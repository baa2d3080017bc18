/** The commands that only ask the DNS say once that the resolver cannot be relied on. */
import { expect, test } from 'vitest';
import { type DnsScript, startDns } from '../world/dns.ts';
import { mailcheck } from '../world/world.ts';

const COMMANDS = [
  ['pool', 'example.com', '203.0.113.5'],
  ['records', 'example.com', '203.0.113.5'],
  ['spf', '203.0.113.5', 'user@example.com'],
] as const;

async function finishedWith(command: readonly string[], dns: Omit<DnsScript, 'zone'>) {
  const server = await startDns({ zone: {}, ...dns });
  try {
    return await mailcheck([...command, '--dns', server.server]);
  } finally {
    await server.close();
  }
}

test.each(COMMANDS)('%s, with a resolver that lies: its answers are not printed', async (...command) => {
  const { code, stdout, stderr } = await finishedWith(command, { rewriteTo: '198.51.100.1' });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/^mailcheck: This network answers every name with the same address: [^\n]+ --dns [^\n]+\n$/);
});

test.each(COMMANDS)('%s, with a resolver that refuses: the cause is told beside the result', async (...command) => {
  const { code, stdout, stderr } = await finishedWith(command, { fault: 'refused' });
  expect(code).toBe(3);
  expect(stdout).not.toBe('');
  expect(stderr).toMatch(/^mailcheck: The DNS server [^\n]+ refuses to answer this machine \(REFUSED\)\. [^\n]+\n$/);
});
