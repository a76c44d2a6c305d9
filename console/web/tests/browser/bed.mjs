// The built UI in Chromium against the double of the console: a fresh one of each for every test of the file that
// imports this, and nothing may go amiss in the page.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { open_browser } from '../browser.mjs';
import { start_fixture } from '../fixture/server.mjs';

let browser;
export let fixture;
export let page;
export let problems;

beforeAll(async () => {
    browser = await open_browser();
});
afterAll(() => browser.close());
beforeEach(async () => {
    fixture = await start_fixture();
    problems = [];
    await fresh_page();
});
afterEach(async () => {
    expect(problems).toEqual([]);
    await page.context().close();
    await fixture.close();
});

export async function fresh_page(options = {}) {
    await page?.context().close();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Vienna', ...options });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
        if (/Content Security Policy|Warning:|Each child/.test(message.text())) problems.push(message.text());
    });
    page.on('request', (request) => {
        if (!request.url().startsWith(fixture.url) && !request.url().startsWith('data:')) problems.push(`asked ${request.url()}`);
    });
}

export const open = (path) => page.goto(fixture.url + path);
