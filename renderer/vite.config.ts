import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { isUnusedSelector } from './unused-styles.ts';

/**
 * Leaves out Blueprint's table of all icon names. It serves icons that are named by a string, is made of some six hundred names at
 * every start, and this page uses icons as components only; a string would be reported as an unknown icon.
 */
const withoutIconNames: Plugin = {
  name: 'without-icon-names',
  enforce: 'pre',
  load: (id) =>
    /@blueprintjs[\\/]icons[\\/]lib[\\/]esm[\\/]iconNames\.js/.test(id)
      ? 'export const IconNames = {}; export const IconNamesSet = new Set();'
      : null,
};

/**
 * Has Chromium compile the first file beside the main thread while it arrives, instead of function by function while the
 * first screen is drawn.
 */
const compiledAhead: Plugin = {
  name: 'compiled-ahead',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler: (_options, bundle) => {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk' && file.isEntry) file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
    },
  },
};

const withoutUnusedStyles = {
  postcssPlugin: 'without-unused-styles',
  Rule: (rule: {
    selectors: string[];
    readonly source?: { readonly input: { readonly file?: string | undefined } } | undefined;
    remove(): unknown;
  }) => {
    if (rule.source?.input.file?.endsWith('blueprint.css') !== true) return;
    const used = rule.selectors.filter((selector) => !isUnusedSelector(selector));
    if (used.length === 0) rule.remove();
    else if (used.length < rule.selectors.length) rule.selectors = used;
  },
};

/** Builds the page into dist/renderer with relative addresses, for app:// and for the headless host alike. */
export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  base: './',
  plugins: [react(), withoutIconNames, compiledAhead],
  css: { postcss: { plugins: [withoutUnusedStyles] } },
  build: {
    outDir: new URL('../dist/renderer', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'chrome130',
    // The shell and the headless host forbid data: scripts and count requests of their own origin only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // The terminal's and the editor's chunks are large, and are loaded when they are opened.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    // What the first screen needs is one file: each more is asked for and answered before anything runs.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } } },
  },
});
