import type { ShiftTrack } from "./shiftTable.ts";

/** Viridis at nine places. */
const VIRIDIS = [
  "#440154",
  "#472d7b",
  "#3b528b",
  "#2c728e",
  "#21918c",
  "#28ae80",
  "#5ec962",
  "#addc30",
  "#fde725",
] as const;

const SIZE = 560;
const MARGIN = { left: 64, right: 24, top: 44, bottom: 56 } as const;

/**
 * `<movie>_shifts.svg`: the trajectory of the specimen (displacement against the reference frame) with
 * equal axes, y down the rows as in the picture, frames coloured from first to last (viridis), about ten of
 * them numbered. In Å where the pixel size is known, else in px.
 */
export function shiftPlot(track: ShiftTrack, title: string): string {
  const scale = track.pixelSizeA ?? 1;
  const unit = track.pixelSizeA === null ? "px" : "Å";
  const x = track.x.map((v) => v * scale);
  const y = track.y.map((v) => v * scale);
  const n = x.length;
  const [x0, x1] = [Math.min(...x), Math.max(...x)];
  const [y0, y1] = [Math.min(...y), Math.max(...y)];
  const extent = Math.max(x1 - x0, y1 - y0, 1e-6) * 1.2;
  const width = SIZE - MARGIN.left - MARGIN.right;
  const height = SIZE - MARGIN.top - MARGIN.bottom;
  const perUnit = Math.min(width, height) / extent;
  const cx = (x0 + x1) / 2;
  const cy = (y0 + y1) / 2;
  const px = (v: number): number => MARGIN.left + width / 2 + (v - cx) * perUnit;
  const py = (v: number): number => MARGIN.top + height / 2 + (v - cy) * perUnit;
  const step = niceStep(extent / 5);
  const left = MARGIN.left;
  const bottom = MARGIN.top + height;
  const parts: string[] = [];
  for (const v of ticks(cx - width / 2 / perUnit, cx + width / 2 / perUnit, step))
    parts.push(
      `<line class="g" x1="${at(px(v))}" y1="${MARGIN.top}" x2="${at(px(v))}" y2="${bottom}"/>`,
      `<text x="${at(px(v))}" y="${bottom + 18}" text-anchor="middle">${label(v, step)}</text>`,
    );
  for (const v of ticks(cy - height / 2 / perUnit, cy + height / 2 / perUnit, step))
    parts.push(
      `<line class="g" x1="${left}" y1="${at(py(v))}" x2="${left + width}" y2="${at(py(v))}"/>`,
      `<text x="${left - 8}" y="${at(py(v) + 4)}" text-anchor="end">${label(v, step)}</text>`,
    );
  const path = x.map((v, t) => `${t === 0 ? "M" : "L"}${at(px(v))} ${at(py(y[t]))}`).join("");
  parts.push(`<path d="${path}" fill="none" stroke="#7b8492" stroke-width="1.2"/>`);
  const every = Math.ceil(n / 10);
  for (let t = 0; t < n; t++) {
    parts.push(
      `<circle cx="${at(px(x[t]))}" cy="${at(py(y[t]))}" r="4" fill="${colourAt(n < 2 ? 0 : t / (n - 1))}" stroke="#46505d" stroke-width="0.6"/>`,
    );
    if (t % every === 0)
      parts.push(
        `<text x="${at(px(x[t]) + 7)}" y="${at(py(y[t]) - 6)}">${track.frameIndices[t] + 1}</text>`,
      );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 ${SIZE} ${SIZE}" font-family="Inter, Segoe UI, Arial, sans-serif" font-size="12" fill="#161b22">`,
    "<style>.g{stroke:#e8ebef;stroke-width:1}</style>",
    `<rect width="${SIZE}" height="${SIZE}" fill="#ffffff"/>`,
    `<text x="${left}" y="18" font-size="13" font-weight="600">${escapeXml(title)}</text>`,
    `<text x="${left}" y="35">y displacement, ${unit} (down the rows); frames ${track.frameIndices[0] + 1} to ${track.frameIndices[n - 1] + 1}</text>`,
    ...parts,
    `<line x1="${left}" y1="${bottom}" x2="${left + width}" y2="${bottom}" stroke="#46505d"/>`,
    `<text x="${left + width}" y="${bottom + 40}" text-anchor="end">x displacement, ${unit}</text>`,
    "</svg>\n",
  ].join("\n");
}

/** The colour at a fraction 0 … 1 of viridis. */
function colourAt(fraction: number): string {
  const place = fraction * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const f = place - i;
  const mix = (k: number): string => {
    const of = (c: string): number => parseInt(c.slice(1 + 2 * k, 3 + 2 * k), 16);
    return Math.round((1 - f) * of(VIRIDIS[i]) + f * of(VIRIDIS[i + 1]))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${mix(0)}${mix(1)}${mix(2)}`;
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((f) => f * power >= least) ?? 10) * power;
}

function ticks(from: number, to: number, step: number): number[] {
  const out: number[] = [];
  for (let k = Math.ceil(from / step); k * step <= to; k++) out.push(k * step);
  return out;
}

function label(value: number, step: number): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value + 0).toFixed(digits).replace("-", "−");
}

function at(value: number): string {
  return value.toFixed(1);
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
