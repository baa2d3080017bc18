/** The options of the check as commander gives them, the defaults among them. */
import type { FailOn } from '../../report/status.ts';

export interface CheckArguments {
  readonly helo?: string;
  readonly selector?: readonly string[];
  readonly dkimKey?: string;
  readonly message?: string;
  readonly provider?: string;
  readonly volume: 'low' | 'bulk';
  readonly zone?: readonly string[];
  readonly asnLookup: boolean;
  readonly sendOnly?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsbl?: readonly string[];
  readonly dnsblExcept?: readonly string[];
  readonly neighbours?: boolean;
  readonly smtpPort: string;
  readonly probeName?: string;
  readonly relayRcpt?: string;
  readonly activeData?: boolean;
  readonly activeRcpt?: boolean;
  readonly greylistWait?: string;
  readonly probePause?: string;
  readonly caFile?: string;
  readonly egressTarget?: readonly string[];
  readonly egressControl?: readonly string[];
  readonly onHost?: boolean;
  readonly vantage?: 'self' | 'same-network' | 'outside';
  readonly whoamiName: string;
  readonly allowPrivate?: boolean;
  readonly connectTo?: readonly string[];
  readonly timeout: string;
  /** `false` is `--no-config`. */
  readonly config?: string | false;
  readonly printConfig?: boolean;
  readonly record?: string;
  readonly replay?: string;
  readonly baseline?: string;
  readonly wait?: string;
  readonly waitFor?: readonly string[];
  readonly format?: readonly string[];
  readonly output?: string;
  readonly failOn?: FailOn;
  readonly strict?: boolean;
  readonly allowInconclusive?: string | true;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly timing?: boolean;
}

export type OptionName = keyof CheckArguments;
