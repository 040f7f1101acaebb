import { parseSessionFile } from "#src/domain/records/sessionFile.ts";
import type { SessionFileContent } from "#src/domain/records/sessionFile.ts";
import type { SessionSettings } from "./sessionSettings.ts";

/** What a session.json holds of use to the page. */
export interface ImportedSession extends Omit<SessionFileContent, "settings"> {
  readonly settings: Partial<SessionSettings> | null;
}

/** Reads a session.json of this or an older schema, of page or command. */
export function parseSession(text: string, file: string): ImportedSession {
  return parseSessionFile(text, file);
}
