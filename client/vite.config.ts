/** Builds the console into client/dist, which the server hands out. Nothing inline: the server's policy is script-src 'self'. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = { target: "http://localhost:4400", ws: true };

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Browsers that know light-dark(): what stands in for it in older ones does not follow Mantine's colour scheme.
    target: ["chrome123", "firefox128", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server: {
    port: 4401,
    proxy: { "/graphql": server, "/files": server, "/uploads": server, "/logs": server, "/sign-in": server, "/sign-out": server },
  },
});
