import type { Failure } from "#src/domain/errors.ts";
import type { PictureKey } from "#src/domain/picture.ts";
import {
  NO_OPERATIONS,
  PREPROCESS_DEFAULTS,
  PREPROCESS_ORDER,
  enabledOperations,
} from "#src/domain/preprocess.ts";
import type {
  PreprocessArithmetic,
  PreprocessOperationName,
  PreprocessOperations,
  PreprocessParameters,
  PreprocessRecipe,
} from "#src/domain/preprocess.ts";
import { checkPreprocess } from "#src/domain/preprocessCheck.ts";
import type { PreprocessProblem } from "#src/domain/preprocessCheck.ts";
import type {
  ComparedCurves,
  MicrographResult,
  NamedPreview,
} from "#src/domain/preprocessPreview.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { recipeKeyText } from "#src/math/sessionKeys.ts";
import { rowOfFile } from "./micrographInputs.ts";
import type { NamedMicrographs } from "./micrographInputs.ts";
import type { MotionReport } from "#src/domain/motionReport.ts";
import type { ProjectState } from "./projectSlice.ts";
import type { MotionState } from "./motionSlice.ts";
import { selectedFile, roleInUse } from "./sessionState.ts";
import type { SessionState } from "./sessionState.ts";

/** Which operations are on, and the numbers of all (an operation that is off keeps its numbers). */
export interface MicrographForm {
  readonly on: Readonly<Record<PreprocessOperationName, boolean>>;
  readonly parameters: PreprocessParameters;
  readonly arithmetic: PreprocessArithmetic;
}

/** What is shown of a preview. */
export interface ShownPreview {
  readonly fileId: string;
  /** The form it was made with. */
  readonly madeWith: string;
  readonly preview: NamedPreview;
  /** Iterations of the denoiser that are still missing; 0 = final. */
  readonly missingIterations: number;
  /** When the user asked for it, on the clock of `performance.now()`. */
  readonly askedAt: number;
  /** What is plotted: of this preview, or of an earlier one of the file until they have come. */
  readonly curves: { readonly of: string; readonly compared: ComparedCurves } | null;
}

export interface MicrographState {
  readonly form: MicrographForm;
  /** Earlier forms, the latest last. */
  readonly past: readonly MicrographForm[];
  /** The card that is unfolded. */
  readonly open: PreprocessOperationName | null;
  readonly scope: "region" | "whole";
  readonly compare: "swipe" | "blink";
  /** Middle of the preview region as fractions of width and height. */
  readonly regionAt: { readonly x: number; readonly y: number };
  readonly region: ShownPreview | null;
  readonly whole: ShownPreview | null;
  readonly previewing: boolean;
  readonly previewFailure: Failure | null;
  /** By file id: the last result, and the form it was made with. */
  readonly results: Readonly<Record<string, MicrographResult>>;
  readonly madeWith: Readonly<Record<string, string>>;
  readonly failures: Readonly<Record<string, Failure>>;
  /** The table that says which micrographs are processed; null = all of the session. */
  readonly table: NamedMicrographs | null;
  /** Where results go: a zip, or the folder of that name. */
  readonly folder: string | null;
  /** New micrographs are processed as they come. */
  readonly follow: boolean;
}

/** Edge of the region that is shown live, px. */
export const REGION_SIDE = 1024;

const allOff = Object.fromEntries(
  PREPROCESS_ORDER.map((name) => [name, false]),
) as unknown as MicrographForm["on"];

export const PRESETS: readonly {
  readonly id: PresetId;
  readonly title: string;
  readonly help: string;
  readonly on: readonly PreprocessOperationName[];
}[] = [
  {
    id: "picking",
    title: "For picking",
    help: "Bad pixels, inverted, downsampled, band-passed and normalized: what pickers expect.",
    on: ["crop", "badPixels", "invert", "downsample", "highPass", "lowPass", "normalize"],
  },
  {
    id: "looking",
    title: "For looking",
    help: "Smaller and denoised, for the eye: not for quantitative work.",
    on: ["badPixels", "downsample", "denoise", "highPass", "normalize"],
  },
  {
    id: "conservative",
    title: "Conservative",
    help: "Outliers and scale only: nothing that removes signal.",
    on: ["badPixels", "normalize"],
  },
];

export type PresetId = "picking" | "looking" | "conservative";

export function switchesOf(names: readonly PreprocessOperationName[]): MicrographForm["on"] {
  return { ...allOff, ...Object.fromEntries(names.map((name) => [name, true])) };
}

export const initialMicrograph: MicrographState = {
  form: {
    on: switchesOf(PRESETS[0].on),
    parameters: PREPROCESS_DEFAULTS,
    arithmetic: "default",
  },
  past: [],
  open: "lowPass",
  scope: "region",
  compare: "swipe",
  regionAt: { x: 0.5, y: 0.5 },
  region: null,
  whole: null,
  previewing: false,
  previewFailure: null,
  results: {},
  madeWith: {},
  failures: {},
  table: null,
  folder: null,
  follow: false,
};

/** The recipe that the form stands for. */
export function recipeOf({ on, parameters, arithmetic }: MicrographForm): PreprocessRecipe {
  const operations = Object.fromEntries(
    PREPROCESS_ORDER.map((name) => [name, on[name] ? parameters[name] : null]),
  ) as unknown as PreprocessOperations;
  return { operations: { ...NO_OPERATIONS, ...operations }, arithmetic };
}

/** Equal exactly for forms that give the same result. */
export function formKey(form: MicrographForm): string {
  return recipeKeyText(recipeOf(form));
}

/** The preset whose switches are set now, or null. */
export function presetOf({ on }: MicrographForm): PresetId | null {
  const key = JSON.stringify(on);
  return PRESETS.find((preset) => JSON.stringify(switchesOf(preset.on)) === key)?.id ?? null;
}

/** What forbids the form for the selected micrograph. */
export function problemsOf(
  form: MicrographForm,
  size: { readonly width: number; readonly height: number } | null,
): readonly PreprocessProblem[] {
  return checkPreprocess(recipeOf(form), size ?? undefined);
}

export function operationsOn(form: MicrographForm): number {
  return enabledOperations(recipeOf(form).operations).length;
}

/** A micrograph of the session: an image file, or what the motion step made of a movie. */
export interface SessionMicrograph {
  readonly fileId: string;
  /** File name of the input, and as it is written in tables. */
  readonly name: string;
  readonly path: string;
  readonly source: PictureKey;
  /** Changes when the source is made anew under the same name. */
  readonly version: string;
  readonly width: number;
  readonly height: number;
  readonly pixelSizeA: number | null;
  /** Its row of the table that names micrographs; null = none, or there is no table. */
  readonly row: number | null;
}

/** The part of the state that micrographs come from. */
export interface MicrographOrigin {
  readonly session: SessionState;
  readonly motion: MotionState;
  readonly micrograph: Pick<MicrographState, "table">;
  /** Records of the session, which tell of micrographs whose reports have left memory; absent = of none. */
  readonly project?: Pick<ProjectState, "records">;
}

/** The micrograph of a file; null for movies that are not aligned yet, tables, and the gain reference. */
export function micrographOf(
  { session, motion, micrograph: { table }, project }: MicrographOrigin,
  file: SessionFile,
): SessionMicrograph | null {
  const { id, name, path, header, kind } = file;
  if (header === null || roleInUse(session, id) !== null) return null;
  if (kind === "image" && header.frames === 1) {
    const row = table === null ? null : rowOfFile(table, file);
    // What the user entered counts most, then the table, then the header, as on the command line.
    const stated = row === null ? null : (table?.entries[row].pixelSizeA ?? null);
    const entered = header.pixelSizeSource === "entered" ? header.pixelSizeA : null;
    return {
      ...{ fileId: id, name, path, version: "", row },
      source: { kind: "frame", movie: id, frame: 0 },
      ...{ width: header.width, height: header.height },
      pixelSizeA: entered ?? stated ?? header.pixelSizeA,
    };
  }
  const record = project?.records[id];
  const result = record?.steps.motion;
  const recorded = result?.failure === null ? record?.micrograph : undefined;
  const reports: Readonly<Partial<Record<string, MotionReport>>> = motion.reports;
  const image = recorded ?? reports[id]?.micrograph;
  if (image === undefined) return null;
  const { width, height, pixelSizeA, doseWeighted } = image;
  const made = `${name.replace(/\.[^.]+$/, "")}_aligned${doseWeighted ? "_DW" : ""}.mrc`;
  return {
    ...{ fileId: id, name: made, path: made, width, height, pixelSizeA },
    row: table === null ? null : rowOfFile(table, { name: made, path: made }),
    source: { kind: "stored", id: `motion/${id}/${doseWeighted ? "weighted" : "after"}` },
    version:
      recorded === undefined ? (motion.madeWith[id] ?? "") : `${result?.key} of ${result?.at}`,
  };
}

/** Every micrograph of the session, in its order. */
export function micrographsOf(origin: MicrographOrigin): readonly SessionMicrograph[] {
  return origin.session.files.flatMap((file) => micrographOf(origin, file) ?? []);
}

/** The micrographs that are processed: those that the table names where there is one, in its order. */
export function micrographsToProcess(origin: MicrographOrigin): readonly SessionMicrograph[] {
  const all = micrographsOf(origin);
  if (origin.micrograph.table === null) return all;
  return all.filter(({ row }) => row !== null).sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
}

/** The micrograph that viewer and panel show: the selected one, or none. */
export function selectedMicrograph(origin: MicrographOrigin): SessionMicrograph | null {
  const file = selectedFile(origin.session);
  return file === null ? null : micrographOf(origin, file);
}
