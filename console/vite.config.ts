import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev`: the pages from here, the API from a running one (`kanhu demo --keep` prints its address).
const api = process.env.KANHU_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: {
    // Into the Python package, whose API serves it.
    outDir: "../api/console_dist",
    emptyOutDir: true,
    target: "es2022",
    // light-dark() as it is: a rewritten one would not know the page's own switch of the colours.
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
    // Nothing is inlined as a data: address, so that the content security policy can stay narrow.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  server: {
    // The wording that the console shares with messages to people lies beside it, in core/wording.
    fs: { allow: [".."] },
    proxy: { "/api": api, "/confirm": api },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
