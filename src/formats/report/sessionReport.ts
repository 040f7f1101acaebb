import type { OverviewRow } from "#src/domain/records/movieRecord.ts";
import { REPORT_PARTS, REPORT_PART_TITLES } from "#src/domain/records/sessionReport.ts";
import type {
  ReportPart,
  ReportPicture,
  SessionReportData,
} from "#src/domain/records/sessionReport.ts";
import { greyPngUrl } from "../png/greyPng.ts";
import { bytes, counted, dateTime, duration, escape, figure, number, pairsTable } from "./html.ts";
import { methodsText } from "./methods.ts";
import type { MethodsText } from "./methods.ts";
import { sampleSvg } from "./plots.ts";
import {
  flaggedSection,
  gainSection,
  motionSection,
  stabilitySection,
  summarySection,
} from "./sections.ts";
import { REPORT_STYLE } from "./style.ts";

const STEP_TITLES = {
  orientation: "Orientation",
  gain: "Gain",
  motion: "Motion",
  preprocess: "Preprocessing",
  sampling: "Sampling",
} as const;

function picturesSection({ pictures }: SessionReportData): string {
  if (pictures.length === 0)
    return '<p class="none">No pictures were kept. A results folder keeps those of all movies.</p>';
  const groups: ReportPicture[][] = [];
  for (const picture of pictures) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].group === picture.group) last.push(picture);
    else groups.push([picture]);
  }
  return groups
    .map(
      (group) =>
        `<div class="pictures">${group
          .map(({ title, caption, width, height, grey }) =>
            figure(
              `<img src="${greyPngUrl(width, height, grey)}" width="${width}" height="${height}" alt="${escape(title)}">`,
              caption,
            ),
          )
          .join("")}</div>`,
    )
    .join("");
}

function samplingSection({ sampling }: SessionReportData): string {
  if (sampling === null) return '<p class="none">No sample was drawn in this session.</p>';
  const plot =
    sampling.bins.length === 0
      ? ""
      : figure(
          sampleSvg(sampling.bins, 1e-4, "µm"),
          "Defocus of all micrographs, and of the sample on its own scale.",
        );
  return `<p>${escape(sampling.summary)}</p>${pairsTable([
    ["Table", sampling.table],
    ["Seed", String(sampling.seed)],
  ])}${plot}`;
}

function parametersSection({ parameters }: SessionReportData): string {
  if (parameters.length === 0) return '<p class="none">No step was run.</p>';
  return parameters
    .map(({ step, pairs }) => `<h3>${STEP_TITLES[step]}</h3>${pairsTable(pairs)}`)
    .join("");
}

/** Inputs that are listed by name; the rest is counted. */
const MOST_INPUTS = 30;

function provenanceSection({ provenance: p, at, zone }: SessionReportData): string {
  const total = p.inputs.reduce((sum, input) => sum + input.bytes, 0);
  const seconds = Object.entries(p.seconds);
  const pairs: [string, string][] = [
    ["Program", `Cryoloupe ${p.version}`],
    ["Run by", p.host],
    ["Backend", p.device === "" ? p.backend : `${p.backend}, ${p.device}`],
    ["Report made", dateTime(at, zone)],
    ["Inputs", `${counted(p.inputs.length, "file")}, ${bytes(total)}`],
  ];
  for (const [step, value] of seconds)
    pairs.push([
      `Computing, ${STEP_TITLES[step as keyof typeof STEP_TITLES].toLowerCase()}`,
      duration(value),
    ]);
  const hashed = p.inputs.some(({ sha256 }) => sha256 !== null);
  const rows = p.inputs
    .slice(0, MOST_INPUTS)
    .map(
      ({ name, bytes: size, sha256 }) =>
        `<tr><td class="name">${escape(name)}</td><td class="n">${number(size, 0)}</td>${hashed ? `<td class="hash">${escape(sha256 ?? "")}</td>` : ""}</tr>`,
    );
  const more = p.inputs.length - MOST_INPUTS;
  return `${pairsTable(pairs)}${
    rows.length === 0
      ? ""
      : `<table><thead><tr><th scope="col">input</th><th scope="col" class="n">bytes</th>${hashed ? '<th scope="col">SHA-256</th>' : ""}</tr></thead><tbody>${rows.join("")}</tbody></table>`
  }${more > 0 ? `<p class="none">${counted(more, "more file")} in session.json.</p>` : ""}`;
}

/** Whether a step has given numbers of it, or has ended without any: neither failed nor still waiting. */
function isWorkedOn({ failure, state, track, metrics }: OverviewRow): boolean {
  if (failure !== null) return false;
  return state !== "unprocessed" || track !== null || metrics.gainSd !== null;
}

/** The methods paragraph of a report, and the papers that it names. */
export function reportMethods(data: SessionReportData): MethodsText {
  const { methods, provenance, rows, acquisition } = data;
  return methodsText(methods, {
    version: provenance.version,
    backend: provenance.backend,
    movies: rows.filter(isWorkedOn).length,
    of: rows.length,
    dosePerFrame: acquisition.dosePerFrame,
    voltageKv: acquisition.voltageKv,
  });
}

function methodsSection(data: SessionReportData): string {
  const { text, references } = reportMethods(data);
  return `<p class="methods">${escape(text)}</p>${
    references.length === 0
      ? ""
      : `<h3>References</h3><ul>${references.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>`
  }`;
}

const SECTIONS: Readonly<Record<ReportPart, (data: SessionReportData) => string>> = {
  summary: summarySection,
  gain: gainSection,
  stability: stabilitySection,
  motion: motionSection,
  flagged: flaggedSection,
  pictures: picturesSection,
  sampling: samplingSection,
  parameters: parametersSection,
  provenance: provenanceSection,
  methods: methodsSection,
};

/**
 * The report of a session as one self-contained HTML page: figures as SVG, pictures as data URLs, no
 * script, nothing loaded from elsewhere; it prints on A4. Parts without results say so; parts that are
 * left out are not there. The same data give the same page, byte for byte.
 */
export function sessionReportHtml(data: SessionReportData): string {
  const parts = REPORT_PARTS.filter((part) => !data.leaveOut.includes(part));
  const sections = parts
    .map(
      (part) =>
        `<section id="${part}"><h2>${REPORT_PART_TITLES[part]}</h2>${SECTIONS[part](data)}</section>`,
    )
    .join("\n");
  const title = data.name === "" ? "Session" : data.name;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Cryoloupe ${escape(data.provenance.version)}">
<title>${escape(title)}: report</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="lead">Report of ${dateTime(data.at, data.zone)}, Cryoloupe ${escape(data.provenance.version)}${data.simulated ? ' <span class="mark">Simulated data</span>' : ""}</p>
${sections}
<footer>Made on this computer by Cryoloupe ${escape(data.provenance.version)}. Displacements in px or Å, x right, y down the rows; frames count from 1; G = 1/C.</footer>
</main>
</body>
</html>
`;
}
