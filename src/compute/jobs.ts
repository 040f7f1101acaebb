import { correctionJob } from "./cpuCorrection.ts";
import { fourierJob } from "./cpuFourier.ts";
import { sumJob } from "./cpuPixels.ts";
import { denoiseBandJob } from "./denoiseBands.ts";
import { decodeJob } from "./decodeJob.ts";
import { flexalignPairsJob, flexalignSpectraJob } from "./flexalignJobs.ts";
import { finishJob } from "./finishJob.ts";
import { spectrumJob } from "./spectrumJob.ts";
import { alignedAverageJob, halfSumsJob, predictSpecimenJob } from "./motionGainJobs.ts";
import { gainPatternJob, poseJob } from "./poseJobs.ts";
import { pixelSignalJob } from "./pixelSignalJob.ts";
import { patchJob, prepareJob, spectraJob } from "./motionJobs.ts";
import { previewCurvesJob } from "./previewCurvesJob.ts";
import { preprocessJob } from "./preprocessJob.ts";
import type { createPoolServer } from "./poolServer.ts";
import { smeJob } from "./smeJob.ts";
import { wholeFrameJob } from "./wholeFrameJob.ts";

/** Every job that a pool worker can hold. A new job is added here and nowhere else. */
export const jobDefinitions: Parameters<typeof createPoolServer>[0] = [
  decodeJob,
  sumJob,
  fourierJob,
  correctionJob,
  wholeFrameJob,
  finishJob,
  spectrumJob,
  halfSumsJob,
  alignedAverageJob,
  predictSpecimenJob,
  gainPatternJob,
  poseJob,
  smeJob,
  pixelSignalJob,
  preprocessJob,
  previewCurvesJob,
  denoiseBandJob,
  prepareJob,
  spectraJob,
  patchJob,
  flexalignSpectraJob,
  flexalignPairsJob,
];
