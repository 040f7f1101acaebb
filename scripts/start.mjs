import { preview, build } from "vite";

/** Builds the page, serves it on this computer and prints the address. */
const port = Number(process.env.PORT ?? 5180);
await build({ logLevel: "error" });
const server = await preview({
  preview: { port, strictPort: false, host: "localhost" },
  logLevel: "warn",
});
const address = server.resolvedUrls?.local[0] ?? `http://localhost:${port}/`;
console.log(`\nCryoloupe runs at ${address}\nNothing leaves this computer. Stop with Ctrl C.`);
