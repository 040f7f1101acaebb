import { Button, NumberInput } from "@mantine/core";
import { useState } from "react";
import { fractionate, groupSizeForDose } from "#src/domain/eerFractionation.ts";
import type { Failure } from "#src/domain/errors.ts";
import type { EerHeader, MovieHeader } from "#src/domain/movie.ts";
import type { ReadingWish } from "#src/domain/reading.ts";
import type { SessionFile } from "#src/domain/session.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice } from "../shared/Choice.tsx";
import { FailureNote, Section } from "../shared/PanelParts.tsx";
import { counted, fixed, integer, significant } from "../shared/format.ts";
import { alike } from "./PixelSizeAndDose.tsx";

type By = "number" | "size" | "dose";

/** How raw EER frames become frames, with what that means in frames, dose and raw frames left over. */
export function EerReading({
  file,
  header,
  eer,
}: {
  file: SessionFile;
  header: MovieHeader;
  eer: EerHeader;
}) {
  const session = useAppState((s) => s.session);
  const { changeReading } = useActions();
  const { rawFrames, dosePerRawFrame } = eer;
  const wish = session.wishes[file.id] ?? {};
  const [by, setBy] = useState<By>(wish.groupSize === undefined ? "number" : "size");
  const [fractions, setFractions] = useState(eer.fractions);
  const [groupSize, setGroupSize] = useState(eer.groupSize);
  const [dose, setDose] = useState(
    Number(((dosePerRawFrame ?? 0) * eer.groupSize || 1).toPrecision(3)),
  );
  const [upsampling, setUpsampling] = useState(eer.upsampling === 2 ? 2 : 1);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const movies = alike(session, file).filter((other) => other.header?.eer !== undefined);
  const wanted: Pick<ReadingWish, "fractions" | "groupSize"> =
    by === "number"
      ? { fractions }
      : { groupSize: by === "size" ? groupSize : groupSizeForDose(dosePerRawFrame ?? 1, dose) };
  const plan = fractionate(rawFrames, wanted);
  const changed =
    plan.fractions !== eer.fractions ||
    plan.groupSize !== eer.groupSize ||
    upsampling !== eer.upsampling;
  const [width, height] = [header.width / eer.upsampling, header.height / eer.upsampling];

  const read = async (files: readonly SessionFile[]): Promise<void> => {
    setBusy(true);
    const failed = await changeReading(
      files.map(({ id }) => id),
      ({ fractions: _fractions, groupSize: _groupSize, ...rest }) => ({
        ...rest,
        ...wanted,
        upsampling: upsampling === 2 ? 2 : 1,
      }),
    );
    setBusy(false);
    setFailure(failed);
  };
  const doseOf = (raw: number): string =>
    dosePerRawFrame === null ? "dose unknown" : `${fixed(raw * dosePerRawFrame, 3)} e⁻/Å²`;
  const firstLeft = plan.fractions * plan.groupSize + 1;

  return (
    <Section title="Fractions" caption={counted(rawFrames, "raw frame")}>
      <div className="button-row">
        <Choice<By>
          label="Fractions by"
          value={by}
          options={[
            { value: "number", label: "Number" },
            { value: "size", label: "Raw frames" },
            { value: "dose", label: "Dose", disabled: dosePerRawFrame === null },
          ]}
          onChange={setBy}
        />
        {by === "number" && (
          <NumberInput
            size="xs"
            aria-label="Fractions"
            w={104}
            min={1}
            max={rawFrames}
            allowDecimal={false}
            value={fractions}
            onChange={(next) => (typeof next === "number" ? setFractions(next) : undefined)}
          />
        )}
        {by === "size" && (
          <NumberInput
            size="xs"
            aria-label="Raw frames in a fraction"
            w={104}
            min={1}
            max={rawFrames}
            allowDecimal={false}
            value={groupSize}
            onChange={(next) => (typeof next === "number" ? setGroupSize(next) : undefined)}
          />
        )}
        {by === "dose" && (
          <NumberInput
            size="xs"
            aria-label="Dose of a fraction, e⁻/Å²"
            w={104}
            min={0.001}
            max={1000}
            step={0.1}
            decimalScale={4}
            value={dose}
            onChange={(next) => (typeof next === "number" ? setDose(next) : undefined)}
          />
        )}
      </div>
      <dl className="pairs" style={{ marginTop: 8 }} data-testid="fractions">
        <dt>Raw frame</dt>
        <dd>
          {dosePerRawFrame === null
            ? "dose unknown: enter it above"
            : `${significant(dosePerRawFrame, 3)} e⁻/Å²`}
        </dd>
        <dt>Fraction</dt>
        <dd>
          {counted(plan.groupSize, "raw frame")}, {doseOf(plan.groupSize)}
        </dd>
        <dt>Movie</dt>
        <dd>
          {counted(plan.fractions, "fraction")}, {doseOf(plan.fractions * plan.groupSize)}
        </dd>
        <dt>Left over</dt>
        <dd>
          {plan.leftover === 0
            ? "no raw frame"
            : plan.leftover === 1
              ? `raw frame ${integer(firstLeft)}, ${doseOf(1)}`
              : `raw frames ${integer(firstLeft)} to ${integer(rawFrames)}, ${doseOf(plan.leftover)}`}
        </dd>
      </dl>
      <div className="button-row">
        <Choice<"1" | "2">
          label="Rendering"
          value={upsampling === 2 ? "2" : "1"}
          options={[
            { value: "1", label: `${integer(width)} × ${integer(height)}` },
            { value: "2", label: `${integer(2 * width)} × ${integer(2 * height)}` },
          ]}
          onChange={(value) => setUpsampling(value === "2" ? 2 : 1)}
        />
      </div>
      <div className="button-row">
        <Button
          variant="default"
          loading={busy}
          disabled={!changed}
          onClick={() => void read([file])}
        >
          Read this movie so
        </Button>
        {movies.length > 1 && (
          <Button variant="default" loading={busy} onClick={() => void read(movies)}>
            Read {counted(movies.length, "EER movie")} so
          </Button>
        )}
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </Section>
  );
}

type Sign = "file" | "signed" | "unsigned";

/** MRC mode 0 holds bytes whose sign the format leaves open. */
export function ByteSign({ file, header }: { file: SessionFile; header: MovieHeader }) {
  const wish = useAppState((s) => s.session.wishes[file.id]);
  const { changeReading } = useActions();
  const { format, pixelType, storedType } = header;
  const isBytes = pixelType === "uint8" || pixelType === "int8";
  if (format !== "mrc" || !isBytes || storedType !== undefined) return null;
  const unsigned = wish?.unsignedBytes;
  return (
    <Section title="Bytes of mode 0" caption={`read as ${pixelType}`}>
      <Choice<Sign>
        label="Bytes"
        value={unsigned === undefined ? "file" : unsigned ? "unsigned" : "signed"}
        options={[
          { value: "file", label: "Judged" },
          { value: "signed", label: "Signed" },
          { value: "unsigned", label: "Unsigned" },
        ]}
        onChange={(sign) =>
          void changeReading([file.id], ({ unsignedBytes: _old, ...rest }) =>
            sign === "file" ? rest : { ...rest, unsignedBytes: sign === "unsigned" },
          )
        }
      />
    </Section>
  );
}
