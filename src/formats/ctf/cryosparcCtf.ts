import type { Bytes } from "#src/domain/byteSource.ts";
import { CryoloupeError } from "#src/domain/errors.ts";
import { emptyRow, finiteOrNull } from "./ctfRow.ts";
import type { CtfPart, CtfRow } from "./ctfRow.ts";
import { readNpyTable } from "./npyTable.ts";
import type { NpyField, NpyTable } from "./npyTable.ts";

interface NamedTable {
  readonly file: string;
  readonly table: NpyTable;
}

/** A field with the table that holds it, and the row of that table for each row of the main one. */
interface Found {
  readonly table: NpyTable;
  readonly field: NpyField;
  readonly rowOf: (row: number) => number | undefined;
}

const micrographFields = [
  "micrograph_blob/path",
  "micrograph_blob_non_dw/path",
  "movie_blob/path",
  "micrograph_blob_thumb/path",
];

function holdsEstimates(table: NpyTable): boolean {
  return table.fields.has("ctf/df1_A");
}

/** cryoSPARC writes paths inside its project with a leading ">". */
function plainPath(path: string): string {
  return path.replace(/^>/, "");
}

function refuseParticles({ file, table }: NamedTable): void {
  const path = table.fields.get("blob/path");
  if (path === undefined && !table.fields.has("location/micrograph_path")) return;
  const field = path ?? table.fields.get("location/micrograph_path");
  const names = new Set<string>();
  if (field !== undefined)
    for (let row = 0; row < table.rows; row++) names.add(table.text(field, row));
  throw new CryoloupeError(
    "unsupported-format",
    `${file} holds ${table.rows} particles of ${names.size} ${path === undefined ? "micrographs" : names.size === 1 ? "stack" : "stacks"}, not CTF estimates of micrographs. Export the exposures of the CTF job instead (exposures_ctf_estimated.cs with its passthrough file).`,
    { file },
  );
}

/**
 * Reads cryoSPARC exposures: every table with estimates, joined by uid with those that only carry the rest (the
 * passthrough). Angles and phase shifts are radians there. Export cuts each file to the same exposures.
 */
export function readCryosparcCtf(inputs: readonly { file: string; bytes: Bytes }[]): CtfPart[] {
  const tables = inputs.map(({ file, bytes }) => ({ file, table: readNpyTable(bytes, file) }));
  tables.forEach(refuseParticles);
  const mains = tables.filter((t) => holdsEstimates(t.table));
  const others = tables.filter((t) => !holdsEstimates(t.table));
  if (mains.length === 0) {
    const { file } = tables[0];
    throw new CryoloupeError(
      "unsupported-format",
      `${file} is a cryoSPARC table without CTF estimates (ctf/df1_A was expected). Open it together with exposures_ctf_estimated.cs of the CTF job.`,
      { file },
    );
  }
  return mains.map((main) => readExposures(main, others));
}

function readExposures(main: NamedTable, others: readonly NamedTable[]): CtfPart {
  const { file, table } = main;
  const warnings: string[] = [];
  const uid = table.fields.get("uid");
  const linked = others.map((other) => ({ ...other, rows: rowsByUid(other.table) }));
  const find = (...names: readonly string[]): Found | null => {
    for (const name of names) {
      const own = table.fields.get(name);
      if (own !== undefined) return { table, field: own, rowOf: (row) => row };
    }
    if (uid === undefined) return null;
    for (const name of names)
      for (const other of linked) {
        const field = other.table.fields.get(name);
        if (field !== undefined && other.rows.size > 0)
          return {
            table: other.table,
            field,
            rowOf: (row) => other.rows.get(table.key(uid, row)),
          };
      }
    return null;
  };
  const number = (found: Found | null, row: number): number => {
    const place = found?.rowOf(row);
    return found === null || place === undefined ? NaN : found.table.number(found.field, place);
  };
  const text = (found: Found | null, row: number): string => {
    const place = found?.rowOf(row);
    return found === null || place === undefined
      ? ""
      : plainPath(found.table.text(found.field, place));
  };

  const path = find(...micrographFields);
  const u = find("ctf/df1_A");
  const v = find("ctf/df2_A");
  const angle = find("ctf/df_angle_rad");
  const phase = find("ctf/phase_shift_rad");
  const resolution = find("ctf_stats/ctf_fit_to_A", "ctf/ctf_fit_to_A");
  const merit = find("ctf_stats/cross_corr", "ctf/cross_corr_ctffind4", "ctf/fig_of_merit_gctf");
  const ice = find("ctf_stats/ice_thickness_rel");
  const spectrum = find("ctf_stats/diag_image_path");
  let unnamed = 0;
  const rows = Array.from({ length: table.rows }, (_, row): CtfRow => {
    const name = text(path, row);
    if (name === "") unnamed++;
    const degrees = (found: Found | null): number | null =>
      finiteOrNull((number(found, row) * 180) / Math.PI);
    const fit = number(resolution, row);
    return {
      ...emptyRow,
      micrograph:
        name !== ""
          ? name
          : uid === undefined
            ? `${file}#${row + 1}`
            : `uid ${table.key(uid, row)}`,
      defocusU: number(u, row),
      defocusV: v === null ? number(u, row) : number(v, row),
      defocusAngleDeg: degrees(angle),
      phaseShiftDeg: degrees(phase),
      resolutionA: fit > 0 ? fit : null,
      figureOfMerit: finiteOrNull(number(merit, row)),
      iceDensity: finiteOrNull(number(ice, row)),
      spectrumFile: text(spectrum, row) || null,
    };
  });
  if (unnamed > 0)
    warnings.push(
      `${file}: ${unnamed} of ${table.rows} exposures name no micrograph; they are named by uid. Open the passthrough file (…_passthrough_….cs) together with it.`,
    );
  const joined = uid === undefined ? [] : linked.filter((other) => joins(table, uid, other.rows));
  return {
    format: "cryosparc",
    formatName: "cryoSPARC",
    files: [file, ...joined.map((j) => j.file)],
    rows,
    optics: {
      pixelSizeA: finiteOrNull(number(find("micrograph_blob/psize_A", "movie_blob/psize_A"), 0)),
      voltageKv: finiteOrNull(number(find("ctf/accel_kv", "mscope_params/accel_kv"), 0)),
      sphericalAberrationMm: finiteOrNull(number(find("ctf/cs_mm", "mscope_params/cs_mm"), 0)),
      amplitudeContrast: finiteOrNull(number(find("ctf/amp_contrast"), 0)),
    },
    warnings,
    cut: (keep) => [
      { name: file, bytes: table.cut(keep) },
      ...joined.map((other) => ({
        name: other.file,
        bytes: other.table.cut(
          keep
            .map((row) => (uid === undefined ? undefined : other.rows.get(table.key(uid, row))))
            .filter((row) => row !== undefined)
            .sort((a, b) => a - b),
        ),
      })),
    ],
  };
}

function rowsByUid(table: NpyTable): ReadonlyMap<string, number> {
  const uid = table.fields.get("uid");
  const rows = new Map<string, number>();
  if (uid !== undefined) for (let r = 0; r < table.rows; r++) rows.set(table.key(uid, r), r);
  return rows;
}

function joins(table: NpyTable, uid: NpyField, rows: ReadonlyMap<string, number>): boolean {
  for (let row = 0; row < table.rows; row++) if (rows.has(table.key(uid, row))) return true;
  return false;
}
