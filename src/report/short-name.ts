/** @returns a name without what stands in brackets behind it: `Linode` for `Linode (Akamai Connected Cloud)`. */
export function shortName(name: string): string {
  return name.replace(/ \(.*\)$/, '');
}
