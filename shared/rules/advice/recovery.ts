import type { AdviceFacts, BackupsAdviceFacts, PostgresAdviceFacts } from '../../model/advice/advice-facts';
import type { Finding } from '../../model/cluster/cluster-state';
import { findBackupTrouble } from '../backups/judge-backups';
import { namesInWords, spanInWords } from '../words/wording';
import {
  advise,
  evidenceOf,
  evidenceOfState,
  lookAtMembers,
  notChecked,
  parameterOf,
  untold,
  well,
  type AdviceLook,
  type AdviceRule,
  type Found,
} from './advice-rule';

const form = { tab: 'configuration', view: 'form', label: 'Open the form' } as const;
/** Commands that only say that they archived. */
const PRETENDS = /^\s*(\/(usr\/)?bin\/)?(true|:|exit 0|echo\b[^|>&;]*)\s*$/;

function archiveVerdict(values: PostgresAdviceFacts) {
  const mode = parameterOf(values, 'archive_mode');
  if (mode === null) return untold('archive_mode');
  if (mode === 'off') return { kind: 'wrong', text: 'archive_mode is off.', severity: 'warning' } as const;
  const [command, library] = [parameterOf(values, 'archive_command'), parameterOf(values, 'archive_library')];
  if ((library ?? '') !== '') return { kind: 'well' } as const;
  if (command === null) return untold('archive_command');
  // PostgreSQL shows this in place of a command while archive_mode is off, and an empty one keeps all WAL.
  if (command === '' || command === '(disabled)')
    return {
      kind: 'wrong',
      text: `archive_mode is ${mode}, and archive_command is empty: WAL is kept until the disk is full.`,
      severity: 'critical',
    } as const;
  return PRETENDS.test(command)
    ? ({ kind: 'wrong', text: `archive_command is ${command}, which keeps nothing.`, severity: 'critical' } as const)
    : ({ kind: 'well' } as const);
}

const archive: AdviceRule = {
  id: 'archive',
  title: 'WAL is archived',
  area: 'Recovery',
  why: 'Only with an archive of WAL can the cluster go back to the moment before a mistake. Replicas repeat every mistake at once.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: archiveVerdict,
      severity: 'warning',
      words: (names) => ({
        sentence: `WAL is not archived on ${names}.`,
        todo: 'Set up an archive, for example by pgBackRest; set archive_mode and archive_command in the dynamic configuration.',
        place: form,
      }),
      seen: 'archive_mode is on, and a command or a library archives.',
    }),
};

/** Programs whose backups the app does not read. */
const UNREAD_TOOLS = /barman|wal-g|wal_g|pg_probackup|pgmoneta|wal-e|pg_rman/i;

/** What is seen of a program for backups that is not read: in PostgreSQL, in Patroni's configuration, on the servers. */
function tracesOf({ members }: AdviceFacts) {
  const inPostgres = members.flatMap(({ name, postgres }) => {
    if (postgres.kind === 'not_read') return [];
    const tool = UNREAD_TOOLS.exec(parameterOf(postgres.value, 'archive_command') ?? '')?.[0];
    const receivers = postgres.value.receivers.filter((one) => /barman|pg_receivewal|pgmoneta|wal-g/i.test(one));
    return [
      ...(tool === undefined ? [] : [`archive_command of ${name} calls ${tool}`]),
      ...receivers.map((one) => `${one} receives WAL from ${name}`),
    ];
  });
  const inFiles = members.flatMap(({ name, own }) =>
    own.kind === 'read'
      ? own.value.createReplicaMethods
          .filter((one) => UNREAD_TOOLS.test(one))
          .map((one) => `${name} makes replicas by ${one}`)
      : [],
  );
  const onServers = members.flatMap(({ server }) =>
    server.kind === 'read'
      ? server.value.backupTools
          .filter((one) => UNREAD_TOOLS.test(one))
          .map((one) => `${one} on ${server.value.server}`)
      : [],
  );
  return [...inPostgres, ...inFiles, ...onServers];
}

const place = { tab: 'maintenance', view: 'backups', label: 'Open backups' } as const;

const backup: AdviceRule = {
  id: 'backup',
  title: 'There is a backup',
  area: 'Recovery',
  why: 'Replicas are no backup: what is dropped on the leader is dropped on all of them within milliseconds.',
  look: (facts) => {
    const { backups, now } = facts;
    if (backups.kind === 'not_read') return notChecked(backups.why);
    const { standing, limitHours, proof } = backups.value;
    switch (standing.kind) {
      case 'not_known':
        return notChecked(standing.why[0] ?? 'What is there of a backup is not known.');
      case 'elsewhere':
        return well(
          `${standing.tools[0] ?? 'Another program makes backups'}. Whether it can be restored was not tried.`,
        );
      case 'backed_up':
        return backedUp(findBackupTrouble(standing, limitHours, now)[0], backups, proof);
      case 'none': {
        const [trace] = tracesOf(facts);
        if (trace !== undefined) return well(`${trace}. Whether it can be restored was not tried.`);
        const todo =
          'Set up backups, and try a restore. If they are made from elsewhere (pg_dump, snapshots of the disk), ' +
          'set this aside and say so.';
        const words = { sentence: 'No sign of a backup was found.', todo, place };
        return advise('critical', words, [evidenceOf(backups, standing.why)]);
      }
    }
  },
};

/** By the same limit as the Backups view and its alert; a backup that could not be restored is none. */
function backedUp(
  trouble: Finding | undefined,
  backups: Found<BackupsAdviceFacts>,
  proof: BackupsAdviceFacts['proof'],
): AdviceLook {
  if (trouble !== undefined)
    return advise('warning', { sentence: trouble.sentence, todo: trouble.advice, place }, [
      evidenceOf(backups, trouble.evidence),
    ]);
  if (proof?.good === false)
    return advise(
      'warning',
      {
        sentence: 'The last restore that was tried of a backup failed.',
        todo: 'See why under Backups, and prove the newest backup again once that is mended.',
        place,
      },
      [evidenceOf(backups, proof.sentence)],
    );
  return well(
    `There is a backup, no older than it may be. ${proof === null ? 'Whether it can be restored was not tried.' : proof.sentence}`,
  );
}

const DAY = 86_400_000;
const REHEARSE_EVERY = 180 * DAY;

const rehearsal: AdviceRule = {
  id: 'rehearsal',
  title: 'A change of the leader is rehearsed',
  area: 'Recovery',
  why: 'Whether applications come through a failover is only known after one. It is better learnt on a quiet morning.',
  look: ({ state, now }) => {
    const known = state.history.flatMap(({ at, timeline }) => (at === null ? [] : [{ at, timeline }]));
    if (state.dcs.kind !== 'live' && state.history.length === 0)
      return notChecked('The history in the DCS is not known.');
    if (state.history.length > 0 && known.length === 0) return notChecked('The history in the DCS has no times.');
    const last = known.toSorted((a, b) => b.at - a.at)[0];
    if (last !== undefined && now - last.at < REHEARSE_EVERY)
      return well(`The leader last changed ${spanInWords(Math.max(0, now - last.at))} ago.`);
    return advise(
      'info',
      {
        sentence:
          last === undefined
            ? 'The history knows no change of the leader.'
            : `The leader has not changed for ${spanInWords(now - last.at)}.`,
        todo: 'Hold a drill in a quiet hour: it makes the change, and measures what applications see of it.',
        place: { tab: 'maintenance', view: 'drill', label: 'Hold a drill' },
      },
      [
        evidenceOfState(
          state,
          last === undefined
            ? 'The history key has no row.'
            : `Last row of the history key: timeline ${last.timeline}.`,
        ),
      ],
    );
  },
};

const pooler: AdviceRule = {
  id: 'pooler',
  title: 'Connections are pooled',
  area: 'Performance',
  why:
    'Each connection of PostgreSQL is a process. A pooler lets many clients share few, and takes the rush of ' +
    'reconnections after a failover.',
  look: ({ members, access }) => {
    const read = members.flatMap(({ server }) => (server.kind === 'read' ? [server] : []));
    const running = read.filter(({ value }) => value.pgbouncerRuns);
    const unknown = members.flatMap(({ name, server }) =>
      server.kind === 'not_read' ? [{ about: name, why: server.why }] : [],
    );
    if (running.length > 0) return well(`PgBouncer runs on ${namesInWords(running.map(({ value }) => value.server))}.`);
    if (access.balancerServers > 0)
      return well('Load balancers have servers of their own, which are not looked at here.');
    if (read.length === 0)
      return {
        advice: null,
        notChecked: unknown.length > 0 ? unknown : [{ about: null, why: 'No member is known.' }],
        seen: '',
      };
    return {
      ...advise(
        'info',
        {
          sentence: 'No PgBouncer runs on the servers of the members.',
          todo: 'Put PgBouncer, or the pool of the application, between applications and PostgreSQL.',
          place: { tab: 'balancers', label: 'Open load balancers' },
        },
        read.map((one) => evidenceOf(one, 'No process pgbouncer.')),
      ),
      notChecked: unknown,
    };
  },
};

const monitoring: AdviceRule = {
  id: 'monitoring',
  title: 'Something watches while this app is closed',
  area: 'Availability',
  why: 'This app raises alerts while it runs. At night somebody else has to.',
  look: ({ access, state }) =>
    access.prometheus
      ? well('A Prometheus is named for this cluster.')
      : advise(
          'info',
          {
            sentence: 'No Prometheus is named for this cluster.',
            todo: 'Let a Prometheus collect the metrics of Patroni, PostgreSQL, etcd and HAProxy, and alert by them.',
            place: { tab: 'charts', label: 'Name a Prometheus' },
          },
          [evidenceOfState(state, 'The cluster has no Prometheus in this app.', 'the inventory of this app')],
        ),
};

/** What brings the cluster back, and what is asked of it every day. */
export const recoveryRules: readonly AdviceRule[] = [archive, backup, rehearsal, pooler, monitoring];
