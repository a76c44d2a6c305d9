// Writes package-lock.json anew (`npm run lock`) and takes the addresses out of it: the digests say what a package is,
// where it comes from (a registry, a mirror, an air-gapped copy) is the builder's business.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--omit-lockfile-registry-resolved=false'], { stdio: 'inherit' });
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const one of Object.values(lock.packages)) delete one.resolved;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
