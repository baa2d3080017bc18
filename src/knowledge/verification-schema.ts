/**
 * The schema of the fields with which every row names its sources. The tests check the rows, so a run does not have to.
 */
import { z } from 'zod';
import { CONFIDENCES, PROVENANCES } from './verification.ts';

export const provenanceSchema = z.enum(PROVENANCES);

export const verifiedOnSchema = z.iso.date().nullable();

export const confidenceSchema = z.enum(CONFIDENCES);

/** The URL of a page, or an issue of a GitHub repository: `github:owner/repository#42`. */
export const sourceSchema = z.union([
  z.url({ protocol: /^https?$/ }),
  z.string().regex(/^github:[\w.-]+\/[\w.-]+#\d+$/, 'is neither a URL nor github:owner/repository#number'),
]);
