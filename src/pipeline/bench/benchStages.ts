import type { BenchStage } from "./benchStage.ts";
import { correctionStage } from "./correctionStage.ts";
import { motionStages } from "./motionStages.ts";
import { movieStages } from "./movieStages.ts";
import { preprocessStages } from "./preprocessStages.ts";
import { primitiveStages } from "./primitiveStages.ts";

/** Every stage that `bench` times; a new one is added to one of these lists. */
export const benchStages: readonly BenchStage[] = [
  ...primitiveStages,
  ...motionStages,
  correctionStage,
  ...movieStages,
  ...preprocessStages,
];
