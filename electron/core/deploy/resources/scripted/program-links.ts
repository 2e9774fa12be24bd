import type { ProgramLink } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';

/** Programs of somebody else in the search path stay what they are. */
const linkFunction = String.raw`
link() {
  if [ -L "$1" ]; then case $(readlink -- "$1") in /opt/matriarch/*) ;; *) return 0 ;; esac; elif [ -e "$1" ]; then return 0; fi
  [ -e "$2" ] || return 0
  ln -sfn -- "$2" "$1"
}`;

/** Lines that put programs into the search path where their names are free or already ours. */
export function scriptLinks(links: readonly ProgramLink[]): readonly string[] {
  return [linkFunction, ...links.map((link) => `link ${quoteWord(link.path)} ${quoteWord(link.to)}`)];
}
