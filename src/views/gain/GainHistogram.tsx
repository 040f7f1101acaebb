import { GAIN_LIMITS } from "#src/domain/gain.ts";
import type { GainReport } from "#src/domain/gainReport.ts";
import { Plot } from "../shared/Plot.tsx";
import type { PlotLabel, PlotMark, Series } from "../shared/Plot.tsx";
import { fixed, integer } from "../shared/format.ts";

/** Distribution of G with its percentiles, and the curve of a flat detector with these counts. */
export function GainHistogram({ report }: { report: GainReport }) {
  const { histogram, flatHistogram, statistics } = report;
  const step = (histogram.to - histogram.from) / histogram.counts.length;
  const x = histogram.counts.map((_, i) => histogram.from + (i + 0.5) * step);
  const most = Math.max(...histogram.counts, 1);
  // A flat detector may stand much higher: what does not fit is cut, its word stays below the top.
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
  const marks: PlotMark[] = [
    { axis: "x", at: statistics.p2_5, text: `2.5 %: ${fixed(statistics.p2_5, 3)}`, side: "left" },
    { axis: "x", at: statistics.p97_5, text: `97.5 %: ${fixed(statistics.p97_5, 3)}` },
  ];
  const spreadLimit = statistics.p2_5 * GAIN_LIMITS.spread;
  if (spreadLimit < histogram.to)
    marks.push({
      axis: "x",
      at: spreadLimit,
      text: `limit: ${fixed(GAIN_LIMITS.spread, 2)} × 2.5 %`,
      height: 0.3,
      side:
        spreadLimit > histogram.from + 0.72 * (histogram.to - histogram.from) ? "left" : "right",
    });
  const labels: PlotLabel[] = [];
  const peak = histogram.counts.indexOf(Math.max(...histogram.counts));
  const shoulder = histogram.counts.findIndex((c, i) => i > peak && c < 0.85 * most);
  if (shoulder > 0)
    labels.push({
      x: x[shoulder] + 2 * step,
      y: histogram.counts[shoulder],
      text: report.movies.length > 1 ? `all ${integer(report.movies.length)} movies` : "this movie",
      colour: "--accent",
      strong: true,
    });
  if (flatHistogram !== null) {
    const left = flatHistogram.findIndex(
      (c) => c > 0.45 * Math.min(top, Math.max(...flatHistogram)),
    );
    const room = left > 0.34 * x.length;
    if (!room)
      // A curve broader than the picture: its word stands above it at the left end.
      labels.push({
        x: x[3],
        y: Math.min(flatHistogram[3] + 0.14 * top, 0.8 * top),
        text: "flat detector, these counts",
        colour: "--text-3",
      });
    else
      labels.push({
        x: x[left] - 2 * step,
        y: Math.min(flatHistogram[left], 0.6 * top),
        text: "flat detector, these counts",
        colour: "--text-3",
        anchor: "right",
      });
  }
  return (
    <Plot
      name={`${report.name}_G_histogram`}
      summary={`Histogram of pixel gain G: half of the pixels lie between ${fixed(statistics.p25, 3)} and ${fixed(statistics.p75, 3)}, 95 % between ${fixed(statistics.p2_5, 3)} and ${fixed(statistics.p97_5, 3)}.`}
      xTitle="pixel gain G"
      yTitle="pixels"
      hideY
      height={176}
      series={series}
      marks={marks}
      labels={labels}
      xRange={[histogram.from, histogram.to]}
      yRange={[0, top]}
    />
  );
}
