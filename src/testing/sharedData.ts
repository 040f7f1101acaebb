import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Path of a file of the trial data that lie beside the checkout (`../shared`, or the folder named by
 * CRYOLOUPE_SHARED), or null where they are absent. Tests that need them skip then.
 */
export function sharedPath(relative: string): string | null {
  const base = process.env.CRYOLOUPE_SHARED ?? join(import.meta.dirname, "../../../shared");
  const path = join(base, relative);
  return existsSync(path) ? path : null;
}
