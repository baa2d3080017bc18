/** Finds the format of a plan file, by its name or by the name of the file. */
import { extname } from 'node:path';
import type { ZoneChanges } from '../../standards/dns-plan/codec.ts';
import { type PlanFormat, PLAN_FORMATS as TEXT_FORMATS } from '../../standards/dns-plan/formats.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { nearest } from '../options/nearest.ts';

/** The formats of a plan file: those of the tools, and the commands of the DNS host. */
export const PLAN_FORMATS: readonly PlanFormat[] = [
  ...TEXT_FORMATS,
  {
    id: 'commands',
    title: 'shell commands of the DNS host',
    extensions: ['.sh'],
    comment: '#',
    load: async () => (await import('./commands.ts')).write,
  },
];

/** The names of the formats. */
export const PLAN_FORMAT_IDS: readonly string[] = PLAN_FORMATS.map(({ id }) => id);

/**
 * @returns the format with this name.
 * @throws UsageError for an unknown name. The message suggests the nearest one.
 */
export function formatNamed(name: string): PlanFormat {
  const format = PLAN_FORMATS.find(({ id }) => id === name);
  if (format !== undefined) return format;
  throw new UsageError(
    `unknown format ${quoteInput(name)} of a plan${nearest(name, PLAN_FORMAT_IDS)}. Type one of: ${PLAN_FORMAT_IDS.join(', ')}`,
  );
}

/**
 * @returns the formats that the ending of a file name can mean. There is more than one for Terraform, where the DNS host
 *   decides.
 * @throws UsageError for a name that tells no format.
 */
export function formatsOfFile(file: string): readonly PlanFormat[] {
  const extension = extname(file).toLowerCase();
  const formats = PLAN_FORMATS.filter(({ extensions }) => extensions.includes(extension));
  if (formats.length > 0) return formats;
  throw new UsageError(
    `--plan ${quoteInput(file)}: its name does not tell the format. Type one before it: --plan zone=${quoteInput(file)} (${PLAN_FORMAT_IDS.join(', ')})`,
  );
}

/** The formats whose files are applied to a zone as they are. The others are texts for the files of a tool or of a zone. */
const APPLIED: readonly string[] = ['nsupdate', 'route53', 'commands'];

/** @returns whether a file in the format is applied to the zone as it is. */
export function isApplied({ id }: Pick<PlanFormat, 'id'>): boolean {
  return APPLIED.includes(id);
}

/**
 * Refuses a format that is applied as it is, for changes of records which are not published. Its file would publish a part
 * of what is proposed, and delete published values that the proposal only replaces.
 *
 * @throws UsageError for such a format.
 */
export function refuseForProposed(formats: readonly PlanFormat[]): void {
  const applied = formats.find(isApplied);
  if (applied === undefined) return;
  const others = PLAN_FORMATS.filter((format) => !isApplied(format)).map(({ id }) => id);
  throw new UsageError(
    `--plan ${applied.id} and --zone contradict each other: its file is applied to the zone as it is, and these records are not published yet. Choose a format for the file of the proposed records: ${others.join(', ')}`,
  );
}

/** The Terraform formats by the ids of the DNS hosts that they are for. */
const TERRAFORM_OF: Readonly<Record<string, string>> = {
  route53: 'terraform-aws',
  cloudflare: 'terraform-cloudflare',
  'google-cloud-dns': 'terraform-google',
  'azure-dns': 'terraform-azure',
  digitalocean: 'terraform-digitalocean',
  hetzner: 'terraform-hetzner',
  ovhcloud: 'terraform-ovh',
};

/**
 * @param formats those that the name of the file can mean.
 * @returns the one that the file has: that of the DNS host of all zones, if there are several.
 * @throws UsageError if the DNS host is not known, or has none of the formats.
 */
export function formatFor(file: string, formats: readonly PlanFormat[], zones: readonly ZoneChanges[]): PlanFormat {
  const [first, ...others] = formats;
  if (first !== undefined && (others.length === 0 || zones.length === 0)) return first;
  const ids = new Set(zones.map(({ dnsHost = '' }) => TERRAFORM_OF[dnsHost]));
  const [id] = ids;
  const format = ids.size === 1 ? formats.find((candidate) => candidate.id === id) : undefined;
  if (format !== undefined) return format;
  const names = zones.map(({ zone }) => zone).join(', ');
  throw new UsageError(
    `--plan ${quoteInput(file)}: the DNS host of ${names} does not tell the format. Type one before it: --plan ${first?.id}=${quoteInput(file)} (${formats.map((one) => one.id).join(', ')})`,
  );
}
