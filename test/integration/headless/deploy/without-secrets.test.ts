import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeployArguments } from '../../../../electron/headless/deploy/arguments';
import { runDeployCommand } from '../../../../electron/headless/deploy/commands';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

/** Nothing listens there, so that every command ends at the connection. */
const file = `version: 1
scope: shop
servers:
  - { name: db1, address: 10.0.0.11, roles: [etcd, postgres], ssh: { host: 127.0.0.1, port: 1, user: root, key: /none } }
`;

describe('the command line on a fresh machine, without a terminal', () => {
  let directory: TempDirectory;
  beforeEach(async () => {
    directory = await tempDirectory();
    await writeFile(join(directory.path, 'shop.yml'), file);
  });
  afterEach(async () => {
    await directory.remove();
  });

  const run = (command: string): Promise<number> => {
    const args = readDeployArguments([command, join(directory.path, 'shop.yml'), '--data', directory.path]);
    if ('usage' in args) throw new Error(args.usage);
    return runDeployCommand(args);
  };

  it.each(['plan', 'check'])('comes as far as the servers by %s, and asks for no password', async (command) => {
    await expect(run(command)).rejects.toMatchObject({ code: 'deploy.server_unreachable' });
  });

  it.each(['apply', 'undo'])('says by %s that there is nowhere to keep passwords', async (command) => {
    await expect(run(command)).rejects.toMatchObject({ code: 'deploy.secrets_nowhere' });
  });
});
