// Calls of the REST API. Every failure is an ApiError that carries what the console said, so that pages can show
// cause and mend.
import type { ErrorDetail } from './types';
import { texts } from '../texts/en';

export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly errors: ErrorDetail[],
    ) {
        super(errors.map((error) => error.what).join('; ') || texts.errors.status(status));
    }
    get mend(): string {
        return this.errors.map((error) => error.mend).filter(Boolean).join('; ');
    }
}

// A path whose parts are names that people chose.
export function path(...parts: string[]): string {
    return '/api/v1/' + parts.map(encodeURIComponent).join('/');
}

export async function error_of(answer: Response): Promise<ApiError> {
    try {
        const body = (await answer.json()) as { errors?: ErrorDetail[] };
        return new ApiError(answer.status, Array.isArray(body.errors) ? body.errors : []);
    } catch {
        return new ApiError(answer.status, []);
    }
}

async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
    let answer: Response;
    try {
        answer = await fetch(url, {
            method,
            headers: body === undefined ? { Accept: 'application/json' } : { 'Content-Type': 'application/json' },
            body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
            credentials: 'same-origin',
            cache: 'no-store',
        });
    } catch {
        throw new ApiError(0, []);
    }
    if (!answer.ok) throw await error_of(answer);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export const api = {
    read: <T>(url: string) => call<T>('GET', url),
    post: <T = void>(url: string, body?: unknown) => call<T>('POST', url, body ?? {}),
    put: <T = void>(url: string, body: unknown) => call<T>('PUT', url, body),
    remove: (url: string) => call<void>('DELETE', url),
};
