/** Bytes on the network, into columns and back. */
export { dialectOf, type Dialect, EXPOSITION_ACCEPT } from "./exposition/content-type.ts";
export type { LineExemplar } from "./exposition/line.ts";
export { ScrapeParser, type ParsedScrape, type ParseOptions } from "./exposition/scrape-parser.ts";
export type { NewSeries, SlotExemplar } from "./exposition/scrape-run.ts";
