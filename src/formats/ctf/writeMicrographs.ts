import type { CtfEstimate } from "#src/domain/ctf.ts";
import { makeTable } from "../star/starTable.ts";
import { writeStar } from "../star/writeStar.ts";
import { writeXmd } from "../xmd/writeXmd.ts";
import type { CtfDocument } from "./openCtf.ts";
import type { NamedBytes } from "#src/domain/byteSource.ts";

/** Pixel size with the digits that tell 1.44444444444 from 1.4444. */
function exact(value: number): string {
  return Number.isInteger(value) ? value.toFixed(6) : String(value);
}

/**
 * The table of the chosen micrographs that belongs to a cut CTF table: the same names in the same order, so that
 * the two are linked by name. XMD for Xmipp's tables, else a RELION star with optics where they are known.
 */
export function writeMicrographTable(
  document: CtfDocument,
  chosen: readonly CtfEstimate[],
  base: string,
): NamedBytes {
  const { table } = document;
  const { pixelSizeA, voltageKv, sphericalAberrationMm, amplitudeContrast } = table.optics;
  const encode = (name: string, text: string): NamedBytes => ({
    name,
    bytes: new TextEncoder().encode(text),
  });
  if (table.format === "xmipp") {
    const labels = ["itemId", "enabled", "micrograph"];
    const rows = chosen.map((e, i) => [String(i + 1), "1", e.micrograph]);
    const tables = [makeTable("micrographs", "loop", labels, rows)];
    if (pixelSizeA !== null)
      tables.unshift(makeTable("acquisition", "list", ["samplingRate"], [[exact(pixelSizeA)]]));
    return encode(`${base}_micrographs.xmd`, writeXmd(tables));
  }
  const own = document.micrographs?.(chosen.map((e) => e.row));
  if (own !== undefined) return encode(`${base}_micrographs.star`, writeStar(own));
  const optics: [string, number | null][] = [
    ["rlnMicrographPixelSize", pixelSizeA],
    ["rlnMicrographOriginalPixelSize", pixelSizeA],
    ["rlnVoltage", voltageKv],
    ["rlnSphericalAberration", sphericalAberrationMm],
    ["rlnAmplitudeContrast", amplitudeContrast],
  ];
  const known = optics.filter((o): o is [string, number] => o[1] !== null);
  const tables = [
    makeTable(
      "optics",
      "loop",
      ["rlnOpticsGroupName", "rlnOpticsGroup", ...known.map(([label]) => label)],
      [["opticsGroup1", "1", ...known.map(([, value]) => exact(value))]],
    ),
    makeTable(
      "micrographs",
      "loop",
      ["rlnMicrographName", "rlnOpticsGroup"],
      chosen.map((e) => [e.micrograph, "1"]),
    ),
  ];
  return encode(`${base}_micrographs.star`, writeStar(tables));
}
