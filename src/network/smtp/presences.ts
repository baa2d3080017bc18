/** Knows of each port of each host whether it still answers this client. */
import { hostPort } from '../gate.ts';
import type { IpAddress } from '../ip.ts';
import { openConnection } from './open.ts';
import type { PatientDial, Plan } from './patient-dial.ts';
import { Presence, type Question } from './presence.ts';
import type { SmtpConnectResult, SmtpFailure, TlsOptions } from './types.ts';

/** The purpose of a connection that finds out whether a host still answers. */
const PURPOSE = 'still there';

/** Gives the parameters of a connection, or the reason why the client must not connect. */
export type Admit = (
  ip: IpAddress,
  port: number,
  purpose: string,
  cause?: string,
) => Promise<SmtpFailure | { readonly status: 'admitted'; readonly plan: Plan }>;

/** The presences of the hosts of one client. */
export class Presences {
  readonly #known = new Map<string, Presence>();
  readonly #quietMs: number;
  readonly #admit: Admit;
  readonly #dial: PatientDial;

  constructor(quietMs: number, admit: Admit, dial: PatientDial) {
    this.#quietMs = quietMs;
    this.#admit = admit;
    this.#dial = dial;
  }

  /**
   * @param isImplicitTls whether TLS starts before the greeting on this port.
   * @returns what is known of the port. Everybody who asks for one port gets the same.
   */
  of(ip: IpAddress, port: number, isImplicitTls: boolean): Presence {
    const name = hostPort(ip, port);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const implicitTls = isImplicitTls ? {} : undefined;
    const presence: Presence = new Presence(this.#quietMs, (question) => {
      return this.#ask(ip, port, implicitTls, presence, question);
    });
    this.#known.set(name, presence);
    return presence;
  }

  async #ask(
    ip: IpAddress,
    port: number,
    implicitTls: TlsOptions | undefined,
    presence: Presence,
    { timeoutMs, isBeside, cause }: Question,
  ): Promise<SmtpConnectResult | null> {
    const admitted = await this.#admit(ip, port, PURPOSE, cause);
    if (admitted.status !== 'admitted') return admitted;
    const timeouts = { ...admitted.plan.timeouts, connectMs: timeoutMs, greetingMs: timeoutMs };
    const plan = { ...admitted.plan, timeouts, ...(implicitTls ? { implicitTls } : {}) };
    if (!isBeside) return this.#dial.connectAlone(ip, plan);
    const release = await this.#dial.turnBeside(ip, plan, () => presence.gone === null);
    return release && openConnection({ ...plan, onClosed: release });
  }
}
