import { GAIN_LIMITS } from "#src/domain/gain.ts";
import { moviesOf } from "#src/state/sessionSlice.ts";
import { useAppState } from "../AppContext.tsx";
import { Empty, Section } from "../shared/PanelParts.tsx";
import { Plot } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";

/** The figures of every movie in order of acquisition, with the paper's limits. */
export function OverTimeTab() {
  const session = useAppState((s) => s.session);
  const reports = useAppState((s) => s.gain.reports);
  const rows = moviesOf(session).flatMap((file, i) =>
    reports[file.id] === undefined ? [] : [{ at: i + 1, report: reports[file.id] }],
  );
  if (rows.length < 2)
    return <Empty>Estimate the gain of at least two movies to see it over time.</Empty>;
  const x = rows.map((row) => row.at);
  const figures = [
    {
      title: "sd of pixel gain G",
      limit: GAIN_LIMITS.std,
      y: rows.map((r) => r.report.statistics.std),
    },
    {
      title: "p97.5 / p2.5",
      limit: GAIN_LIMITS.spread,
      y: rows.map((r) => r.report.statistics.p97_5 / r.report.statistics.p2_5),
    },
    {
      title: "max / p97.5",
      limit: GAIN_LIMITS.peak,
      y: rows.map((r) => r.report.statistics.max / r.report.statistics.p97_5),
    },
  ];
  return (
    <>
      {figures.map(({ title, limit, y }) => (
        <Section key={title} title={title} caption={`${integer(rows.length)} movies`}>
          <Plot
            name={`over_time_${title.replace(/\W+/g, "_")}`}
            summary={`${title} of ${integer(rows.length)} movies, from ${fixed(Math.min(...y), 3)} to ${fixed(Math.max(...y), 3)}; the limit is ${fixed(limit, 3)}.`}
            xTitle="movie, in order of acquisition"
            yTitle=""
            height={150}
            wholeX
            series={[
              { name: title, kind: "line", colour: "--accent", x, y },
              { name: `${title}, movies`, kind: "points", colour: "--accent", x, y },
            ]}
            marks={[{ axis: "y", at: limit, text: `limit ${fixed(limit, 3)}` }]}
          />
        </Section>
      ))}
    </>
  );
}
