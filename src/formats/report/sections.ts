import { METRICS, metricOf, metricText, metricWithUnit } from "#src/domain/records/metrics.ts";
import type { MetricId } from "#src/domain/records/metrics.ts";
import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import type { ReportInput, SessionReportData } from "#src/domain/records/sessionReport.ts";
import { metricHistogram } from "#src/math/overview/metricHistogram.ts";
import { medianOf } from "#src/math/overview/movingMedian.ts";
import { changeNotices, monitorNotices, seriesOf } from "#src/math/overview/notices.ts";
import { findOutliers, outlierRuns, outlierRunText } from "#src/math/overview/outliers.ts";
import { movieLabels } from "#src/domain/records/movieLabels.ts";
import { isAccepted, shownState, stateCounts } from "#src/math/overview/rowOrder.ts";
import { countBeyond } from "#src/math/overview/thresholds.ts";
import { counted, dateTime, escape, figure, number, pairsTable, timeOfDay } from "./html.ts";
import { histogramSvg, trackSvg, trendSvg } from "./plots.ts";

/** What stands where a part has no results: never an empty heading. */
const none = (sentence: string): string => `<p class="none">${escape(sentence)}</p>`;

const GLYPHS = {
  pass: '<circle cx="7" cy="7" r="6" fill="currentColor"/><path d="m4.2 7.2 2 2 3.7-4.2" stroke="#fff" stroke-width="1.6" fill="none"/>',
  warn: '<path d="M7 1 13.4 12.5H.6z" fill="currentColor"/><path d="M7 5v3.6M7 10.2v.8" stroke="#fff" stroke-width="1.6"/>',
  undecided:
    '<circle cx="7" cy="7" r="5.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.6 2"/><path d="M4.6 7h4.8" stroke="currentColor" stroke-width="1.5"/>',
} as const;

function verdictLine(kind: keyof typeof GLYPHS, text: string): string {
  return `<div class="verdict ${kind}"><svg viewBox="0 0 14 14" aria-hidden="true">${GLYPHS[kind]}</svg><span>${escape(text)}</span></div>`;
}

const times = (rows: readonly OverviewRow[]): number[] =>
  rows.flatMap(({ acquiredAt }) => (acquiredAt === null ? [] : [acquiredAt]));

/** Largest and least of many; no spreading, which has a limit. */
function extremes(values: readonly number[]): [low: number, high: number] {
  return values.reduce(
    ([low, high], v) => [Math.min(low, v), Math.max(high, v)],
    [Infinity, -Infinity],
  );
}

/** Groups of files of the same content that are named at most. */
const MOST_COPIES = 5;

/** Files of which another is a copy, by their hashes, in words; null = none. */
function copiesText(inputs: readonly ReportInput[]): string | null {
  const byHash = new Map<string, string[]>();
  for (const { name, sha256 } of inputs)
    if (sha256 !== null) byHash.set(sha256, [...(byHash.get(sha256) ?? []), name]);
  const groups = [...byHash.values()].filter((names) => names.length > 1);
  if (groups.length === 0) return null;
  const more = groups.length - MOST_COPIES;
  return [
    ...groups.slice(0, MOST_COPIES).map((names) => names.join(" = ")),
    ...(more > 0 ? [`${number(more, 0)} more`] : []),
  ].join("; ");
}

export function summarySection(data: SessionReportData): string {
  const { rows, acquisition: a, zone } = data;
  const counts = stateCounts(rows);
  const all = times(rows);
  const [from, to] = extremes(all);
  const keys: [string, string][] = [
    [number(rows.length, 0), rows.length === 1 ? "movie" : "movies"],
    [number(rows.filter(isAccepted).length, 0), "accepted"],
    [number(counts.filtered, 0), "filtered out"],
    [number(counts.deselected, 0), "rejected by hand"],
    [number(counts.failed, 0), "failed"],
  ];
  if (counts.outdated > 0) keys.push([number(counts.outdated, 0), "outdated"]);
  const open = counts.unprocessed + counts.running;
  if (open > 0) keys.push([number(open, 0), "not processed"]);
  const pairs: [string, string][] = [];
  if (all.length > 1)
    pairs.push([
      "Acquired",
      `${dateTime(from, zone)} to ${dateTime(from, zone).slice(0, 10) === dateTime(to, zone).slice(0, 10) ? timeOfDay(to, zone) : dateTime(to, zone)}`,
    ]);
  if (a.width !== null && a.height !== null)
    pairs.push([
      "Movies",
      `${a.format === null ? "" : `${a.format}, `}${a.frames === null ? "" : `${number(a.frames, 0)} frames of `}${number(a.width, 0)} × ${number(a.height, 0)} px`,
    ]);
  if (a.pixelSizeA !== null) pairs.push(["Pixel size", `${number(a.pixelSizeA, 3)} Å`]);
  if (a.dosePerFrame !== null)
    pairs.push([
      "Exposure",
      `${number(a.dosePerFrame, 2)} e⁻/Å² a frame${a.frames === null ? "" : `, ${number(a.dosePerFrame * a.frames, 1)} in all`}`,
    ]);
  if (a.voltageKv !== null) pairs.push(["Voltage", `${number(a.voltageKv, 0)} kV`]);
  const copies = copiesText(data.provenance.inputs);
  if (copies !== null) pairs.push(["Same content", copies]);
  const keyHtml = keys
    .map(([value, word]) => `<div><b>${value}</b><span>${escape(word)}</span></div>`)
    .join("");
  return `<div class="keys">${keyHtml}</div>${pairs.length === 0 ? "" : pairsTable(pairs)}`;
}

export function gainSection({ gain, rows }: SessionReportData): string {
  const measured = rows.filter(({ metrics }) => metrics.gainSd !== null).length;
  if (gain === null)
    return none(
      measured === 0
        ? "No gain was estimated in this session."
        : `Numbers of ${counted(measured, "movie")} are kept, under Stability; verdict and histogram are those of an estimate made anew.`,
    );
  const { verdict, statistics: s, histogram, flatHistogram } = gain;
  const kind = verdict.answer === "not-decidable" ? "undecided" : verdict.answer;
  const checks = verdict.checks
    .map(
      (check) =>
        `<tr><th scope="row">${escape(check.title)}</th><td class="n">${number(check.raw, 3)}</td><td class="n">${number(check.signal, 3)}</td><td class="n">${number(check.limit, 2)}</td><td>${escape(check.answer === "not-decidable" ? "not decidable" : check.answer)}</td></tr>`,
    )
    .join("");
  const what = gain.residual ? "Residual pixel gain G" : "Pixel gain G";
  const step = (histogram.to - histogram.from) / Math.max(1, histogram.counts.length);
  const plot = histogramSvg({
    label: `Histogram of ${what}`,
    xTitle: "pixel gain G",
    from: histogram.from,
    to: histogram.from + step * histogram.counts.length,
    counts: histogram.counts,
    curve: flatHistogram === null ? null : { counts: flatHistogram, text: "flat detector" },
    marks: [
      { at: s.p2_5, text: `2.5 %: ${number(s.p2_5, 3)}` },
      { at: s.p97_5, text: `97.5 %: ${number(s.p97_5, 3)}` },
    ],
    squareRoot: false,
  });
  return [
    verdictLine(kind, verdict.text),
    pairsTable([
      ["Reference", gain.reference ?? "none"],
      ["Orientation of the reference", gain.orientation ?? "not searched for"],
      [gain.residual ? "Residual of" : "Estimated from", gain.of],
      ["What the method sees", verdict.scope],
      ["Noise floor of the sd", number(gain.noiseFloor, 4)],
    ]),
    `<table><thead><tr><th scope="col">check</th><th scope="col" class="n">as read</th><th scope="col" class="n">signal, noise taken off</th><th scope="col" class="n">limit</th><th scope="col">answer</th></tr></thead><tbody>${checks}</tbody></table>`,
    `<table><thead><tr>${["mean", "sd", "min", "2.5 %", "25 %", "50 %", "75 %", "97.5 %", "max"].map((head) => `<th scope="col" class="n">${head}</th>`).join("")}</tr></thead><tbody><tr>${[s.mean, s.std, s.min, s.p2_5, s.p25, s.p50, s.p75, s.p97_5, s.max].map((v) => `<td class="n">${number(v, 3)}</td>`).join("")}</tr></tbody></table>`,
    figure(
      plot,
      `${what} of ${gain.of}; bars: pixels${flatHistogram === null ? "" : ", dashed: a flat detector with these counts"}.`,
    ),
  ].join("");
}

const TRENDS: readonly MetricId[] = [
  "gainSd",
  "gainSpread",
  "meanCounts",
  "driftA",
  "earlyA",
  "lateA",
  "defocusA",
];

/** Lasting changes are not looked for in the defocus, which is changed on purpose. */
const CHANGING: readonly MetricId[] = ["gainSd", "meanCounts", "driftA", "resolutionA"];

export function stabilitySection(data: SessionReportData): string {
  const { rows, thresholds, zone } = data;
  const shown = TRENDS.filter((id) => seriesOf(id, rows).length >= 3);
  if (shown.length === 0) return none("Fewer than three movies have numbers to compare.");
  const all = times(rows);
  const [from, to] = extremes(all);
  const timed = all.length === rows.length && to - from > 1000 * rows.length;
  const axis = timed
    ? ({ kind: "time", from, to } as const)
    : ({ kind: "order", from: 1, to: Math.max(2, rows.length) } as const);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const clock = (id: string): string => {
    const at = byId.get(id)?.acquiredAt ?? null;
    return at === null ? "" : timeOfDay(at, zone);
  };
  const residual = data.gain?.residual ?? false;
  const findings = [
    ...CHANGING.flatMap((id) =>
      changeNotices(id, seriesOf(id, rows), rows.length, clock, residual).map(
        ({ title, detail }) => `${title} ${detail}`,
      ),
    ),
    ...monitorNotices(rows, thresholds.limits).map(({ text }) => text),
  ];
  const plots = shown.map((id) => {
    const { title, unit, scale } = metricOf(id);
    const series = seriesOf(id, rows);
    const limit = thresholds.limits[id];
    const far = new Set(findOutliers(id, series).map((o) => o.id));
    return trendSvg({
      title,
      unit,
      scale,
      x: series.map((p) => (timed ? (byId.get(p.id)?.acquiredAt ?? from) : p.order)),
      values: series.map((p) => p.value),
      far: series.map((p) => far.has(p.id)),
      limit,
      limitTexts: [limit?.low ?? null, limit?.high ?? null]
        .filter((bound) => bound !== null)
        .map((bound) => metricWithUnit(id, bound)),
      axis,
      zone,
    });
  });
  const list =
    findings.length === 0
      ? "<p>No lasting change was found, and no limit is exceeded.</p>"
      : `<ul>${findings.map((text) => `<li>${escape(text)}</li>`).join("")}</ul>`;
  const caption =
    "dots: movies; blue: running median; dashed: limit; filled triangles: beyond it; open triangles: far from the session.";
  return `${list}${plots.map((plot, i) => figure(plot, i === plots.length - 1 ? `Over the acquisition; ${caption}` : "")).join("")}`;
}

const MOTION: readonly MetricId[] = ["driftA", "earlyA", "lateA", "localRmsA"];

export function motionSection({ rows, thresholds }: SessionReportData): string {
  const lines = MOTION.flatMap((id) => {
    const values = rows.flatMap(({ metrics }) => (metrics[id] === null ? [] : [metrics[id]]));
    if (values.length === 0) return [];
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share: number): string =>
      metricText(id, sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
    const { out } = countBeyond(values, thresholds.limits[id]);
    const cells = [
      number(values.length, 0),
      metricText(id, medianOf(values)),
      at(0.05),
      at(0.95),
      metricText(id, sorted[sorted.length - 1]),
      thresholds.limits[id] === undefined ? "–" : number(out, 0),
    ];
    return [
      `<tr><th scope="row">${escape(metricOf(id).title)}, Å</th>${cells.map((cell) => `<td class="n">${cell}</td>`).join("")}</tr>`,
    ];
  });
  if (lines.length === 0)
    return none("No movie was aligned in this session, or no pixel size is known.");
  const drift = rows.map(({ metrics }) => metrics.driftA);
  const histogram = metricHistogram(drift, []);
  const labelOf = movieLabels(rows);
  const tracked = rows.flatMap((row) =>
    row.track === null || row.track.x.length < 2 || row.metrics.driftA === null
      ? []
      : [{ name: labelOf(row), ...row.track, drift: row.metrics.driftA }],
  );
  const byDrift = [...tracked].sort((a, b) => a.drift - b.drift);
  const picked = [
    ...new Set([0, 0.2, 0.4, 0.6, 0.8, 1].map((q) => Math.round(q * (byDrift.length - 1)))),
  ];
  return [
    `<table><thead><tr><th scope="col">number</th>${["movies", "median", "5 %", "95 %", "largest", "out"].map((head) => `<th scope="col" class="n">${head}</th>`).join("")}</tr></thead><tbody>${lines.join("")}</tbody></table>`,
    histogram === null
      ? ""
      : figure(
          histogramSvg({
            label: "Histogram of the total drift",
            xTitle: "total drift, Å",
            from: histogram.from,
            to: histogram.to,
            counts: histogram.counts,
            curve: null,
            marks: [],
            squareRoot: true,
          }),
          "Total drift of the movies; heights are square roots of counts.",
        ),
    byDrift.length === 0
      ? ""
      : figure(
          trackSvg(picked.map((i) => byDrift[i])),
          `Mean motion of ${counted(picked.length, "movie")} from the least drift to the most, one scale; the dot is the first frame, y down.`,
        ),
  ].join("");
}

/** Rows of the table of flagged movies that are printed; more are counted. */
const MOST_FLAGGED = 200;
const COLUMNS: readonly MetricId[] = ["gainSd", "driftA", "earlyA", "meanCounts", "defocusA"];

export function flaggedSection({ rows, thresholds }: SessionReportData): string {
  // Motion in all stands before its parts: a movie is named once for it.
  const named = new Set<string>();
  const findings = METRICS.flatMap(({ id }) => {
    if (id === "defocusA") return [];
    const runs = outlierRuns(id, findOutliers(id, seriesOf(id, rows)));
    const motion = id === "driftA" || id === "earlyA" || id === "lateA";
    const told = runs.filter(({ outliers }) => !motion || outliers.some((o) => !named.has(o.id)));
    if (motion) for (const run of told) for (const o of run.outliers) named.add(o.id);
    return told.map(outlierRunText);
  });
  const flagged = rows.filter((row) => {
    const state = shownState(row);
    return (
      state === "filtered" || state === "deselected" || state === "failed" || row.flags.length > 0
    );
  });
  if (flagged.length === 0 && findings.length === 0)
    return none("No movie is filtered out, rejected, failed or far from the others.");
  const labelOf = movieLabels(rows);
  const columns = COLUMNS.filter((id) => rows.some(({ metrics }) => metrics[id] !== null));
  const body = flagged.slice(0, MOST_FLAGGED).map((row) => {
    const why =
      row.failure?.text ??
      [row.reason, ...row.flags]
        .filter((text) => text !== "")
        .map((text) => text.replace(/\.$/, ""))
        .join("; ");
    const cells = columns.map(
      (id) =>
        `<td class="n${row.beyond.includes(id) && thresholds.limits[id] !== undefined ? " out" : ""}">${metricText(id, row.metrics[id])}</td>`,
    );
    return `<tr><td class="n">${number(row.order, 0)}</td><td class="name">${escape(labelOf(row))}</td><td class="word">${escape(STATES[shownState(row)])}</td>${cells.join("")}</tr>${why === "" ? "" : `<tr class="why"><td></td><td colspan="${columns.length + 2}"><div>${escape(why)}</div></td></tr>`}`;
  });
  const heads = columns.map((id) => {
    const { short, unit } = metricOf(id);
    return `<th scope="col" class="n">${escape(unit === "" || short.includes("Å") ? short : `${short}, ${unit}`)}</th>`;
  });
  const more = flagged.length - MOST_FLAGGED;
  return [
    findings.length === 0
      ? ""
      : `<h3>Far from their session</h3><ul>${findings
          .slice(0, 30)
          .map((text) => `<li>${escape(text)}</li>`)
          .join(
            "",
          )}</ul>${findings.length > 30 ? `<p class="none">${number(findings.length - 30, 0)} more are not printed.</p>` : ""}`,
    flagged.length === 0
      ? ""
      : `<h3>${counted(flagged.length, "flagged movie")}</h3><table class="flagged"><thead><tr><th scope="col" class="n">no.</th><th scope="col">movie</th><th scope="col">state</th>${heads.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
    more > 0 ? `<p class="none">${counted(more, "more movie")} in movies.csv.</p>` : "",
  ].join("");
}

const STATES: Readonly<Record<ReturnType<typeof shownState>, string>> = {
  processed: "processed",
  unprocessed: "unprocessed",
  outdated: "outdated",
  filtered: "filtered out",
  deselected: "rejected",
  failed: "failed",
  running: "running",
};
