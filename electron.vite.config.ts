/** How the three parts are built: main (Node), preload (sandboxed bridge), renderer (page). */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        // Every file that something starts by path is an entry of its own.
        input: {
          index: resolve('src/main/index.ts'),
          cli: resolve('src/main/shell/cli.ts'),
          compute: resolve('src/main/compute/process.ts'),
          session: resolve('src/main/compute/sessionThread.ts'),
          loader: resolve('src/main/compute/loaderThread.ts'),
          imaging: resolve('src/main/compute/imagingThread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload must be CommonJS.
      rollupOptions: { input: { index: resolve('src/preload/index.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    worker: { format: 'es' },
    build: { outDir: 'out/renderer', rollupOptions: { input: resolve('src/renderer/index.html') }, chunkSizeWarningLimit: 4000 },
  },
});
