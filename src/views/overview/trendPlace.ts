/** Places of a trend plot, px: room for ticks at the left, for the limit's value at the right. */
export const LEFT = 52;
export const RIGHT = 86;
/** Title above, plot below. */
export const TITLE = 15;
export const PLOT = 56;
