import './styles/fonts.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/picture.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client';
import { App } from './App';
import { Guard } from './ui/Guard';
import { NowProvider } from './ui/now';
import { apply_theme } from './ui/theme';

apply_theme();
const client = new QueryClient({
    defaultOptions: {
        queries: {
            staleTime: 5_000,
            // What was refused is refused again; what failed on the way may pass.
            retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
        },
    },
});

const root = document.getElementById('root');
if (root)
    createRoot(root).render(
        <StrictMode>
            <QueryClientProvider client={client}>
                <NowProvider>
                    <Guard>
                        <App />
                    </Guard>
                </NowProvider>
            </QueryClientProvider>
        </StrictMode>,
    );
