/** The version of this package, which the build defines (build.mjs). It is undefined when the sources run unbuilt. */
declare const __MAILCHECK_VERSION__: string | undefined;

/** The version of mailcheck, or `0.0.0-source` when the sources run unbuilt. */
export const VERSION: string = typeof __MAILCHECK_VERSION__ === 'string' ? __MAILCHECK_VERSION__ : '0.0.0-source';
