/** Expands a logo that may be compressed (svgz). */
import { gunzipSync } from 'node:zlib';

/** How a file begins that is compressed with gzip (RFC 1952 §2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b]);
/** The most octets that a logo is expanded to. */
const MAX_EXPANDED_BYTES = 1024 * 1024;

/** @returns the octets without compression, or `null` when they cannot be expanded. */
export function expanded(octets: Buffer): Buffer | null {
  if (!octets.subarray(0, GZIP.length).equals(GZIP)) return octets;
  try {
    return gunzipSync(octets, { maxOutputLength: MAX_EXPANDED_BYTES });
  } catch {
    return null;
  }
}
