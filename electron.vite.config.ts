import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { BRIDGE_METHODS } from './src/shared/bridge.ts';

// Native modules and what they load stay in node_modules; everything else is bundled, so that the
// command starts without walking hundreds of files.
const bundled = [
  'zod',
  'commander',
  'intl-messageformat',
  '@formatjs/fast-memoize',
  '@formatjs/icu-messageformat-parser',
  '@formatjs/icu-skeleton-parser',
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@noble/post-quantum',
  '@scure/bip39',
  '@scure/base',
  'age-encryption',
  '@zxcvbn-ts/core',
  '@zxcvbn-ts/language-common',
  '@zxcvbn-ts/language-en',
  '@zxcvbn-ts/dictionary-compression',
  'fastest-levenshtein',
  'shamir-secret-sharing',
  'qrcode-generator',
];
const path = (name: string) => resolve(import.meta.dirname, name);

/** Writes the names of the page's files; `app://bundle/` serves these and nothing else. */
const manifestOfNames = {
  name: 'keyward:names',
  generateBundle: {
    order: 'post' as const,
    handler(this: { emitFile: (file: EmittedAsset) => void }, _options: unknown, bundle: object) {
      const names = Object.keys(bundle).sort();
      this.emitFile({ type: 'asset', fileName: 'names.json', source: `${JSON.stringify(names, null, 2)}\n` });
    },
  },
};
type EmittedAsset = { type: 'asset'; fileName: string; source: string };

export default defineConfig({
  main: {
    build: {
      externalizeDeps: { exclude: bundled },
      rolldownOptions: {
        input: {
          index: path('src/main/index.ts'),
          cli: path('src/cli/index.ts'),
          // Started by its name, by whichever bundle holds the engine.
          worker: path('src/main/envelope/engine/worker.ts'),
          'strength-worker': path('src/main/unlock/strength-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name].js' },
      },
    },
  },
  preload: {
    // The bridge's names come from its contract; the schemas stay in the main process.
    define: { __BRIDGE_METHODS__: JSON.stringify(BRIDGE_METHODS) },
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: path('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: path('src/renderer'),
    plugins: [react(), manifestOfNames],
    build: {
      // Nothing inlined: the page's policy allows no data: addresses and no inline script.
      assetsInlineLimit: 0,
      modulePreload: false,
      minify: true,
      // One page, loaded from the disk; what it may weigh is tested (test/integration/built.test.ts).
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: { input: path('src/renderer/index.html') },
    },
  },
});
