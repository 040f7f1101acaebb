declare const __APP_VERSION__: string | undefined;

/** Version of the program, from package.json at build time; "unbuilt" where the sources run as they are. */
export const APP_VERSION: string =
  typeof __APP_VERSION__ === "string" ? __APP_VERSION__ : "unbuilt";
