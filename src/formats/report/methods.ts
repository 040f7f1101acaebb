import type { ReportMethods } from "#src/domain/records/sessionReport.ts";

/** Papers that the steps stand on; only those that were run are named. */
const PAPERS = {
  sorzano2018:
    "Sorzano, C.O.S., et al., 2018. Blind estimation of DED camera gain in Electron Microscopy. J. Struct. Biol.",
  strelak2020:
    "Střelák, D., Filipovič, J., Jiménez-Moreno, A., Carazo, J.M., Sorzano, C.O.S., 2020. FlexAlign: an accurate and fast algorithm for movie alignment in cryo-electron microscopy. Electronics 9, 1040.",
  grant2015:
    "Grant, T., Grigorieff, N., 2015. Measuring the optimal exposure for single particle cryo-EM using a 2.6 Å reconstruction of rotavirus VP6. eLife 4, e06980.",
} as const;

type Paper = keyof typeof PAPERS;

const GAIN_METHODS: Readonly<Record<string, string>> = {
  sme: "smooth midway equalization of rows and columns",
  "sme-neighbour": "midway equalization of neighbouring rows and columns",
  mean: "decomposition of the mean frame into structured parts",
  motion: "comparison of the frames with the specimen that moves over the detector",
};

export interface MethodsText {
  /** To be copied into a methods section. */
  readonly text: string;
  readonly references: readonly string[];
}

/** One paragraph about what was run, in the words of a methods section, with the papers it names. */
export function methodsText(
  methods: ReportMethods,
  program: {
    readonly version: string;
    readonly backend: string;
    /** Movies that were worked on, and those of the session. */
    readonly movies: number;
    readonly of: number;
    /** Of each frame, e⁻/Å²; null = movies differ, or it is not known. */
    readonly dosePerFrame: number | null;
    readonly voltageKv: number | null;
  },
): MethodsText {
  const papers = new Set<Paper>();
  const cite = (paper: Paper, words: string): string => {
    papers.add(paper);
    return `(${words})`;
  };
  const backend =
    program.backend === "webgpu" ? "WebGPU" : program.backend === "cpu" ? "CPU" : program.backend;
  const version = `Cryoloupe ${program.version} (${backend} backend)`;
  const sentences = [
    program.of === 0
      ? `${version} was used.`
      : `Movies (${program.movies}${program.of > program.movies ? ` of ${program.of}` : ""}) were processed with ${version}.`,
  ];
  if (methods.oriented)
    sentences.push(
      "The pose of the gain reference was found by correlating it in sixteen poses with the fixed pattern of the movies.",
    );
  if (methods.gainMethod !== null)
    sentences.push(
      `The pixel gain was estimated from the movies themselves by ${GAIN_METHODS[methods.gainMethod] ?? methods.gainMethod} ${cite("sorzano2018", "Sorzano et al., 2018")} and held against the limits given there.`,
    );
  if (methods.gainApplied !== null)
    sentences.push(
      methods.gainApplied.source === "none"
        ? "Frames were not corrected for gain."
        : `Frames were multiplied by the gain (${methods.gainApplied.text}).`,
    );
  if (methods.aligned) {
    const how = methods.localMotion ? "globally and locally" : "globally";
    sentences.push(
      methods.flexalignParity
        ? `Beam-induced motion was estimated ${how} as in FlexAlign ${cite("strelak2020", "Střelák et al., 2020")}.`
        : `Beam-induced motion was estimated ${how}${methods.localMotion ? `, with a B-spline model of the displacement as in FlexAlign ${cite("strelak2020", "Střelák et al., 2020")}` : ""}, and frames were corrected and summed.`,
    );
  }
  if (methods.doseWeighted) {
    const { dosePerFrame: dose, voltageKv } = program;
    const told = [
      ...(dose === null ? [] : [`${String(Number(dose.toPrecision(4)))} e⁻/Å² a frame`]),
      ...(voltageKv === null ? [] : [`${String(voltageKv)} kV`]),
    ];
    sentences.push(
      `Frames were weighted by exposure ${cite("grant2015", [told.join(" at "), "Grant and Grigorieff, 2015"].filter((part) => part !== "").join("; "))}.`,
    );
  }
  if (methods.preprocessed.length > 0)
    sentences.push(`Micrographs were preprocessed: ${methods.preprocessed.join(", ")}.`);
  if (methods.sampled)
    sentences.push("A subset of micrographs was drawn evenly over defocus, with a stated seed.");
  return {
    text: sentences.join(" "),
    references: [...papers].sort().map((paper) => PAPERS[paper]),
  };
}
