/** Runs one rule against a zone in memory, as the program would, without a network. */

import { createFacts } from '../../../src/check/facts/fact.ts';
import type { Finding } from '../../../src/check/rules/finding.ts';
import type { Context, Rule } from '../../../src/check/rules/rule.ts';
import type { Settings } from '../../../src/check/settings.ts';
import { parseArguments } from '../../../src/check/target.ts';
import { tokensOf } from '../../../src/check/token.ts';
import type { SmtpClient } from '../../../src/network/smtp/types.ts';
import { verifyMessage } from '../../../src/standards/dkim/message.ts';
import { readSigningKey } from '../../../src/standards/dkim/private-key.ts';
import type { ZoneResolver } from './zone-resolver.ts';

/** 15 September 2026. */
export const NOW = Date.UTC(2026, 8, 15);

export async function checkRule(
  rule: Rule,
  dns: ZoneResolver,
  options: {
    domain?: string;
    ips?: readonly string[];
    selectors?: readonly string[];
    dkimKeyPem?: string;
    message?: string | Uint8Array;
  } = {},
): Promise<Finding[]> {
  const { domain, ips } = parseArguments(options.domain ?? 'example.com', options.ips ?? []);
  const target = { domain, ips, ipSource: 'argument' as const, selectors: options.selectors ?? [] };
  const settings: Settings = {
    smtpPort: 25,
    allowPrivate: true,
  };
  const clock = { now: () => NOW };
  const smtp: SmtpClient = new Proxy({} as SmtpClient, {
    get: () => {
      throw new Error('these rules speak no SMTP');
    },
  });
  const client = { ...dns, servers: [], log: [] } as unknown as Context['dns'];
  const token = tokensOf('test');
  const { dkimKeyPem, message } = options;
  const facts = createFacts({
    target,
    dns: client,
    smtp,
    settings,
    clock,
    token,
    pause: async () => {},
    own: [],
    isNeeded: () => true,
    signingKey: dkimKeyPem === undefined ? null : readSigningKey(dkimKeyPem),
    verifyMessage: async (resolver) =>
      message === undefined ? null : verifyMessage(Buffer.from(message), resolver, clock.now()),
  });
  const { signal } = new AbortController();
  const context: Context = { target, facts, dns: client, settings, signal, clock, token };
  const found: Finding[] = [];
  for await (const finding of rule.check(context)) found.push(finding);
  return found;
}

/** @returns `code` or, where the severity is not the catalogue's, `code severity`. */
export function codes(rule: Rule, found: readonly Finding[]): string[] {
  const specs: Readonly<Record<string, { severity: string }>> = rule.findings;
  return found.map(({ code, severity }) => (specs[code]?.severity === severity ? code : `${code} ${severity}`)).sort();
}
