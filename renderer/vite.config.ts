import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the page into dist/renderer with relative addresses, for app:// and for the headless host alike. */
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  base: './',
  plugins: [react()],
  build: {
    outDir: new URL('../dist/renderer', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'chrome130',
    // The shell and the headless host forbid data: scripts and count requests of their own origin only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
});
