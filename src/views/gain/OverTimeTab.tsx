import {
  densityOf,
  FIGURE_TITLES,
  figureOf,
  findingsOf,
  smoothCourse,
} from "#src/state/overTime.ts";
import type { TimedReport, WatchedFigure } from "#src/state/overTime.ts";
import { moviesOf } from "#src/state/sessionSlice.ts";
import { useAppState } from "../AppContext.tsx";
import { Empty, Notice, Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import type { PlotLabel, Series } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";
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

function FigureOverTime({ figure, rows }: { figure: WatchedFigure; rows: readonly TimedReport[] }) {
  const limit = useAppState((s) => s.protocol.limits[figure]);
  const title = FIGURE_TITLES[figure];
  const x = rows.map((row) => row.at);
  const y = rows.map((row) => figureOf(figure, row.report));
  const out = rows.filter((_, i) => y[i] > limit);
  const course = smoothCourse(x, y);
  return (
    <Section title={title} caption={`${integer(rows.length)} movies; line: robust smooth`}>
      <Plot
        name={`over_time_${figure}`}
        summary={`${title} of ${integer(rows.length)} movies, from ${fixed(Math.min(...y), 3)} to ${fixed(Math.max(...y), 3)}; the limit is ${fixed(limit, 3)}, ${integer(out.length)} are above it.`}
        xTitle="movie, in order of acquisition"
        yTitle=""
        wholeX
        height={150}
        series={[
          { name: `${title}, movies`, kind: "points", colour: "--before", x, y },
          {
            name: `${title}, above the limit`,
            kind: "points",
            colour: "--warn",
            x: out.map((row) => row.at),
            y: out.map((row) => figureOf(figure, row.report)),
          },
          { name: `${title}, smooth`, kind: "line", colour: "--accent", ...course },
        ]}
        marks={[{ axis: "y", at: limit, text: `limit ${fixed(limit, 3)}` }]}
      />
      <ThresholdSlider figure={figure} values={y} />
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

/** First, last and selected movie over each other: a drift widens, shifts or skews the histogram. */
function Histograms({ rows, selected }: { rows: readonly TimedReport[]; selected: string | null }) {
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const chosen = rows.find(({ report }) => report.id === selected);
  const shown = [
    { row: first, word: "first", colour: "--before", dash: true } as const,
    { row: last, word: "last", colour: "--series-y", dash: true } as const,
    ...(chosen === undefined || chosen === first || chosen === last
      ? []
      : [{ row: chosen, word: "selected", colour: "--accent", dash: false } as const]),
  ];
  return (
    <Section
      title="Histograms of G"
      caption={shown.map(({ row, word }) => `${word}: movie ${integer(row.at)}`).join(", ")}
    >
      <Plot
        name="over_time_histograms"
        summary={`Histograms of pixel gain G of ${shown.map(({ row, word }) => `the ${word} movie, ${row.report.name}`).join(", ")}.`}
        xTitle="pixel gain G"
        yTitle="density"
        hideY
        height={170}
        series={shown.map(({ row, word, colour, dash }) => ({
          name: `${word}: ${row.report.name}`,
          kind: "line" as const,
          colour,
          dash,
          ...densityOf(row.report),
        }))}
        labels={shown.map(({ row, word, colour }, i) => {
          const { x, y } = densityOf(row.report);
          const top = y.indexOf(Math.max(...y));
          return {
            x: x[top],
            y: y[top] * (1 - 0.14 * i),
            text: word,
            colour,
            anchor: i % 2 === 0 ? ("right" as const) : ("left" as const),
          };
        })}
      />
    </Section>
  );
}
