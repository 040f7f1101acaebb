/** A known format that holds no movie, or one that has to be unpacked first. */
export interface ForeignFormat {
  /** Ends without a full stop: "it is a PNG picture". */
  readonly what: string;
  readonly advice: string;
}

interface Signature {
  readonly bytes: readonly number[];
  readonly offset?: number;
  readonly what: string;
  readonly advice: string;
}

const unpack = (tool: string): string => `Unpack it first: ${tool} and the file's name.`;
const picture = "It holds a picture for the eye; choose the file that the camera wrote.";

/** How files of NumPy, and with them .cs tables, begin. */
const NUMPY = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const SIGNATURES: readonly Signature[] = [
  { bytes: [0x42, 0x5a, 0x68], what: "it is compressed with bzip2", advice: unpack("bunzip2") },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    what: "it is compressed with xz",
    advice: unpack("unxz"),
  },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    what: "it is compressed with zstd",
    advice: unpack("unzstd"),
  },
  { bytes: [0x50, 0x4b, 3, 4], what: "it is a ZIP archive", advice: unpack("unzip") },
  {
    bytes: [0x37, 0x7a, 0xbc, 0xaf],
    what: "it is a 7-Zip archive",
    advice: unpack("7z x"),
  },
  {
    bytes: [0x75, 0x73, 0x74, 0x61, 0x72],
    offset: 257,
    what: "it is a tar archive",
    advice: unpack("tar xf"),
  },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: "it is a PNG picture", advice: picture },
  { bytes: [0xff, 0xd8, 0xff], what: "it is a JPEG picture", advice: picture },
  { bytes: [0x47, 0x49, 0x46, 0x38], what: "it is a GIF picture", advice: picture },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: "it is a PDF document", advice: picture },
  {
    bytes: [0x89, 0x48, 0x44, 0x46],
    what: "it is an HDF5 file",
    advice: "Convert it to MRC with the program that wrote it (e2proc2d.py for EMAN).",
  },
  {
    bytes: NUMPY,
    what: "it is a NumPy array",
    advice: "Write it as MRC with the mrcfile package.",
  },
];

/** Recognises files that are surely something else, by their first kibibyte and their name. */
export function foreignFormat(probe: Uint8Array, name: string): ForeignFormat | null {
  if (/\.cs$/i.test(name) && NUMPY.every((b, i) => probe[i] === b))
    return {
      what: "it is a table of cryoSPARC",
      advice: "Tables of CTF estimates are read for sampling; choose an image here.",
    };
  for (const { bytes, offset = 0, what, advice } of SIGNATURES)
    if (probe.length >= offset + bytes.length && bytes.every((b, i) => probe[offset + i] === b))
      return { what, advice };
  if (/\.ecc$/i.test(name))
    return {
      what: "it is an .ecc file of the first electron counting cameras",
      advice: "Convert it to EER with the manufacturer's tool.",
    };
  return looksLikeText(probe)
    ? {
        what: "it is a text file, not an image",
        advice:
          "Of texts, tables of CTF estimates (for sampling) and lists of bad pixels are read; this is neither, or it is not wanted here.",
      }
    : null;
}

/** True when every byte is one that text has; an MRC header is full of zeros. */
export function looksLikeText(probe: Uint8Array): boolean {
  if (probe.length === 0) return false;
  for (const b of probe) if (b < 9 || (b > 13 && b < 32 && b !== 27)) return false;
  return true;
}
