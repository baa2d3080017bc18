/** Processing limits of RFC 7208, each with the sentence it comes from. */

/** Terms that cause DNS queries, over the whole check (§4.6.4 ¶1). */
export const MAX_LOOKUPS = 10;

/** Terms whose query found nothing (§4.6.4, last paragraph but one). */
export const MAX_VOID_LOOKUPS = 2;

/** Address lookups one `mx` may need: as many as its MX records (§4.6.4 ¶2). */
export const MAX_MX_NAMES = 10;

/** Reverse names looked at for `ptr` and `%{p}`; the rest is ignored (§4.6.4 ¶3). */
export const MAX_PTR_NAMES = 10;

/** Milliseconds a whole check may take: "at least 20 seconds" (§4.6.4, last paragraph). */
export const TIME_LIMIT_MS = 20_000;

/** Octets of a domain name in text (RFC 1035 §2.3.4 less length octets; RFC 7208 §7.3). */
export const MAX_NAME_OCTETS = 253;

/** Octets of one label (RFC 1035 §2.3.4). */
export const MAX_LABEL_OCTETS = 63;

/** Octets of a record that still fits a 512-octet answer with its overhead (§3.4). */
export const RECOMMENDED_RECORD_OCTETS = 450;
