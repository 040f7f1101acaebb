import { Button, Menu, NumberInput } from "@mantine/core";
import { useMemo } from "react";
import type { CtfTable, DefocusSample, DefocusStatistics } from "#src/domain/ctf.ts";
import type { SamplingState } from "#src/state/samplingSlice.ts";
import { picturesByName, picturesOf } from "#src/state/samplingRows.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { Choice, IconButton } from "../shared/Choice.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { Icon } from "../shared/Icon.tsx";
import { FailureNote, Notice, Section, Verdict } from "../shared/PanelParts.tsx";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { Limits } from "./Limits.tsx";

function Finding({ state, sample }: { state: SamplingState; sample: DefocusSample }) {
  const arrived = (state.table?.estimates.length ?? 0) - state.sampledOf;
  const { locked } = state.options;
  const all = sample.rows.length === sample.populationRows.length;
  const even = sample.balance > 0.9;
  return (
    <Verdict
      kind={arrived > 0 ? "outdated" : even ? "pass" : "warn"}
      title={`${integer(sample.rows.length)} of ${integer(sample.populationRows.length)}, ${
        all ? "all there are" : even ? "evenly over defocus" : "not even over defocus"
      }`}
      detail={[
        `Balance ${fixed(sample.balance, 2)} of 1`,
        ...(locked.length > 0 ? [`${counted(locked.length, "chosen one")} locked`] : []),
        ...(arrived > 0 ? [`${counted(arrived, "estimate")} arrived since`] : []),
      ]
        .join("; ")
        .concat(".")}
    />
  );
}

/** A whole number with its bounds; what lies outside is not taken. */
function Whole({
  label,
  value,
  min,
  max,
  help,
  onChange,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  help: string;
  readonly onChange: (value: number) => void;
}) {
  return (
    <div className="sampling-field">
      <span title={help}>{label}</span>
      <NumberInput
        aria-label={label}
        size="xs"
        w={92}
        value={value}
        min={min}
        max={max}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="blur"
        hideControls
        onChange={(next) => {
          const number = Number(next);
          if (next !== "" && Number.isInteger(number) && number >= min && number <= max)
            onChange(number);
        }}
      />
    </div>
  );
}

function How({ state }: { state: SamplingState }) {
  const { options } = state;
  const { setSampleOptions } = useActions();
  return (
    <Section title="How">
      <Whole
        label="Micrographs to pick"
        help="Size of the sample; the protocol picks 25."
        value={options.count}
        min={1}
        max={1_000_000}
        onChange={(count) => setSampleOptions({ count })}
      />
      <Whole
        label="Bins"
        help="Parts of the defocus range; the protocol has 10."
        value={options.innerEdges === null ? options.bins : options.innerEdges.length + 1}
        min={1}
        max={200}
        onChange={(bins) => setSampleOptions({ bins, innerEdges: null })}
      />
      <Whole
        label="Wait for at least"
        help="Estimates to wait for while a table grows; the protocol waits for 100."
        value={options.minImages}
        min={0}
        max={1_000_000}
        onChange={(minImages) => setSampleOptions({ minImages })}
      />
      <Whole
        label="Seed"
        help="The same seed draws the same sample, on any computer. The protocol has none."
        value={options.seed}
        min={0}
        max={4_294_967_295}
        onChange={(seed) => setSampleOptions({ seed })}
      />
      <div className="sampling-field">
        <span>Range</span>
        {options.innerEdges === null ? (
          <Choice
            label="Range"
            value={options.range}
            options={[
              { value: "robust", label: "1 – 99 %" },
              { value: "all", label: "All" },
            ]}
            onChange={(range) => setSampleOptions({ range })}
          />
        ) : (
          <Button
            variant="default"
            size="xs"
            onClick={() => setSampleOptions({ innerEdges: null })}
          >
            Bins by hand: reset
          </Button>
        )}
      </div>
      <div className="sampling-field">
        <span>Remainder</span>
        <Choice
          label="Remainder"
          value={options.remainder}
          options={[
            { value: "round-robin", label: "Round-robin", disabled: options.parity },
            { value: "random", label: "At random", disabled: options.parity },
          ]}
          onChange={(remainder) => setSampleOptions({ remainder })}
        />
      </div>
      <div className="sampling-field">
        <span>Procedure</span>
        <Choice
          label="Procedure"
          value={options.parity ? "xmipp" : "repaired"}
          options={[
            { value: "repaired", label: "Repaired" },
            { value: "xmipp", label: "As in Xmipp" },
          ]}
          onChange={(value) => setSampleOptions({ parity: value === "xmipp" })}
        />
      </div>
      <p className="caption">
        {options.parity
          ? "The original samples failed fits too, knows no filters and draws the rest from the commonest defocus."
          : "Round-robin fills every bin in turn; the original draws the rest from the commonest defocus."}
      </p>
    </Section>
  );
}

function StatisticsRow({
  name,
  s,
  strong,
}: {
  name: string;
  s: DefocusStatistics;
  strong?: boolean;
}) {
  const cells = [s.range, s.min, s.max, s.mean, s.median, s.sd];
  return (
    <tr className={strong === true ? "strong" : ""}>
      <td>{name}</td>
      {cells.map((value, i) => (
        <td key={i} className="right">
          {fixed(value / 1e4, 2)}
        </td>
      ))}
    </tr>
  );
}

function Statistics({ sample }: { sample: DefocusSample }) {
  return (
    <Section title="Statistics, µm" caption="sample variance">
      <table className="numbers">
        <thead>
          <tr>
            <th aria-label="of what" />
            {["range", "min", "max", "mean", "median", "sd"].map((head) => (
              <th key={head} className="right">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <StatisticsRow name="all" s={sample.population} />
          <StatisticsRow name="sampled" s={sample.sample} strong />
        </tbody>
      </table>
      <p className="caption sampling-summary">{sample.summary}.</p>
    </Section>
  );
}

/** The protocol's two outputs and the lists; all columns are kept. */
function Save() {
  const table = useAppState((s) => s.sampling.table);
  const sample = useAppState((s) => s.sampling.sample);
  const files = useAppState((s) => s.session.files);
  const canWrite = useAppState((s) => s.backend.capabilities.folderPicker);
  const { saveSample, copySampled } = useActions();
  const byName = useMemo(() => picturesByName(files), [files]);
  if (table === null || sample === null) return null;
  const here = sample.rows.filter(
    (row) => picturesOf(table.estimates[row], byName).micrograph !== null,
  ).length;
  const name: Record<CtfTable["format"], string> = {
    relion: "STAR",
    gctf: "table",
    cistem: "STAR",
    xmipp: "XMD",
    ctffind: "text",
    cryosparc: "CS",
    warp: "XML",
    csv: "CSV",
  };
  return (
    <div className="sampling-save">
      <Button
        variant="default"
        leftSection={<Icon name="download" />}
        title="The table cut to the sample: same format, order and columns"
        onClick={() => void saveSample(["table"])}
      >
        Save as {name[table.format]}
      </Button>
      <Button variant="default" onClick={() => void saveSample(["names"])}>
        Names
      </Button>
      <Menu position="top-end" withinPortal>
        <Menu.Target>
          <Button variant="default" aria-label="More ways to save">
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void saveSample(["micrographs"])}>Micrograph table</Menu.Item>
          <Menu.Item onClick={() => void saveSample(["csv"])}>CSV of the sample</Menu.Item>
          <Menu.Item onClick={() => void saveSample(["json"])}>JSON with provenance</Menu.Item>
          <Menu.Item
            onClick={() => void saveSample(["table", "micrographs", "names", "csv", "json"])}
          >
            Everything as zip
          </Menu.Item>
          {canWrite && (
            <Menu.Item disabled={here === 0} onClick={() => void copySampled()}>
              {here === 0
                ? "Copy micrographs (none is open)"
                : `Copy ${counted(here, "micrograph")} into a folder`}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

export function SamplingPanel() {
  const state = useAppState((s) => s.sampling);
  const { sampleAgain, sampleNow, undoSampling } = useActions();
  const { table, sample } = state;
  useShortcuts({ "Ctrl+z": undoSampling });
  return (
    <aside className="column panel sampling-panel" aria-label="Sampling">
      <div className="panel-head">
        <h1>Sampling</h1>
        <span className="spacer" />
        {table !== null && (
          <IconButton
            icon="undo"
            label="Undo"
            shortcut="Ctrl Z"
            disabled={state.past.length === 0}
            onClick={undoSampling}
          />
        )}
        {sample !== null && (
          <Button
            leftSection={<Icon name="redo" />}
            onClick={sampleAgain}
            title="Draw again with another seed"
          >
            Sample again
          </Button>
        )}
        {sample === null && state.waiting !== null && (
          <Button onClick={sampleNow}>Sample now</Button>
        )}
      </div>
      <div className="panel-body">
        {sample !== null && <Finding state={state} sample={sample} />}
        {sample === null && state.waiting !== null && (
          <Verdict
            kind="running"
            title={state.waiting}
            detail="Too few to represent the session. Sample now draws from what has come."
          />
        )}
        {state.sampleFailure !== null && <FailureNote failure={state.sampleFailure} />}
        {table?.warnings.slice(0, 3).map((warning) => (
          <Notice key={warning}>{warning}</Notice>
        ))}
        {sample?.notes.map((note) => (
          <Notice key={note}>{note}</Notice>
        ))}
        <How state={state} />
        {table !== null && <Limits table={table} state={state} />}
        {sample !== null && <Statistics sample={sample} />}
      </div>
      <Save />
    </aside>
  );
}
