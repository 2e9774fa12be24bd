import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import { layoutOf, serversWith } from '../layout';
import { unitText } from './units';

/** HAProxy's sections that lead to the members. */
const sections = ['primary', 'replicas'] as const;

/** What HAProxy reads about its servers when it starts or reloads; it goes with the boot. */
export const serverStateFile = '/run/haproxy/matriarch-servers.state';

/** The fields of one server in HAProxy's file of server states, version 1 (HAProxy's management guide, "show servers state"). */
const fields =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state ' +
  'srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl ' +
  'srv_check_port srv_check_addr srv_agent_addr srv_agent_port';

/** Stopped, by a check that failed; 6: checks are configured and on. */
const stopped = '0 0 1 1 0 17 2 0 6 0 0 0 -';

/**
 * Every server as one that nobody has asked yet: down until its first check. Without it HAProxy takes all of them for healthy when it
 * starts or reloads, and for a second sends writes to replicas.
 */
export function uncheckedServers(spec: ClusterSpec): string {
  const rest = spec.patroni.restPort;
  const lines = sections.flatMap((section, index) =>
    serversWith(spec, 'postgres').map(
      (server, number) =>
        `${index + 1} ${section} ${number + 1} ${server.name} ${server.address} ${stopped} ${spec.postgres.port} - 0 ${rest} - - 0`,
    ),
  );
  return ['1', `# ${fields}`, ...lines, ''].join('\n');
}

/**
 * The program that runs before HAProxy starts or reloads: what the running HAProxy knows of its servers stays known,
 * the others are down until they were asked.
 */
export function keepServers(spec: ClusterSpec): string {
  return `#!/usr/bin/perl
# Written by Matriarch: HAProxy sends nobody to a server that was not asked. What it knows is kept over a reload.
use strict; use warnings; use IO::Socket::UNIX;
my ($unchecked, $kept) = ('${layoutOf(spec).haproxyUnchecked}', '${serverStateFile}');
my %known;
if (my $admin = IO::Socket::UNIX->new(Peer => '/run/haproxy/admin.sock', Timeout => 5)) {
  alarm 5;
  print $admin "show servers state\\n"; $admin->flush;
  while (<$admin>) {
    my @field = split;
    next unless @field > 12 && $field[0] =~ /^[0-9]+$/;
    $field[24] = 0 if @field == 25; # the agent's port: nobody has an agent, and HAProxy warns of each that is named one
    $known{"$field[1] $field[3]"} = "@field\n";
  }
  alarm 0;
}
open(my $in, '<', $unchecked) or die "$unchecked: $!\\n";
open(my $out, '>', "$kept.new") or die "$kept.new: $!\\n";
while (<$in>) { my @field = split; print $out (@field > 12 && $known{"$field[1] $field[3]"}) || $_; }
close($out) or die "$kept.new: $!\\n";
rename("$kept.new", $kept) or die "$kept: $!\\n";
`;
}

/** Settings beside the distribution's unit of HAProxy: the states of its servers are written before each start and each reload. */
export function haproxyDropIn(spec: ClusterSpec): string {
  const keep = `-${layoutOf(spec).haproxyKeepServers}`;
  return unitText({
    Service: {
      ExecStartPre: keep,
      ExecReload: ['', keep, '/usr/sbin/haproxy -Ws -f $CONFIG -c -q $EXTRAOPTS', '/bin/kill -USR2 $MAINPID'],
    },
  });
}
