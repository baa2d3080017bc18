/** The formats that tell a whole report. The others are sums for monitoring: they have no steps and no sentences. */
import { type Format, formats } from '../../src/reporters/formats.ts';

const SUMS: readonly Format[] = ['prometheus', 'nagios'];

export const wholeFormats = formats.filter((format) => !SUMS.includes(format));
