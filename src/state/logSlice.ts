export type LogLevel = "info" | "warning" | "error";

export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly file: string | null;
  readonly text: string;
}

export interface LogState {
  readonly entries: readonly LogEntry[];
}

/** More lines than this are forgotten, oldest first. */
const MOST = 2000;

export const initialLog: LogState = { entries: [] };

export function appendLog(log: LogState, entry: LogEntry): LogState {
  return { entries: [...log.entries.slice(1 - MOST), entry] };
}

/** The log as text, one line per entry: what the copy button gives. */
export function logText(log: LogState): string {
  return log.entries
    .map((e) =>
      [new Date(e.time).toISOString(), e.level, e.file ?? "", e.text].filter(Boolean).join("  "),
    )
    .join("\n");
}
