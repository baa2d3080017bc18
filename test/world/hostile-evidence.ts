/**
 * What the network may say to get into a command, and what holds of a remediation that was made from it: no command and
 * no link has it, and the sentence shows it without anything that a shell acts on.
 */
import { expect } from 'vitest';
import { recordOf } from '../../src/check/conclusion/plan/values.ts';
import { emitter, type FindingCatalogue } from '../../src/check/rules/finding.ts';
import type { Target } from '../../src/check/target.ts';
import { isPublishable } from '../../src/standards/zone-file/line.ts';
import { INVISIBLE } from '../../src/usage-error.ts';

/** The word that a shell would run. */
export const TRAP = 'zqxtrap';

export const HOSTILE_VALUES: readonly string[] = [
  `x;${TRAP};#`,
  `x; ${TRAP}`,
  `$(${TRAP})`,
  `\`${TRAP}\``,
  `\${IFS}${TRAP}`,
  `x' ; ${TRAP}; '`,
  `x" ; ${TRAP}; "`,
  `x\n${TRAP}`,
  `x\r\n${TRAP}`,
  `x && ${TRAP}`,
  `x|${TRAP}`,
  `x & ${TRAP}`,
  `x>${TRAP}`,
  `<(${TRAP})`,
  `-${TRAP}`,
  `--config=${TRAP}`,
  `~${TRAP}/{a,b}*?!!`,
  `\u202e${TRAP}\u009b31m\u007f\u2028`,
  `x\\${TRAP}`,
  `x"\n$INCLUDE ${TRAP}`,
  `x (${TRAP}`,
  `x ${TRAP} = y`,
];

/** What a shell would run or redirect, if somebody pastes the sentence. */
const RUNS = new RegExp(`[\`|\\n\\r]|\\$[({A-Za-z]|[;&<>]\\s*\\(?${TRAP}`);

/** @returns what is wrong with a sentence that people read. */
export function sentenceFaults(text: string): string[] {
  return [
    ...(RUNS.test(text) ? [`a shell would run: ${text}`] : []),
    ...(text.search(INVISIBLE) >= 0 ? [`invisible: ${JSON.stringify(text)}`] : []),
  ];
}

/** The keys whose values are words of the program, whatever the network says. */
const OWN = new Set(
  (
    'reason kind source fault outcome why slip slips egress unblock state mode existence meaning leads change impact class ' +
    'nature by status rcode certainty confidence result mta match family damage defects defect problem weakness type sharedBy ' +
    'autoExpiry how codes lookup url variable provider history tag do'
  ).split(' '),
);

function poisoned(value: unknown, text: string, isKept: (key: string, value: string) => boolean, key = ''): unknown {
  if (typeof value === 'string') return isKept(key, value) ? value : text;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, text, isKept, key));
  if (typeof value !== 'object' || value === null) return value;
  if (OWN.has(key)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, text, isKept, name)]));
}

const isOwnWord = (key: string, value: string): boolean => OWN.has(key) || /^[a-z]+(?:-[a-z]+)*$/.test(value);

/** Holds that a remediation hands nothing hostile on, with each value in each place of the evidence and the target. */
export function holdsHostile(catalogue: FindingCatalogue, code: string, evidence: object, target: Target): void {
  if (!(code in catalogue)) return;
  for (const text of HOSTILE_VALUES) {
    for (const value of [text, `${text}.evil.example`]) {
      const hostile: Target = { ...target, helo: value, selectors: [...target.selectors, value] };
      const faults = [target, hostile].flatMap((about) =>
        faultsOf(catalogue, code, poisoned(evidence, value, isOwnWord), about),
      );
      expect(faults).toEqual([]);
    }
  }
}

function faultsOf(catalogue: FindingCatalogue, code: string, evidence: unknown, target: Target): string[] {
  const { remediation, edits } = emitter(catalogue, target)(code, evidence as never, { about: {} });
  const { summary, commands = [], links = [] } = remediation;
  const records = edits.flatMap(({ name, record, change }) =>
    change.do === 'values' && record !== 'spf' && record !== 'dmarc' && record !== 'dkim'
      ? change.add.filter((value) => isPublishable(name, record, value)).map((value) => recordOf(name, record, value))
      : [],
  );
  return [
    ...sentenceFaults(summary),
    ...[...commands, ...links].filter((line) => line.includes(TRAP)),
    ...records
      .filter(({ line, type }) => !/^[\x20-\x7e]+$/.test(line) || (type !== 'TXT' && line.includes(TRAP)))
      .map(({ line }) => line),
  ];
}
