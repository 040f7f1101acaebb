import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CtfEstimate } from "#src/domain/ctf.ts";
import { toFailure } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import { sampleByDefocus, sampleKey, sampleReport } from "#src/pipeline/sampleByDefocus.ts";
import type { CommandContext } from "../command.ts";
import { optionLookup } from "../optionContext.ts";
import { openTables, readTables, sampleCommand, sampleOptionsOf } from "../sampleCommand.ts";
import type { SessionParameters } from "./sessionParameters.ts";
import { movieBase } from "./sessionRows.ts";

/** What CTF tables say of the session's movies. */
export interface SessionSample {
  /** By the base of the movie. */
  readonly ctf: ReadonlyMap<string, CtfEstimate>;
  readonly sampled: ReadonlySet<string>;
  readonly json: Readonly<Record<string, unknown>> | null;
  readonly failure: Failure | null;
}

export const NO_SAMPLE: SessionSample = {
  ctf: new Map(),
  sampled: new Set(),
  json: null,
  failure: null,
};

/** Reads the CTF tables as they are now, and samples once enough estimates have come. */
export async function sampleSession(
  { sample }: SessionParameters,
  context: CommandContext,
  out: string,
): Promise<SessionSample> {
  if (sample === null) return NO_SAMPLE;
  const files = sample.tables.filter((path) => existsSync(path));
  if (files.length === 0) {
    context.say(`No CTF table yet: ${sample.tables.join(", ")}.`);
    return NO_SAMPLE;
  }
  const values = new Map([...sample.values, ["out", join(out, "sampling")] as const]);
  const own: CommandContext = { ...context, ...optionLookup(values), files };
  try {
    const { table, refused } = await openTables(files, own, await readTables(files, own));
    const ctf = new Map(
      table.estimates.flatMap((e) =>
        e.failure === null ? [[movieBase(e.micrograph), e] as const] : [],
      ),
    );
    if (ctf.size < sample.minimum) {
      context.say(`${ctf.size} CTF estimates; the sampler waits for ${sample.minimum}.`);
      return { ...NO_SAMPLE, ctf };
    }
    const options = await sampleOptionsOf(own);
    const kept = await keptSample(join(out, "sampling"), sampleKey(table, options));
    if (kept !== null) context.say("The sample that is there holds: same table, same options.");
    const { json } =
      kept === null
        ? await sampleCommand.run(own)
        : {
            json: {
              ...sampleReport(table, sampleByDefocus(table, options), options),
              ...{ files: kept, failed: refused },
            },
          };
    const selected = Array.isArray(json.selected) ? (json.selected as string[]) : [];
    return { ctf, sampled: new Set(selected.map(movieBase)), json, failure: null };
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "cancelled" || failure.code === "bad-arguments") throw error;
    context.say(failure.message);
    return { ...NO_SAMPLE, failure };
  }
}

/** Files of the sample in a folder that page or command drew from the same estimates with the same options; null = none. */
async function keptSample(folder: string, key: string): Promise<readonly string[] | null> {
  try {
    const text = await readFile(join(folder, "sample.json"), "utf8");
    const told = JSON.parse(text) as { readonly key?: unknown; readonly files?: unknown };
    if (told.key !== key || !Array.isArray(told.files)) return null;
    const paths = [...(told.files as string[]), "sample.json"].map((name) => join(folder, name));
    return paths.every((path) => existsSync(path)) ? paths : null;
  } catch {
    return null;
  }
}
