import type { Command, CommandContext, CommandResult } from "#src/cli/command.ts";

/** Runs a command in this process with parsed options; `said` is what went to standard error. */
export async function runCommand(
  command: Command,
  files: readonly string[],
  options: Readonly<Record<string, string>>,
): Promise<CommandResult & { readonly said: string }> {
  const said: string[] = [];
  const context: CommandContext = {
    files,
    text: (name) => options[name],
    number: (name) => (options[name] === undefined ? undefined : Number(options[name])),
    flag: (name) => name in options,
    backendChoice: "cpu",
    say: (line) => void said.push(line),
    signal: new AbortController().signal,
  };
  return { ...(await command.run(context)), said: said.join("\n") };
}
