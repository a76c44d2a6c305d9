// Debian's Chromium for tests and screenshots.
import { chromium } from 'playwright-core';

export function open_browser() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--font-render-hinting=none'],
    });
}

export async function sign_in(page, base, user, password) {
    await page.goto(base);
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
}
