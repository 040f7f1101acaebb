/** Words of this workspace that are not plain, each in a sentence or two. */
export const TERMS = {
  drift:
    "Length of the whole frame's path: its steps from frame to frame, added up. It is more than the distance between first and last place where the path bends or jitters.",
  early:
    "The part of the path within the first 4 e⁻/Å² of exposure, where the specimen moves fastest and is least damaged.",
  local:
    "What places move besides the whole frame, rms over places and frames, in px of the movie. 0: the specimen moves as one.",
  error:
    "How far the field is expected to be from the truth, rms over places and frames, both axes together, in px of the movie: from the noise of the movie itself.",
  residual:
    "How far what a patch alone shows lies from the field of all patches. Most of it is noise of the patch; a patch that stands out moves in its own way.",
  trust:
    "Share with which a patch counted in the field. Less than 100 %: it shows less than half of the usual signal (a hole, thick ice, contamination), or moves in a way that chance does not explain.",
  field:
    "What places move besides the whole frame: the smooth field in space and time that all patches share.",
  points:
    "Knots of the smooth field along x, y and time (cubic B-splines): more of them let motion bend more often.",
  evidence:
    "How well a model foretells the movie, all values of its free numbers weighed: more control points count only where they explain more than chance. In nats, natural logarithms of odds: 10 nats are odds of 22 000 to 1.",
  tau: "How much the field may bend between control points, in px (standard deviation of its second differences). Small is stiff.",
} as const;

export type TermId = keyof typeof TERMS;
