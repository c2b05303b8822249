/** Builds the page into dist; in development proxies the API to a Binnacle on 127.0.0.1:7070. */
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const server = "http://127.0.0.1:7070";

/**
 * Of the contract the page needs types, which cost nothing, and paths. What describes shapes to the server's
 * validator would be a tenth of the first load, so here it describes nothing.
 */
const withoutSchemas: Plugin = {
  name: "without-schemas",
  enforce: "pre",
  resolveId: (id) => (id === "typebox" ? "\0no-schemas" : undefined),
  load: (id) =>
    id === "\0no-schemas" ? "export const Type = new Proxy({}, { get: () => () => ({}) });" : undefined,
};

export default defineConfig({
  plugins: [withoutSchemas, react()],
  build: {
    target: "es2022",
    // No data: URLs, so that the page works under img-src 'self' and font-src 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": server,
      "/loki": { target: server, ws: true },
    },
  },
});
