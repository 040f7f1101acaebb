import type { MotionReport } from "#src/domain/motionReport.ts";
import type { PatchMapId } from "#src/state/motionSlice.ts";
import { fixed, integer } from "../shared/format.ts";
import type { TermId } from "./terms.ts";

/** A map over the micrograph: a value a cell, row 0 first. */
export interface CellMap {
  readonly id: PatchMapId;
  readonly label: string;
  /** What the values are, with the unit. */
  readonly caption: string;
  readonly term: TermId;
  readonly columns: number;
  readonly values: readonly number[];
  /** Middle of each cell, px of the movie. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Values at the ends of the colours. */
  readonly low: number;
  readonly high: number;
  /** The value in words: "0.022 px", "63 %". */
  readonly text: (value: number) => string;
  /** The value as it stands in a cell. */
  readonly short: (value: number) => string;
  /** The upper end in words. */
  readonly end: string;
  /** Cells with a dashed outline. */
  readonly doubted: readonly boolean[];
  /** Displacement from the first frame to the last, px; drawn as arrows where given. */
  readonly arrows: readonly { readonly dx: number; readonly dy: number }[];
}

/** Patches that counted at less than nine tenths are marked: smaller losses are common and mean little. */
export function isDoubted(share: number): boolean {
  return share < 0.9;
}

function countColumns(y: readonly number[]): number {
  const end = y.findIndex((v) => v !== y[0]);
  return end < 0 ? y.length : end;
}

function largestOf(values: readonly number[]): number {
  return Math.max(1e-9, ...values.filter((v) => Number.isFinite(v)));
}

/** "0.022 px (0.03 Å)": Å only where the pixel size is known. */
export function lengthText(px: number, pixelSizeA: number | null, decimals = 3): string {
  const plain = `${fixed(px, decimals)} px`;
  return pixelSizeA === null || !Number.isFinite(px)
    ? plain
    : `${plain} (${fixed(px * pixelSizeA, decimals)} Å)`;
}

/** How far each track has gone beside the whole frame, first aligned frame to last, px. */
function localSteps({ tracks, globalX, globalY }: MotionReport): { dx: number; dy: number }[] {
  const last = globalX.length - 1;
  return tracks.map(({ dx, dy }) => ({
    dx: dx[last] - globalX[last] - (dx[0] - globalX[0]),
    dy: dy[last] - globalY[last] - (dy[0] - globalY[0]),
  }));
}

/** The maps that a result has. */
export function cellMapsOf(report: MotionReport): CellMap[] {
  const { diagnostics: d, tracks, pixelSizeA } = report;
  const lengths = (values: readonly number[]) => {
    const high = largestOf(values);
    const decimals = high < 0.1 ? 3 : 2;
    return {
      values,
      low: 0,
      high,
      end: `${fixed(high, 3)} px`,
      text: (value: number) => lengthText(value, pixelSizeA),
      short: (value: number) => value.toFixed(decimals).replace(/^0/, ""),
    };
  };
  const maps: CellMap[] = [];
  const trust = d?.patchTrust ?? [];
  const doubted = trust.map(isDoubted);
  if (d !== null && d.patchResidualPx.length > 0)
    maps.push({
      id: "residuals",
      label: "Residuals",
      caption: "patch against field, rms over frames, px",
      term: "residual",
      columns: countColumns(d.patchY),
      x: d.patchX,
      y: d.patchY,
      doubted,
      arrows: [],
      ...lengths(d.patchResidualPx),
    });
  if (d !== null && trust.some((share) => share < 1))
    maps.push({
      id: "trust",
      label: "Trust",
      caption: "share with which each patch counted in the field, %",
      term: "trust",
      columns: countColumns(d.patchY),
      x: d.patchX,
      y: d.patchY,
      doubted: [],
      arrows: [],
      values: trust,
      low: 0,
      high: 1,
      end: "100 %",
      text: (value) => `${integer(100 * value)} %`,
      short: (value) => integer(100 * value),
    });
  if (report.localRmsPx > 0)
    maps.push({
      id: "field",
      label: "Field",
      caption: "local motion, rms over frames, px; arrows: first frame to last",
      term: "field",
      columns: countColumns(tracks.map((track) => track.y)),
      x: tracks.map((track) => track.x),
      y: tracks.map((track) => track.y),
      doubted: [],
      arrows: localSteps(report),
      ...lengths(tracks.map((track) => track.localRmsPx)),
    });
  if (d !== null && d.errorPx.length > 0) {
    const columns = d.errorX.length;
    maps.push({
      id: "error",
      label: "Expected error",
      caption: "of the field, both axes, rms over frames, px",
      term: "error",
      columns,
      x: d.errorPx.map((_, k) => d.errorX[k % columns]),
      y: d.errorPx.map((_, k) => d.errorY[Math.floor(k / columns)]),
      doubted: [],
      arrows: [],
      ...lengths(d.errorPx),
    });
  }
  return maps;
}

/** Where a cell lies and what it says, in a sentence. */
export function cellText(map: CellMap, k: number): string {
  const place = `About ${integer(Math.round(map.x[k]))}, ${integer(Math.round(map.y[k]))} px`;
  const arrow = map.arrows.at(k);
  const way =
    arrow === undefined
      ? ""
      : `; first frame to last ${fixed(arrow.dx, 2)}, ${fixed(arrow.dy, 2)} px (x, y)`;
  return `${place}: ${map.text(map.values[k])}${way}`;
}
