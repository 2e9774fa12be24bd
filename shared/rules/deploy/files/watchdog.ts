/** Where Patroni opens the watchdog (docs/watchdog.rst). */
export const watchdogDevice = '/dev/watchdog';

/** A file of modules-load.d(5): softdog is loaded at every boot. */
export function watchdogModule(): string {
  return '# Written by Matriarch: the watchdog that Patroni keeps from biting.\nsoftdog\n';
}

/** A rule of udev(7): the device is PostgreSQL's, as whom Patroni runs. */
export function watchdogRule(): string {
  return '# Written by Matriarch: Patroni runs as postgres.\nKERNEL=="watchdog", OWNER="postgres", GROUP="postgres", MODE="0600"\n';
}
