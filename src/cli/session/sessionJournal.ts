import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CryoloupeError } from "#src/domain/errors.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { FinalGainProvenance } from "#src/domain/gainProtocol.ts";
import type { MetricValues } from "#src/domain/records/metrics.ts";
import type { MovieRecord, MovieStepName } from "#src/domain/records/movieRecord.ts";
import { RESULT_FILES } from "#src/domain/records/resultLayout.ts";
import { writeFailure } from "../resultFolder.ts";
import type { ReportedEstimate } from "#src/formats/gainReports.ts";
import type { CorrectedRow } from "#src/formats/motion/correctedMicrographsStar.ts";
import type { MicrographResult } from "#src/domain/preprocessPreview.ts";

/** The gain that the movies are given was chosen. */
export interface GainLine {
  readonly step: "final-gain";
  readonly key: string;
  readonly at: number;
  readonly provenance: FinalGainProvenance | null;
  /** What `session.json` says of orientation and estimates. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Gain of one movie: the estimate, and what the final gain leaves of it. */
export interface MovieGainLine {
  readonly step: "gain";
  readonly movie: string;
  readonly key: string;
  readonly at: number;
  readonly seconds: number;
  readonly estimate: ReportedEstimate;
}

export interface MotionLine {
  readonly step: "motion";
  readonly movie: string;
  readonly key: string;
  readonly at: number;
  readonly seconds: number;
  readonly base: string;
  readonly row: CorrectedRow;
  readonly json: Readonly<Record<string, unknown>>;
  readonly metrics: Partial<MetricValues>;
  readonly track: MovieRecord["track"];
  /** Lines of earlier versions have none. */
  readonly micrograph?: NonNullable<MovieRecord["micrograph"]>;
  readonly files: readonly string[];
  /** Bytes of each of the files; lines of earlier versions have none. */
  readonly sizes?: readonly number[];
  readonly flags: readonly string[];
}

export interface PreprocessLine {
  readonly step: "preprocess";
  readonly movie: string;
  readonly key: string;
  readonly at: number;
  readonly seconds: number;
  readonly result: MicrographResult;
}

export interface FailedLine {
  readonly step: "failed";
  readonly movie: string;
  readonly of: MovieStepName | "reading";
  readonly at: number;
  readonly failure: Failure;
}

/** The content of a movie. */
export interface InputLine {
  readonly step: "input";
  readonly movie: string;
  readonly at: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A result was written over by another program: what an earlier line says of it holds no longer. */
export interface UndoneLine {
  readonly step: "undone";
  readonly movie: string;
  readonly of: MovieStepName;
  readonly key: string;
  readonly at: number;
}

/** What a movie holds (`math/contentPrint`), by which a copy of it is known again. */
export interface PrintLine {
  readonly step: "print";
  readonly movie: string;
  readonly at: number;
  readonly print: string;
}

/** A movie is the one of before, with another time: what was said of that holds for it. */
export interface MovedLine {
  readonly step: "moved";
  readonly movie: string;
  readonly from: string;
  readonly at: number;
}

export type JournalLine =
  | GainLine
  | MovieGainLine
  | MotionLine
  | PreprocessLine
  | FailedLine
  | InputLine
  | UndoneLine
  | PrintLine
  | MovedLine;

/**
 * The journal of a session, `session.jsonl` in its results folder: a line for each step that is done,
 * written behind its files, so that a session goes on where it stopped, whatever stopped it.
 */
export interface SessionJournal {
  /** Every line, oldest first, those of earlier runs among them. */
  all(): readonly JournalLine[];
  /** Latest line of a step of one movie. */
  find<Step extends "gain" | "motion" | "preprocess">(
    step: Step,
    movie: string,
    key: string,
  ): Extract<JournalLine, { step: Step }> | null;
  add(line: JournalLine): Promise<void>;
}

export const JOURNAL = RESULT_FILES.journal;

/** Opens the journal of a results folder. A last line that was cut off by a crash is passed over. */
export async function openJournal(folder: string): Promise<SessionJournal> {
  const path = join(folder, JOURNAL);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new CryoloupeError(
      "permission-denied",
      `${path} could not be read: ${error instanceof Error ? error.message : String(error)}.`,
      { file: JOURNAL, cause: error },
    );
  });
  let lines: JournalLine[] = [];
  const latest = new Map<string, JournalLine>();
  const remember = (line: JournalLine): void => {
    if (line.step === "undone") {
      latest.delete(slot(line.of, line.movie, line.key));
      lines = lines.filter(
        (old) => old.step !== line.of || old.movie !== line.movie || keyOf(old) !== line.key,
      );
      return;
    }
    if (line.step === "moved") {
      const { from, movie } = line;
      const theirs = lines.filter((old) => "movie" in old && old.movie === from);
      lines = lines.filter((old) => !("movie" in old) || old.movie !== from);
      for (const old of theirs) remember({ ...old, movie } as JournalLine);
      return;
    }
    lines.push(line);
    if ("movie" in line) latest.set(slot(line.step, line.movie, keyOf(line)), line);
  };
  for (const line of text.split("\n")) for (const read of parseLine(line)) remember(read);
  // A line that a crash cut off must not run into the next one.
  let glue = text === "" || text.endsWith("\n") ? "" : "\n";
  let queue: Promise<void> = Promise.resolve();
  return {
    all: () => lines,
    find: (step, movie, key) =>
      (latest.get(slot(step, movie, key)) ?? null) as Extract<
        JournalLine,
        { step: typeof step }
      > | null,
    add: (line) => {
      remember(line);
      const write = queue.then(async () => {
        const before = glue;
        // A line that is broken off by a full disk must not run into the next one either.
        glue = "\n";
        try {
          await appendFile(path, `${before}${JSON.stringify(line)}\n`);
        } catch (error) {
          throw writeFailure(path, error);
        }
        glue = "";
      });
      queue = write.catch(() => undefined);
      return write;
    },
  };
}

/** Failures that nothing has mended since, by movie. */
export function failedLines(journal: Pick<SessionJournal, "all">): Map<string, FailedLine> {
  const failed = new Map<string, FailedLine>();
  for (const line of journal.all())
    if (line.step === "failed") failed.set(line.movie, line);
    else if ("movie" in line && failed.get(line.movie)?.of === line.step) failed.delete(line.movie);
  return failed;
}

const STEPS: readonly unknown[] = [
  "final-gain",
  "gain",
  "motion",
  "preprocess",
  "failed",
  "input",
  "undone",
  "print",
  "moved",
];

function parseLine(line: string): JournalLine[] {
  if (line.trim() === "") return [];
  try {
    const value = JSON.parse(line) as JournalLine;
    return STEPS.includes(value.step) ? [value] : [];
  } catch {
    return [];
  }
}

/** An estimate and a residual of one movie stand beside each other. */
function keyOf(line: Exclude<JournalLine, GainLine | UndoneLine | MovedLine>): string {
  if (line.step === "input" || line.step === "print") return "";
  return line.step === "failed" ? line.of : line.key;
}

const slot = (step: string, movie: string, key: string): string => `${step}\n${movie}\n${key}`;
