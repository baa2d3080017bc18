/**
 * The schema of the fields with which every row names its sources. The tests check the rows, so a run does not have to.
 */
import * as z from 'zod';
import { CONFIDENCES, PROVENANCES } from './verification.ts';

/** The kind of a row's best source. */
export const provenanceSchema = z.enum(PROVENANCES);

/** The last day on which the sources were checked. */
export const verifiedOnSchema = z.iso.date().nullable();

/** The certainty of a row, apart from its age. */
export const confidenceSchema = z.enum(CONFIDENCES);

/** The URL of a page, or an issue of a GitHub repository: `github:owner/repository#42`. */
export const sourceSchema = z.union([
  z.url({ protocol: /^https?$/ }),
  z.string().regex(/^github:[\w.-]+\/[\w.-]+#\d+$/, 'is neither a URL nor github:owner/repository#number'),
]);
