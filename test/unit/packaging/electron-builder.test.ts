import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'app-builder-lib';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config';
import { FuseV1Options } from '@electron/fuses';
import { DebugLogger } from 'builder-util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../..', import.meta.url).pathname;
const configuration: Configuration = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8'));

describe('electron-builder.yml', () => {
  it('is valid for electron-builder', async () => {
    await expect(validateConfiguration(configuration, new DebugLogger(false))).resolves.toBeUndefined();
  });

  it('is invalid with an option electron-builder does not know', async () => {
    const misspelt = { ...configuration, asarr: true };
    await expect(validateConfiguration(misspelt, new DebugLogger(false))).rejects.toThrow();
  });

  it('sets every fuse of this Electron', () => {
    const known = Object.values(FuseV1Options)
      .filter((name) => typeof name === 'string')
      .map((name) => name.charAt(0).toLowerCase() + name.slice(1));
    expect(known.length).toBeGreaterThan(6);
    expect(Object.keys(configuration.electronFuses ?? {})).toEqual(expect.arrayContaining(known));
  });

  it('allows no Node by environment or flag and runs code from the archive only', () => {
    expect(configuration.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it.each(['linux', 'mac', 'win'] as const)('builds packages for %s', (platform) => {
    expect(configuration[platform]).toHaveProperty('target');
  });
});
