import { moviePrint, printedPieces } from "#src/math/contentPrint.ts";

/** What a file holds, by three of its pieces (`math/contentPrint`); null = it cannot be read. */
export async function printOfFile(file: File | null): Promise<string | null> {
  if (file === null) return null;
  try {
    const pieces: Uint8Array[] = [];
    for (const [from, to] of printedPieces(file.size))
      pieces.push(new Uint8Array(await file.slice(from, to).arrayBuffer()));
    return moviePrint(file.size, pieces);
  } catch {
    return null;
  }
}
