/** Looks for the PTR record of an address at names to which a zone editor appended the zone. */
import { isAbsent, recordsOf } from '../../../network/dns/answer.ts';
import { canonicalName, isHostName } from '../../../network/domain.ts';
import { type IpAddress, reverseName } from '../../../network/ip.ts';
import { misplacedNames, typedNames } from '../../../standards/doubled-name.ts';
import { addressesOf } from '../../facts/meant-host.ts';
import type { PtrFact } from '../../facts/ptr.ts';
import type { Context } from '../rule.ts';
import type { BrokenAlias, MisplacedPtr } from './remedies.ts';

type Absent = Extract<PtrFact, { kind: 'absent' }>;

/** @returns the PTR record at a doubled name, and the alias whose target is a doubled name. */
export async function lookAside(
  fact: Absent,
  context: Context,
): Promise<{ misplaced: MisplacedPtr | null; broken: BrokenAlias | null }> {
  const { ip, query } = fact;
  const aliases = [reverseName(ip), ...query.chain];
  const [alias, target] = [aliases.at(-2), aliases.at(-1) ?? ''];
  const typed = alias === undefined ? undefined : typedNames(target, alias).find(({ isPlain }) => isPlain);
  if (alias !== undefined && typed !== undefined) {
    const answer = await context.dns.query(typed.name, 'PTR');
    const { name, zone } = typed;
    return { misplaced: null, broken: { alias, target: name, zone, hasPtr: answer.status === 'answer' } };
  }
  return { misplaced: await misplacedPtr(ip, target, fact, context), broken: null };
}

async function misplacedPtr(
  ip: IpAddress,
  owner: string,
  { query }: Absent,
  { dns }: Context,
): Promise<MisplacedPtr | null> {
  const parent = owner.slice(owner.indexOf('.') + 1);
  const zones = [...(isAbsent(query) && query.zone !== null ? [canonicalName(query.zone)] : []), parent];
  for (const at of misplacedNames(owner, zones)) {
    const zone = at.slice(owner.length + 1);
    const [found, wildcard] = await Promise.all([dns.query(at, 'PTR'), dns.query(`*.${zone}`, 'PTR')]);
    // A wildcard answers for every name that does not exist.
    if (wildcard.status === 'answer') continue;
    for (const name of recordsOf(found).map(canonicalName).filter(isHostName)) {
      if ((await addressesOf(dns, name)).includes(ip)) return { at, zone, name };
    }
  }
  return null;
}
