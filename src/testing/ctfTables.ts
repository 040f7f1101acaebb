import { createRandom } from "#src/math/random.ts";

/** A RELION 3.1 table of CTF estimates with the given defoci (V is 200 Å below U). */
export function relionTable(defoci: readonly number[], lineEnd = "\n"): string {
  const random = createRandom(defoci.length);
  const lines = [
    "",
    "# version 30001",
    "",
    "data_optics",
    "",
    "loop_ ",
    "_rlnOpticsGroupName #1 ",
    "_rlnOpticsGroup #2 ",
    "_rlnVoltage #3 ",
    "_rlnSphericalAberration #4 ",
    "_rlnAmplitudeContrast #5 ",
    "_rlnMicrographPixelSize #6 ",
    "opticsGroup1            1   300.000000     2.700000     0.100000     0.885000 ",
    " ",
    "",
    "# version 30001",
    "",
    "data_micrographs",
    "",
    "loop_ ",
    "_rlnMicrographName #1 ",
    "_rlnOpticsGroup #2 ",
    "_rlnCtfImage #3 ",
    "_rlnDefocusU #4 ",
    "_rlnDefocusV #5 ",
    "_rlnCtfAstigmatism #6 ",
    "_rlnDefocusAngle #7 ",
    "_rlnCtfFigureOfMerit #8 ",
    "_rlnCtfMaxResolution #9 ",
  ];
  defoci.forEach((u, i) => {
    const name = `mic_${String(i + 1).padStart(5, "0")}`;
    const values = [
      u.toFixed(6),
      (u === -999 ? -1 : u - 200).toFixed(6),
      "200.000000",
      (180 * random.uniform() - 90).toFixed(6),
      (0.05 + 0.15 * random.uniform()).toFixed(6),
      (3 + 4 * random.uniform() ** 3).toFixed(6),
    ];
    lines.push(
      `MotionCorr/job002/${name}.mrc            1 CtfFind/job003/${name}.ctf:mrc ${values.join(" ")} `,
    );
  });
  return [...lines, " ", ""].join(lineEnd);
}

/** Defoci in Å as a session has them: several targets, the low ones oftener, with spread. */
export function sessionDefoci(count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const target = 7000 + 4000 * random.integer(5) * random.uniform();
    return Math.max(3000, target + 1200 * random.normal());
  });
}

export interface NpyColumn {
  readonly name: string;
  readonly type: "<u8" | "<f4" | "<f8" | "<u4" | "|S40" | "<U12";
  readonly values: readonly (number | bigint | string)[];
}

/** A numpy structured array as cryoSPARC writes its tables. */
export function npyTable(columns: readonly NpyColumn[]): Uint8Array<ArrayBuffer> {
  const rows = columns[0].values.length;
  const descr = columns.map((c) => `('${c.name}', '${c.type}')`).join(", ");
  const literal = `{'descr': [${descr}], 'fortran_order': False, 'shape': (${rows},), }`;
  const headerEnd = Math.ceil((10 + literal.length + 1) / 64) * 64;
  const sizes = { "<u8": 8, "<f4": 4, "<f8": 8, "<u4": 4, "|S40": 40, "<U12": 48 };
  const rowBytes = columns.reduce((sum, c) => sum + sizes[c.type], 0);
  const bytes = new Uint8Array(headerEnd + rows * rowBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, headerEnd - 10, true);
  bytes.fill(0x20, 10, headerEnd - 1);
  bytes[headerEnd - 1] = 0x0a;
  bytes.set(new TextEncoder().encode(literal), 10);
  let at = headerEnd;
  for (let row = 0; row < rows; row++)
    for (const { type, values } of columns) {
      const value = values[row];
      if (type === "<u8") view.setBigUint64(at, BigInt(value), true);
      else if (type === "<f4") view.setFloat32(at, Number(value), true);
      else if (type === "<f8") view.setFloat64(at, Number(value), true);
      else if (type === "<u4") view.setUint32(at, Number(value), true);
      else if (type === "|S40") bytes.set(new TextEncoder().encode(String(value)), at);
      else Array.from(String(value), (c, i) => view.setUint32(at + 4 * i, c.charCodeAt(0), true));
      at += sizes[type];
    }
  return bytes;
}
