/** What the rules of one run found: their results, and the edits of DNS records that the findings ask for. */
import type { RuleResult } from '../../../report/status.ts';
import type { Edit } from '../../rules/edit.ts';

/** The edits of each finding, by `findingKey`. A finding without edits has no entry. */
export type EditsOf = Map<string, readonly Edit[]>;

/** The findings of one run. */
export interface Found {
  readonly results: readonly RuleResult[];
  readonly edits: EditsOf;
  /** The findings that were seen in a connection to a host, by `findingKey`. */
  readonly ofHosts: ReadonlySet<string>;
}
