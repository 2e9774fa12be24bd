// `npm run lab -- COMMAND ...`: the lab on the command line. It only finds the script of a command; the scripts do the work.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const usage = `The lab: real bare Debian servers on this machine, for Matriarch to be tested against (root on Linux).

  npm run lab -- up [n1 n2 ...]            power on (default n1 n2 n3; j1 is the jump host); disks are kept
  npm run lab -- off [n1 ...]              shut down cleanly, disks are kept
  npm run lab -- kill n1 ...               power cut: nothing is said to anybody, the disk stays
  npm run lab -- reboot n1 ...             restart, as an administrator would
  npm run lab -- reset [n1 ...]            fresh disks, booted again
  npm run lab -- down                      the lab is gone: nodes, disks, keys, network, rules
  npm run lab -- status                    nodes, addresses, how to log in
  npm run lab -- partition cut|iso|unplug n1 ... | pair n1 n2 | oneway n1 n2 | heal
                                           cut: from everybody; iso: from other nodes; oneway: what the first sends to
                                           the second is lost (either may be "host", this machine)
  npm run lab -- hang-ssh stop|cont n1 ... sshd freezes, and goes on
  npm run lab -- crash n1 ...              kill -9 of Patroni and PostgreSQL, they stay down; crash --undo n1 starts them
  npm run lab -- jump-only on|off          this machine reaches j1 only, j1 reaches the others
  npm run lab -- cluster plain|debian-layout [options]
                                           a reference cluster; "cluster" alone lists the options
  npm run lab -- snapshot n1 NAME          freeze a disk as an image; IMAGE=NAME starts from it
  npm run lab -- console n1 [command ...]  a command on the node without the network
  npm run lab -- patronictl|etcdctl|psql n1 [arguments ...]
                                           the cluster's own tools on a node, with the credentials the lab knows
  npm run lab -- images                    build the shared images of both releases now

Environment:
  LAB_NAME=matriarch   which lab; labs with different names and networks run side by side
  LAB_NET=10.77.0      its network, 10.77.N; nX has the address N.(10+X), j1 N.10, this machine N.1
  LAB_NAT=yes          no: the servers have no way out but what comes to them over SSH
  SUITE=bookworm       or trixie: the release of fresh disks
  IMAGE=bare           or stack (etcd, PostgreSQL, Patroni, HAProxy, PgBouncer installed), or a snapshot's name
  LAB_MIRROR=URL       a Debian mirror, if not the one this machine's apt uses
`;

/** Where the script of each command is, below test/lab/scripts. */
const scripts = {
  up: 'power/up.sh',
  off: 'power/off.sh',
  kill: 'power/kill.sh',
  reboot: 'power/reboot.sh',
  reset: 'power/reset.sh',
  down: 'power/down.sh',
  crash: 'power/crash.sh',
  partition: 'network/partition.sh',
  'hang-ssh': 'network/hang-ssh.sh',
  'jump-only': 'network/jump-only.sh',
  cluster: 'cluster/cluster.sh',
  images: 'images/images.sh',
  snapshot: 'images/snapshot.sh',
  status: 'shell/status.sh',
  console: 'shell/console.sh',
  patronictl: 'shell/patronictl.sh',
  etcdctl: 'shell/etcdctl.sh',
  psql: 'shell/psql.sh',
};
const [command, ...rest] = process.argv.slice(2);

if (command === undefined || !Object.hasOwn(scripts, command)) {
  const asked = command === undefined || ['help', '--help', '-h'].includes(command);
  if (!asked) process.stderr.write(`There is no command "${command}".\n\n`);
  process.stdout.write(usage);
  process.exit(asked ? 0 : 2);
}
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  process.stderr.write('The lab makes namespaces, bridges and disks: it needs root on Linux.\n');
  process.exit(1);
}
const script = fileURLToPath(new URL(`scripts/${scripts[command]}`, import.meta.url));
const child = spawn('bash', [script, ...rest], { stdio: 'inherit' });
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
