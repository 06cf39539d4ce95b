import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

// Native modules and what they load stay in node_modules; everything else is bundled, so that the
// command starts without walking hundreds of files.
const bundled = ['zod', 'commander', '@noble/ciphers', '@noble/curves', '@noble/hashes', '@scure/bip39'];
const path = (name: string) => resolve(import.meta.dirname, name);

export default defineConfig({
  main: {
    build: {
      externalizeDeps: { exclude: bundled },
      rolldownOptions: {
        input: { index: path('src/main/index.ts'), cli: path('src/cli/index.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name].js' },
      },
    },
  },
  preload: {
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
    plugins: [react()],
    build: { rolldownOptions: { input: path('src/renderer/index.html') } },
  },
});
