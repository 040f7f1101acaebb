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
