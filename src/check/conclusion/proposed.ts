/** Which findings rest on records that are proposed and not published yet. */
import type { ProposedZone } from '../../network/dns/overlay.ts';
import type { FindingResult, Report, RuleResult } from '../../report/status.ts';

/** The record types a rule's findings are made of; any for a rule that is not here. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  dns: ['SOA', 'NS', 'A'],
  ptr: ['PTR', 'A', 'AAAA'],
  helo: ['A', 'AAAA', 'PTR', 'TXT', 'CNAME'],
  spf: ['TXT', 'A', 'AAAA', 'MX', 'PTR', 'CNAME'],
  dkim: ['TXT', 'CNAME'],
  dmarc: ['TXT', 'CNAME'],
  mx: ['MX', 'A', 'AAAA', 'CNAME'],
  // Block lists and networks are not the user's to propose.
  rbl: [],
  egress: [],
};

/** @returns the results with `proposed` set on each finding that names a proposed record which its rule asked for. */
export function markProposed(results: readonly RuleResult[], asked: Iterable<string>): RuleResult[] {
  const records = [...asked].map((key) => {
    const [name = '', type = ''] = key.split(' ');
    return { name, type };
  });
  const rests = (ruleId: string, finding: FindingResult): boolean => {
    const names = namesIn(finding);
    const types = TYPES[ruleId];
    return records.some(({ name, type }) => names.has(name) && (types?.includes(type) ?? true));
  };
  return results.map((result) => ({
    ...result,
    findings: result.findings.map((finding) => (rests(result.id, finding) ? { ...finding, proposed: true } : finding)),
  }));
}

function namesIn({ subject, evidence }: FindingResult): Set<string> {
  const words = `${subject} ${JSON.stringify(evidence)}`.toLowerCase().match(/[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)+/g);
  return new Set(words ?? []);
}

export function proposedSection(
  zones: readonly ProposedZone[],
  used: ReadonlySet<string>,
): NonNullable<Report['proposed']> {
  return {
    files: zones.map(({ file, records }) => ({
      file,
      records: records.length,
      wholeZone: records.some(({ type }) => type === 'SOA'),
    })),
    used: [...used].sort(),
  };
}
