/**
 * Starts the DNS queries that a record will need before the evaluation asks for them. A check then takes the time of
 * its longest chain of queries instead of the sum of all queries. The resolver of the session asks each question only
 * once, so the evaluation gets these answers. Its counts and its result are the same as without prefetching.
 */
import { type DnsAnswer, type RecordType, recordsOf } from '../../network/dns/answer.ts';
import { observed } from '../../network/fault.ts';
import { MAX_LOOKUPS, MAX_MX_NAMES } from './limits.ts';
import { expandTarget, isCheckableDomain, isQueryableName, macroLetters } from './macro.ts';
import { sortedExchanges } from './mechanism.ts';
import { contains } from './network.ts';
import { parseRecord, selectRecords } from './parse.ts';
import { effectiveDirectives, effectiveRedirect, type MacroString, type SpfRecord } from './record.ts';
import type { Session } from './session.ts';

/** Largest number of prefetched terms in one check. Enough for all branches of a record within the lookup limit. */
const MAX_TERMS = 2 * MAX_LOOKUPS;

/** Starts the queries for the terms of a record of `domain`, and for the records to which they lead. Does not wait. */
export function prefetch(session: Session, record: SpfRecord, domain: string): void {
  new Prefetcher(session).record(record, domain);
}

class Prefetcher {
  #left = MAX_TERMS;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  record(record: SpfRecord, domain: string): void {
    for (const { mechanism } of effectiveDirectives(record)) {
      switch (mechanism.name) {
        case 'all':
          return;
        case 'ip4':
        case 'ip6':
          // It matches without a query, so the evaluation stops here.
          if (contains(mechanism.network, this.#session.ip)) return;
          break;
        case 'include':
          this.#with(mechanism.domainSpec, domain, (target) => this.#domain(target));
          break;
        case 'a':
          this.#with(mechanism.domainSpec, domain, (target) => this.#address(target));
          break;
        case 'mx':
          this.#with(mechanism.domainSpec, domain, (target) => this.#exchanges(target));
          break;
        case 'exists':
          this.#with(mechanism.domainSpec, domain, (target) => void this.#session.ahead.query(target, 'A'));
          break;
        case 'ptr':
          // The names to query are known only after the PTR query, and `ptr` is rare.
          break;
      }
    }
    const redirect = effectiveRedirect(record);
    if (redirect) this.#with(redirect.domainSpec, domain, (target) => this.#domain(target));
  }

  /** Calls `ask` with the expanded target. Skips targets with `%{p}`, because that macro needs further queries. */
  #with(domainSpec: MacroString | null, domain: string, ask: (target: string) => void): void {
    if (this.#left <= 0 || (domainSpec && macroLetters(domainSpec).has('p'))) return;
    this.#left -= 1;
    const values = { ...this.#session.macros, domain, validatedName: '' };
    const target = domainSpec ? expandTarget(domainSpec, values) : domain;
    if (isQueryableName(target)) ask(target);
  }

  #address(name: string): void {
    if (isQueryableName(name)) void this.#session.ahead.query(name, this.#session.addressType);
  }

  #domain(domain: string): void {
    if (!isCheckableDomain(domain)) return;
    this.#ahead(this.#session.ahead.query(domain, 'TXT'), (answer) => {
      const [text, second] = selectRecords(recordsOf(answer));
      if (text === undefined || second !== undefined) return;
      const record = parseRecord(text);
      if (record.problems.length === 0) this.record(record, domain);
    });
  }

  #exchanges(domain: string): void {
    this.#ahead(this.#session.ahead.query(domain, 'MX'), (answer) => {
      const names = sortedExchanges(answer);
      if (names.length <= MAX_MX_NAMES) for (const name of names) this.#address(name);
    });
  }

  /** Continues with an answer in the background. The evaluation will see the same errors, and reports them. */
  #ahead<T extends RecordType>(coming: Promise<DnsAnswer<T>>, go: (answer: DnsAnswer<T>) => void): void {
    observed(coming.then(go));
  }
}
