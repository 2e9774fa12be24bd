import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Serves the page on hand-written states instead of a core: `npx vite --config test/support/page-double/vite.config.ts`. */
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  plugins: [react()],
  build: { target: 'chrome130', reportCompressedSize: false, modulePreload: { polyfill: false } },
  server: {
    host: '127.0.0.1',
    port: 5177,
    strictPort: true,
    fs: { allow: [new URL('../../..', import.meta.url).pathname] },
  },
});
