/** The processing limits of RFC 7208, each with the section that defines it. */

/** Largest number of terms with DNS queries in a whole check (§4.6.4 ¶1). */
export const MAX_LOOKUPS = 10;

/** Largest number of void lookups: terms whose query finds no record (§4.6.4, last paragraph but one). */
export const MAX_VOID_LOOKUPS = 2;

/** Largest number of MX records, and so of address lookups, for one `mx` (§4.6.4 ¶2). */
export const MAX_MX_NAMES = 10;

/** Largest number of PTR records that `ptr` and `%{p}` use. Further records are ignored (§4.6.4 ¶3). */
export const MAX_PTR_NAMES = 10;

/** Time limit of a whole check in milliseconds: "at least 20 seconds" (§4.6.4, last paragraph). */
export const TIME_LIMIT_MS = 20_000;

/** Longest domain name in octets of its text form (RFC 1035 §2.3.4, RFC 7208 §7.3). */
export const MAX_NAME_OCTETS = 253;

/** Longest label in octets (RFC 1035 §2.3.4). */
export const MAX_LABEL_OCTETS = 63;

/** Recommended length of a record in octets, so that the answer with it fits into 512 octets (§3.4). */
export const RECOMMENDED_RECORD_OCTETS = 450;
