// The test of a serial line, from the row of its device.
import { describe, expect, it } from 'vitest';
import { sign_in } from '../browser.mjs';
import { fixture, fresh_page, open, page } from './bed.mjs';

describe('test of a serial line', () => {
    const test_button = () => page.getByRole('button', { name: 'Test can-1' });
    const at_the_devices = async (user) => {
        await sign_in(page, fixture.url, user, 'demo');
        await open('/gateways/press-line-3');
        await page.getByRole('row', { name: /^can-1 / }).waitFor();
    };
    const ask = async () => {
        await test_button().click();
        await page.getByRole('dialog').getByText(/Whatever is at the line hears them too/).waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Test' }).click();
    };
    const asked = () => fixture.requests.filter((one) => one === 'POST /api/v1/gateways/press-line-3/devices/can-1/test').length;

    it('is there for whoever may, and for a serial line that somebody has', async () => {
        await at_the_devices('ida');
        await test_button().waitFor();
        expect(await page.getByRole('button', { name: /^Test / }).count()).toBe(2);
        for (const user of ['olga', 'amir']) {
            await fresh_page();
            await at_the_devices(user);
            expect(await page.getByRole('button', { name: /^Test / }).count()).toBe(0);
        }
    });
    it('waits for its partition to be off, and asks before it sends', async () => {
        await at_the_devices('ida');
        await page.locator('.because').getByText('press has the line and runs: stop it first.').waitFor();
        await test_button().click({ force: true });
        expect(await page.getByRole('dialog').count()).toBe(0);
        fixture.data.partitions[1].state = 'stopped';
        fixture.change({ gateway: 'press-line-3', partition: 'press', kind: 'partition' });
        await expect.poll(() => test_button().getAttribute('aria-disabled')).toBe(null);
        await test_button().click();
        await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
        expect(asked()).toBe(0);
    });
    it('tells what came back, and what did not', async () => {
        fixture.data.partitions[1].state = 'stopped';
        await at_the_devices('ida');
        const row = page.getByRole('row', { name: /^can-1 / });
        fixture.data.loop = true;
        await ask();
        await row.getByText('all 256 bytes came back as they were sent').waitFor();
        await row.getByText('115200 8N1: 256 bytes sent, 256 heard, 0 of them wrong; took 275 ms, the line needs 267 ms').waitFor();
        await row.getByText('test passed').waitFor();
        fixture.data.loop = false;
        await ask();
        await row.getByText(/^nothing came back: no loop plug/).waitFor();
        await row.getByText('test failed').waitFor();
        expect(await row.getByText('test passed').count()).toBe(0);
        expect(asked()).toBe(2);
    });
    it('tells what the gateway refused, and what mends it', async () => {
        fixture.data.partitions[1].state = 'stopped';
        await at_the_devices('ida');
        await test_button().waitFor();
        fixture.data.partitions[1].state = 'running';
        await ask();
        const told = page.getByRole('row', { name: /^can-1 / }).getByRole('alert');
        await told.getByText("device can-1 can't be tested: a virtual machine has the line").waitFor();
        await told.getByText('bulkhead stop press').waitFor();
    });
});
