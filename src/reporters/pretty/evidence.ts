/** Writes evidence as lines of a key and a value. */
import type { FindingResult } from '../../report/status.ts';
import { breakLines } from '../layout.ts';
import { printable } from '../printable.ts';

type Value = FindingResult['evidence'][string];

/** The most rows that one finding shows. The JSON report has all of its evidence. */
const MAX_ROWS = 60;
/** The most characters of a key. The names in it may be from the network. */
const MAX_KEY = 100;

/** @returns the evidence as `key value` lines. What is inside a value has the keys before it: `query.rcode NXDOMAIN`. */
export function evidenceLines({ evidence }: Pick<FindingResult, 'evidence'>, width: number, indent: string): string[] {
  const rows = Object.entries(evidence).flatMap(([key, value]) => rowsOf(key, value));
  const left = rows.length - MAX_ROWS;
  return [
    ...rows.slice(0, MAX_ROWS).flatMap(([key, text]) => {
      const first = `${indent}${printable(key.slice(0, MAX_KEY))} `;
      return breakLines(printable(text), width, `${indent}  `, first);
    }),
    ...(left > 0 ? [`${indent}… and ${left} more values (--format json)`] : []),
  ];
}

/** @returns one row for each value that holds no other values, and one for a list of such. */
function rowsOf(key: string, value: Value): [key: string, text: string][] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [[key, 'none']];
    if (value.every((item) => typeof item !== 'object' || item === null)) return [[key, value.map(String).join(', ')]];
    return value.flatMap((item, index) => rowsOf(`${key}[${index}]`, item));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([inner, item]) => rowsOf(`${key}.${inner}`, item));
  }
  return [[key, value === null ? 'none' : String(value)]];
}
