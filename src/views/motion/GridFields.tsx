import { NumberInput, Select } from "@mantine/core";
import type { MotionReport } from "#src/domain/motionReport.ts";
import { useActions, useAppState } from "../AppContext.tsx";

interface Axis {
  readonly key: string;
  readonly label: string;
  readonly value: number;
}

/** Automatic, none where there is such a thing, or a number along each axis. */
function GridField({
  id,
  title,
  help,
  words,
  axes,
  least,
  onWord,
  onAxis,
}: {
  id: string;
  title: string;
  help: string;
  words: readonly { readonly value: string; readonly label: string }[];
  /** Null: one of the words holds. */
  axes: readonly Axis[] | null;
  least: number;
  readonly onWord: (word: string) => void;
  readonly onAxis: (key: string, value: number) => void;
}) {
  const current = useAppState((s) => s.motion.parameters.patches);
  const word =
    axes !== null ? "own" : id === "motion-patches" && current === "none" ? "none" : "auto";
  return (
    <div className="parameter">
      <div className="parameter-head">
        <label htmlFor={id}>{title}</label>
        <span className="spacer" />
        <Select
          id={id}
          size="xs"
          w={190}
          allowDeselect={false}
          data={[...words, { value: "own", label: "numbers below" }]}
          value={word}
          onChange={(value) => {
            if (value !== null && value !== word) onWord(value);
          }}
        />
      </div>
      {axes !== null && (
        <div className="parameter-head grid-axes">
          <span className="spacer" />
          {axes.map(({ key, label, value }) => (
            <NumberInput
              key={key}
              size="xs"
              w={72}
              min={least}
              max={100}
              step={1}
              allowDecimal={false}
              aria-label={`${title} along ${label}`}
              leftSection={<span className="caption">{label}</span>}
              value={value}
              onChange={(next) => {
                if (typeof next === "number" && next >= least) onAxis(key, next);
              }}
            />
          ))}
        </div>
      )}
      <p className="caption">{help}</p>
    </div>
  );
}

/** What patches and control points start with when numbers are asked for: Xmipp's own defaults. */
const START = { patches: { x: 7, y: 7 }, points: { x: 6, y: 6, t: 5 } } as const;

/** Patches and control points: automatic, none, or a number along each axis. */
export function GridFields({ chosen }: { chosen: MotionReport["chosen"] | null }) {
  const { patches, controlPoints, parity } = useAppState((s) => s.motion.parameters);
  const { setMotionParameters } = useActions();
  const autoPatches =
    typeof chosen?.patchesX === "number"
      ? ` (${chosen.patchesX} × ${String(chosen.patchesY)})`
      : "";
  const autoPoints =
    typeof chosen?.controlPoints === "string"
      ? ` (${chosen.controlPoints.replaceAll("x", " × ")})`
      : "";
  return (
    <>
      <GridField
        id="motion-patches"
        title="Patches"
        help={
          parity
            ? "FlexAlign takes one per 500 Å; local motion needs four or more along each side."
            : "Places at which motion is measured, at half overlap; FlexAlign takes one per 500 Å."
        }
        words={[
          { value: "auto", label: `automatic${autoPatches}` },
          { value: "none", label: "none: global motion only" },
        ]}
        axes={
          typeof patches === "string"
            ? null
            : [
                { key: "x", label: "x", value: patches.x },
                { key: "y", label: "y", value: patches.y },
              ]
        }
        least={2}
        onWord={(word) =>
          setMotionParameters({
            patches: word === "auto" || word === "none" ? word : START.patches,
          })
        }
        onAxis={(key, value) => {
          if (typeof patches === "object")
            setMotionParameters({ patches: { ...patches, [key]: value } });
        }}
      />
      <GridField
        id="motion-points"
        title="Control points"
        help={
          parity
            ? "FlexAlign has one per 1 000 Å plus two along each side and one per seven frames plus two; fewer than patches."
            : "How far motion may bend. Automatic: as far as the movie supports; FlexAlign has one per 1 000 Å plus two."
        }
        words={[{ value: "auto", label: `automatic${autoPoints}` }]}
        axes={
          typeof controlPoints === "string"
            ? null
            : [
                { key: "x", label: "x", value: controlPoints.x },
                { key: "y", label: "y", value: controlPoints.y },
                { key: "t", label: "t", value: controlPoints.t },
              ]
        }
        least={3}
        onWord={(word) =>
          setMotionParameters({ controlPoints: word === "auto" ? word : START.points })
        }
        onAxis={(key, value) => {
          if (typeof controlPoints === "object")
            setMotionParameters({ controlPoints: { ...controlPoints, [key]: value } });
        }}
      />
    </>
  );
}
