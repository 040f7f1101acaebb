import { alignCommand } from "./alignCommand.ts";
import { benchCommand } from "./benchCommand.ts";
import type { Command } from "./command.ts";
import { convertCommand } from "./convertCommand.ts";
import { demoCommand } from "./demoCommand.ts";
import { gainCommand } from "./gainCommand.ts";
import { infoCommand } from "./infoCommand.ts";
import { orientCommand } from "./orientCommand.ts";
import { preprocessCommand } from "./preprocessCommand.ts";
import { sampleCommand } from "./sampleCommand.ts";
import { sessionCommand } from "./sessionCommand.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  infoCommand,
  convertCommand,
  gainCommand,
  orientCommand,
  alignCommand,
  sessionCommand,
  preprocessCommand,
  demoCommand,
  benchCommand,
  sampleCommand,
];
