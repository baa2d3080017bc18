/** What every row must say of its sources. The rows are checked against this by the tests, not at every start. */
import { z } from 'zod';
import { CONFIDENCES, PROVENANCES } from './verification.ts';

export const provenanceSchema = z.enum(PROVENANCES);

export const verifiedOnSchema = z.iso.date().nullable();

export const confidenceSchema = z.enum(CONFIDENCES);

/** A page, or an issue of a GitHub repository: `github:owner/repository#42`. */
export const sourceSchema = z.union([
  z.url({ protocol: /^https?$/ }),
  z.string().regex(/^github:[\w.-]+\/[\w.-]+#\d+$/, 'is neither a URL nor github:owner/repository#number'),
]);
