import { PLACE_SCRIPT_FIRST_LINE } from '../../repair/place-script';
import { answersQueries } from '../model/postgres';
import type { DemoHost } from '../network/network';

/** Whether a script is the one by which a repair looks at a place. */
export function isPlaceScript(script: string): boolean {
  return script.startsWith(PLACE_SCRIPT_FIRST_LINE);
}

/** What that script prints on a simulated server, in the form that place-script.ts describes. */
export function placeAnswer({ driver, member }: DemoHost): string {
  const word = (text: string): string => (text === '' ? '-' : Buffer.from(text).toString('base64'));
  return [
    'matriarch-place 1',
    ...(member.agent ? [`patroni 812 ${word('/etc/patroni/config.yml')}`] : []),
    'boot yes',
    ...(answersQueries(member) ? [`program ${word('postgres')}`] : []),
    `data cluster ${word(driver.sim.read('initialize') ?? '')}`,
    'end',
    '',
  ].join('\n');
}
