import { NumberInput } from "@mantine/core";
import { DEFAULT_MOTION_PARAMETERS } from "#src/domain/motionReport.ts";
import type { MotionParameters } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";

type Numeric = {
  [K in keyof MotionParameters]: NonNullable<MotionParameters[K]> extends number ? K : never;
}[keyof MotionParameters];

export interface NumberFieldText {
  readonly title: string;
  readonly unit: string;
  /** One sentence; names the original's default. */
  readonly help: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Counted from 1 on screen, from 0 inside. */
  readonly fromOne?: boolean;
}

export const numberFields: Readonly<Record<Numeric, NumberFieldText>> = {
  firstFrame: {
    title: "First frame",
    unit: "",
    help: "Frames before it are left out; FlexAlign starts at 1.",
    min: 1,
    max: 10_000,
    step: 1,
    fromOne: true,
  },
  lastFrame: {
    title: "Last frame",
    unit: "",
    help: "Automatic: the last of the movie.",
    min: 1,
    max: 10_000,
    step: 1,
    fromOne: true,
  },
  sumFirst: {
    title: "First frame of the sum",
    unit: "",
    help: "Automatic: as aligned.",
    min: 1,
    max: 10_000,
    step: 1,
    fromOne: true,
  },
  sumLast: {
    title: "Last frame of the sum",
    unit: "",
    help: "Automatic: as aligned.",
    min: 1,
    max: 10_000,
    step: 1,
    fromOne: true,
  },
  maxResolutionA: {
    title: "Maximum resolution",
    unit: "Å",
    help: "Detail beyond it is not used. Automatic: as far as the movie's own signal reaches; FlexAlign halves the amplitude at 30 Å.",
    min: 1,
    max: 200,
    step: 1,
  },
  maxShiftA: {
    title: "Maximum shift",
    unit: "Å",
    help: "Largest shift searched between frames; FlexAlign uses 50 Å.",
    min: 1,
    max: 1000,
    step: 5,
  },
  minPatchA: {
    title: "Smallest patch",
    unit: "Å",
    help: "Side of a patch; FlexAlign asks for 500 Å.",
    min: 20,
    max: 5000,
    step: 50,
  },
  overlap: {
    title: "Overlap of patches",
    unit: "",
    help: "Part of a patch that its neighbour shares, for automatic patches; FlexAlign's follows from their number.",
    min: 0,
    max: 0.9,
    step: 0.1,
  },
  group: {
    title: "Frame group",
    unit: "",
    help: "Frames added together before they are compared; FlexAlign adds 3.",
    min: 1,
    max: 100,
    step: 1,
  },
  binning: {
    title: "Binning",
    unit: "×",
    help: "Factor by which the results are reduced, any from 1 on.",
    min: 1,
    max: 16,
    step: 0.5,
  },
  dosePerFrame: {
    title: "Dose of a frame",
    unit: "e⁻/Å²",
    help: "Automatic: as the header says.",
    min: 0.001,
    max: 1000,
    step: 0.1,
  },
  preExposure: {
    title: "Dose before the first frame",
    unit: "e⁻/Å²",
    help: "Counts for dose weighting and for the early motion.",
    min: 0,
    max: 1000,
    step: 0.5,
  },
  voltageKv: {
    title: "Voltage",
    unit: "kV",
    help: "300, 200 or 100 kV: the critical dose depends on it.",
    min: 60,
    max: 400,
    step: 100,
  },
};

/** One number: automatic or entered, its one sentence, old → new and a reset when changed. */
export function NumberField({ name, chosen }: { name: Numeric; chosen?: string | undefined }) {
  const value = useAppState((s) => s.motion.parameters[name]);
  const { setMotionParameters, resetMotionParameter } = useActions();
  const { title, unit, help, fromOne, ...limits } = numberFields[name];
  const fallback = DEFAULT_MOTION_PARAMETERS[name];
  const shift = fromOne === true ? 1 : 0;
  const text = (v: number | null): string => (v === null ? "automatic" : String(v + shift));
  return (
    <div className="parameter">
      <div className="parameter-head">
        <label htmlFor={`motion-${name}`}>
          {title}
          {unit === "" ? "" : `, ${unit}`}
        </label>
        {value !== fallback && (
          <span className="tone-accent strong">
            {text(fallback)} → {text(value)}
          </span>
        )}
        <span className="spacer" />
        {value !== fallback && (
          <IconButton
            icon="undo"
            label={`Reset ${title.toLowerCase()}`}
            onClick={() => resetMotionParameter(name)}
          />
        )}
        <NumberInput
          id={`motion-${name}`}
          size="xs"
          w={112}
          {...limits}
          value={value === null ? "" : value + shift}
          placeholder={chosen === undefined ? "automatic" : `auto: ${chosen}`}
          onChange={(next) => {
            if (typeof next === "number") setMotionParameters({ [name]: next - shift });
            else if (next === "" && fallback === null) setMotionParameters({ [name]: null });
          }}
        />
      </div>
      <p className="caption">{help}</p>
    </div>
  );
}
