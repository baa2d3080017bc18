/** Programs that use the library, as their authors would write them. */

/** A correct program, which uses most of what the library exports. */
export const RIGHT = `
import { check, exitCode, hasCode, replay, reportSchema, UsageError, type ProgressEvent, type Recording, type Report } from 'mailcheck-cli';

export async function gate(domain: string, signal: AbortSignal): Promise<number> {
  const recordings: Recording[] = [];
  const seen: string[] = [];
  const onProgress = (event: ProgressEvent): void => {
    switch (event.kind) {
      case 'started':
        seen.push(event.rule);
        break;
      case 'found':
        seen.push(event.finding.code, event.finding.remediation.summary);
        break;
      case 'finished':
        seen.push(event.status, ...event.waiting);
        break;
      default:
        event satisfies never;
    }
  };
  try {
    const report: Report = await check(domain, ['203.0.113.5'], {
      helo: 'mail.example.com',
      only: ['spf'] as const,
      zones: ['./new.zone', { name: 'mine', text: '@ 300 IN TXT "v=spf1 -all"' }],
      dnsOnly: true,
      allowInconclusive: ['helo'],
      severity: { 'ptr/missing': 'warning' },
      signal,
      onProgress,
      record: (recording) => recordings.push(recording),
    });
    for (const finding of report.rules.flatMap(({ findings }) => findings)) {
      if (hasCode(finding, 'ptr/forward-mismatch')) seen.push(finding.evidence.ptr, ...finding.evidence.addresses);
      if (hasCode(finding, 'spf/inconclusive') && finding.evidence.reason === 'fault') seen.push(finding.evidence.fault);
      seen.push(finding.about.ip ?? '', ...finding.rests.map(({ name, type }) => name + type));
    }
    const read: Report = reportSchema.parse(JSON.parse(JSON.stringify(report)));
    seen.push(read.verdict);
    const [again] = await replay(recordings[0], { onMissing: (questions) => seen.push(...questions) });
    const verdict: 'pass' | 'warn' | 'fail' | 'inconclusive' = report.verdict;
    return verdict === again?.verdict ? exitCode(report, { failOn: 'error', allowInconclusive: [] }) : 2;
  } catch (error) {
    if (error instanceof UsageError) return 2;
    throw error;
  }
}
`;

/** Calls that must not compile. */
export const WRONG: readonly string[] = [
  // The schema is known, although Zod is not installed.
  'const text: string = reportSchema.parse({});',
  'reportSchema.safePars({});',
  'check();',
  "check('example.com', '203.0.113.5');",
  "check('example.com', [], { heloName: 'mail.example.com' });",
  "check('example.com', [], { vantage: 'here' });",
  "check('example.com', [], { selector: ['s1'] });",
  "check('example.com', [], { selectors: 's1' });",
  "check('example.com', [], { allowInconclusive: 'tls' });",
  "check('example.com', [], { accept: [{ code: 'ptr/missing' }] });",
  "check('example.com', [], { onProgress: (event) => event.finding });",
  "check('example.com', [], { record: (recording) => { recording.runs = []; } });",
  "replay({}, { onMissing: (questions) => questions.push('x') });",
  "check('example.com').then((report) => report.verdict === 'ok');",
  "check('example.com').then(({ rules }) => rules[0]?.findings.some((finding) => hasCode(finding, 'ptr/mismatch')));",
  "check('example.com').then(({ rules }) => rules[0]?.findings.map((finding) => hasCode(finding, 'ptr/missing') && finding.evidence.addresses.length));",
];
