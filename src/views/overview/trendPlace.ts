/** Places of a trend plot, px: room for ticks at the left, for the limit's value at the right. */
export const LEFT = 52;
export const RIGHT = 86;
/** Room beside the first and the last movie, so that their dots stand off the axis. */
export const EDGE = 8;
/** Title above, plot below. */
export const TITLE = 15;
export const PLOT = 56;
