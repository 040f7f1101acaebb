import { WHOLE_EXTENT } from "#src/domain/defects.ts";
import type { DefectList, DefectRegion } from "#src/domain/defects.ts";
import { corrupt } from "../refusals.ts";

const SERIALEM_WORDS =
  /^\s*(CameraSizeX|CameraSizeY|UsableArea|BadColumns|BadRows|PartialBadCol|PartialBadRow|BadPixels|RotationFlip|K2Type|FalconType|WasScaled|FrameGainFactor)\b/m;
const MAX_REGIONS = 1_000_000;

/** True when a text looks like a defect list of one of the kinds that are read. */
export function looksLikeDefectText(text: string): boolean {
  if (SERIALEM_WORDS.test(text)) return true;
  const lines = dataLines(text);
  return lines.length > 0 && lines.every((line) => /^\d+(?:[\s,]+\d+){3}$/.test(line));
}

/**
 * A defect list as text: lines "x y width height" (MotionCor2 `-DefectFile`, RELION `--defect_file`), or
 * SerialEM's keywords (UsableArea top left bottom right, BadColumns, BadRows, PartialBadCol column from to,
 * PartialBadRow row from to, BadPixels x y …). Coordinates count from 0.
 */
export function parseDefectText(text: string, file: string): DefectList {
  if (SERIALEM_WORDS.test(text)) return parseSerialEm(text, file);
  const regions = dataLines(text).map((line, i) => {
    const numbers = line.split(/[\s,]+/).map(Number);
    if (numbers.length !== 4 || !numbers.every((n) => Number.isInteger(n) && n >= 0))
      throw corrupt(
        file,
        `line ${i + 1} of the defect list is no "x y width height": "${line.slice(0, 60)}"`,
      );
    const [x, y, width, height] = numbers;
    return { x, y, width, height };
  });
  return checked(
    {
      kind: "MotionCor/RELION text",
      regions,
      cameraWidth: null,
      cameraHeight: null,
    },
    file,
  );
}

function dataLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "");
}

function parseSerialEm(text: string, file: string): DefectList {
  const regions: DefectRegion[] = [];
  let cameraWidth: number | null = null;
  let cameraHeight: number | null = null;
  let usable: readonly number[] | null = null;
  for (const line of dataLines(text)) {
    const [word, ...rest] = line.split(/[\s,]+/);
    const n = rest.map(Number);
    if (!n.every(Number.isFinite)) continue;
    switch (word) {
      case "CameraSizeX":
        cameraWidth = n[0];
        break;
      case "CameraSizeY":
        cameraHeight = n[0];
        break;
      case "UsableArea":
        if (n.length >= 4) usable = n;
        break;
      case "BadColumns":
        for (const x of n) regions.push({ x, y: 0, width: 1, height: WHOLE_EXTENT });
        break;
      case "BadRows":
        for (const y of n) regions.push({ x: 0, y, width: WHOLE_EXTENT, height: 1 });
        break;
      case "PartialBadCol":
        if (n.length >= 3) regions.push({ x: n[0], y: n[1], width: 1, height: n[2] - n[1] + 1 });
        break;
      case "PartialBadRow":
        if (n.length >= 3) regions.push({ x: n[1], y: n[0], width: n[2] - n[1] + 1, height: 1 });
        break;
      case "BadPixels":
        for (let i = 0; i + 1 < n.length; i += 2)
          regions.push({ x: n[i], y: n[i + 1], width: 1, height: 1 });
        break;
      default:
        break;
    }
  }
  if (usable !== null && cameraWidth !== null && cameraHeight !== null) {
    const [top, left, bottom, right] = usable;
    // Everything outside the usable area, as four borders.
    regions.push(
      { x: 0, y: 0, width: WHOLE_EXTENT, height: top },
      { x: 0, y: 0, width: left, height: WHOLE_EXTENT },
      { x: 0, y: bottom + 1, width: WHOLE_EXTENT, height: WHOLE_EXTENT },
      { x: right + 1, y: 0, width: WHOLE_EXTENT, height: WHOLE_EXTENT },
    );
  }
  return checked({ kind: "SerialEM text", regions, cameraWidth, cameraHeight }, file);
}

/**
 * The XML of tag 65100 of an EER `.gain`: `<point>x,y</point>`, `<area>x0,y0,x1,y1</area>`,
 * `<col>a-b</col>`, `<row>a-b</row>`; ranges inclusive, counted from 0 in the rows of the file.
 */
export function parseGainXml(xml: string, file: string): DefectList {
  const regions: DefectRegion[] = [];
  for (const match of xml.matchAll(/<(point|area|col|row)>\s*([\d\s,-]{1,100})<\/\1>/gi)) {
    const n = match[2]
      .trim()
      .split(/[\s,-]+/)
      .map(Number);
    switch (match[1].toLowerCase()) {
      case "point":
        if (n.length >= 2) regions.push({ x: n[0], y: n[1], width: 1, height: 1 });
        break;
      case "area":
        if (n.length >= 4)
          regions.push({ x: n[0], y: n[1], width: n[2] - n[0] + 1, height: n[3] - n[1] + 1 });
        break;
      case "col":
        regions.push({
          x: n[0],
          y: 0,
          width: (n[1] ?? n[0]) - n[0] + 1,
          height: WHOLE_EXTENT,
        });
        break;
      default:
        regions.push({
          x: 0,
          y: n[0],
          width: WHOLE_EXTENT,
          height: (n[1] ?? n[0]) - n[0] + 1,
        });
    }
  }
  return checked({ kind: "EER gain XML", regions, cameraWidth: null, cameraHeight: null }, file);
}

function checked(list: DefectList, file: string): DefectList {
  if (list.regions.length > MAX_REGIONS)
    throw corrupt(file, `the defect list has ${list.regions.length} entries`);
  return list;
}
