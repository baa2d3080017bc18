/**
 * What earlier runs saw of a DKIM key at the name servers of its zone. The DNS does not show how long a record has been
 * published. A run that saw it at every server proves it for each later run.
 */

/** What was seen of one key at one name. */
export interface Sighting {
  /**
   * When all name servers of the zone had the key, in milliseconds since the epoch. `null` if some of them did not have it
   * when they were asked last.
   */
  readonly since: number | null;
  /**
   * How long resolvers keep the answers that were seen before all name servers had the key, in seconds: the longest TTL of
   * another record or of an absence. `null` if none was seen.
   */
  readonly otherTtl: number | null;
  /** When some name server was last seen without the key, in milliseconds since the epoch. What is older proves nothing. */
  readonly lostAt?: number;
  /**
   * When answers with a longer TTL than `otherTtl` have run out, in milliseconds since the epoch. They were seen before a
   * shorter TTL took their place.
   */
  readonly olderUntil?: number;
}

/** Keeps the sightings of DKIM keys. No method rejects. */
export interface KeyBook {
  /** @returns what was seen of a key at a name, or `null` if nothing is known. */
  known(name: string, fingerprint: string): Promise<Sighting | null>;
  keep(name: string, fingerprint: string, sighting: Sighting): Promise<void>;
}
