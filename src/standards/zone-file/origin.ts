/** Tells which zone a text of DNS records is of, before it is read: its names may depend on that. */
import { type Domain, parseDomain } from '../../network/domain.ts';

/** Endings and beginnings that the names of zone files have beside the name of the zone. */
const AFFIXES = /^(?:db|zone|pri|master)\.(?=.+\.)|\.(?:zone|db|hosts|txt|json|ya?ml)$/gi;

/**
 * @param file the path of the file.
 * @returns the zone by the first `$ORIGIN`, else by the whole name of an SOA record, else by the name of the file, such as
 *   `example.com.zone` or `db.example.com`. `undefined` when none of them is a domain.
 */
export function zoneOf(text: string, file: string): Domain | undefined {
  const origin = /^\$ORIGIN[ \t]+([^\s;"()\\]+)\.(?=[\s;]|$)/im.exec(text)?.[1];
  const soa = /^([^\s;"()\\$@]+)\.[ \t](?:[^\n;"]*[ \t])?SOA[ \t]/im.exec(text)?.[1];
  const name = file.split(/[\\/]/).at(-1) ?? '';
  return [origin, soa, name.replace(AFFIXES, '')].map(named).find((domain) => domain !== undefined);
}

/** A single label is a domain of nobody who sends mail. */
function named(text: string | undefined): Domain | undefined {
  return text?.includes('.') ? parseDomain(text) : undefined;
}
