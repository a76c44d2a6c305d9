// The pages, whoever looks at them.
import AxeBuilderSource from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { sign_in } from '../browser.mjs';
import { fixture, fresh_page, open, page, problems } from './bed.mjs';

const partition = '/gateways/press-line-3/partitions/';
const green = () => page.locator('.sign.tone-ok, .tree-state.tone-ok, svg .tone-ok, .fill-ok, .cell-open').count();

describe('sign-in', () => {
    it('refuses a wrong password and says what helps', async () => {
        await open('/');
        await page.getByLabel('User').fill('ida');
        await page.getByLabel('Password').fill('wrong');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('alert').getByText('User or password is wrong').waitFor();
        expect(await page.getByLabel('Password').inputValue()).toBe('');
    });
    it('comes back when the session has ended', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await page.context().clearCookies();
        await page.reload();
        await page.getByLabel('Password').waitFor();
    });
});

describe('roles', () => {
    it('show an OT operator no administration, and actions', async () => {
        await sign_in(page, fixture.url, 'olga', 'demo');
        expect(await page.getByRole('link', { name: /Users|Audit|Add a gateway/ }).count()).toBe(0);
        await open(`${partition}press`);
        await page.getByRole('button', { name: 'Restart' }).waitFor();
        expect(await page.getByRole('button', { name: 'serial console' }).count()).toBe(0);
        await open('/users');
        await page.getByText('There is nothing here').waitFor();
    });
    it('show an auditor no actions, and the audit', async () => {
        await sign_in(page, fixture.url, 'amir', 'demo');
        await page.getByRole('link', { name: 'Audit', exact: true }).click();
        await page.getByText('gateway.enrolled').waitFor();
        await open(`${partition}press`);
        await page.getByText('Attestation explained').waitFor();
        expect(await page.getByRole('button', { name: /^(Start|Stop|Restart|Lock|Unlock)$/ }).count()).toBe(0);
        expect(await page.getByText('The application’s latest lines').count()).toBe(0);
    });
    it("show a vendor its own tenant's partitions", async () => {
        await sign_in(page, fixture.url, 'vera', 'demo');
        await open('/gateways/press-line-3');
        await page.locator('tbody th').getByText('robot-cell').first().waitFor();
        expect(await page.getByText('can-logger').count()).toBe(0);
        await open(`${partition}press`);
        await page.getByText('There is no partition press').waitFor();
    });
});

describe('fleet', () => {
    it('filters and sorts by the server, and the address holds the filter', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await page.getByLabel('Search').fill('press');
        await page.getByText('2 gateways').waitFor();
        await page.getByLabel('Attestation', { exact: true }).selectOption('untrusted');
        await page.getByText('1 gateway', { exact: true }).waitFor();
        expect(page.url()).toContain('search=press&attestation=untrusted');
        await page.reload();
        await page.getByText('1 gateway', { exact: true }).waitFor();
        expect(await page.getByLabel('Search').inputValue()).toBe('press');
        await page.getByTitle('Sort by Site').click();
        await expect.poll(() => fixture.requests.some((one) => one.includes('sort=site'))).toBe(true);
    });
    it('pages with the token that the server gave', async () => {
        for (let at = 0; at < 60; at += 1) fixture.data.gateways.push({ ...fixture.data.gateways[0], name: `more-${at}` });
        await sign_in(page, fixture.url, 'ida', 'demo');
        await page.getByRole('button', { name: 'Next page' }).click();
        await page.getByRole('button', { name: 'First page' }).waitFor();
        expect(page.url()).toContain('page_token=50');
    });
    it('shows an offline gateway and a software anchor never as plain green', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        const row = (name) => page.getByRole('row', { name: new RegExp(`^${name} `) });
        expect(await row('paint-shop').locator('.tone-ok').count()).toBe(0);
        const trust = row('press-line-3').locator('td', { hasText: 'software' });
        expect(await trust.locator('.tone-ok').count()).toBe(0);
        await trust.getByText('trusted').waitFor();
    });
});

describe('the line', () => {
    it('brings changes by push, without a reload', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await open(`${partition}press`);
        await page.getByText('Live', { exact: true }).waitFor();
        fixture.data.partitions[1].health = 'degraded';
        fixture.data.partitions[1].reason = 'device can-1 is gone';
        fixture.change({ gateway: 'press-line-3', partition: 'press', kind: 'partition' });
        await page.getByText('device can-1 is gone').first().waitFor();
    });
    it('turns everything stale when it is lost, and current again when it returns', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await open('/gateways/press-line-3');
        await page.locator('.picture').waitFor();
        await page.getByText('Live', { exact: true }).waitFor();
        await expect.poll(green).toBeGreaterThan(3);
        fixture.cut();
        await page.locator('.banner').waitFor();
        expect(await green()).toBe(0);
        await page.getByText('was ok').first().waitFor();
        await open(`${partition}press`);
        await page.locator('.banner').waitFor();
        expect(await page.locator('.sign.tone-ok:not(.changes .sign)').count()).toBe(0);
        expect(await page.getByRole('button', { name: 'Restart' }).getAttribute('aria-disabled')).toBe('true');
        fixture.mend();
        await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
        expect(await page.locator('.banner').count()).toBe(0);
        await expect.poll(green).toBeGreaterThan(1);
    });
    it('lets ages tick', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        const age = page.getByRole('row', { name: /^paint-shop / }).locator('.age').first();
        fixture.data.gateways[0].last_seen_seconds = 2;
        const seen = page.getByRole('row', { name: /^press-line-4 / }).locator('.age').first();
        const before = await seen.innerText();
        await age.waitFor();
        await expect.poll(() => seen.innerText(), { timeout: 5000 }).not.toBe(before);
    });
});

describe('the switch of a gateway', () => {
    it('shows who was refused what as it happens, in the picture and in words', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await open('/gateways/press-line-3');
        const picture = page.locator('.picture');
        await picture.getByText('214 × no_conduit', { exact: true }).waitFor();
        await page.getByText('Live', { exact: true }).waitFor();
        expect(await page.getByText('9 × unknown_neighbour').count()).toBe(0);
        fixture.data.denials.unshift({ ...fixture.data.denials[0], from: 'it-admin', to: 'press', reason: 'unknown_neighbour', count: 9, service: '' });
        fixture.change({ gateway: 'press-line-3', partition: '', kind: 'gateway' });
        await picture.getByText('it-admin → press', { exact: true }).waitFor();
        await picture.getByText('9 × unknown_neighbour', { exact: true }).waitFor();
        await page.getByRole('row', { name: /^it-admin press .*unknown_neighbour/ }).waitFor();
        expect(await picture.locator('.node-refused').count()).toBe(5);
        expect(await picture.locator('.node-conduit').count()).toBe(3);
    });
    it('shows routers with their uplinks, and outsides where conduits end', async () => {
        await sign_in(page, fixture.url, 'ida', 'demo');
        await open('/gateways/press-line-3');
        const router = page.locator('.picture .node-router').filter({ hasText: 'acme' });
        await router.getByText('plant used').waitFor();
        await router.locator('.tone-warn').getByText('mobile down').waitFor();
        await page.locator('.picture .node-outside').getByText('updates', { exact: true }).waitFor();
        await page.locator('.picture .edge-serves').first().waitFor();
        const table = page.getByRole('region', { name: 'Routers' });
        await table.getByText('dnsmasq ended with code 2').waitFor();
        fixture.data.routers[0].uplinks = fixture.data.routers[0].uplinks.map((one) => ({ ...one, healthy: !one.healthy, used: !one.used }));
        fixture.change({ gateway: 'press-line-3', partition: '', kind: 'gateway' });
        await router.getByText('mobile used').waitFor();
        await router.getByText('plant down').waitFor();
    });
    it('shows ten refusals at first, and all when asked', async () => {
        fixture.data.denials = Array.from({ length: 14 }, (_, at) => ({ ...fixture.data.denials[0], address: `10.20.1.${at}` }));
        await sign_in(page, fixture.url, 'ida', 'demo');
        await open('/gateways/press-line-3');
        const rows = page.getByRole('region', { name: 'Who was refused what' }).locator('tbody tr');
        await expect.poll(() => rows.count()).toBe(10);
        await page.getByRole('button', { name: 'Show all 14' }).click();
        await expect.poll(() => rows.count()).toBe(14);
    });
});

describe('partition', () => {
    beforeEach(() => sign_in(page, fixture.url, 'ida', 'demo'));
    it('respects a lock, says why, and goes on after it is unlocked', async () => {
        await open(`${partition}robot-cell`);
        const restart = page.getByRole('button', { name: 'Restart' });
        await expect.poll(() => restart.getAttribute('aria-disabled')).toBe('true');
        await page.getByText(/Stop, Restart:.*calibration until the end of the shift/).waitFor();
        // A person can still press it: Playwright would wait until it is enabled.
        await restart.click({ force: true });
        expect(await page.getByRole('dialog').count()).toBe(0);
        await page.getByRole('button', { name: 'Unlock' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
        await expect.poll(() => restart.getAttribute('aria-disabled')).toBe(null);
        await restart.click();
        await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
        await expect.poll(() => fixture.requests.some((one) => one.endsWith('robot-cell/restart'))).toBe(true);
    });
    it('explains a failed attestation: cause, PCR, record, expected and seen', async () => {
        fixture.data.partitions[1].attestation = 'untrusted';
        await open(`${partition}press`);
        const proof = page.locator('.proof');
        for (const part of ['digest-mismatch', '13', '7 PARTITION_START press', fixture.data.forged.expected, fixture.data.forged.seen])
            await proof.getByText(part, { exact: true }).waitFor();
    });
    it('shows output as it comes', async () => {
        await open(`${partition}press`);
        const lines = page.getByRole('log').locator('div');
        await expect.poll(() => lines.count()).toBeGreaterThan(29);
        const before = await lines.count();
        await expect.poll(() => lines.count()).toBeGreaterThan(before);
    });
    it('has a serial console that takes what is typed, and closes it', async () => {
        await open(`${partition}press`);
        await page.getByRole('button', { name: 'Open the serial console' }).click();
        await expect.poll(() => page.locator('.xterm-rows').innerText()).toContain('~ #');
        await page.keyboard.type('uname');
        await expect.poll(() => page.locator('.xterm-rows').innerText()).toContain('uname');
        await page.getByRole('button', { name: 'Close it' }).click();
        await expect.poll(() => fixture.requests.includes('DELETE /api/v1/gateways/press-line-3/partitions/press/console/c1')).toBe(true);
    });
});

describe('administration', () => {
    beforeEach(() => sign_in(page, fixture.url, 'ida', 'demo'));
    it('shows a new password once', async () => {
        await page.getByRole('link', { name: 'Users' }).click();
        await page.getByRole('button', { name: 'Add a user' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('noor');
        await dialog.getByLabel('Role').selectOption('vendor');
        await dialog.getByLabel('Tenant').fill('acme');
        await dialog.getByRole('button', { name: 'Add a user' }).click();
        await page.getByText('rivet-amber-lathe-42').waitFor();
        await page.getByRole('button', { name: 'Close' }).click();
        await page.getByRole('rowheader', { name: 'noor' }).waitFor();
        expect(await page.getByText('rivet-amber-lathe-42').count()).toBe(0);
    });
    it('shows a join string once, with the command to paste', async () => {
        await page.getByRole('link', { name: 'Add a gateway' }).first().click();
        await page.getByRole('button', { name: 'Make a join string' }).click();
        await page.getByText(/^bulkhead enroll 'bulkhead-join:.*'$/).waitFor();
        await open('/');
        await open('/add');
        await page.getByRole('button', { name: 'Make a join string' }).waitFor();
        expect(fixture.tokens).toBe(1);
    });
});

const routes = ['/', '/gateways/press-line-3', '/gateways/press-line-4', '/gateways/paint-shop', `${partition}robot-cell`, '/events', '/audit', '/users', '/add', '/account'];

describe.each(['light', 'dark'])('accessibility, %s', (colorScheme) => {
    it('has no serious violation on any page', async () => {
        await fresh_page({ colorScheme, bypassCSP: true });
        const check = async (where) => {
            await page.evaluate(AxeBuilderSource.source);
            const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
            const bad = result.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
            expect(bad.map((one) => `${where}: ${one.id}: ${one.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`)).toEqual([]);
        };
        await open('/');
        await page.getByLabel('User').waitFor();
        await check('sign-in');
        await sign_in(page, fixture.url, 'ida', 'demo');
        for (const route of routes) {
            await open(route);
            await page.getByRole('heading', { level: 1 }).waitFor();
            await page.getByText('Live', { exact: true }).waitFor();
            await check(route);
        }
        fixture.cut();
        await open('/gateways/press-line-3');
        await page.locator('.banner').waitFor();
        await check('lost line');
        expect(problems).toEqual([]);
    });
});

it('keeps who changes the password signed in', async () => {
    await sign_in(page, fixture.url, 'ida', 'demo');
    await open('/account');
    await page.getByLabel('Present password').fill('demo');
    await page.getByLabel('New password').fill('a longer secret');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByText('Changed.').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Account' }).waitFor();
});

it('takes an address that nobody could have meant, and shows what a gateway says as text', async () => {
    await sign_in(page, fixture.url, 'ida', 'demo');
    for (const path of ['/gateways/%', '/gateways/press-line-3/partitions/%zz', '/%E0%A4%A']) {
        await open(path);
        await page.getByRole('link', { name: 'To the fleet' }).waitFor();
    }
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
    fixture.data.partitions[1].health = 'degraded';
    fixture.data.partitions[1].reason = markup;
    await open('/gateways/press-line-3');
    await page.getByText(markup).first().waitFor();
    expect(await page.locator('main img, main b').count()).toBe(0);
});

it('keeps to itself: no request to another host, no error, nothing that its own policy forbids', async () => {
    await sign_in(page, fixture.url, 'ida', 'demo');
    for (const route of routes) {
        await open(route);
        await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(problems).toEqual([]);
});

it('fits a phone: no page is wider than the screen', async () => {
    await fresh_page({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await sign_in(page, fixture.url, 'ida', 'demo');
    for (const route of routes) {
        await open(route);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('load');
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, route).toBeLessThanOrEqual(390);
    }
});
