import { CryoloupeError } from "#src/domain/errors.ts";
import type { CommandContext, OptionSpec } from "./command.ts";

type Lookup = Pick<CommandContext, "text" | "number" | "flag">;

/** What options were given, by name; flags hold "". */
export function optionLookup(values: ReadonlyMap<string, string>): Lookup {
  const text = (name: string): string | undefined => values.get(name);
  return {
    text,
    number: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = value.trim() === "" ? NaN : Number(value);
      if (!Number.isFinite(number))
        throw new CryoloupeError("bad-arguments", `--${name} needs a number, not "${value}".`);
      return number;
    },
    flag: (name) => values.has(name),
  };
}

/**
 * Options of a command that stand in a file: `{"frame-step": 5, "even-odd": true}`. Numbers and texts are
 * values, true is a given flag, false and null are an absent one. Names that the command does not know
 * are refused.
 */
export function optionsFromJson(
  given: Readonly<Record<string, unknown>>,
  options: readonly OptionSpec[],
  place: string,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const option = options.find((o) => o.name === name);
    if (option === undefined)
      throw new CryoloupeError(
        "bad-arguments",
        `${place}: there is no option "${name}". Known are ${options.map((o) => o.name).join(", ")}.`,
      );
    if (value === null || value === false) continue;
    if (option.value === undefined) {
      if (value !== true)
        throw new CryoloupeError("bad-arguments", `${place}: "${name}" is true or false.`);
      values.set(name, "");
    } else if (typeof value === "string" || typeof value === "number")
      values.set(name, String(value));
    else
      throw new CryoloupeError(
        "bad-arguments",
        `${place}: "${name}" needs a value (${option.value}).`,
      );
  }
  return values;
}
