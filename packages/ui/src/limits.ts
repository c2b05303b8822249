/** Limits of the page. Each says what a person sees at it. */

/**
 * Series drawn in one chart; the rest is counted beside it. More could not be told apart, and drawing takes
 * longer.
 */
export const CHART_SERIES_MAX = 300;

/** Rows of a legend before "show all". */
export const LEGEND_ROWS = 24;

/** Series in a chart's tooltip, the nearest to the pointer first. */
export const TOOLTIP_ROWS = 12;

/** Rows of a result table; the rest is counted below it. */
export const TABLE_ROWS_MAX = 2000;

/** Panels of the Metrics page that a URL may open. */
export const PANELS_MAX = 20;

/** Lines the live tail keeps; older ones leave, and are counted. */
export const TAIL_LINES_MAX = 5000;

/** Lines held while the tail is paused; older ones leave unseen, and are counted as such. */
export const TAIL_PAUSED_LINES_MAX = 5000;

/** Lines of one search, older pages included; past it, narrow the range. */
export const LOG_LINES_MAX = 20_000;

/** UTF-16 units of one line that are drawn until it is opened. */
export const LINE_LENGTH_SHOWN = 2000;

/** Values of a label listed in the browser; a filter narrows them. */
export const LABEL_VALUES_SHOWN = 200;

/** Past queries remembered for the editor's completion. */
export const HISTORY_MAX = 100;
