import type { BackendChoice } from "#src/compute/backend.ts";

/** An option of a command: `--name VALUE`, or a flag when it has no `value`. */
export interface OptionSpec {
  readonly name: string;
  /** How the value is written in the help, e.g. "Å"; absent = a flag. */
  readonly value?: string;
  readonly help: string;
  /** Shown in the help; the original program's default where it differs. */
  readonly fallback?: string;
}

/** What a command is given. Progress goes to standard error through `say`. */
export interface CommandContext {
  /** Arguments that are no options. */
  readonly files: readonly string[];
  readonly text: (name: string) => string | undefined;
  /** A finite number, or an error of code `bad-arguments` that names the option. */
  readonly number: (name: string) => number | undefined;
  readonly flag: (name: string) => boolean;
  readonly backendChoice: BackendChoice;
  readonly say: (line: string) => void;
  /** Writes a line of JSON to standard output before the last one, which is the result. */
  readonly emit?: (event: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
}

/** A command of the program; `run` returns the JSON object of the last line. */
export interface Command {
  readonly name: string;
  /** e.g. "FILE…" */
  readonly operands: string;
  /** One sentence, for the list of all commands. */
  readonly summary: string;
  /** The rest of its own help. */
  readonly details?: string;
  /** Takes `--backend`. */
  readonly computes: boolean;
  readonly options: readonly OptionSpec[];
  run(context: CommandContext): Promise<CommandResult>;
}

export interface CommandResult {
  readonly json: Readonly<Record<string, unknown>>;
  /** True when some of several inputs failed: exit 1 after the JSON line. */
  readonly failed?: boolean;
}
