/** Viridis at nine places (van der Walt & Smith 2015), linear between them. */
const PLACES = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37],
] as const;

/** CSS colour at a fraction 0 … 1. */
export function viridis(fraction: number): string {
  const place = Math.min(1, Math.max(0, fraction)) * (PLACES.length - 1);
  const i = Math.min(PLACES.length - 2, Math.floor(place));
  const f = place - i;
  const mix = PLACES[i].map((v, k) => Math.round(v + f * (PLACES[i + 1][k] - v)));
  return `rgb(${mix.join(" ")})`;
}

/** The colour scale as a CSS gradient. */
export const VIRIDIS_GRADIENT = `linear-gradient(90deg, ${PLACES.map((c) => `rgb(${c.join(" ")})`).join(", ")})`;
