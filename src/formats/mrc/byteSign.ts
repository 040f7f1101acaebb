/**
 * Whether bytes of MRC mode 0 are unsigned, from a sample of them. The distribution of a real image has no
 * hole: unsigned bytes run on from 127 to 128, signed ones from −1 (255) to 0. The better filled border
 * of the two is where the distribution goes on.
 * @returns null when no byte is above 127, so that both readings agree
 */
export function judgeByteSign(sample: Uint8Array): "signed" | "unsigned" | null {
  const counts = new Float64Array(256);
  for (const value of sample) counts[value]++;
  let high = 0;
  for (let v = 128; v < 256; v++) high += counts[v];
  if (high === 0) return null;
  const sum = (from: number, to: number): number => {
    let total = 0;
    for (let v = from; v <= to; v++) total += counts[v];
    return total;
  };
  const acrossMiddle = Math.min(sum(120, 127), sum(128, 135));
  const acrossZero = Math.min(sum(0, 7), sum(248, 255));
  return acrossMiddle > acrossZero ? "unsigned" : "signed";
}
