import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorPage, errorPlaces } from './error-codes';

const root = fileURLToPath(new URL('../../..', import.meta.url));
writeFileSync(`${root}docs/errors.md`, errorPage(errorPlaces(root)));
