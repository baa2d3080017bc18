declare module 'dnsbl' {
  export interface LookupOptions {
    readonly servers?: string | readonly string[];
    /** Milliseconds. */
    readonly timeout?: number;
    readonly includeTxt?: false;
  }
  export function lookup(address: string, blacklist: string, options?: LookupOptions): Promise<boolean>;
}
