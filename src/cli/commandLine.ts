import { CryoloupeError, toFailure } from "#src/domain/errors.ts";
import { APP_VERSION } from "#src/domain/version.ts";
import type { BackendChoice } from "#src/compute/backend.ts";
import type { Command, CommandContext, OptionSpec } from "./command.ts";
import { commands } from "./commands.ts";
import { optionLookup } from "./optionContext.ts";

const help: OptionSpec = { name: "help", help: "Show this text." };
const backend: OptionSpec = {
  name: "backend",
  value: "auto|webgpu|cpu",
  help: "What computes.",
  fallback: "auto",
};

function usage(command: Command): string {
  const lines = [...command.options, ...(command.computes ? [backend] : [])].map((o) => {
    const head = `  --${o.name}${o.value === undefined ? "" : ` ${o.value}`}`;
    const tail = o.fallback === undefined ? "" : ` Default: ${o.fallback}.`;
    return `${head.padEnd(30)} ${o.help}${tail}`;
  });
  const details = command.details === undefined ? "" : `\n${command.details}`;
  const head = `cryoloupe ${command.name} ${command.operands}`.trimEnd();
  return `${head}\n\n${command.summary}${details}\n\n${lines.join("\n")}\n`;
}

function overview(): string {
  const lines = commands.map((c) => `  ${c.name.padEnd(12)} ${c.summary}`);
  return `cryoloupe ${APP_VERSION}\n\nUsage: cryoloupe COMMAND …\n\n${lines.join("\n")}\n\nEvery command explains itself with --help; --version prints the version.\n`;
}

interface Parsed {
  readonly files: string[];
  readonly values: Map<string, string>;
}

/** Splits arguments into operands and options; unknown options and missing values are refused. */
export function parseArguments(args: readonly string[], options: readonly OptionSpec[]): Parsed {
  const files: string[] = [];
  const values = new Map<string, string>();
  let operandsOnly = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (operandsOnly || !arg.startsWith("--")) {
      files.push(arg);
      continue;
    }
    if (arg === "--") {
      operandsOnly = true;
      continue;
    }
    const [name, inline] = arg.slice(2).split(/=(.*)/s, 2);
    const option = options.find((o) => o.name === name);
    if (option === undefined)
      throw new CryoloupeError("bad-arguments", `Unknown option --${name}.`);
    if (option.value === undefined) {
      if (inline !== undefined)
        throw new CryoloupeError("bad-arguments", `--${name} takes no value.`);
      values.set(name, "");
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined)
      throw new CryoloupeError("bad-arguments", `--${name} needs a value (${option.value}).`);
    values.set(name, value);
  }
  return { files, values };
}

function contextOf({ files, values }: Parsed, signal: AbortSignal): CommandContext {
  const lookup = optionLookup(values);
  const choice = lookup.text("backend") ?? "auto";
  if (choice !== "auto" && choice !== "webgpu" && choice !== "cpu")
    throw new CryoloupeError("bad-arguments", `--backend is auto, webgpu or cpu, not "${choice}".`);
  return {
    files,
    ...lookup,
    backendChoice: choice satisfies BackendChoice,
    say: (line) => void process.stderr.write(`${line}\n`),
    emit: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    signal,
  };
}

/**
 * Whoever reads what is printed may go away before the work is done: a script that had enough, a terminal that
 * was closed, a full disk under the log. Results are in files, so the work goes on.
 */
export function outliveReaders(
  streams: readonly { on(event: "error", listener: () => void): unknown }[],
): void {
  for (const stream of streams) stream.on("error", () => undefined);
}

/** Runs the program; resolves to the exit code: 0 done, 1 the work failed, 2 wrong arguments. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "help") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    process.stdout.write(`${APP_VERSION}\n`);
    return 0;
  }
  const command = commands.find((c) => c.name === name);
  if (command === undefined) {
    process.stderr.write(`Unknown command "${name}".\n\n${overview()}`);
    return 2;
  }
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  // Schedulers end a job by SIGTERM, a closed terminal by SIGHUP: what is done is written all the same.
  for (const signal of ENDINGS) process.once(signal, interrupt);
  try {
    const parsed = parseArguments(rest, [...command.options, backend, help]);
    if (parsed.values.has("help")) {
      process.stdout.write(usage(command));
      return 0;
    }
    const result = await command.run(contextOf(parsed, abort.signal));
    process.stdout.write(`${JSON.stringify(result.json)}\n`);
    return result.failed === true ? 1 : 0;
  } catch (error) {
    const failure = toFailure(error);
    process.stderr.write(`${failure.message} [${failure.code}]\n`);
    if (failure.code === "internal" && error instanceof Error && process.env.CRYOLOUPE_DEBUG)
      process.stderr.write(`${error.stack ?? ""}\n`);
    return failure.code === "bad-arguments" ? 2 : 1;
  } finally {
    for (const signal of ENDINGS) process.removeListener(signal, interrupt);
  }
}

const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
