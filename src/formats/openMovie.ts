import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { looksLikeMrc, openMrc } from "./mrc/openMrc.ts";
import type { OpenOptions } from "./openOptions.ts";
import { looksLikeTiff, openTiff } from "./tiff/openTiff.ts";
import { corrupt, unsupported } from "./refusals.ts";

const PROBE_BYTES = 1024;

/** Opens a movie or image by its magic bytes, then by its extension. Reads headers only. */
export async function openMovie(
  source: ByteSource,
  options: OpenOptions = {},
): Promise<MovieReader> {
  if (source.size === 0) throw corrupt(source.name, "the file is empty (0 bytes)");
  const probe = await source.read(0, Math.min(PROBE_BYTES, source.size), options.signal);
  if (looksLikeTiff(probe)) return openTiff(source, options);
  if (looksLikeMrc(probe) || /\.(mrcs?|st|map|ali|rec)$/i.test(source.name))
    return openMrc(source, options);
  throw unsupported(
    source.name,
    `its first bytes (${hex(probe.subarray(0, 8))}) are those of no movie format that is read here`,
    "MRC, TIFF, EER and DM3/DM4 files can be opened.",
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");
}
