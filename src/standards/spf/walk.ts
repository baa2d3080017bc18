/**
 * Walks through all branches of a record, as if no mechanism ever matched. An evaluation stops at the first match. So a
 * check of an address that matches early does not see a later branch that is broken, too expensive or a loop, although
 * that branch affects other addresses.
 *
 * The walk is limited, because a record can refer to any number of other records.
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

/** Largest number of records in one walk: five times as many as a check may look up. */
const MAX_RECORDS = 50;
/** Largest number of terms whose target names are queried, to see whether they exist. */
const MAX_ASKED_TERMS = 30;

export type WalkStatus =
  | 'record'
  | 'missing'
  | 'multiple'
  /** The record has syntax errors. */
  | 'invalid'
  /** The lookup failed, so the record is unknown. */
  | 'failure'
  /** The domain is also one of the nodes above. */
  | 'loop'
  /** The name cannot have a record. */
  | 'malformed'
  /** The walk reached its limit before this node. */
  | 'not-walked';

export interface WalkNode {
  readonly domain: string;
  /** The domains from the root of the walk to this one. */
  readonly path: readonly string[];
  readonly status: WalkStatus;
  readonly record: SpfRecord | null;
  readonly answer: DnsAnswer<'TXT'> | null;
  /** The terms that need a lookup, in the order of evaluation. */
  readonly terms: readonly WalkTerm[];
  /** Number of lookups for this record and all records below it. */
  readonly cost: number;
}

export interface WalkTerm {
  readonly term: Directive | Modifier;
  /** The domain whose record contains the term. */
  readonly domain: string;
  /** The target name, or `null` when its macros depend on the message. */
  readonly target: string | null;
  /** Number of lookups for the term (1, plus 1 for `%{p}`) and for the record to which it leads. */
  readonly cost: number;
  /** The IP versions of clients for which the term is a void lookup (§4.6.4). */
  readonly voidFor: readonly IpFamily[];
  /** The answers that show whether the target exists. */
  readonly answers: readonly DnsAnswer[];
  /** The node to which an `include` or `redirect` leads. */
  readonly node: WalkNode | null;
}

export interface Walk {
  readonly root: WalkNode;
  /** Whether the walk reached a limit. The counts are then minimum values. */
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

/**
 * Walks through all branches of the record of a domain.
 *
 * @returns the tree, with the number of lookups of every node in the worst case. Never rejects.
 */
export async function walk(domain: string, resolver: Resolver): Promise<Walk> {
  const walker = new Walker(askOnce(resolver), checkedDomain(domain));
  return walker.run();
}

/** @returns all terms of the tree that need a lookup, in the order of evaluation. */
export function allTerms(node: WalkNode): WalkTerm[] {
  return node.terms.flatMap((term) => [term, ...(term.node ? allTerms(term.node) : [])]);
}

/** @returns the node and all nodes below it, in the order of evaluation. */
export function allNodes(node: WalkNode): WalkNode[] {
  return [node, ...node.terms.flatMap((term) => (term.node ? allNodes(term.node) : []))];
}

/** The number of lookups of each term, as evidence. */
export interface CostTree {
  readonly domain: string;
  readonly cost: number;
  readonly terms: readonly { readonly term: string; readonly cost: number; readonly record: CostTree | null }[];
}

/** @returns the tree of terms that need lookups, with the number of lookups of each. */
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

  /** Walks level by level, so that the order of the answers does not decide which nodes exceed the limit. */
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

  /**
   * @returns the terms that need a lookup. A record with syntax errors has none, because it is never evaluated (§4.6).
   */
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
