// What the browser shows of a real console: every page comes up, and the console refuses nothing that a page asks for.
//   BASE_URL= USER= PASSWORD= GATEWAY= PARTITION= node tests/live.mjs
import { open_browser, sign_in } from './browser.mjs';

const { BASE_URL, USER, PASSWORD, GATEWAY, PARTITION } = process.env;
const browser = await open_browser();
const refused = [];
try {
    const page = await browser.newPage();
    await page.goto(BASE_URL);
    await sign_in(page, BASE_URL, USER, PASSWORD);
    page.on('response', (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
    page.on('pageerror', (error) => refused.push(error.message));
    const gateway = `${BASE_URL}/gateways/${GATEWAY}`;
    const pages = [
        [BASE_URL, (one) => one.getByRole('link', { name: GATEWAY })],
        [gateway, (one) => one.locator('.picture').getByText(PARTITION, { exact: true })],
        [`${gateway}/partitions/${PARTITION}`, (one) => one.getByText('reading: ').first()],
        ...['events', 'audit', 'users', 'add', 'account'].map((name) => [`${BASE_URL}/${name}`, (one) => one.getByRole('heading', { level: 1 })]),
    ];
    for (const [url, sight] of pages) {
        await page.goto(url);
        await sight(page).first().waitFor();
    }
} finally {
    await browser.close();
}
if (refused.length > 0) {
    console.error(refused.join('\n'));
    process.exit(1);
}
