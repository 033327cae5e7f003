// SPDX-License-Identifier: EUPL-1.2
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  resolve: {
    alias: {
      // JsSIP's messages are not kept.
      debug: fileURLToPath(new URL("src/edge/quiet.cjs", import.meta.url)),
    },
  },
  // What draws PDF does so beside the page; the exchange knows modules as `.js`.
  worker: { format: "es" },
  build: {
    target: ["chrome128", "firefox128"],
    // The exchange's policy lets in no `data:` fonts, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
