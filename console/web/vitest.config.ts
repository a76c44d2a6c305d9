import { defineConfig } from 'vitest/config';

export default defineConfig({
    test: {
        projects: [
            { test: { name: 'logic', environment: 'node', include: ['tests/logic/*.test.ts'] } },
            {
                // Chromium against the built dist, served by the fixture.
                test: {
                    name: 'browser',
                    environment: 'node',
                    include: ['tests/browser/*.test.mjs'],
                    testTimeout: 60_000,
                    hookTimeout: 60_000,
                    fileParallelism: false,
                },
            },
        ],
    },
});
