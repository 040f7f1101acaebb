import { numberBytes } from "./mrcFile.ts";

/** What a DM file of one image (and a thumbnail) holds. */
export interface DmSpec {
  readonly version: 3 | 4;
  readonly bigEndian?: boolean;
  readonly dataType: number;
  /** Type code of the array's elements and bytes of one. */
  readonly elementType: number;
  readonly elementBytes: number;
  readonly sizes: readonly number[];
  /** Pixel bytes, in the byte order of the file. */
  readonly data: Uint8Array;
  readonly scale?: number;
  readonly units?: string;
}

/** A DM3 or DM4 file built byte by byte. */
export function dmFile(spec: DmSpec): Uint8Array<ArrayBuffer> {
  const wide = spec.version === 4;
  const little = spec.bigEndian !== true;
  const word = (value: number): Uint8Array => numberBytes(wide ? "u64" : "u32", [value], false);
  const entry = (name: string, kind: 20 | 21, body: Uint8Array): Uint8Array =>
    join(
      Uint8Array.of(kind),
      numberBytes("u16", [name.length], false),
      Uint8Array.from(name, (c) => c.charCodeAt(0)),
      ...(wide ? [word(body.length)] : []),
      body,
    );
  const group = (...entries: Uint8Array[]): Uint8Array =>
    join(Uint8Array.of(1, 0), word(entries.length), ...entries);
  const data = (info: readonly number[], bytes: Uint8Array): Uint8Array =>
    join(Uint8Array.of(0x25, 0x25, 0x25, 0x25), word(info.length), ...info.map(word), bytes);
  const long = (name: string, value: number): Uint8Array =>
    entry(name, 21, data([5], numberBytes("u32", [value], little)));
  const image = (dataType: number, sizes: readonly number[], pixels: Uint8Array): Uint8Array =>
    group(
      entry(
        "ImageData",
        20,
        group(
          entry(
            "Calibrations",
            20,
            group(
              entry(
                "Dimension",
                20,
                group(
                  entry(
                    "",
                    20,
                    group(
                      entry("Scale", 21, data([6], numberBytes("f32", [spec.scale ?? 1], little))),
                      entry(
                        "Units",
                        21,
                        data(
                          [20, 4, (spec.units ?? "").length],
                          numberBytes(
                            "u16",
                            Array.from(spec.units ?? "", (c) => c.charCodeAt(0)),
                            little,
                          ),
                        ),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
          entry(
            "Data",
            21,
            data([20, spec.elementType, pixels.length / spec.elementBytes], pixels),
          ),
          long("DataType", dataType),
          entry("Dimensions", 20, group(...sizes.map((size) => long("", size)))),
        ),
      ),
    );
  const thumbnail = entry(
    "",
    20,
    image(spec.dataType, [1], spec.data.subarray(0, spec.elementBytes)),
  );
  const root = group(
    entry(
      "ImageList",
      20,
      group(thumbnail, entry("", 20, image(spec.dataType, spec.sizes, spec.data))),
    ),
    entry("Thumbnails", 20, group(entry("", 20, group(long("ImageIndex", 0))))),
  );
  return join(
    numberBytes("u32", [spec.version], false),
    word(root.length),
    numberBytes("u32", [little ? 1 : 0], false),
    root,
    new Uint8Array(8),
  );
}

export function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
