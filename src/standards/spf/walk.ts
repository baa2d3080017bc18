/**
 * The static walk: every branch of a record, as if nothing ever matched. An evaluation stops at the first match, so an
 * address early in a record hides a branch that is too expensive, broken or a loop for everyone else.
 *
 * It is bounded: a record can name any number of others, and only so many are worth asking for.
 */
import { type DnsAnswer, isAbsent, isFailure, type Resolver } from '../../network/dns/answer.ts';
import { canonicalName } from '../../network/domain.ts';
import type { IpFamily } from '../../network/ip.ts';
import { checkedDomain, expandFixedTarget, isCheckableDomain, isQueryableName, macroLetters } from './macro.ts';
import { parseRecord, selectRecords } from './parse.ts';
import {
  type Directive,
  effectiveDirectives,
  effectiveRedirect,
  type MacroString,
  type Modifier,
  type SpfRecord,
} from './record.ts';
import { askOnce } from './session.ts';

/** Records asked for in one walk: five times what any check may look at. */
const MAX_RECORDS = 50;
/** Terms whose own names are asked for, to see whether they exist. */
const MAX_ASKED_TERMS = 30;

export type WalkStatus =
  | 'record'
  | 'missing'
  | 'multiple'
  /** It has syntax errors. */
  | 'invalid'
  /** The lookup failed, so nothing is known. */
  | 'failure'
  /** It is already being evaluated further up. */
  | 'loop'
  /** Not a name that can have a record. */
  | 'malformed'
  /** Beyond the bounds of the walk. */
  | 'not-walked';

export interface WalkNode {
  readonly domain: string;
  /** From the domain walked down to this one. */
  readonly path: readonly string[];
  readonly status: WalkStatus;
  readonly record: SpfRecord | null;
  readonly answer: DnsAnswer<'TXT'> | null;
  /** The terms that need a lookup. */
  readonly terms: readonly WalkTerm[];
  /** Lookups of this record and all below it. */
  readonly cost: number;
}

export interface WalkTerm {
  readonly term: Directive | Modifier;
  /** The domain whose record holds it. */
  readonly domain: string;
  /** The name asked for; `null` where only a real message can tell, for its macros. */
  readonly target: string | null;
  /** Lookups of the term (1, and 1 more for `%{p}`) and of the record it leads to. */
  readonly cost: number;
  /** Kinds of client for which the name does not exist, each a void lookup (§4.6.4). */
  readonly voidFor: readonly IpFamily[];
  /** What was asked to find out. */
  readonly answers: readonly DnsAnswer[];
  /** Where an `include` or `redirect` leads. */
  readonly node: WalkNode | null;
}

export interface Walk {
  readonly root: WalkNode;
  /** Whether parts were left out: the counts are then minima. */
  readonly isTruncated: boolean;
}

interface Draft {
  readonly domain: string;
  readonly path: readonly string[];
  status: WalkStatus;
  record: SpfRecord | null;
  answer: DnsAnswer<'TXT'> | null;
  terms: DraftTerm[];
}

interface DraftTerm {
  readonly term: Directive | Modifier;
  readonly domain: string;
  readonly target: string | null;
  readonly ownCost: number;
  voidFor: readonly IpFamily[];
  answers: readonly DnsAnswer[];
  readonly child: Draft | null;
}

/** @returns the tree under a domain's record, with the worst-case cost of every node; never rejects. */
export async function walk(domain: string, resolver: Resolver): Promise<Walk> {
  const walker = new Walker(askOnce(resolver), checkedDomain(domain));
  return walker.run();
}

/** @returns every term of the tree that needs a lookup, in the order of evaluation. */
export function allTerms(node: WalkNode): WalkTerm[] {
  return node.terms.flatMap((term) => [term, ...(term.node ? allTerms(term.node) : [])]);
}

/** @returns the node and every one below it. */
export function allNodes(node: WalkNode): WalkNode[] {
  return [node, ...node.terms.flatMap((term) => (term.node ? allNodes(term.node) : []))];
}

/** The terms that need lookups and what each costs, as evidence. */
export interface CostTree {
  readonly domain: string;
  readonly cost: number;
  readonly terms: readonly { readonly term: string; readonly cost: number; readonly record: CostTree | null }[];
}

/** @returns the lookups that each term of the tree costs. */
export function costTree(node: WalkNode): CostTree {
  return {
    domain: node.domain,
    cost: node.cost,
    terms: node.terms.map(({ term, cost, node: below }) => ({
      term: term.text,
      cost,
      record: below ? costTree(below) : null,
    })),
  };
}

class Walker {
  readonly #dns: Resolver;
  readonly #root: string;
  #recordsLeft = MAX_RECORDS;
  #termsLeft = MAX_ASKED_TERMS;
  #isTruncated = false;

  constructor(dns: Resolver, root: string) {
    this.#dns = dns;
    this.#root = root;
  }

  /** Level by level, so that what is left out does not depend on which answer came first. */
  async run(): Promise<Walk> {
    const root = this.#draft(this.#root, []);
    for (let level = [root]; level.length > 0; ) {
      const wanted = level.filter((draft) => this.#admit(draft));
      await Promise.all(wanted.map((draft) => this.#read(draft)));
      for (const draft of wanted) draft.terms = this.#termsOf(draft);
      await Promise.all(wanted.flatMap((draft) => draft.terms.map((term) => this.#ask(term))));
      level = wanted.flatMap(({ terms }) => terms.flatMap(({ child }) => (child ? [child] : [])));
    }
    return { root: finish(root), isTruncated: this.#isTruncated };
  }

  #draft(domain: string, path: readonly string[]): Draft {
    return { domain, path: [...path, domain], status: 'not-walked', record: null, answer: null, terms: [] };
  }

  #admit(draft: Draft): boolean {
    if (draft.path.slice(0, -1).some((above) => canonicalName(above) === canonicalName(draft.domain))) {
      draft.status = 'loop';
      return false;
    }
    if (!isCheckableDomain(draft.domain)) {
      draft.status = 'malformed';
      return false;
    }
    if (this.#recordsLeft === 0) {
      this.#isTruncated = true;
      return false;
    }
    this.#recordsLeft -= 1;
    return true;
  }

  async #read(draft: Draft): Promise<void> {
    const answer = await this.#dns.query(draft.domain, 'TXT');
    draft.answer = answer;
    if (isFailure(answer)) {
      draft.status = 'failure';
      return;
    }
    const [text, second] = isAbsent(answer) ? [] : selectRecords(answer.records);
    if (text === undefined || second !== undefined) {
      draft.status = text === undefined ? 'missing' : 'multiple';
      return;
    }
    draft.record = parseRecord(text);
    draft.status = draft.record.problems.length > 0 ? 'invalid' : 'record';
  }

  /** A record with errors is not walked: nothing in it is ever evaluated (§4.6). */
  #termsOf(draft: Draft): DraftTerm[] {
    const { record } = draft;
    if (record === null || draft.status !== 'record') return [];
    const terms: DraftTerm[] = [];
    for (const directive of effectiveDirectives(record)) {
      const { mechanism } = directive;
      if (!('domainSpec' in mechanism)) continue;
      terms.push(this.#term(draft, directive, mechanism.domainSpec, mechanism.name === 'include'));
    }
    const redirect = effectiveRedirect(record);
    if (redirect) terms.push(this.#term(draft, redirect, redirect.domainSpec, true));
    return terms;
  }

  #term(draft: Draft, term: Directive | Modifier, domainSpec: MacroString | null, leadsOn: boolean): DraftTerm {
    const target = domainSpec === null ? draft.domain : expandFixedTarget(domainSpec, draft.domain, this.#root);
    const usesReverseName = domainSpec !== null && macroLetters(domainSpec).has('p');
    return {
      term,
      domain: draft.domain,
      target,
      ownCost: usesReverseName ? 2 : 1,
      voidFor: [],
      answers: [],
      child: leadsOn && target !== null ? this.#draft(target, draft.path) : null,
    };
  }

  async #ask(draft: DraftTerm): Promise<void> {
    const { term, target } = draft;
    const name = term.kind === 'directive' ? term.mechanism.name : null;
    if (target === null || !isQueryableName(target) || (name !== 'a' && name !== 'mx' && name !== 'exists')) return;
    if (this.#termsLeft === 0) {
      this.#isTruncated = true;
      return;
    }
    this.#termsLeft -= 1;
    if (name === 'a') {
      const [a, aaaa] = await Promise.all([this.#dns.query(target, 'A'), this.#dns.query(target, 'AAAA')]);
      draft.answers = [a, aaaa];
      draft.voidFor = [...(isAbsent(a) ? [4 as const] : []), ...(isAbsent(aaaa) ? [6 as const] : [])];
      return;
    }
    const answer = await this.#dns.query(target, name === 'mx' ? 'MX' : 'A');
    draft.answers = [answer];
    draft.voidFor = isAbsent(answer) ? [4, 6] : [];
  }
}

function finish(draft: Draft): WalkNode {
  const terms = draft.terms.map(({ child, ownCost, ...term }): WalkTerm => {
    const node = child && finish(child);
    const isVoid = node !== null && node.answer !== null && isAbsent(node.answer);
    return { ...term, node, cost: ownCost + (node?.cost ?? 0), voidFor: isVoid ? [4, 6] : term.voidFor };
  });
  const { domain, path, status, record, answer } = draft;
  return { domain, path, status, record, answer, terms, cost: terms.reduce((sum, { cost }) => sum + cost, 0) };
}
