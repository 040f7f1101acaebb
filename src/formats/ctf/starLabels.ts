/** Meaning of a column for CTF estimates, with the labels that programs give it. */
export type StarField =
  | "micrograph"
  | "defocusU"
  | "defocusV"
  | "defocusAngle"
  | "phaseShift"
  | "resolution"
  | "figureOfMerit"
  | "ice"
  | "spectrum"
  | "model"
  | "enabled"
  | "opticsGroup"
  | "pixelSize"
  | "detectorPixelSize"
  | "magnification"
  | "voltage"
  | "sphericalAberration"
  | "amplitudeContrast";

/**
 * Labels of RELION (EMDL names, 3.0 to 5), Gctf, Xmipp (now and 3.0) and cisTEM; the first that a table holds
 * counts. Angles are in degrees, cisTEM's phase shift in radians.
 */
export const starLabels: Readonly<Record<StarField, readonly string[]>> = {
  micrograph: [
    "rlnMicrographName",
    "micrograph",
    "image",
    "cisTEMOriginalImageFilename",
    "rlnMicrographMovieName",
  ],
  defocusU: ["rlnDefocusU", "ctfDefocusU", "CTF_Defocus_U", "CTFDefocusU", "cisTEMDefocus1"],
  defocusV: ["rlnDefocusV", "ctfDefocusV", "CTF_Defocus_V", "CTFDefocusV", "cisTEMDefocus2"],
  defocusAngle: [
    "rlnDefocusAngle",
    "ctfDefocusAngle",
    "CTF_Defocus_angle",
    "CTFDefocusAngle",
    "cisTEMDefocusAngle",
  ],
  phaseShift: ["rlnPhaseShift", "ctfVPPphaseshift", "cisTEMPhaseShift"],
  resolution: ["rlnCtfMaxResolution", "rlnFinalResolution", "ctfCritMaxFreq"],
  figureOfMerit: ["rlnCtfFigureOfMerit", "ctfCritFitting", "CTFCritFitting"],
  ice: ["rlnCtfIceRingDensity", "ctfCritIceness"],
  spectrum: ["rlnCtfImage", "rlnCtfPowerSpectrum", "psd", "psd_enhanced"],
  model: ["ctfModel", "CTFModel", "CTF_Model"],
  enabled: ["enabled"],
  opticsGroup: ["rlnOpticsGroup"],
  pixelSize: [
    "rlnMicrographPixelSize",
    "ctfSamplingRate",
    "CTF_Sampling_rate",
    "CTFSamplingRate",
    "rlnMicrographOriginalPixelSize",
    "rlnImagePixelSize",
    "cisTEMPixelSize",
  ],
  detectorPixelSize: ["rlnDetectorPixelSize"],
  magnification: ["rlnMagnification"],
  voltage: [
    "rlnVoltage",
    "ctfVoltage",
    "CTF_Voltage",
    "CTFVoltage",
    "cisTEMMicroscopeVoltagekV",
    "cisTEMVoltage",
  ],
  sphericalAberration: [
    "rlnSphericalAberration",
    "ctfSphericalAberration",
    "CTF_Spherical_aberration",
    "CTFSphericalAberration",
    "cisTEMMicroscopeCsMM",
    "cisTEMCs",
  ],
  amplitudeContrast: [
    "rlnAmplitudeContrast",
    "ctfQ0",
    "CTF_Q0",
    "CTFQ0",
    "cisTEMAmplitudeContrast",
  ],
};

/** Labels that only tables of particles have. */
export const particleLabels: readonly string[] = [
  "rlnCoordinateX",
  "rlnImageName",
  "rlnAngleRot",
  "xcoor",
  "cisTEMPositionInStack",
  "cisTEMAnglePsi",
];
