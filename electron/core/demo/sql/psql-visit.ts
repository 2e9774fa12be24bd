import { PSQL_MARK, PSQL_QUESTION } from '../../postgres/psql-session';
import { answersQueries } from '../model/postgres';
import type { DemoHost } from '../network/network';
import { answerQuestion } from './answer-question';

/** What psql prints for a visit on a simulated server; null where its PostgreSQL does not answer. */
export function psqlVisitAnswer(host: DemoHost, input: string): string | null {
  if (!answersQueries(host.member)) return null;
  const mark =
    input
      .split('\n')
      .find((line) => line.startsWith(PSQL_MARK))
      ?.slice(PSQL_MARK.length) ?? '';
  const questions = input.split(PSQL_QUESTION).slice(1);
  const lines = questions.map((text) => {
    const [name = ''] = text.split('\n', 1);
    const answer = answerQuestion(host, name, text);
    return answer.kind === 'rows'
      ? `${mark} rows ${name} ${JSON.stringify(answer.rows)}\n`
      : `${mark} failed ${name} ${answer.sqlState} ${answer.message}\n`;
  });
  return `${lines.join('')}${mark} end\n`;
}
