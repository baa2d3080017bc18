/** Tests where a plan says that its records are published: the zone, its DNS host, and what every format prints of it. */
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../../src/report/status.ts';
import type { Format } from '../../../../src/reporters/formats.ts';
import { reporters } from '../../../../src/reporters/index.ts';
import { wholeFormats } from '../../../reporters/whole-formats.ts';
import { checkIn } from '../../../world/check.ts';
import type { NameScript, ZoneScript } from '../../../world/zone.ts';

const IP = '198.51.100.7';
const NAME = 'mail.example.com';
const AWS = ['ns-1.awsdns-01.com', 'ns-2.awsdns-02.net'];

const ZONE: Record<string, NameScript> = {
  'example.com': { SOA: [], MX: [`10 ${NAME}`], TXT: ['v=spf1 ip4:192.0.2.1 -all', 'token=abc'] },
  [NAME]: { A: [IP] },
  '7.100.51.198.in-addr.arpa': { PTR: [NAME] },
};

function reportOf(
  nameServers: readonly string[],
  {
    apexes = ['example.com', '7.100.51.198.in-addr.arpa'],
    zone = {},
    rules = ['spf', 'dmarc', 'ptr'],
    dnsHost,
  }: { apexes?: readonly string[]; zone?: ZoneScript; rules?: readonly string[]; dnsHost?: string } = {},
): Promise<Report> {
  const apex = { ...(ZONE['example.com'] as object), NS: [...nameServers] };
  return checkIn({
    isInMemory: true,
    dns: { zone: { ...ZONE, 'example.com': apex, ...zone }, apexes },
    ips: [IP],
    helo: NAME,
    rules,
    ...(dnsHost === undefined ? {} : { settings: { dnsHost } }),
  });
}

const placesIn = ({ plan }: Report) =>
  (plan?.changes ?? []).map(({ name, type, zone, dnsHost }) => [name, type, zone, dnsHost]);

const printed = (report: Report, format: Format, isFull = false): string =>
  reporters[format]([report], { color: false, verbose: false, full: isFull, width: 100 });

describe('plan: the DNS host of each change', () => {
  test('is told from the name servers of the zone', async () => {
    const report = await reportOf(AWS);
    expect(placesIn(report)).toEqual([
      ['example.com', 'TXT', 'example.com', 'route53'],
      ['_dmarc.example.com', 'TXT', 'example.com', 'route53'],
    ]);
    expect(report.dnsHosts).toEqual([
      {
        zone: 'example.com',
        id: 'route53',
        name: 'Amazon Route 53',
        source: 'ns',
        confirmed: true,
        docs: expect.stringMatching(/^https:/),
        maybe: [],
      },
    ]);
    const [spf] = report.plan?.changes ?? [];
    expect(spf?.commands).toHaveLength(1);
    expect(spf?.commands[0]).toContain('\\"token=abc\\"');
    expect(spf?.replace).toEqual([{ name: 'ZONE_ID', where: expect.stringContaining('example.com') }]);
    expect(spf?.console?.records).toEqual([
      { name: '', type: 'TXT', value: expect.stringMatching(/^"v=spf1/), priority: null },
    ]);
    const steps = report.advice.steps.flatMap(({ changes }) => changes.map(({ commands }) => commands));
    expect(steps).toEqual(report.plan?.changes.map(({ commands }) => commands));
  });

  test('is told from the SOA record where the name servers have names of the owner', async () => {
    const apex = {
      ...(ZONE['example.com'] as object),
      NS: ['ns1.example.com'],
      SOA: ['ns1.example.com awsdns-hostmaster.amazon.com 1 7200 900 1209600 86400'],
    };
    const report = await reportOf([], { zone: { 'example.com': apex } });
    expect(report.dnsHosts?.map(({ id, source }) => [id, source])).toEqual([['route53', 'soa']]);
  });

  test('is the one that the user names', async () => {
    const report = await reportOf(AWS, { dnsHost: 'bind' });
    expect(report.dnsHosts?.map(({ id, source }) => [id, source])).toEqual([['bind', 'option']]);
    expect(report.plan?.changes[0]?.commands[0]).toContain('nsupdate -k KEY_FILE');
  });

  test('is that of a zone below, where a name is delegated', async () => {
    const report = await reportOf(AWS, {
      apexes: ['example.com', '_dmarc.example.com'],
      zone: { '_dmarc.example.com': { NS: ['bob.ns.cloudflare.com'], SOA: [] } },
    });
    expect(placesIn(report)).toContainEqual(['_dmarc.example.com', 'TXT', '_dmarc.example.com', 'cloudflare']);
    expect(report.dnsHosts?.map(({ zone }) => zone)).toEqual(['_dmarc.example.com', 'example.com']);
  });

  test('is not known where the name servers belong to nobody who is known', async () => {
    const report = await reportOf(['ns1.example.net']);
    expect(placesIn(report)[0]).toEqual(['example.com', 'TXT', 'example.com', null]);
    expect(report.dnsHosts).toEqual([
      { zone: 'example.com', id: null, name: null, source: null, confirmed: null, docs: null, maybe: [] },
    ]);
    expect(printed(report, 'pretty', true)).toContain('The DNS host of example.com was not recognised.');
    expect(printed(report, 'pretty')).not.toContain('DNS host');
  });

  test('has no command for a reverse zone, even if the user names a host', async () => {
    const report = await reportOf(AWS, { zone: { '7.100.51.198.in-addr.arpa': 'nxdomain' }, dnsHost: 'bind' });
    const reverse = report.plan?.changes.filter(({ owner }) => owner === 'provider') ?? [];
    expect(reverse).toHaveLength(1);
    expect(reverse[0]).toMatchObject({ zone: null, dnsHost: null, commands: [], console: null });
  });

  test('is not looked up where nothing changes', async () => {
    const right = {
      'example.com': { NS: AWS, SOA: [], MX: [`10 ${NAME}`], TXT: [`v=spf1 ip4:${IP} -all`] },
    };
    const report = await reportOf(AWS, { zone: right, rules: ['spf'] });
    expect(report.plan).toBeNull();
    expect(report).not.toHaveProperty('dnsHosts');
  });

  test('costs one question in a zone that is recognised', async () => {
    const asked = async (nameServers: readonly string[], dnsHost?: string): Promise<string[]> => {
      const { transcript } = await checkIn(
        {
          isInMemory: true,
          dns: { zone: { ...ZONE, 'example.com': { ...(ZONE['example.com'] as object), NS: [...nameServers] } } },
          ips: [IP],
          helo: NAME,
          rules: ['spf', 'dmarc'],
          ...(dnsHost === undefined ? {} : { settings: { dnsHost } }),
        },
        { transcript: true },
      );
      return (transcript?.dns ?? []).filter(({ type }) => type === 'NS').map(({ name }) => name);
    };
    expect((await asked(AWS)).filter((name) => name === 'example.com')).toHaveLength(1);
    expect(await asked(AWS)).not.toContain('_dmarc.example.com');
  });
});

describe('plan: what is printed beside the record', () => {
  test.each(wholeFormats)('%s has the command', async (format) => {
    const report = await reportOf(AWS);
    const text = printed(report, format);
    const readable = text.replaceAll('&quot;', '"').replaceAll('&#39;', "'");
    expect(readable).toContain('aws route53 change-resource-record-sets --hosted-zone-id ZONE_ID');
    expect(readable).toContain(format === 'json' ? '"dnsHost": "route53"' : 'At Amazon Route 53');
  });

  test('the record comes first and stays whole, and a value to put in is told once', async () => {
    const lines = printed(await reportOf(AWS), 'pretty').split('\n');
    const at = lines.findIndex((line) => line.includes('IN TXT "v=spf1 ip4:192.0.2.1 ip4'));
    expect(lines[at + 1]).toMatch(/^ {5}At Amazon Route 53, replace ZONE_ID \(/);
    expect(lines.filter((line) => line.includes('replace ZONE_ID'))).toHaveLength(1);
    expect(lines.filter((line) => line === '     At Amazon Route 53:')).toHaveLength(1);
    const commands = lines.filter((line) => line.includes('aws route53 change'));
    expect(commands).toHaveLength(2);
    expect(commands.every((line) => line.endsWith("'"))).toBe(true);
  });

  test('with --full, the fields of the console and the pitfalls of such a record', async () => {
    const text = printed(await reportOf(['bob.ns.cloudflare.com']), 'pretty', true);
    expect(text).toMatch(/In the console: Cloudflare .*\n +Name +@\n +Type +TXT\n +Value +v=spf1 /);
    expect(text).toContain('! The dashboard puts quotes round a TXT value by itself');
    expect(text).not.toContain('flattens');
    expect(printed(await reportOf(['bob.ns.cloudflare.com']), 'pretty')).not.toContain('In the console');
  });

  test('a host without commands is named with its console', async () => {
    const report = await reportOf(['dns1.registrar-servers.com']);
    expect(printed(report, 'pretty')).toContain('At Namecheap, in its console: Domain List > Manage');
    expect(printed(report, 'markdown')).not.toMatch(/```\n\s*```/);
    expect(report.plan?.changes[0]?.commands).toEqual([]);
  });

  test('what is not confirmed is marked, and a host that may be another one says so', async () => {
    const google = await reportOf(['ns-cloud-a1.googledomains.com']);
    expect(google.advice.steps[0]?.atDnsHost?.[0]?.label).toMatch(
      /^At Google Cloud DNS, if gcloud dns managed-zones list/,
    );
    expect(google.dnsHosts?.[0]?.maybe.map(({ id }) => id)).toEqual(['squarespace']);
    expect(printed(google, 'pretty', true).replace(/\s+/g, ' ')).toContain('Name it with --dns-host squarespace then.');
    const squarespace = await reportOf(AWS, { dnsHost: 'squarespace' });
    expect(squarespace.advice.steps[0]?.atDnsHost?.[0]?.label).toMatch(
      /^At Squarespace Domains \(not confirmed\), in its console/,
    );
    expect(squarespace.dnsHosts?.[0]?.confirmed).toBe(false);
  });

  test('hostile values stay one word of the command in every format', async () => {
    const zone = {
      'example.com': {
        NS: AWS,
        SOA: [],
        MX: [`10 ${NAME}`],
        TXT: ['v=spf1 ip4:192.0.2.1 -all', "'; touch made; ' $(touch made) ::error::x"],
      },
    };
    const report = await reportOf(AWS, { zone });
    const [command = ''] = report.plan?.changes[0]?.commands ?? [];
    expect(command).toContain("'\\''; touch made; '\\'' $(touch made) :'':error::x");
    expect(printed(report, 'pretty')).toContain(command);
  });
});
