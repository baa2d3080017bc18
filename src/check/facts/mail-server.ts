/** Recognises the mail server software that greets at an address. */
import { type Mta, recogniseMta } from '../../knowledge/mail-servers/mta.ts';
import type { IpAddress } from '../../network/ip.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { type DialogueSources, greetingAnywhere, greetingText } from './greeting.ts';

/** Finds the software that names itself in the greeting or in the EHLO reply. `null` when none does. */
export const mailServer = hostFact(
  async ({ facts }: HostNeeds<DialogueSources>, ip: IpAddress): Promise<Mta | null> => {
    const { greeting: greeted } = await facts(greetingAnywhere, ip);
    return greeted.kind === 'greeted' ? recogniseMta(greetingText(greeted)) : null;
  },
);
