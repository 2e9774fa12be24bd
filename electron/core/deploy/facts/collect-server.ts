import { Buffer } from 'node:buffer';
import { appError } from '../../../../shared/model/app-error';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import { factsComplete, parseFacts } from '../../../../shared/rules/deploy/facts/parse-facts';
import type { Remote } from '../../ssh/remote';
import { factsScript, type FactsQuestion } from './facts-script';

const factsTimeoutMs = 30_000;

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** Looks at one server over one channel. Throws `ssh.*`, or `deploy.facts_incomplete` when the answer is incomplete. */
export async function collectServer(
  name: string,
  remote: Remote,
  question: FactsQuestion,
  now: () => number,
): Promise<ServerFacts> {
  const askedAt = now();
  const result = await remote.script(factsScript(question), [], { timeoutMs: factsTimeoutMs, sudo: true });
  if (!factsComplete(result.stdout)) {
    throw appError('deploy.facts_incomplete', `${name} did not answer all questions about itself.`, {
      target: name,
      retryable: true,
      hint: `The server said: ${result.stderr.trim().slice(0, 300) || 'nothing'}.`,
    });
  }
  return parseFacts(name, result.stdout, { sentAt: sentAt(askedAt, remote), receivedAt: now() }, decode);
}

/** No earlier than the connection was up: logging in may take long, and says nothing of the server's clock. */
function sentAt(askedAt: number, remote: Remote): number {
  const state = remote.state();
  return state.kind === 'connected' ? Math.max(askedAt, state.since) : askedAt;
}
