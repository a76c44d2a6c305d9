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
                    // A busy machine draws slowly: what is awaited is awaited for as long as a page is.
                    testTimeout: 180_000,
                    hookTimeout: 60_000,
                    expect: { poll: { timeout: 15_000 } },
                    fileParallelism: false,
                },
            },
        ],
    },
});
