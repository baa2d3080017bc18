/** The rules in report order: the only list of them. */
import dkim from './dkim/rule.ts';
import dmarc from './dmarc/rule.ts';
import dns from './dns/rule.ts';
import egress from './egress/rule.ts';
import helo from './helo/rule.ts';
import mx from './mx/rule.ts';
import openRelay from './open-relay/rule.ts';
import provider from './provider/rule.ts';
import ptr from './ptr/rule.ts';
import rbl from './rbl/rule.ts';
import type { Rule } from './rule.ts';
import spf from './spf/rule.ts';
import tls from './tls/rule.ts';

export const rules: readonly Rule[] = [dns, ptr, helo, spf, dkim, dmarc, rbl, provider, egress, openRelay, tls, mx];
