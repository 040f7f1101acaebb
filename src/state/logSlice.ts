export type LogLevel = "info" | "warning" | "error";

export interface LogEntry {
  /** Counts the lines of the visit. */
  readonly serial: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly file: string | null;
  readonly text: string;
}

export interface LogState {
  readonly entries: readonly LogEntry[];
}

/** More lines than this are forgotten: what merely informs first, the oldest first. */
export const MOST_LINES = 1000;

export const initialLog: LogState = { entries: [] };

export function appendLog(log: LogState, entry: Omit<LogEntry, "serial">): LogState {
  const { entries } = log;
  const line = { ...entry, serial: (entries.at(-1)?.serial ?? 0) + 1 };
  if (entries.length < MOST_LINES) return { entries: [...entries, line] };
  const info = entries.findIndex(({ level }) => level === "info");
  // Warnings may take half of the room, so that the latest steps can be followed.
  const gone = info >= 0 && info <= MOST_LINES / 2 ? info : 0;
  return { entries: [...entries.slice(0, gone), ...entries.slice(gone + 1), line] };
}

/** The log as text, one line per entry: what the copy button gives. */
export function logText(log: LogState): string {
  return log.entries
    .map((e) =>
      [new Date(e.time).toISOString(), e.level, e.file ?? "", e.text].filter(Boolean).join("  "),
    )
    .join("\n");
}
