import type { HeaderField } from "#src/domain/movie.ts";

/** What the acquisition metadata (XML) of an EER file say, where they do. */
export interface EerMetadata {
  readonly fields: readonly HeaderField[];
  /** Å/px at the specimen, of sensor pixels. */
  readonly pixelSizeA: number | null;
  /** e⁻/Å² over the whole exposure. */
  readonly totalDose: number | null;
  readonly gainReference: string | null;
}

interface Item {
  readonly value: string;
  readonly unit: string;
}

/** Reads `<item name="…" unit="…">…</item>` lines; anything else in the XML is passed over. */
export function parseEerMetadata(xml: string): EerMetadata {
  const items = new Map<string, Item>();
  const pattern =
    /<item\s+name="([^"]{1,200})"(?:\s+unit="([^"]{0,50})")?\s*>([^<]{0,2000})<\/item>/g;
  for (const [, name, unit, value] of xml.matchAll(pattern)) {
    items.set(name, { value: value.trim(), unit: unit ?? "" });
    if (items.size >= 500) break;
  }
  const pixelSizeA = specimenPixelSize(items.get("sensorPixelSize.width"));
  return {
    fields: [...items].map(([name, { value, unit }]) => ({
      name,
      value: unit === "" ? value : `${value} ${unit}`,
    })),
    pixelSizeA,
    totalDose: doseOf(items.get("totalDose"), pixelSizeA),
    gainReference: items.get("eerGainReference")?.value ?? null,
  };
}

/**
 * The item is in metres; some writers put the sensor's own pixels there (14 µm), others those at the
 * specimen (0.05 to 10 nm tell them apart).
 */
function specimenPixelSize(item: Item | undefined): number | null {
  if (item === undefined) return null;
  const metres = Number(item.value) * (/^nm$/i.test(item.unit) ? 1e-9 : 1);
  const sizeA = metres * 1e10;
  return sizeA >= 0.05 && sizeA <= 100 ? sizeA : null;
}

/** e⁻/Å²; a dose per pixel needs the pixel size. */
function doseOf(item: Item | undefined, pixelSizeA: number | null): number | null {
  if (item === undefined) return null;
  const value = Number(item.value);
  if (!(value > 0) || item.value === "") return null;
  if (/pix/i.test(item.unit)) return pixelSizeA === null ? null : value / pixelSizeA ** 2;
  if (/m\^?2|m²/i.test(item.unit)) return value * 1e-20;
  return /[aåÅ]/i.test(item.unit) ? value : null;
}
