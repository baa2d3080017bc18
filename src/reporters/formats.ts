/** Lists the formats of reports. Their reporters take longer to load (index.ts). */

/** The names of all formats. */
export const formats = [
  'pretty',
  'json',
  'junit',
  'sarif',
  'github',
  'markdown',
  'html',
  'prometheus',
  'nagios',
] as const;

export type Format = (typeof formats)[number];
