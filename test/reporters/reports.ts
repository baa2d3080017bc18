/** Reports of every kind for the reporters to be tried on: made by real runs in the test world. */
import type { Report } from '../../src/report/status.ts';
import { parseZone } from '../../src/standards/zone-file/parse.ts';
import { providerReport, providers } from '../golden/provider-report.ts';
import { checkIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';

const sceneReport = (scene: keyof typeof scenes, ips?: readonly string[]): Promise<Report> => {
  const [domain, ip] = scenes[scene].args;
  return checkIn({ ...scenes[scene].world, domain, ips: ips ?? [ip], selectors: ['s1'] }, { transcript: true });
};

/** Failures, warnings, a skipped check, and some that could not be made. */
export function mixedReport(): Promise<Report> {
  const { world } = scenes.fresh;
  const zone = { ...world.dns.zone, '_spf.example.com': 'servfail', '7.100.51.198.in-addr.arpa': 'servfail' } as const;
  return checkIn(
    { dns: { ...world.dns, zone }, hosts: { '198.51.100.7': 'refused' }, domain: 'example.net', ips: ['198.51.100.7'] },
    { transcript: true },
  );
}

/** No address was given, and there is no MX host to take one from. */
export const emptyReport = (): Promise<Report> =>
  checkIn({ dns: { zone: { 'example.com': { SOA: [] } } }, ips: [], rules: ['ptr', 'mx'] });

/** With an accepted deviation, one that has expired, and what a baseline knows or does not. */
export async function judgedReport(): Promise<Report> {
  const report = await sceneReport('fresh');
  const judged = {
    'ptr/missing': { deviation: { reason: 'the provider sets it in May', until: '2099-05-31', state: 'accepted' } },
    'spf/ip-not-authorized': {
      deviation: { reason: 'until the move', until: '2020-01-31', state: 'expired' },
      baseline: 'known',
    },
    'rbl/listed-policy': { baseline: 'new', defaultSeverity: 'warning' },
  } as const;
  const rules = report.rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => ({
      ...finding,
      ...Object.entries(judged).find(([code]) => code === finding.code)?.[1],
    })),
  }));
  return {
    ...report,
    rules: rules.map((rule) => (rule.id === 'ptr' ? { ...rule, status: 'pass' as const } : rule)),
    proposed: {
      files: [
        {
          file: './zones/example.net.zone',
          format: 'zone',
          records: 2,
          removed: 0,
          undetermined: [],
          wholeZone: false,
        },
      ],
      used: ['example.net TXT'],
    },
  };
}

/** A change of DNS, judged by what it makes worse: one fault comes, one goes, and others stay. */
export function changedReport(): Promise<Report> {
  const { world } = scenes.fresh;
  const zone = { ...world.dns.zone, '_dmarc.example.net': { TXT: ['v=DMARC1; p=none', 'v=DMARC1; p=none'] } } as const;
  const text = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"\n@ TXT "v=spf1 ip4:192.0.2.1 -al"\n';
  return checkIn(
    {
      dns: { ...world.dns, zone },
      domain: 'example.net',
      ips: ['198.51.100.7'],
      helo: 'mail.example.net',
      settings: { gate: 'change' },
    },
    { transcript: true, proposed: [parseZone(text, 'dns/example.net.zone', 'example.net')] },
  );
}

/** Name → the reports of one run. */
export const runs: Readonly<Record<string, () => Promise<readonly Report[]>>> = {
  healthy: async () => [await sceneReport('healthy')],
  fresh: async () => [await sceneReport('fresh')],
  relay: async () => [await sceneReport('relay')],
  mixed: async () => [await mixedReport()],
  judged: async () => [await judgedReport()],
  changed: async () => [await changedReport()],
  'no addresses': async () => [await emptyReport()],
  'two targets': async () => [await sceneReport('healthy'), await mixedReport()],
};

/** Provider → the report of a host that is rented from it. */
export const providerRuns: Readonly<Record<string, () => Promise<readonly Report[]>>> = Object.fromEntries(
  providers.map((provider) => [provider, async () => [await providerReport(provider)]]),
);
