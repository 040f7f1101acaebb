import { Button, Modal, Select } from "@mantine/core";
import { useState } from "react";
import type { CsvColumns, CsvQuestion } from "#src/domain/ctf.ts";
import { useActions, useAppState } from "../AppContext.tsx";

type Column = Exclude<keyof CsvColumns, "defocusUnit" | "angleUnit">;

const fields: readonly { readonly key: Column; readonly label: string }[] = [
  { key: "micrograph", label: "Micrograph" },
  { key: "defocusU", label: "Defocus, or the larger one (U)" },
  { key: "defocusV", label: "The smaller defocus (V)" },
  { key: "defocusAngle", label: "Angle of astigmatism" },
  { key: "phaseShift", label: "Phase shift" },
  { key: "resolution", label: "Resolution of the fit, Å" },
  { key: "figureOfMerit", label: "Figure of merit" },
  { key: "iceDensity", label: "Ice" },
];

function Questions({ question }: { question: CsvQuestion }) {
  const [columns, setColumns] = useState<CsvColumns>(question.guess);
  const { answerColumns } = useActions();
  const names = question.headers.map((header, i) => ({ value: String(i), label: header }));
  const marked = new Set(fields.map(({ key }) => columns[key]));
  return (
    <>
      <p className="second">
        {question.file}: {question.reason}.
      </p>
      <div className="column-fields">
        {fields.map(({ key, label }) => (
          <Select
            key={key}
            label={label}
            size="xs"
            data={names}
            clearable={key !== "defocusU"}
            value={columns[key] === null ? null : String(columns[key])}
            placeholder="not in the table"
            comboboxProps={{ withinPortal: true }}
            onChange={(value) =>
              setColumns((old) =>
                key === "defocusU"
                  ? { ...old, defocusU: value === null ? old.defocusU : Number(value) }
                  : { ...old, [key]: value === null ? null : Number(value) },
              )
            }
          />
        ))}
        <Select
          label="Unit of the defocus"
          size="xs"
          allowDeselect={false}
          data={[
            { value: "A", label: "Å" },
            { value: "nm", label: "nm" },
            { value: "um", label: "µm" },
          ]}
          value={columns.defocusUnit}
          onChange={(value) => setColumns((old) => ({ ...old, defocusUnit: value ?? "A" }))}
        />
        <Select
          label="Unit of angles"
          size="xs"
          allowDeselect={false}
          data={[
            { value: "deg", label: "degrees" },
            { value: "rad", label: "radians" },
          ]}
          value={columns.angleUnit}
          onChange={(value) => setColumns((old) => ({ ...old, angleUnit: value ?? "deg" }))}
        />
      </div>
      <div className="column-preview">
        <table className="numbers">
          <thead>
            <tr>
              {question.headers.map((header, i) => (
                <th key={i} className={marked.has(i) ? "used" : ""}>
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {question.preview.map((row, r) => (
              <tr key={r}>
                {question.headers.map((_, i) => (
                  <td key={i}>{row[i] ?? ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row column-answer">
        <span className="spacer" />
        <Button variant="default" onClick={() => answerColumns(null)}>
          Leave the table out
        </Button>
        <Button onClick={() => answerColumns(columns)}>Read the table</Button>
      </div>
    </>
  );
}

/** Asks what the columns of a CSV table mean, with its first rows in view. */
export function ColumnDialog() {
  const question = useAppState((s) => s.sampling.question);
  const { answerColumns } = useActions();
  return (
    <Modal
      opened={question !== null}
      onClose={() => answerColumns(null)}
      title="What the columns mean"
      size={680}
    >
      {question !== null && <Questions key={question.file} question={question} />}
    </Modal>
  );
}
