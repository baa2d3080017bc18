/** What mailauth, another implementation of RFC 6376, makes of the signatures of a message. */
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

/** @param record the key record of every signature. @returns the result of each signature, from the top. */
export async function askMailauth(message: Buffer, record: string, now: number): Promise<string[]> {
  const { results } = await dkimVerify(message, { resolver: async () => [[record]], curTime: new Date(now) });
  return results.map(({ status }) => status.result);
}
