import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = new URL('.', import.meta.url).pathname;

/**
 * Serves the page on hand-written states instead of a core, and /catalogue.html, every shared component in its states:
 * `npx vite --config test/support/page-double/vite.config.ts`.
 */
export default defineConfig({
  root: here,
  plugins: [react()],
  build: {
    target: 'chrome130',
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [`${here}index.html`, `${here}catalogue.html`] },
  },
  server: {
    host: '127.0.0.1',
    port: 5177,
    strictPort: true,
    fs: { allow: [new URL('../../..', import.meta.url).pathname] },
  },
});
