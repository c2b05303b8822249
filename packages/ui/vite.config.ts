/** Builds the page into dist; in development proxies the API to a Binnacle on 127.0.0.1:7070. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:7070";

export default defineConfig({
  plugins: [react()],
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
