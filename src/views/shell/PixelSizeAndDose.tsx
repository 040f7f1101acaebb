import { Button, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { MovieHeader } from "#src/domain/movie.ts";
import type { ReadingWish } from "#src/domain/reading.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { roleInUse } from "#src/state/sessionState.ts";
import type { SessionState } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Section } from "../shared/PanelParts.tsx";
import { counted } from "../shared/format.ts";

/** Files of the same kind as this one, references left out: what "all" means. */
export function alike(session: SessionState, file: SessionFile): readonly SessionFile[] {
  return session.files.filter(
    (other) =>
      other.id === file.id ||
      (other.kind === file.kind && other.header !== null && roleInUse(session, other.id) === null),
  );
}

function Field({
  label,
  unit,
  value,
  most,
  onChange,
}: {
  label: string;
  unit: string;
  value: number | "";
  most: number;
  readonly onChange: (value: number | "") => void;
}) {
  return (
    <NumberInput
      size="xs"
      label={`${label}, ${unit}`}
      value={value}
      min={0}
      max={most}
      decimalScale={6}
      hideControls
      allowNegative={false}
      allowedDecimalSeparators={[".", ","]}
      placeholder="unknown"
      onChange={(next) => onChange(typeof next === "number" ? next : "")}
    />
  );
}

const rounded = (value: number | null): number | "" =>
  value === null ? "" : Number(value.toPrecision(6));

/** Pixel size and dose by hand, for one file or for all; every step that speaks of Å takes them. */
export function PixelSizeAndDose({ file, header }: { file: SessionFile; header: MovieHeader }) {
  const session = useAppState((s) => s.session);
  const { changeReading } = useActions();
  const [pixel, setPixel] = useState(rounded(header.pixelSizeA));
  const [dose, setDose] = useState(rounded(header.dosePerFrame));
  const [busy, setBusy] = useState(false);
  const wish = session.wishes[file.id] ?? {};
  const all = alike(session, file);
  const many = file.kind === "movie" ? "movies" : "files";
  const one = file.kind === "movie" ? "movie" : "file";
  const { upsampling = 1, groupSize = 1 } = header.eer ?? {};
  const pixelChanged = pixel !== "" && pixel > 0 && pixel !== rounded(header.pixelSizeA);
  const doseChanged = dose !== "" && dose !== rounded(header.dosePerFrame);
  const entered = wish.pixelSizeA !== undefined || wish.dosePerFrame !== undefined;

  const change = async (
    files: readonly SessionFile[],
    make: (wish: ReadingWish) => ReadingWish,
  ): Promise<void> => {
    setBusy(true);
    await changeReading(
      files.map(({ id }) => id),
      make,
    );
    setBusy(false);
  };
  const put = (files: readonly SessionFile[], everything: boolean): Promise<void> =>
    change(files, (old) => ({
      ...old,
      ...(pixelChanged || (everything && pixel !== "" && pixel > 0)
        ? { pixelSizeA: pixel * upsampling }
        : {}),
      ...(doseChanged || (everything && dose !== "") ? { dosePerFrame: dose / groupSize } : {}),
    }));

  return (
    <Section title="Pixel size and dose" {...(entered ? { caption: "entered" } : {})}>
      <div className="two-fields">
        <Field label="Pixel size" unit="Å/px" value={pixel} most={1000} onChange={setPixel} />
        <Field label="Dose a frame" unit="e⁻/Å²" value={dose} most={1000} onChange={setDose} />
      </div>
      <div className="button-row">
        <Button
          variant="default"
          disabled={busy || (!pixelChanged && !doseChanged)}
          onClick={() => void put([file], false)}
        >
          Set for this {one}
        </Button>
        {all.length > 1 && (
          <Button
            variant="default"
            disabled={busy || (pixel === "" && dose === "")}
            onClick={() => void put(all, true)}
          >
            Set for {counted(all.length, one, many)}
          </Button>
        )}
        {entered && (
          <Button
            variant="subtle"
            disabled={busy}
            onClick={() =>
              void change(all, ({ pixelSizeA: _pixel, dosePerFrame: _dose, ...rest }) => rest)
            }
          >
            As the {all.length > 1 ? "files say" : "file says"}
          </Button>
        )}
      </div>
    </Section>
  );
}
