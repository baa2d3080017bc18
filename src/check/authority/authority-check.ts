/**
 * Asks the name servers themselves about the RRsets that the findings rest on. A resolver, of this machine or of a
 * receiver, may have an old answer. The questions start as soon as a rule has ended, so that they go on beside the rules that
 * still run. When all rules have ended, only little time is left to them. What was not seen by then is not known.
 */
import type { DnsAnswer, RecordType } from '../../network/dns/answer.ts';
import { RUN_ENDED, unasked } from '../../network/dns/answer.ts';
import type { DnsClient, NameServerClient } from '../../network/dns/client.ts';
import type { SignedResolver } from '../../network/dns/signed.ts';
import { through } from '../../network/dns/through.ts';
import { orElse } from '../../network/fault.ts';
import type { FindingResult } from '../../report/status.ts';
import type { Found } from '../conclusion/plan/found.ts';
import { type DnsRun, runOverDns } from '../dns-run.ts';
import { type AuthoritativeView, authoritativeView, isChanged } from '../facts/authority/view.ts';
import { createFacts, type Facts, type Sources } from '../facts/fact.ts';
import { type ProgressEvent, selectedRules } from '../run-rules.ts';
import type { World } from '../world.ts';
import { laidOver } from './laid-over.ts';
import { behindFaults, JUDGING_DNS, used, type Wanted, wantedKey } from './questions.ts';
import { withAuthority } from './told.ts';

/** Milliseconds that the name servers have when all rules have ended, and those that the rules have to run again. */
const PATIENCE_MS = 1800;
const AGAIN_MS = 800;

/** The most times that the rules run again. What they find then may rest on other old answers. */
const MAX_ROUNDS = 3;

const WHAT = 'the name servers';
const AGAIN = 'the rules over the name servers';

/** The findings with what the name servers show, and the answers to plan changes by. */
export interface Concluded {
  readonly found: Found;
  readonly dns: DnsClient;
}

/** What the check takes from its run. */
export interface AuthorityParts {
  readonly sources: Sources;
  readonly world: Pick<World, 'patience' | 'stopwatch'>;
}

/** Asks the name servers in one run. */
export class AuthorityCheck {
  readonly #sources: Sources;
  readonly #world: AuthorityParts['world'];
  readonly #facts: Facts<'dns'>;
  readonly #elapsed: () => number;
  readonly #heard = new Map<string, FindingResult[]>();
  readonly #asked = new Map<string, { readonly wanted: Wanted; readonly view: Promise<AuthoritativeView> }>();
  readonly #views = new Map<string, AuthoritativeView>();
  /** What the rules found when they ran again. `null` if they did not. */
  #again: Found | null = null;
  #isOver = false;

  constructor({ sources, world }: AuthorityParts) {
    this.#sources = sources;
    this.#world = world;
    this.#elapsed = world.stopwatch(WHAT);
    this.#facts = createFacts<'dns'>({ dns: this.#patient(sources.dns) });
  }

  /** Hears of the progress of the rules. When one ends, asks about the RRsets that its errors and warnings rest on. */
  hear(event: ProgressEvent): void {
    const findings = this.#heard.get(event.rule) ?? [];
    if (event.kind === 'found') this.#heard.set(event.rule, [...findings, event.finding]);
    if (event.kind === 'finished') this.#ask(behindFaults(findings));
  }

  /** @returns what the rules found, with what the name servers show of it. */
  async conclude(found: Found, run: DnsRun): Promise<Concluded> {
    const { target, dns, settings, clock } = this.#sources;
    const isAskedFor = settings.authoritative === true;
    if (isAskedFor) this.#ask(used(dns.log, target));
    if (this.#asked.size === 0) return { found, dns };
    await this.#within(WHAT, PATIENCE_MS, this.#seen());
    if (this.#changed().size > 0) await this.#within(AGAIN, AGAIN_MS, this.#rounds(run));
    this.#isOver = true;
    const again = this.#again;
    const views = new Map(this.#views);
    const unfinished = [...this.#asked].flatMap(([key, { wanted }]) => (views.has(key) ? [] : [wanted.name]));
    const shown = { views, again, isAskedFor, unfinished, target, startedAt: clock.now(), elapsedMs: this.#elapsed() };
    return {
      found: withAuthority(found, shown),
      dns: again === null ? dns : laidOver(dns, this.#changed()),
    };
  }

  /** Waits for something, but not longer than this many milliseconds. */
  async #within(what: string, milliseconds: number, pending: Promise<void>): Promise<void> {
    const patience = this.#world.patience(what, milliseconds);
    await Promise.race([pending, patience.promise]).finally(() => patience.stop());
  }

  /** Resolves when the name servers have told all that they were asked. */
  async #seen(): Promise<void> {
    await Promise.all([...this.#asked.values()].map(({ view }) => view));
  }

  /** Asks about each of these RRsets once. */
  #ask(wanted: readonly Wanted[]): void {
    for (const one of wanted) {
      const key = wantedKey(one);
      if (this.#asked.has(key)) continue;
      const view = this.#facts(authoritativeView, one.name, one.type, 0);
      this.#asked.set(key, { wanted: one, view });
      view.then(
        (seen) => {
          if (!this.#isOver) this.#views.set(key, seen);
        },
        // It is reported where it is waited for.
        () => {},
      );
    }
  }

  /**
   * Runs the rules again over the answers of the name servers, until what they find rests on nothing that was not asked.
   */
  async #rounds(run: DnsRun): Promise<void> {
    let laid = 0;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const changed = this.#changed();
      if (changed.size === laid) return;
      laid = changed.size;
      const again = await runOverDns(laidOver(this.#patient(this.#sources.dns), changed), run, rerunIds(run));
      // What is asked when the patience is over counts as failed.
      if (this.#isOver) return;
      this.#again = again;
      for (const { findings } of again.results) this.#ask(behindFaults(findings));
      await this.#seen();
    }
  }

  /** @returns the answers of the name servers where the resolver has others. */
  #changed(): ReadonlyMap<string, DnsAnswer> {
    return new Map(
      [...this.#views].flatMap(([key, view]) =>
        view.agreed !== null && isChanged(view) ? [[key, view.agreed] as const] : [],
      ),
    );
  }

  /** @returns a client that asks nothing more when the patience is over. */
  #patient(dns: DnsClient): DnsClient {
    const query =
      (live: Pick<DnsClient, 'query'>): DnsClient['query'] =>
      async <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> =>
        this.#isOver ? tooLate(name, type) : live.query(name, type);
    const signed =
      (live: SignedResolver): SignedResolver['signed'] =>
      async (name, type) =>
        this.#isOver ? { kind: 'failed', status: 'timeout', detail: TOO_LATE } : live.signed(name, type);
    const ofServers = (live: NameServerClient): NameServerClient => ({
      servers: live.servers,
      query: query(live),
      signed: signed(live),
      delegation: async (zone) => (this.#isOver ? tooLate(zone, 'NS') : live.delegation(zone)),
      towards: (servers) => ofServers(live.towards(servers)),
    });
    return through(dns, {
      query: query(dns),
      signed: signed(dns),
      towards: (servers) => this.#patient(dns.towards(servers)),
      atNameServers: (from) => ofServers(dns.atNameServers(from)),
    });
  }
}

const TOO_LATE = `${RUN_ENDED} the query was sent`;

function tooLate<T extends RecordType>(name: string, type: T): DnsAnswer<T> {
  return { ...unasked(name, type), status: 'timeout', detail: TOO_LATE };
}

/** @returns the ids of the selected rules that judge the DNS. */
function rerunIds({ options: { ruleIds } }: DnsRun): string[] {
  return selectedRules(ruleIds).flatMap(({ id }) => (JUDGING_DNS.has(id) ? [id] : []));
}

/** @returns what the check concludes. A fault in it leaves the findings as they are. */
export function concluded(
  check: AuthorityCheck,
  found: Found,
  run: DnsRun,
  { dns, onFault }: { readonly dns: DnsClient; readonly onFault: Parameters<typeof orElse>[1] },
): Promise<Concluded> {
  return orElse('the name servers', onFault, () => check.conclude(found, run), { found, dns });
}
