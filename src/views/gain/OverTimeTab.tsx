import { MultiSelect } from "@mantine/core";
import { GAIN_LIMITS } from "#src/domain/gain.ts";
import {
  beyondSetLimits,
  densityOf,
  FIGURE_TITLES,
  figureOf,
  findingsOf,
  isBeyond,
  smoothCourse,
} from "#src/state/overTime.ts";
import type { TimedReport, WatchedFigure } from "#src/state/overTime.ts";
import { moviesOf } from "#src/state/sessionState.ts";
import { useActions, useAppState } from "../AppContext.tsx";
import { IconButton } from "../shared/Choice.tsx";
import { Empty, Notice, Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import type { PlotLabel, Series } from "../shared/Plot.tsx";
import { counted, fixed, integer } from "../shared/format.ts";
import { useShortcuts } from "../shared/useShortcuts.ts";
import { ThresholdSlider } from "./ThresholdSlider.tsx";

const FIGURES: readonly WatchedFigure[] = ["std", "spread", "peak"];
const PERCENTILES = [
  ["p97_5", "97.5 %"],
  ["p75", "75 %"],
  ["p50", "50 %"],
  ["p25", "25 %"],
  ["p2_5", "2.5 %"],
] as const;

/** How the gain goes over the acquisition: figures with limits, percentiles, histograms of movies. */
export function OverTimeTab() {
  const session = useAppState((s) => s.session);
  const reports = useAppState((s) => s.gain.reports);
  const rows: TimedReport[] = moviesOf(session).flatMap((file, i) =>
    reports[file.id] === undefined ? [] : [{ at: i + 1, report: reports[file.id] }],
  );
  if (rows.length < 2)
    return <Empty>Estimate the gain of at least two movies to see it over time.</Empty>;
  return (
    <>
      <OverTimeHead rows={rows} />
      {findingsOf(rows).map((finding) => (
        <Notice key={finding}>{finding}</Notice>
      ))}
      {FIGURES.map((figure) => (
        <FigureOverTime key={figure} figure={figure} rows={rows} />
      ))}
      <Percentiles rows={rows} />
      <Histograms rows={rows} selected={session.selected} />
    </>
  );
}

/** What is watched, and the one undo of all its limits. */
function OverTimeHead({ rows }: { rows: readonly TimedReport[] }) {
  const limits = useAppState((s) => s.protocol.limits);
  const past = useAppState((s) => s.protocol.pastLimits.length);
  const { undoGainLimits } = useActions();
  useShortcuts({ "Ctrl+z": () => undoGainLimits() });
  const filtered = rows.filter(({ report }) => beyondSetLimits(limits, report).length > 0).length;
  const residual = rows.filter(({ report }) => report.residual).length;
  return (
    <div className="over-time-head">
      <span className="caption">
        {residual === rows.length
          ? "Residual gains"
          : residual === 0
            ? "Estimated gains"
            : `${integer(residual)} residual and ${integer(rows.length - residual)} estimated gains`}
        {` of ${counted(rows.length, "movie")}`}
        {filtered > 0 && `; ${integer(filtered)} filtered by the limits set`}
      </span>
      <span className="spacer" />
      <IconButton
        icon="undo"
        label="Undo the last change of a limit"
        shortcut="Ctrl Z"
        disabled={past === 0}
        onClick={() => undoGainLimits()}
      />
    </div>
  );
}

function FigureOverTime({ figure, rows }: { figure: WatchedFigure; rows: readonly TimedReport[] }) {
  const limit = useAppState((s) => s.protocol.limits[figure]);
  const title = FIGURE_TITLES[figure];
  const x = rows.map((row) => row.at);
  const y = rows.map((row) => figureOf(figure, row.report));
  const out = rows.filter(({ report }) => isBeyond(figure, limit, report));
  const floors = rows.map(({ report }) => report.floors[figure]);
  const noise = floors.every((f) => f !== null) ? smoothCourse(x, floors) : null;
  const paper = limit === GAIN_LIMITS[figure];
  const course = smoothCourse(x, y);
  return (
    <Section
      title={title}
      caption={`as read; line: robust smooth${noise === null ? "" : "; dashed: noise alone"}`}
    >
      <Plot
        name={`over_time_${figure}`}
        summary={`${title} of ${integer(rows.length)} movies, from ${fixed(Math.min(...y), 3)} to ${fixed(Math.max(...y), 3)}; the limit is ${fixed(limit, 3)}, ${integer(out.length)} ${paper ? "exceed it with their noise taken off" : "are above it"}.`}
        xTitle="movie, in order of acquisition"
        yTitle=""
        wholeX
        height={150}
        series={[
          { name: `${title}, movies`, kind: "points", colour: "--before", x, y },
          {
            name: `${title}, above the limit`,
            kind: "outliers",
            colour: "--warn",
            x: out.map((row) => row.at),
            y: out.map((row) => figureOf(figure, row.report)),
          },
          ...(noise === null
            ? []
            : [
                {
                  name: `${title} of a flat detector with these counts`,
                  kind: "line" as const,
                  colour: "--before" as const,
                  dash: true,
                  ...noise,
                },
              ]),
          { name: `${title}, smooth`, kind: "line", colour: "--accent", ...course },
        ]}
        marks={[
          {
            axis: "y",
            at: limit,
            text: paper ? `paper's limit ${fixed(limit, 3)}` : `limit ${fixed(limit, 3)}`,
          },
        ]}
      />
      <ThresholdSlider figure={figure} rows={rows} />
    </Section>
  );
}

function Percentiles({ rows }: { rows: readonly TimedReport[] }) {
  const x = rows.map((row) => row.at);
  const last = x[x.length - 1];
  const series: Series[] = [];
  const labels: PlotLabel[] = [];
  for (const [key, text] of PERCENTILES) {
    const course = smoothCourse(
      x,
      rows.map(({ report }) => report.statistics[key]),
    );
    const outer = key === "p2_5" || key === "p97_5";
    const colour = key === "p50" ? "--accent" : "--before";
    series.push({ name: text, kind: "line", colour, dash: outer, ...course });
    if (key !== "p25" && key !== "p75")
      labels.push({
        x: last,
        y: course.y[course.y.length - 1],
        text,
        colour: key === "p50" ? "--accent" : "--text-3",
        anchor: "right",
      });
  }
  return (
    <Section title="Percentiles of G" caption="robust smooth over movies">
      <Plot
        name="over_time_percentiles"
        summary={`Percentiles 2.5, 25, 50, 75 and 97.5 of pixel gain G over ${integer(rows.length)} movies.`}
        xTitle="movie, in order of acquisition"
        yTitle="pixel gain G"
        wholeX
        height={170}
        series={series}
        labels={labels}
      />
    </Section>
  );
}

const CHOSEN_COLOURS = ["--series-z", "--text", "--text-3"] as const;

/** First, last, selected and chosen movies over each other: a drift widens, shifts or skews the histogram. */
function Histograms({ rows, selected }: { rows: readonly TimedReport[]; selected: string | null }) {
  const compared = useAppState((s) => s.protocol.compared);
  const { compareHistograms } = useActions();
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const current = rows.find(({ report }) => report.id === selected);
  const others = compared.flatMap((id) => rows.find(({ report }) => report.id === id) ?? []);
  const shown = [
    { row: first, word: "first", colour: "--before", dash: true } as const,
    { row: last, word: "last", colour: "--series-y", dash: true } as const,
    ...others.map((row, i) => ({
      row,
      word: integer(row.at),
      colour: CHOSEN_COLOURS[i % CHOSEN_COLOURS.length],
      dash: false,
    })),
    ...(current === undefined || [first, last, ...others].includes(current)
      ? []
      : [{ row: current, word: "selected", colour: "--accent", dash: false } as const]),
  ];
  const densities = shown.map(({ row }) => densityOf(row.report));
  const right = Math.max(...densities.map(({ x }) => x[x.length - 1]));
  const top = Math.max(...densities.flatMap(({ y }) => y));
  return (
    <Section title="Histograms of G" caption="densities over good pixels">
      <MultiSelect
        aria-label="Movies whose histograms are laid over"
        size="xs"
        mb={6}
        searchable
        clearable
        maxValues={CHOSEN_COLOURS.length}
        placeholder={others.length === 0 ? "Lay further movies over them" : ""}
        data={rows.map(({ at, report }) => ({
          value: report.id,
          label: `${integer(at)}: ${report.name}`,
        }))}
        value={others.map(({ report }) => report.id)}
        onChange={compareHistograms}
      />
      <Plot
        name="over_time_histograms"
        summary={`Histograms of pixel gain G of ${shown.map(({ row, word }) => `the ${word} movie, ${row.report.name}`).join(", ")}.`}
        xTitle="pixel gain G"
        yTitle="density"
        hideY
        height={170}
        series={shown.map(({ row, word, colour, dash }, i) => ({
          name: `${word}: ${row.report.name}`,
          kind: "line" as const,
          colour,
          dash,
          ...densities[i],
        }))}
        labels={shown.map(({ row, word, colour }, i) => ({
          x: right,
          y: top * (1 - 0.15 * i),
          text: word === integer(row.at) ? `movie ${word}` : `${word}: movie ${integer(row.at)}`,
          colour,
          anchor: "right" as const,
        }))}
      />
    </Section>
  );
}
