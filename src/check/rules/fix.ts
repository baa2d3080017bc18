/** What to do about a finding, before it is put into the words and records of a report. */
import type { Remediation } from '../../report/status.ts';
import type { Edit } from './edit.ts';
import type { Command, Link } from './pasted.ts';

/** The commands for one case. */
export interface Alternative {
  /** The case, in words that stand before a colon: `On a VPS`. */
  readonly label: string;
  readonly commands: readonly Command[];
}

/**
 * What to do about a finding. It names the edits of DNS records, and the plan of the run gives the records: one final
 * value for each record set, whatever else is changed in it. The first edit is the one that the summary is about.
 */
export interface Fix extends Omit<Remediation, 'records' | 'commands' | 'alternatives' | 'links'> {
  readonly edits?: readonly Edit[];
  /** Commands to type, and lines of configuration. */
  readonly commands?: readonly Command[];
  /** Commands for different cases, of which one applies. */
  readonly alternatives?: readonly Alternative[];
  /** Pages to open. */
  readonly links?: readonly Link[];
}
