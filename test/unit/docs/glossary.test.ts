import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { glossary } from '../../../renderer/ui/wording/glossary';

const page = readFileSync(new URL('../../../docs/glossary.md', import.meta.url), 'utf8').replaceAll('`', '');

it.each(Object.entries(glossary))('the page explains "%s" as the glossary of the documents does', (term, sentence) => {
  expect(page).toContain(`| ${term} | ${sentence} |`);
});
