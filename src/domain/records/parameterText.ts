import type { GainParameters } from "../gainEstimate.ts";
import type { MotionParameters } from "../motionReport.ts";
import type { AppliedGain } from "./appliedGain.ts";
import type { ReportPairs } from "./sessionReport.ts";

type Pairs = [name: string, value: string][];

const auto = (value: number | string | null, unit = ""): string =>
  value === null || value === "auto"
    ? "automatic"
    : `${String(value)}${unit === "" ? "" : ` ${unit}`}`;
const yes = (on: boolean): string => (on ? "yes" : "no");
/** Frames count from 1 where people read. */
const frames = (first: number | null, last: number | null): string =>
  `${(first ?? 0) + 1} to ${last === null ? "the last" : String(last + 1)}`;

/** The parameters of the gain as a report prints them. */
export function gainParameterPairs(p: GainParameters): ReportPairs {
  const pairs: Pairs = [
    ["Method", p.method],
    ["Iterations", auto(p.iterations)],
    ["Smoothing over lines, sigma", auto(p.sigma)],
    ["Frame step", auto(p.frameStep)],
    ["Frames summed before equalization", auto(p.grouping)],
    [
      "Units per electron",
      p.unitsPerElectron === null ? "from the movie" : auto(p.unitsPerElectron),
    ],
    ["Seed", String(p.seed)],
  ];
  if (p.parity !== "none") pairs.push(["Parity with", p.parity]);
  return pairs;
}

function grid(value: MotionParameters["patches"] | MotionParameters["controlPoints"]): string {
  if (value === null || typeof value === "string") return value === null ? "none" : auto(value);
  return Object.values(value).join(" × ");
}

/** The parameters of motion as a report prints them, with the gain that is applied. */
export function motionParameterPairs(p: MotionParameters, applied: AppliedGain): ReportPairs {
  const pairs: Pairs = [
    ["Frames aligned", frames(p.firstFrame, p.lastFrame)],
    [
      "Frames summed",
      p.sumFirst === null && p.sumLast === null ? "as aligned" : frames(p.sumFirst, p.sumLast),
    ],
    ["Maximum resolution", auto(p.maxResolutionA, "Å")],
    ["Largest shift", `${p.maxShiftA} Å`],
    ["Patches", grid(p.patches)],
    ["Smallest patch", auto(p.minPatchA, "Å")],
    ["Overlap of patches", auto(p.overlap)],
    ["Control points", grid(p.controlPoints)],
    ["Frames grouped", auto(p.group)],
    ["Binning", String(p.binning)],
    [
      "Exposure of a frame",
      p.dosePerFrame === null ? "as the header says" : `${p.dosePerFrame} e⁻/Å²`,
    ],
    ["Exposure before", `${p.preExposure} e⁻/Å²`],
    ["Voltage", `${p.voltageKv} kV`],
    ["Dose weighting", yes(p.doseWeighting)],
    ["Gain applied", applied.text],
    ["Result", p.result === "sum" ? "sum of frames" : "mean of frames"],
  ];
  if (p.parity) pairs.push(["Parity with", "Xmipp FlexAlign"]);
  return pairs;
}
