import type { SpectrumPair } from "#src/domain/powerSpectrum.ts";

/** `<movie>_psd_radial.csv`: mean power over rings, before and after; frequency in 1/Å where known. */
export function spectrumTable(
  { radialBefore, radialAfter }: SpectrumPair,
  pixelSizeA: number | null,
): string {
  const head = ["cycles_per_px", ...(pixelSizeA === null ? [] : ["per_A"]), "before", "after"];
  const lines = radialAfter.frequency.map((f, i) =>
    [
      f.toFixed(6),
      ...(pixelSizeA === null ? [] : [(f / pixelSizeA).toFixed(6)]),
      radialBefore.value[i].toExponential(6),
      radialAfter.value[i].toExponential(6),
    ].join(","),
  );
  return `${[head.join(","), ...lines].join("\n")}\n`;
}
