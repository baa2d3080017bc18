/**
 * Everything a run takes from outside itself: the network, this machine, time and chance. It all comes through here, and
 * from nowhere else, so that it can be recorded, and replayed without any of it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { keySecrets } from '../knowledge/lists/catalogue.ts';
import type { Resolver } from '../network/dns/answer.ts';
import { createDnsClient, type DnsClient } from '../network/dns/client.ts';
import type { OnFault } from '../network/fault.ts';
import { createSmtpClient } from '../network/smtp/client.ts';
import type { SmtpClient } from '../network/smtp/types.ts';
import { type MessageVerification, verifyMessage } from '../standards/dkim/message.ts';
import { type Environment, type Given, takeEnvironment } from './machine.ts';
import type { Settings } from './settings.ts';

export interface Outside {
  readonly environment: Environment;
  readonly dns: DnsClient;
  readonly smtp: SmtpClient;
  /** Aborted when the time for the run is up, and when it ends. */
  readonly signal: AbortSignal;
  /** Waits so many milliseconds, or until the run ends. */
  pause(milliseconds: number): Promise<void>;
  /** @returns what the user's message is worth, with keys fetched through the resolver; `null` where there is none. */
  verifyMessage(resolver: Resolver): Promise<MessageVerification | null>;
  /** Starts a stopwatch. @returns the function that reads it, in whole milliseconds. */
  stopwatch(what: string): () => number;
  /** Resolves when nothing comes any more that would come without waiting. */
  settled(): Promise<void>;
  /** Ends everything that is under way. */
  end(): void;
}

export interface OutsideOptions extends Given {
  /** Milliseconds until `signal` is aborted. */
  readonly timeoutMs: number;
  /** Called with a fault of mailcheck itself. */
  readonly onFault?: OnFault;
}

/** @returns the world as it is. */
export function openOutside(options: OutsideOptions): Outside {
  const { settings, onFault = () => {} } = options;
  const environment = takeEnvironment(options);
  const deadline = new AbortController();
  const { signal } = deadline;
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs);
  return {
    environment,
    signal,
    dns: createDnsClient({
      servers: environment.dnsServers,
      signal,
      secrets: keySecrets(settings.listKeys ?? {}),
      onFault,
    }),
    smtp: createSmtpClient({ ...smtpOptions(settings), probeName: environment.probeName, signal, onFault }),
    async pause(milliseconds) {
      if (milliseconds > 0) await wait(milliseconds, undefined, { signal }).catch(() => {});
    },
    async verifyMessage(resolver) {
      return settings.message ? verifyMessage(settings.message, resolver, environment.startedAt) : null;
    },
    stopwatch() {
      const started = performance.now();
      return () => Math.round(performance.now() - started);
    },
    settled: async () => {},
    end() {
      clearTimeout(timer);
      deadline.abort();
    },
  };
}

function smtpOptions({ allowPrivate, connectTo, extraRoots }: Settings) {
  return {
    allowPrivate,
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(extraRoots === undefined ? {} : { extraRoots }),
  };
}
