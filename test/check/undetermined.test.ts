/** A whole check of a plan that leaves records open or puts mail hosts behind a web proxy. */
import { describe, expect, test } from 'vitest';
import type { ProposedZone } from '../../src/network/dns/proposal.ts';
import type { Report } from '../../src/report/status.ts';
import { pretty } from '../../src/reporters/pretty.ts';
import { checkIn } from '../world/check.ts';
import { defaultListZones } from '../world/world.ts';
import type { NameScript } from '../world/zone.ts';

const ZONE: Record<string, NameScript> = {
  'example.com': { SOA: [], MX: ['10 mail.example.com'], TXT: ['v=spf1 ip4:203.0.113.5 -all'] },
  'mail.example.com': { A: ['203.0.113.5'] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject; rua=mailto:d@example.com'] },
  '5.113.0.203.in-addr.arpa': { PTR: ['mail.example.com'] },
};

const WHY = 'aws_route53_record.ses_dkim (its name is known only when the change is applied)';

async function checkOf(plan: Partial<ProposedZone>, rules: readonly string[], zone = ZONE): Promise<Report> {
  const proposed = [{ file: 'plan.json', format: 'terraform', records: [], ...plan } as const];
  const dns = { apexes: ['example.com'], zone: { ...defaultListZones(), ...zone } };
  const settings = { dnsOnly: true };
  const world = {
    dns,
    ips: ['203.0.113.5'],
    helo: 'mail.example.com',
    rules,
    settings,
    isInMemory: true,
    timeoutMs: 20_000,
  };
  return checkIn(world, { proposed });
}

const statusOf = ({ rules }: Report, id: string) => rules.find((rule) => rule.id === id)?.status;
const findingsOf = ({ rules }: Report, id: string) => rules.find((rule) => rule.id === id)?.findings ?? [];

describe('a DKIM record whose name is not known yet', () => {
  const plan = { undetermined: [{ name: null, zone: 'example.com', below: '_domainkey', type: 'CNAME', why: WHY }] };

  test('leaves DKIM open, and nothing else', async () => {
    const report = await checkOf(plan, ['dkim', 'dmarc', 'spf', 'mta-sts', 'tls-rpt']);
    expect(statusOf(report, 'dkim')).toBe('inconclusive');
    expect(findingsOf(report, 'dkim').map(({ code }) => code)).not.toContain('dkim/no-key-found');
    for (const id of ['spf', 'mta-sts', 'tls-rpt']) expect(statusOf(report, id)).not.toBe('inconclusive');
    expect(report.target.obstacles).toMatchObject([{ kind: 'undetermined', rules: ['dkim', 'dmarc'] }]);
  });

  test('does not hide that there is no DMARC record', async () => {
    const { '_dmarc.example.com': _, ...zone } = ZONE;
    const report = await checkOf(plan, ['dmarc'], zone);
    expect(findingsOf(report, 'dmarc').map(({ code }) => code)).toEqual(['dmarc/missing']);
  });

  test('is told once, with what to do', async () => {
    const report = await checkOf(plan, ['dkim', 'dmarc']);
    const text = pretty([report], { color: false, verbose: true }).replace(/\s+/g, ' ');
    expect(text).toContain('known only when the change is applied');
    expect(text).toContain('without --zone');
    expect(text).not.toMatch(/whoever runs the name servers|another resolver/);
  });
});

const named = (name: string, type: string): Partial<ProposedZone> => ({
  undetermined: [
    {
      name,
      zone: 'example.com',
      type,
      why: 'aws_route53_record.x (its records are known only when the change is applied)',
    },
  ],
});

test.each<[rule: string, string, string]>([
  ['spf', 'example.com', 'TXT'],
  ['mx', 'example.com', 'MX'],
  ['mx', 'mail.example.com', 'A'],
  ['dmarc', '_dmarc.example.com', 'TXT'],
  ['dkim', '_domainkey.example.com', 'CNAME'],
  ['mta-sts', '_mta-sts.example.com', 'TXT'],
  ['tls-rpt', '_smtp._tls.example.com', 'CNAME'],
  ['helo', 'mail.example.com', 'A'],
  ['ptr', 'mail.example.com', 'A'],
  ['ptr', '5.113.0.203.in-addr.arpa', 'PTR'],
])('%s is inconclusive while %s %s is open', async (rule, name, type) => {
  const report = await checkOf(named(name, type), [rule]);
  expect(statusOf(report, rule)).toBe('inconclusive');
  const open = findingsOf(report, rule).filter(({ severity }) => severity === 'inconclusive');
  expect(open.length).toBeGreaterThan(0);
  for (const { obstacle, remediation } of open) {
    expect(obstacle).toMatchObject({ kind: 'undetermined' });
    expect(remediation.summary).toMatch(/^Apply the change/);
  }
});

test.each<[string, Record<string, NameScript>, boolean]>([
  ['that nothing asks', {}, false],
  ['that a record asks', { '_mta-sts.example.com': { TXT: ['v=STSv1; id=1'] } }, true],
])('a web server behind a web proxy, %s for a policy', async (_, record, isOpen) => {
  const proxied = [{ name: 'mta-sts.example.com', proxy: 'cloudflare' }];
  const report = await checkOf({ proxied }, ['mta-sts'], { ...ZONE, ...record });
  expect(statusOf(report, 'mta-sts') === 'inconclusive').toBe(isOpen);
});

test('a web server behind a web proxy that is published is asked at its published address', async () => {
  const proxied = [{ name: 'mta-sts.example.com', proxy: 'cloudflare' }];
  const zone = {
    ...ZONE,
    'mta-sts.example.com': { A: ['192.0.2.80'] },
    '_mta-sts.example.com': { TXT: ['v=STSv1; id=1'] },
  };
  const codes = async (plan: Partial<ProposedZone>): Promise<string[]> =>
    findingsOf(await checkOf(plan, ['mta-sts'], zone), 'mta-sts').map(({ code, title }) => `${code} ${title}`);
  expect(await codes({ proxied })).toEqual(await codes({}));
});

test('MX hosts whose addresses are open leave no address to test, for that reason', async () => {
  const proposed = [{ file: 'plan.json', records: [], ...named('mail.example.com', 'A') }];
  const dns = { apexes: ['example.com'], zone: { ...defaultListZones(), ...ZONE } };
  const report = await checkIn(
    { dns, ips: [], rules: ['ptr', 'rbl'], isInMemory: true, settings: { dnsOnly: true } },
    { proposed },
  );
  expect(findingsOf(report, 'ptr')).toMatchObject([{ severity: 'inconclusive', obstacle: { kind: 'undetermined' } }]);
});

describe('a proxied mail host', () => {
  const plan: Partial<ProposedZone> = { proxied: [{ name: 'mail.example.com', proxy: 'cloudflare' }] };

  test('is an error of its MX record, also without a connection', async () => {
    const report = await checkOf(plan, ['mx']);
    expect(findingsOf(report, 'mx').filter(({ severity }) => severity !== 'info')).toMatchObject([
      {
        code: 'mx/behind-proxy',
        severity: 'error',
        proposed: true,
        place: { file: 'plan.json', line: null },
        message:
          'The proposed record of mail.example.com is proxied, so it will resolve to addresses of Cloudflare’s web proxy. The proxy does not forward mail.',
        remediation: { summary: expect.stringContaining('proxied = false') },
      },
    ]);
  });

  test.each<[string, string]>([
    ['helo', 'helo/ip-mismatch'],
    ['ptr', 'ptr/forward-mismatch'],
  ])('is a finding of %s', async (rule, code) => {
    const [finding] = findingsOf(await checkOf(plan, [rule]), rule);
    expect(finding).toMatchObject({ code, remediation: { summary: expect.stringContaining('proxied = false') } });
    expect(finding?.message).toContain('Cloudflare');
    expect(finding?.message).not.toMatch(/resolves to ,|undefined/);
  });

  test('is found at the domain without MX record too', async () => {
    const zone = { ...ZONE, 'example.com': { SOA: [], TXT: ['v=spf1 -all'], A: ['203.0.113.5'] } };
    const report = await checkOf({ proxied: [{ name: 'example.com', proxy: 'cloudflare' }] }, ['mx'], zone);
    expect(findingsOf(report, 'mx').map(({ code }) => code)).toEqual(
      expect.arrayContaining(['mx/none', 'mx/behind-proxy']),
    );
    const texts = findingsOf(report, 'mx').map(({ message }) => message);
    expect(texts.join(' ')).not.toMatch(/address \./);
  });

  test('is found behind an alias', async () => {
    const zone = {
      ...ZONE,
      'mail.example.com': { CNAME: ['web.example.com'] },
      'web.example.com': { A: ['203.0.113.5'] },
    };
    const report = await checkOf({ proxied: [{ name: 'web.example.com', proxy: 'cloudflare' }] }, ['mx'], zone);
    expect(findingsOf(report, 'mx').map(({ code }) => code)).toContain('mx/behind-proxy');
  });

  test('a name that mail does not use stays quiet', async () => {
    const rules = ['mx', 'helo', 'ptr', 'spf'];
    const report = await checkOf({ proxied: [{ name: 'www.example.com', proxy: 'cloudflare' }] }, rules);
    const published = await checkOf({}, rules);
    const codes = (one: Report) => rules.flatMap((id) => findingsOf(one, id).map(({ code }) => code));
    expect(codes(report)).toEqual(codes(published));
  });
});
