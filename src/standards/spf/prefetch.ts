/**
 * Asks ahead for what a record will need, so that a check takes the time of its longest chain of questions rather than
 * their sum. The session's resolver keeps the answers, since it asks each question once. The evaluation that follows
 * counts and concludes exactly as it would without them.
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

/** Terms asked ahead for in one check: enough for every branch of a record within the limit, however it is nested. */
const MAX_TERMS = 2 * MAX_LOOKUPS;

/** Asks ahead for the terms of a record of `domain`, and of the records to which they lead. */
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
          // It matches without a question, so nothing to its right will be asked.
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
          // Its names are only known later, and it is rare.
          break;
      }
    }
    const redirect = effectiveRedirect(record);
    if (redirect) this.#with(redirect.domainSpec, domain, (target) => this.#domain(target));
  }

  /** `%{p}` needs questions of its own, and is left to the evaluation. */
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

  /** Nobody waits for this. What goes wrong here goes wrong again in the evaluation, which reports it. */
  #ahead<T extends RecordType>(coming: Promise<DnsAnswer<T>>, go: (answer: DnsAnswer<T>) => void): void {
    observed(coming.then(go));
  }
}
