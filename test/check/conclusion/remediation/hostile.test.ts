// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what a shell would expand
/** Tests whole reports about hosts with shell code as their names: no command contains it. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Remediation, Report } from '../../../../src/report/status.ts';
import { checkIn } from '../../../world/check.ts';
import type { NameScript } from '../../../world/dns.ts';
import { closed } from '../../../world/smtp.ts';
import { defaultListZones } from '../../../world/world.ts';

const IP = '203.0.113.5';

const NAMES = [
  '$(touch${IFS}/tmp/owned).example.com',
  '`touch${IFS}/tmp/owned`.example.com',
  "x';touch${IFS}/tmp/owned;'.example.com",
  'x";touch${IFS}/tmp/owned;".example.com',
  'x;touch${IFS}/tmp/owned.example.com',
  'x|sh.example.com',
  'x&&reboot.example.com',
  '-e.example.com',
];

async function report(name: string): Promise<Report> {
  const zone: Record<string, NameScript> = {
    ...defaultListZones(),
    'example.com': { MX: [`10 ${name}`], TXT: [`v=spf1 include:${name} a:${name} ~all`] },
    [name]: { A: [IP], TXT: ['v=spf1 -all'] },
    '5.113.0.203.in-addr.arpa': { PTR: [name] },
    '_dmarc.example.com': { TXT: [`v=DMARC1; p=none; rua=mailto:x@${name}`] },
    '5.113.0.203.origin.asn.cymru.com': { TXT: ['63949 | 203.0.113.0/24 | US | arin | 2015-07-01'] },
  };
  return checkIn({
    dns: { zone, apexes: ['example.com'] },
    hosts: { [IP]: { name, rcpt: closed('example.com') } },
    helo: name,
    selectors: ['s1'],
  });
}

/** All that a fix has the user paste into a shell, in any case. */
function typed({ commands = [], alternatives = [] }: Pick<Remediation, 'commands' | 'alternatives'>): string[] {
  return [...commands, ...alternatives.flatMap((alternative) => alternative.commands)];
}

test.each(NAMES)('commands: the host name %s is not in any command', async (name) => {
  const found = await report(name);
  const fromFindings = found.rules.flatMap(({ findings }) => findings.flatMap(({ remediation }) => typed(remediation)));
  const commands = [...new Set([...fromFindings, ...found.advice.steps.flatMap(typed)])];
  expect(commands.length).toBeGreaterThan(0);
  // It is not enough that the commands parse: hostile code must not be in them.
  execFileSync('bash', ['-n'], { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
  for (const command of commands) {
    expect(command).not.toContain('owned');
    expect(command).not.toMatch(/reboot|\|sh| -e\.example/);
  }
});
