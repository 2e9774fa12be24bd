import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      container: z.object({ image: z.string(), options: z.string() }),
      steps: z.array(z.object({ run: z.string().optional(), uses: z.string().optional() })),
    }),
  ),
});

const issueForm = z.object({
  name: z.string().min(1),
  description: z.string().min(1),
  body: z.array(z.object({ type: z.enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']) })).min(1),
});

const jobs = Object.values(workflow.parse(parse(read('.github/workflows/ci.yml'))).jobs);
const version = read('.nvmrc').trim();

describe('the hosted check', () => {
  it('runs the same program as any other machine, and nothing beside it', () => {
    const commands = jobs.flatMap((job) => job.steps.flatMap((step) => step.run ?? []));
    expect(commands).toEqual(['.ci/run']);
  });

  it('gives the lab the privileges it needs to boot servers', () => {
    expect(jobs.map((job) => job.container.options.split(' ').includes('--privileged'))).toEqual([true]);
  });

  it('uses the Node that developers use, which is one that package.json allows', () => {
    const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(JSON.parse(read('package.json')));
    expect(engines.node).toBe(`>=${version}`);
    expect(jobs.map((job) => job.container.image)).toEqual([`node:${version}-bookworm`]);
  });
});

describe('the forms for issues', () => {
  const forms = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');

  it.each(forms)('%s is one that can be filled in', (name) => {
    expect(() => issueForm.parse(parse(read(`.github/ISSUE_TEMPLATE/${name}`)))).not.toThrow();
  });

  it('send vulnerabilities to the place that SECURITY.md names', () => {
    const place = 'https://github.com/matriarch-ha/matriarch/security/advisories/new';
    expect([read('.github/ISSUE_TEMPLATE/config.yml'), read('SECURITY.md')].every((text) => text.includes(place))).toBe(
      true,
    );
  });
});
