/** Prometheus's remote read: requests as they come, and both forms of an answer. */
export { decodeReadRequest, type ReadQuery, type ReadRequest, type ReadResponseType } from "./request.ts";
export { encodeSampledResponse, encodeStreamedResponse, type ReadSeries } from "./response.ts";
