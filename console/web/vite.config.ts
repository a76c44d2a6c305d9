import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The built assets are served by bulkhead-console from dist/. `npm run dev` passes API calls on to a console
// (or the tests' fixture) at API.
export default defineConfig({
    plugins: [react()],
    build: { outDir: 'dist', sourcemap: false, chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
    server: { proxy: { '/api': { target: process.env.API ?? 'http://127.0.0.1:8081' } } },
});
