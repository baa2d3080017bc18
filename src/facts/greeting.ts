/** What the host says when one connects to its SMTP port: greeting, EHLO reply and extensions (RFC 5321 §4.2, §4.1.1.1). */
import { isHostName } from '../domain.ts';
import type { IpAddress } from '../ip.ts';
import type { SmtpClient, SmtpFailure, SmtpReply, SmtpResult, Transcript } from '../smtp/types.ts';

export type Greeting =
  | {
      readonly kind: 'greeted';
      readonly reply: SmtpReply;
      readonly hello: SmtpResult;
      readonly extensions: ReadonlyMap<string, string>;
      /** First word of the greeting, where it is a host name. */
      readonly greetingName: string | null;
      /** First word of the EHLO reply, where it is a host name. */
      readonly helloName: string | null;
      readonly transcript: Transcript;
    }
  /** Connected, but greeted with 4xx or 5xx. */
  | { readonly kind: 'rejected'; readonly reply: SmtpReply; readonly transcript: Transcript }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure };

export async function gatherGreeting(smtp: SmtpClient, ip: IpAddress, port: number): Promise<Greeting> {
  const connection = await smtp.connect(ip, port);
  if (connection.status !== 'connected') return { kind: 'failed', failure: connection };
  const { session } = connection;
  const reply = session.greeting;
  if (reply.code !== 220) {
    await session.quit();
    return { kind: 'rejected', reply, transcript: session.transcript };
  }
  const hello = await session.hello(smtp.probeName);
  await session.quit();
  return {
    kind: 'greeted',
    reply,
    hello,
    extensions: session.extensions,
    greetingName: firstHostName(reply),
    helloName: hello.status === 'reply' && hello.reply.code === 250 ? firstHostName(hello.reply) : null,
    transcript: session.transcript,
  };
}

function firstHostName(reply: SmtpReply): string | null {
  const word = reply.lines[0]?.trim().split(/\s+/)[0] ?? '';
  return isHostName(word) ? word : null;
}
