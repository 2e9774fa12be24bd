import { describe, expect, it } from 'vitest';
import { changeConfigOnceUp } from '../../../electron/core/backups/restore-config';
import { appError } from '../../../shared/model/app-error';
import { Facts } from '../../support/cluster/cluster-facts';

const state = new Facts().fold();
const notSent = (): Promise<never> => Promise.reject(appError('rest.not_sent', 'Nobody listens there.', {}));

/** Members of which each answers a request by the next of these. */
function workWith(...answers: (() => Promise<{ readonly status: number; readonly body: string }>)[]) {
  const sent: string[] = [];
  let time = 0;
  const client = (name: string) => ({
    write: () => {
      sent.push(name);
      return (answers.shift() ?? notSent)();
    },
  });
  const work = {
    hub: { rest: (_id: string, name: string) => client(name) },
    context: { answer: () => undefined, signal: new AbortController().signal },
    now: () => (time += 1_000),
    pauseMs: 1,
    plan: { clusterId: 'c1', state },
  };
  return { work, sent };
}
const taken = () => Promise.resolve({ status: 200, body: '' });

describe('the configuration that a failed restore puts back', () => {
  it('waits for members that were just started: what was not sent, or was refused, is tried again until one takes it', async () => {
    const refused = () => Promise.resolve({ status: 503, body: '' });
    const { work, sent } = workWith(notSent, notSent, notSent, refused, taken);
    await expect(changeConfigOnceUp(work, {})).resolves.toBeUndefined();
    expect(sent).toHaveLength(5);
  });

  it('is never sent again where its end is not known', async () => {
    const lost = () => Promise.reject(appError('rest.no_answer', 'It did not answer.', {}));
    const { work, sent } = workWith(lost, taken);
    await expect(changeConfigOnceUp(work, {})).rejects.toThrow('It did not answer.');
    expect(sent).toHaveLength(1);
  });

  it('is given up where nobody is reached for long, and says so', async () => {
    await expect(changeConfigOnceUp(workWith().work, {})).rejects.toThrow('No member was reached');
  });
});
