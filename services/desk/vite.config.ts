// SPDX-License-Identifier: EUPL-1.2
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      // JsSIP's messages are not kept.
      debug: here("src/edge/quiet.cjs"),
    },
  },
  // What draws PDF does so beside the page; the exchange knows modules as `.js`.
  worker: { format: "es" },
  build: {
    target: ["chrome128", "firefox128"],
    // The exchange's policy lets in no `data:` fonts, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The desk, and the page that plays a terminal.
      input: { index: here("index.html"), practice: here("practice.html") },
    },
  },
});
