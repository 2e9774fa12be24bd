import type { ValidateResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';

/**
 * What `patroni --validate-config` says although the file is right (patroni/validator.py): a member of etcd that is
 * still being installed is no fault of the file, nor are the ports that a running Patroni and its PostgreSQL hold
 * themselves. Basic regular expressions for grep.
 */
const harmless = ['^etcd3\\.hosts', "didn't pass validation: .*\\(refused\\|timed out\\|unreachable\\)", '^$'];
const portsHeld = 'is already in use\\|already running';

/** Patroni's own check of its file. Lines that are no fault of the file are passed over as long as they are the only ones. */
export function scriptValidation({ path, program, occupied }: ValidateResource): string {
  const isHeld = occupied ? '' : '[ "$(systemctl is-active patroni.service)" != active ] || ';
  return [
    // What postgres cannot enter, the programs that Patroni asks complain of, and root's home is such a place.
    'cd /',
    `if said=$(runuser -u postgres -- ${quoteWord(program)} --validate-config ${quoteWord(path)} 2>&1); then :; else`,
    `  held=NONE; ${isHeld}held="${portsHeld}"`,
    `  left=$(printf '%s\\n' "$said" | grep -v -e "$held" ${harmless.map((text) => `-e "${text}"`).join(' ')} || true)`,
    '  [ -z "$left" ] || { printf \'%s\\n\' "$left" >&2; exit 1; }',
    'fi',
  ].join('\n');
}
