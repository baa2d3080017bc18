/** Says which hosts receive the mail of the domain. */
import type { MailRoute } from '../../facts/mx.ts';
import { seenTexts } from '../seen.ts';

/** @returns the MX hosts with their preferences: `mx1.example.com (10); mx2.example.com (20)`. */
export function seenMx(route: MailRoute): string {
  switch (route.kind) {
    case 'mx':
      return seenTexts(route.hosts.map(({ name, preference }) => `${name} (${preference})`));
    case 'implicit':
      return `no MX record: mail goes to the address of ${route.hosts[0].name}`;
    case 'null-mx':
      return 'null MX: the domain accepts no mail';
    case 'none':
      return 'no MX record and no address';
    case 'unknown':
      return 'not known';
  }
}
