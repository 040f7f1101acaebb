import type { BenchStage } from "./benchStage.ts";
import { motionPrimitives } from "./motionPrimitives.ts";
import { motionStages } from "./motionStages.ts";
import { movieStages } from "./movieStages.ts";
import { preprocessStages } from "./preprocessStages.ts";
import { primitiveStages } from "./primitiveStages.ts";

/** Every stage that `bench` times; a new one is added to one of these lists. */
export const benchStages: readonly BenchStage[] = [
  ...primitiveStages,
  ...motionPrimitives,
  ...motionStages,
  ...movieStages,
  ...preprocessStages,
];
