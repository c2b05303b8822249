/** Sending what is collected to a server elsewhere: what only an agent by itself needs. */
export { LogForwarder } from "./log-forwarder.ts";
export { MetricForwarder } from "./metric-forwarder.ts";
