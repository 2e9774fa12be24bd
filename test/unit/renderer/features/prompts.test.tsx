// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import PromptDialog from '../../../../renderer/features/prompts/prompt-dialog';
import { connectCore } from '../../../../renderer/rpc/core';
import { PageContext } from '../../../../renderer/rpc/hooks';
import { createPage } from '../../../../renderer/rpc/page';
import type { Prompt } from '../../../../shared/model/app/prompt';
import { doubleClient } from '../../../support/page-double/client';

afterEach(cleanup);

const hostKey = (name: string, algorithm: string): Prompt => ({
  id: name,
  kind: 'host_key',
  serverName: name,
  hostKey: { host: `${name}.example.net`, port: 22, algorithm, fingerprint: `SHA256:${name}` },
});

function ask(...open: readonly Prompt[]): void {
  const core = connectCore({
    dial: () => Promise.resolve({ client: doubleClient(), closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  render(
    <PageContext value={createPage(core)}>
      <PromptDialog open={open} />
    </PageContext>,
  );
}

describe('the question about a host key', () => {
  it('names the file of the kind of key that was shown', () => {
    ask(hostKey('db1', 'ecdsa-sha2-nistp256'));
    expect(screen.getByRole('dialog').textContent).toContain('/etc/ssh/ssh_host_ecdsa_key.pub');
    expect(screen.getByRole('dialog').textContent).not.toContain('ed25519');
    expect(screen.getByRole('dialog').textContent).toContain('ssh-keyscan -t ecdsa db1.example.net');
  });

  it('is asked once for all servers that wait for it', () => {
    ask(hostKey('db1', 'ssh-ed25519'), hostKey('db2', 'ssh-ed25519'), hostKey('db3', 'ssh-rsa'));
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
    expect(screen.getAllByTestId('fingerprint').map((one) => one.textContent)).toEqual([
      'SHA256:db1',
      'SHA256:db2',
      'SHA256:db3',
    ]);
  });

  it('cannot be confirmed in the moment in which another key appears', async () => {
    ask(hostKey('db1', 'ssh-ed25519'));
    const trust = () => screen.getByRole<HTMLButtonElement>('button', { name: 'It matches, trust it' });
    expect(trust().disabled).toBe(true);
    await expect.poll(() => trust().disabled).toBe(false);
  });
});

describe('the question before a production cluster is changed', () => {
  it('is confirmed by its name alone', async () => {
    ask({ id: 'p1', kind: 'production_name', clusterName: 'Shop' });
    const change = screen.getByRole<HTMLButtonElement>('button', { name: 'Change production' });
    const name = screen.getByLabelText('Type Shop to confirm');
    expect(change.disabled).toBe(true);
    fireEvent.change(name, { target: { value: 'shop' } });
    expect(change.disabled).toBe(true);
    fireEvent.change(name, { target: { value: 'Shop' } });
    await expect.poll(() => change.disabled).toBe(false);
  });
});
