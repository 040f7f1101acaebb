import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { Plot } from "../shared/Plot.tsx";
import type { PlotMark, Series } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";

/** Part of the plot's width that the words of a percentile take; its value stands in the table below. */
const LABEL_SHARE = 0.12;
/** The limit is a short solid line, so that it is told from the percentiles, part of the plot's height. */
const LIMIT_HEIGHT = 0.3;

/** Distribution of G with its percentiles, and the curve of a flat detector with these counts. */
export function GainHistogram({ report }: { report: GainReport }) {
  const { histogram, flatHistogram, statistics } = report;
  const step = (histogram.to - histogram.from) / histogram.counts.length;
  const x = histogram.counts.map((_, i) => histogram.from + (i + 0.5) * step);
  const most = Math.max(...histogram.counts, 1);
  // A flat detector may stand much higher: what does not fit is cut.
  const top = Math.min(1.6 * most, Math.max(most, ...(flatHistogram ?? [0]))) * 1.25;
  const series: Series[] = [
    { name: "G", kind: "area", colour: "--accent", x, y: histogram.counts },
    ...(flatHistogram === null
      ? []
      : [
          {
            name: "flat detector, these counts",
            kind: "line",
            colour: "--before",
            dash: true,
            x,
            y: flatHistogram,
          } as const,
        ]),
  ];
  // Percentiles close to an end or to each other still find room for their words.
  const along = (value: number): number =>
    (value - histogram.from) / (histogram.to - histogram.from);
  const { p2_5, p97_5 } = statistics;
  const apart = along(p97_5) - along(p2_5);
  const marks: PlotMark[] = [
    {
      axis: "x",
      at: p2_5,
      text: "2.5 %",
      side: along(p2_5) < LABEL_SHARE && apart > LABEL_SHARE ? "right" : "left",
    },
    {
      axis: "x",
      at: p97_5,
      text: "97.5 %",
      side: along(p97_5) > 1 - LABEL_SHARE && apart > LABEL_SHARE ? "left" : "right",
    },
  ];
  const limit = p2_5 * GAIN_LIMITS.spread;
  if (limit < histogram.to)
    marks.push({ axis: "x", at: limit, text: "", dash: false, height: LIMIT_HEIGHT });
  const movies =
    report.movies.length > 1 ? `all ${integer(report.movies.length)} movies` : "this movie";
  return (
    <>
      <p className="plot-key">
        <span data-key="area">{movies}</span>
        {flatHistogram !== null && <span data-key="dash">flat detector with these counts</span>}
        {limit < histogram.to && (
          <span data-key="limit">
            limit of 97.5 %: {fixed(GAIN_LIMITS.spread, 2)} × {fixed(p2_5, 3)} = {fixed(limit, 3)}
          </span>
        )}
      </p>
      <Plot
        name={`${report.name}_G_histogram`}
        summary={`Histogram of pixel gain G: half of the pixels lie between ${fixed(statistics.p25, 3)} and ${fixed(statistics.p75, 3)}, 95 % between ${fixed(statistics.p2_5, 3)} and ${fixed(statistics.p97_5, 3)}.`}
        xTitle="pixel gain G"
        yTitle="pixels"
        hideY
        height={176}
        series={series}
        marks={marks}
        xRange={[histogram.from, histogram.to]}
        yRange={[0, top]}
      />
    </>
  );
}
