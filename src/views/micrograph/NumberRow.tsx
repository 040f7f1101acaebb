import { NumberInput, Slider } from "@mantine/core";
import { useRef, useState } from "react";

interface FieldProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly step: number;
  readonly digits: number;
  readonly invalid: boolean;
  readonly onChange: (value: number) => void;
}

/** A number with its unit. What is typed is taken when it is a number; the field shows what stands. */
function NumberField({ label, unit, value, step, digits, invalid, onChange }: FieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const rounded = Number(value.toPrecision(digits));
  return (
    <NumberInput
      className="number-field"
      aria-label={`${label}, ${unit}`}
      value={typed ?? (Number.isFinite(rounded) ? rounded : "")}
      step={step}
      hideControls
      allowedDecimalSeparators={[".", ","]}
      rightSection={<span className="unit">{unit}</span>}
      rightSectionWidth={Math.max(26, 9 + 6.5 * unit.length)}
      rightSectionPointerEvents="none"
      error={invalid}
      onChange={(next) => {
        setTyped(String(next));
        if (typeof next === "number") onChange(next);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

export interface SecondUnit {
  readonly unit: string;
  readonly label?: string;
  readonly value: number;
  readonly step: number;
  /** Takes a value of this unit. */
  readonly onChange: (value: number) => void;
}

/** A parameter: its name, a slider, and the number in one or two units. */
export function NumberRow({
  label,
  unit,
  value,
  range,
  logarithmic = false,
  step,
  digits = 5,
  second,
  invalid,
  onChange,
}: {
  label: string;
  unit: string;
  value: number;
  /** Ends of the slider; fields take values beyond them. */
  range: readonly [number, number];
  logarithmic?: boolean;
  step: number;
  digits?: number;
  second?: SecondUnit | undefined;
  invalid: boolean;
  readonly onChange: (value: number) => void;
}) {
  const place = (v: number): number => (logarithmic ? Math.log(Math.max(v, range[0])) : v);
  const [low, high] = range.map(place);
  // A key moves the thumb by less than a step where the scale is logarithmic: it moves the value by one step then.
  const byKey = useRef(false);
  const moved = (at: number): number => {
    const next = rounded(logarithmic ? Math.exp(at) : at);
    if (!byKey.current || next !== rounded(value)) return next;
    const direction = Math.sign(at - place(value));
    return rounded(Math.min(range[1], Math.max(range[0], value + direction * step)));
  };
  const rounded = (v: number): number => Number((Math.round(v / step) * step).toPrecision(10));
  return (
    <div
      className="number-row"
      onKeyDownCapture={() => {
        byKey.current = true;
      }}
      onPointerDownCapture={() => {
        byKey.current = false;
      }}
    >
      <span className="number-label">{label}</span>
      <Slider
        size={2}
        thumbSize={14}
        min={low}
        max={high}
        step={logarithmic ? (high - low) / 200 : step}
        value={Math.min(high, Math.max(low, place(Number.isFinite(value) ? value : range[0])))}
        label={null}
        thumbLabel={label}
        thumbProps={{ "aria-valuetext": `${value} ${unit}` }}
        onChange={(at) => onChange(moved(at))}
      />
      <NumberField
        label={label}
        unit={unit}
        value={value}
        step={step}
        digits={digits}
        invalid={invalid}
        onChange={onChange}
      />
      {second !== undefined && (
        <NumberField
          label={second.label ?? label}
          unit={second.unit}
          value={second.value}
          step={second.step}
          digits={4}
          invalid={invalid}
          onChange={second.onChange}
        />
      )}
    </div>
  );
}
