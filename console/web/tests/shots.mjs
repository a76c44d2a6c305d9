// Screenshots of all pages, wide and phone size, light and dark, of a console at work.
//   BASE_URL=http://127.0.0.1:8080 USER=admin PASSWORD=... [GATEWAY=name] [PARTITION=name] [OUT=shots] node tests/shots.mjs
import { mkdir } from 'node:fs/promises';
import { open_browser, sign_in } from './browser.mjs';

const { BASE_URL, USER, PASSWORD, OUT = 'shots' } = process.env;
if (!BASE_URL || !USER || !PASSWORD) {
    console.error('wanted in the environment: BASE_URL, USER, PASSWORD');
    process.exit(2);
}
await mkdir(OUT, { recursive: true });
const browser = await open_browser();
try {
    for (const [size, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }))
        for (const colorScheme of ['light', 'dark']) {
            const context = await browser.newContext({ viewport, colorScheme, ignoreHTTPSErrors: true, isMobile: size === 'phone', hasTouch: size === 'phone', timezoneId: 'Europe/Vienna' });
            const page = await context.newPage();
            const shoot = async (name, fullPage = true) => {
                await page.evaluate(() => document.fonts.ready);
                await page.screenshot({ path: `${OUT}/${name}-${size}-${colorScheme}.png`, fullPage });
            };
            await page.goto(BASE_URL);
            await page.getByLabel('User').waitFor();
            await shoot('sign-in', false);
            await sign_in(page, BASE_URL, USER, PASSWORD);
            await page.locator('tbody tr').first().waitFor();
            await shoot('fleet');
            await shoot('fleet-view', false);
            // The gateway with the picture: the named one, or the first in the list.
            const gateway = process.env.GATEWAY ?? (await page.locator('tbody th a').first().innerText());
            await page.goto(`${BASE_URL}/gateways/${encodeURIComponent(gateway)}`);
            await page.locator('.picture').waitFor();
            await page.getByText('Live', { exact: true }).waitFor();
            await shoot('gateway');
            const partition = process.env.PARTITION ?? (await page.locator('tbody th a').first().innerText());
            await page.goto(`${BASE_URL}/gateways/${encodeURIComponent(gateway)}/partitions/${encodeURIComponent(partition)}`);
            await page.locator('.timeline, .section').first().waitFor();
            const serial = page.getByRole('button', { name: 'Open the serial console' });
            if (await serial.count()) {
                await serial.click();
                await page.waitForTimeout(1500);
            }
            await page.evaluate(() => window.scrollTo(0, 0));
            await shoot('partition');
            for (const name of ['events', 'audit', 'users', 'add', 'account']) {
                await page.goto(`${BASE_URL}/${name}`);
                await page.getByRole('heading', { level: 1 }).waitFor();
                await page.waitForTimeout(300);
                await shoot(name);
            }
            await context.close();
        }
} finally {
    await browser.close();
}
