declare const __APP_VERSION__: string;

/** Version of the program, from package.json at build time. */
export const APP_VERSION: string = __APP_VERSION__;
