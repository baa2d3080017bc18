/** Makes the page of `docs/` about the DNS hosts that mailcheck knows. */
import { dnsHosts } from '../src/knowledge/dns-hosts/catalogue.ts';
import type { DnsHost } from '../src/knowledge/dns-hosts/schema.ts';

/** @returns the page in Markdown: every DNS host, how it is recognised, and how a record is changed there. */
export function dnsHostsPage(): string {
  return [
    '# DNS hosts',
    '',
    'A report says what to publish, and at these DNS hosts also how: it prints the command with your own values beside each',
    'record. mailcheck recognises the host by the names of the zone’s name servers, or by its SOA record. Nobody can see which',
    'software a name server of your own runs, so name it: `--dns-host bind`.',
    '',
    '| id | DNS host | recognised by | changed with | seen on |',
    '| --- | --- | --- | --- | --- |',
    ...dnsHosts.map(row),
    '',
    '`mailcheck dns-hosts route53` shows the commands of one, its console and its pitfalls. Written by `npm run generate`.',
    '',
  ].join('\n');
}

function row({ id, name, detect, commands, console: page, verifiedOn, confidence }: DnsHost): string {
  const signs = [...detect.nsSuffixes.map((suffix) => `*.${suffix}`), ...detect.nsPatterns, ...detect.soaNames];
  const tools = [...new Set(commands.map(({ tool }) => tool))];
  const cells = [
    `\`${id}\``,
    name,
    signs.length === 0 ? '`--dns-host` only' : signs.map((sign) => `\`${sign.replaceAll('|', '\\|')}\``).join(' '),
    tools.length > 0 ? tools.map((tool) => `\`${tool}\``).join(' ') : page === null ? '' : 'console',
    `${verifiedOn ?? ''}${confidence === 'low' ? ' (not confirmed)' : ''}`,
  ];
  return `| ${cells.join(' | ')} |`;
}
