/** The version of this package; the build puts it in. */
declare const __MAILCHECK_VERSION__: string | undefined;

export const VERSION: string = typeof __MAILCHECK_VERSION__ === 'string' ? __MAILCHECK_VERSION__ : '0.0.0-source';
