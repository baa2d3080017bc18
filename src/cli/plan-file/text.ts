/** Writes a plan file: the text of its format, with the notes as comments at its head. */

import type { Report } from '../../report/status.ts';
import { copyable } from '../../reporters/printable.ts';
import type { PlanFormat } from '../../standards/dns-plan/formats.ts';
import { changesOf, type FileContent } from './changes.ts';
import { formatNamed, refuseForProposed } from './formats.ts';

/**
 * @returns the text of the file. A format without comments has no place for the notes, so they are left out.
 * @throws UsageError for changes that the format cannot say.
 */
export async function planText({ zones, notes }: FileContent, { comment, load }: PlanFormat): Promise<string> {
  const write = await load();
  const text = write(zones);
  if (comment === null) return text;
  const head = notes.map((note) => `${comment} ${copyable(note)}\n`).join('');
  // Only in the first line does a shell script name its shell.
  const [first = ''] = /^#!.*\n/.exec(text) ?? [];
  return `${first}${head}${text.slice(first.length)}`;
}

/**
 * Writes the changes of DNS records that reports propose, for a tool that publishes them.
 *
 * ```ts
 * const report = await check('example.com', ['203.0.113.5']);
 * await writeFile('plan.zone', await planFile(report, 'zone'));
 * ```
 *
 * @param format the name of a format, as `mailcheck --plan` takes it: `zone`, `nsupdate`, `terraform-aws` and others.
 * @returns the text of the file. It holds the record sets that the owner of the domain changes in their own zones. What
 *   others have to change, and what is not decided yet, stands in comments, if the format has comments.
 * @throws UsageError for an unknown format, for changes that the format cannot say, and for a report on proposed records in
 *   a format that is applied as it is.
 */
export async function planFile(reports: Report | readonly Report[], format: string): Promise<string> {
  const all = 'rules' in reports ? [reports] : reports;
  const named = formatNamed(format);
  if (all.some(({ proposed }) => proposed !== undefined)) refuseForProposed([named]);
  return planText(changesOf(all), named);
}
