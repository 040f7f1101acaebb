import { CryoloupeError } from "#src/domain/errors.ts";

/**
 * Frame indices (from 0) of a range as the command line writes it: "A-B", from 1, inclusive, 0 = last;
 * a single number is one frame; absent = all.
 */
export function frameRange(text: string | undefined, frames: number, file: string): number[] {
  if (text === undefined) return Array.from({ length: frames }, (_, i) => i);
  const match = /^(\d+)(?:-(\d+))?$/.exec(text.trim());
  if (match === null)
    throw new CryoloupeError(
      "bad-arguments",
      `A frame range is written A-B (counted from 1, 0 = last), not "${text}".`,
    );
  const number = (digits: string): number => (Number(digits) === 0 ? frames : Number(digits));
  const first = number(match[1]);
  const last = number(match[2] ?? match[1]);
  if (first > last || last > frames)
    throw new CryoloupeError(
      "bad-arguments",
      `Frames ${text} were asked for, but ${file} has frames 1 to ${frames}.`,
      { file },
    );
  return Array.from({ length: last - first + 1 }, (_, i) => first - 1 + i);
}
