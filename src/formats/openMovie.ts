import type { ByteSource } from "#src/domain/byteSource.ts";
import type { MovieReader } from "#src/domain/movie.ts";
import { looksLikeDm } from "./dm/dmTags.ts";
import { openDm } from "./dm/openDm.ts";
import { foreignFormat } from "./foreignFormat.ts";
import { DEFAULT_MAX_UNPACKED_BYTES, looksLikeGzip, unpackGzip } from "./gzip.ts";
import { looksLikeMrc, openMrc } from "./mrc/openMrc.ts";
import type { OpenOptions } from "./openOptions.ts";
import { corrupt, truncated, unsupported } from "./refusals.ts";
import { looksLikeTiff, openTiff } from "./tiff/openTiff.ts";

const PROBE_BYTES = 1024;
const MRC_NAME = /\.(mrcs?|st|map|ali|rec|ccp4)$/i;

/**
 * Opens a movie or image by its magic bytes, then by its extension. Reads headers only, but for gzip,
 * which is unpacked into memory. Closing the reader closes the source.
 */
export async function openMovie(
  source: ByteSource,
  options: OpenOptions = {},
): Promise<MovieReader> {
  const { name, size } = source;
  if (size === 0) throw corrupt(name, "the file is empty (0 bytes)");
  const probe = await source.read(0, Math.min(PROBE_BYTES, size), options.signal);
  if (looksLikeGzip(probe)) {
    const limit = options.maxUnpackedBytes ?? DEFAULT_MAX_UNPACKED_BYTES;
    const inner = await unpackGzip(source, limit, options.signal);
    const first = await inner.read(0, Math.min(3, inner.size), options.signal);
    if (looksLikeGzip(first))
      throw unsupported(name, "it is compressed twice with gzip", "Unpack it with gunzip first.");
    return await openMovie(inner, options);
  }
  if (looksLikeTiff(probe)) return await openTiff(source, options);
  const foreign = foreignFormat(probe, name);
  if (foreign !== null) throw unsupported(name, foreign.what, foreign.advice);
  if (/\.dm[34]$/i.test(name) ? looksLikeDm(probe) : looksLikeDm(probe) && !looksLikeMrc(probe))
    return await openDm(source, options);
  if (looksLikeMrc(probe) || (MRC_NAME.test(name) && size >= PROBE_BYTES))
    return await openMrc(source, options);
  if (MRC_NAME.test(name)) throw truncated(name, 0, PROBE_BYTES, size);
  throw unsupported(
    name,
    `its first bytes (${hex(probe.subarray(0, 8))}) are those of no movie format that is read here`,
    "MRC, TIFF, EER and DM3/DM4 files can be opened.",
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ");
}
