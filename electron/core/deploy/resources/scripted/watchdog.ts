import type { WatchdogResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';

/**
 * Loads softdog where the device is missing, and hands the device to Patroni at once: the rule of udev does so at the next boot.
 * The module is named outright: lists of modules that are not loaded by themselves do not concern it.
 */
export function scriptWatchdog(resource: WatchdogResource): string {
  const device = quoteWord(resource.device);
  const missing = `echo ${quoteWord(`There is no ${resource.device}.`)} >&2; ${resource.required ? 'exit 1' : 'exit 0'}`;
  return [
    'udevadm control --reload 2>/dev/null || true',
    ...(resource.load ? [`[ -e ${device} ] || modprobe softdog || true`] : []),
    `i=0; while [ ! -e ${device} ] && [ $i -lt 30 ]; do sleep 0.1; i=$((i + 1)); done`,
    `if [ ! -e ${device} ]; then ${missing}; fi`,
    `chown ${quoteWord(`${resource.owner}:${resource.group}`)} ${device}; chmod 0600 ${device}`,
  ].join('\n');
}
