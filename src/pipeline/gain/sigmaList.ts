import type { GainParameters } from "#src/domain/gainEstimate.ts";

/** Widths `s · step`, s = 0 … floor(max/step), as the reference program lists them. */
function listed({ maxSigma, sigmaStep }: GainParameters): number[] {
  return Array.from(
    { length: Math.floor(maxSigma / sigmaStep + 1e-9) + 1 },
    (_, s) => s * sigmaStep,
  );
}

/**
 * The widths that are tried. In neighbourhoods σ = 0 leaves every frame as it is, so it is no choice
 * there: asking for it means the search.
 */
export function sigmaList(parameters: GainParameters): readonly number[] {
  const { method, sigma } = parameters;
  const neighbours = method === "sme-neighbour";
  if (sigma !== "auto" && !(neighbours && sigma === 0)) return [sigma];
  const list = listed(parameters).filter((s) => s > 0 || !neighbours);
  return list.length > 0 ? list : [parameters.sigmaStep];
}

/**
 * The width that the reference program uses: read as an integer, the nearest of its list; its search is
 * made and its result thrown away, which leaves σ = 0.
 */
export function sigmaOfXmipp(parameters: GainParameters): number {
  if (parameters.sigma === "auto" || parameters.sigma < 0) return 0;
  const wanted = Math.trunc(parameters.sigma);
  return listed(parameters).reduce((best, s) =>
    Math.abs(s - wanted) < Math.abs(best - wanted) ? s : best,
  );
}
