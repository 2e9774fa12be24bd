import type { Lab, NodeName } from './lab';

const MINUTE = 60_000;

const fakeClock = (seconds: number, unit: string): string => `set -e; export DEBIAN_FRONTEND=noninteractive
apt-get install -y -q faketime >/dev/null
library=$(dpkg -L libfaketime | grep '/libfaketime.so.1$')
for line in FAKETIME=+${seconds}s FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1 "LD_PRELOAD=$library"; do
  printf '%s\\n' "$line" >> /etc/environment
  systemctl set-environment "$line"
done
systemctl restart systemd-journald '${unit}'`;

/**
 * Puts the clock of a server ahead for all that writes its logs: the journal, logins, and Patroni with its PostgreSQL, which is
 * started again for it. All servers of the lab have one clock, so the programs run under faketime.
 */
export async function putClockAhead(lab: Lab, name: NodeName, ahead: { readonly ms: number; readonly unit: string }) {
  await lab.node(name).console(fakeClock(ahead.ms / 1000, ahead.unit), { timeoutMs: 3 * MINUTE });
}
