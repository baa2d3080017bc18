/** Names the slips that are known in key records: what goes wrong between the key file and the zone. */

export type DkimSlip =
  // Slips of one text.
  /** The value is a whole line of a zone file: name, class, type and quoted strings. */
  | 'zone-file-line'
  /** The value contains the parentheses that group the strings of a record in a zone file. */
  | 'parentheses'
  /** The value contains the comment that follows a record in a zone file. */
  | 'comment'
  /** The value contains `\;`, which some zone editors display and others publish literally. */
  | 'escaped-semicolon'
  /** The value contains other escapes with a backslash. */
  | 'backslashes'
  /** The value contains straight, escaped or typographic quotation marks. */
  | 'quotes'
  /** The value contains control characters, a byte order mark, a zero-width space or a no-break space. */
  | 'invisible-characters'
  /** The value contains typographic dashes or the wide forms of ASCII characters. */
  | 'typographic-characters'
  /** The value contains line breaks that do not fold. */
  | 'line-breaks'
  /** The value contains the lines `-----BEGIN PUBLIC KEY-----` and `-----END PUBLIC KEY-----`. */
  | 'pem-armour'
  /** The value contains percent-encoding from a URL, such as `%2B`. */
  | 'percent-encoding'
  /** The value of a tag is a whole record, or the tag is written twice before its value: `p=p=`. */
  | 'record-inside-p'
  /** Something other than one semicolon separates the tags, or nothing does. */
  | 'missing-semicolon'
  /** Another character stands where the `=` of a tag belongs. */
  | 'equals-sign'
  /** The key stands in the value without the tag `p=`. */
  | 'bare-key'
  /** The name of a tag is written in another case or misspelt. */
  | 'tag-name'
  /** `v=` is not exactly `DKIM1`. */
  | 'version'
  /** `v=` is not the first tag. */
  | 'tag-order'
  /** A tag occurs twice with the same value. */
  | 'repeated-tag'
  /** `k=` is misspelt, or does not name the type of the key in `p=`. */
  | 'key-type'
  /** There is a semicolon too many. */
  | 'empty-tag'
  /** There is text that is no tag. */
  | 'stray-text'
  /** Each `+` has become a space, as in a URL query. */
  | 'plus-lost'
  /** The key is in base64url: `-` and `_` instead of `+` and `/`. */
  | 'base64url'
  /** The `=` at the end of the key are missing or too many. */
  | 'padding-lost'
  /** The Ed25519 key is a SubjectPublicKeyInfo instead of its 32 octets. */
  | 'ed25519-wrapped'
  /** The value of `p=` is the placeholder of some instructions instead of a key. The key is lost. */
  | 'placeholder'
  /** The key is shorter than its DER header announces. The key is lost. */
  | 'truncated'
  // Slips of several texts at one selector.
  /** The parts of one record are published as several TXT records. */
  | 'in-parts'
  /** Besides the record there is a TXT record with a part of a key. */
  | 'part-beside'
  /** Besides the record there is a damaged TXT record. */
  | 'damaged-beside'
  /** Besides the record there is a TXT record of something else. */
  | 'other-beside'
  /** The same key is published several times. */
  | 'repeated-record';
