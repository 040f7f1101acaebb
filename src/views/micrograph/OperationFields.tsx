import type { PreprocessOperationName } from "#src/domain/preprocess.ts";
import { preprocessedSize } from "#src/domain/preprocess.ts";
import type { PreprocessProblem } from "#src/domain/preprocessCheck.ts";
import { recipeOf } from "#src/state/micrographSlice.ts";
import { frequencyToA, transitionEndA, transitionFromEndA } from "#src/state/micrographUnits.ts";
import { useActions } from "../AppContext.tsx";
import { fixed, integer } from "../shared/format.ts";
import { NumberRow } from "./NumberRow.tsx";
import type { SecondUnit } from "./NumberRow.tsx";
import type { CardFacts } from "./operationText.ts";

interface FieldsProps extends CardFacts {
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly problems: readonly PreprocessProblem[];
}

/** The fields of one operation. */
export function OperationFields({
  name,
  ...facts
}: FieldsProps & { name: PreprocessOperationName }) {
  switch (name) {
    case "crop":
      return <CropFields {...facts} />;
    case "log":
      return <LogFields {...facts} />;
    case "badPixels":
      return <BadPixelFields {...facts} />;
    case "downsample":
      return <DownsampleFields {...facts} />;
    case "denoise":
      return <DenoiseFields {...facts} />;
    case "gaussian":
      return <GaussianFields {...facts} />;
    case "highPass":
    case "lowPass":
      return <BandFields name={name} {...facts} />;
    case "invert":
    case "normalize":
      return null;
  }
}

/** Other units give numbers without end: six digits are kept. */
const tidy = (value: number): number => Number(value.toPrecision(6));

const has = (problems: readonly PreprocessProblem[], parameter: string): boolean =>
  problems.some((problem) => problem.parameter === parameter);

/** The same number in Å, where the pixel size is known. */
function inA(
  px: number,
  pixelSizeA: number | null,
  onChange: (px: number) => void,
): SecondUnit | undefined {
  if (pixelSizeA === null) return undefined;
  return {
    unit: "Å",
    value: px * pixelSizeA,
    step: 1,
    onChange: (a) => onChange(tidy(a / pixelSizeA)),
  };
}

function CropFields({ form, pixelSizeA, problems }: FieldsProps) {
  const { setOperation } = useActions();
  const { pixels } = form.parameters.crop;
  return (
    <NumberRow
      label="Border"
      unit="px"
      value={pixels}
      range={[0, 200]}
      step={1}
      second={inA(pixels, pixelSizeA, (px) => setOperation("crop", { pixels: Math.round(px) }))}
      invalid={has(problems, "pixels")}
      onChange={(value) => setOperation("crop", { pixels: value })}
    />
  );
}

function LogFields({ form, problems }: FieldsProps) {
  const { setOperation } = useActions();
  const ranges = { a: [0, 10], b: [0.01, 2], c: [0, 2000] } as const;
  return (
    <>
      {(["a", "b", "c"] as const).map((letter) => (
        <NumberRow
          key={letter}
          label={letter}
          unit={letter === "c" ? "counts" : ""}
          value={form.parameters.log[letter]}
          range={ranges[letter]}
          step={letter === "c" ? 0.1 : 0.001}
          digits={6}
          invalid={has(problems, letter)}
          onChange={(value) => setOperation("log", { [letter]: value })}
        />
      ))}
    </>
  );
}

function BadPixelFields({ form, problems }: FieldsProps) {
  const { setOperation } = useActions();
  return (
    <NumberRow
      label="Limit"
      unit="sd"
      value={form.parameters.badPixels.stddev}
      range={[2, 15]}
      step={0.5}
      invalid={has(problems, "stddev")}
      onChange={(stddev) => setOperation("badPixels", { stddev })}
    />
  );
}

function DownsampleFields({ form, size, pixelSizeA, problems }: FieldsProps) {
  const { setOperation } = useActions();
  const { factor } = form.parameters.downsample;
  const small = size === null ? null : preprocessedSize(size.width, size.height, recipeOf(form));
  const valid = problems.length === 0 && small !== null && form.on.downsample;
  return (
    <>
      <NumberRow
        label="Factor"
        unit="×"
        value={factor}
        range={[1.05, 8]}
        logarithmic
        step={0.05}
        second={
          pixelSizeA === null
            ? undefined
            : {
                unit: "Å/px",
                value: factor * pixelSizeA,
                step: 0.1,
                onChange: (a) => setOperation("downsample", { factor: tidy(a / pixelSizeA) }),
              }
        }
        invalid={has(problems, "factor")}
        onChange={(value) => setOperation("downsample", { factor: value })}
      />
      {valid && (
        <div className="number-row">
          <span className="number-label">Result</span>
          <span className="number-result">
            {integer(small.width)} × {integer(small.height)} px
            {pixelSizeA === null
              ? ""
              : `, ${fixed((pixelSizeA * small.croppedWidth) / small.width, 5)} Å/px, exact`}
          </span>
        </div>
      )}
    </>
  );
}

function DenoiseFields({ form, problems }: FieldsProps) {
  const { setOperation } = useActions();
  return (
    <NumberRow
      label="Iterations"
      unit=""
      value={form.parameters.denoise.iterations}
      range={[1, 200]}
      step={1}
      invalid={has(problems, "iterations")}
      onChange={(iterations) => setOperation("denoise", { iterations })}
    />
  );
}

function GaussianFields({ form, filterPixelSizeA, problems }: FieldsProps) {
  const { setOperation } = useActions();
  const { sigma } = form.parameters.gaussian;
  return (
    <NumberRow
      label={form.arithmetic === "xmipp" ? "Xmipp's σ" : "σ"}
      unit="px"
      value={sigma}
      range={[0.3, 20]}
      logarithmic
      step={0.1}
      second={inA(sigma, filterPixelSizeA, (px) => setOperation("gaussian", { sigma: px }))}
      invalid={has(problems, "sigma")}
      onChange={(value) => setOperation("gaussian", { sigma: value })}
    />
  );
}

function BandFields({
  name,
  form,
  filterPixelSizeA,
  problems,
}: FieldsProps & { name: "highPass" | "lowPass" }) {
  const { setOperation } = useActions();
  const { cutoff, transition } = form.parameters[name];
  const endA =
    filterPixelSizeA === null ? null : transitionEndA(name, cutoff, transition, filterPixelSizeA);
  return (
    <>
      <NumberRow
        label="Cutoff"
        unit="1/px"
        value={cutoff}
        range={name === "highPass" ? [0.0005, 0.2] : [0.01, 0.499]}
        logarithmic
        step={name === "highPass" ? 0.0001 : 0.001}
        second={
          filterPixelSizeA === null
            ? undefined
            : {
                unit: "Å",
                value: frequencyToA(cutoff, filterPixelSizeA),
                step: name === "highPass" ? 10 : 0.1,
                onChange: (a) => setOperation(name, { cutoff: tidy(filterPixelSizeA / a) }),
              }
        }
        invalid={has(problems, "cutoff")}
        onChange={(value) => setOperation(name, { cutoff: value })}
      />
      <NumberRow
        label="Width"
        unit="1/px"
        value={transition}
        range={[0.0005, 0.2]}
        logarithmic
        step={0.0005}
        second={
          filterPixelSizeA === null || endA === null || !Number.isFinite(endA)
            ? undefined
            : {
                unit: "Å end",
                label: "End of the transition",
                value: endA,
                step: 0.1,
                onChange: (a) =>
                  setOperation(name, {
                    transition: tidy(transitionFromEndA(name, cutoff, a, filterPixelSizeA)),
                  }),
              }
        }
        invalid={has(problems, "transition")}
        onChange={(value) => setOperation(name, { transition: value })}
      />
    </>
  );
}
