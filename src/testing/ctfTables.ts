export { relionTable, sessionDefoci } from "#src/simulation/ctfTable.ts";

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
