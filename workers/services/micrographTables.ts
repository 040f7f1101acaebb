import type { ByteSource } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { recogniseCtf } from "#src/formats/ctf/openCtf.ts";
import { MICROGRAPH_LABELS, readMicrographTable } from "#src/formats/micrographTable.ts";
import type { MicrographTable } from "#src/formats/micrographTable.ts";
import { parseStar } from "#src/formats/star/parseStar.ts";
import type { WorkerHost } from "#workers/host.ts";

/** Enough to see the labels of a STAR file. */
const SNIFF_BYTES = 65_536;
const MOST_BYTES = 256 * 2 ** 20;

const NAMES = new RegExp(`^\\s*_(?:${MICROGRAPH_LABELS.join("|")})(?:\\s|$)`, "m");

/** Whether a file is a STAR or XMD table that names micrographs, by its first bytes. */
export async function namesMicrographs(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, Math.min(SNIFF_BYTES, source.size));
  if (recogniseCtf(head) !== "star") return false;
  const text = new TextDecoder().decode(head);
  // Tables of particles name micrographs too, but are none of micrographs.
  return NAMES.test(text) && !/^\s*_(?:rlnImageName|rlnCoordinateX|xcoor)(?:\s|$)/m.test(text);
}

/** The table of that id with the micrographs that it names; null when it names none. */
export async function readTable(host: WorkerHost, id: string): Promise<MicrographTable | null> {
  const source = host.tables.get(id);
  if (source === undefined)
    throw new CryoloupeError("internal", "This table is no longer open. Open it again.");
  if (source.size > MOST_BYTES || !(await namesMicrographs(source))) return null;
  const text = new TextDecoder().decode(await source.read(0, source.size));
  return readMicrographTable(parseStar(text, source.name), source.name);
}
