/** What `npm run deploy` was asked to do. */
export interface DeployArguments {
  readonly command: DeployCommand;
  /** The spec file, or the id of a run for `resume`. */
  readonly subject: string;
  readonly secretsFile: string | null;
  readonly dataDirectory: string | null;
  readonly yes: boolean;
  readonly keepData: boolean;
  readonly acceptHostKeys: boolean;
  readonly json: boolean;
  /** For `bundle`: the file to write, where to collect, and whether through this computer. */
  readonly out: string | null;
  readonly from: string | null;
  readonly through: boolean;
  /** For `remove` and `convert`: the server, and whether what was made there goes, too. */
  readonly server: string | null;
  readonly purge: boolean;
  /** For `rotate`: the authority changes, too. */
  readonly authority: boolean;
}

const commands = [
  'plan',
  'apply',
  'check',
  'preflight',
  'undo',
  'rotate',
  'remove',
  'convert',
  'resume',
  'runs',
  'bundle',
] as const;

/** The commands of the program. */
export type DeployCommand = (typeof commands)[number];

const usage = `Usage: npm run deploy -- COMMAND SPEC [options]

  plan SPEC        inspect the servers and say what would be done; nothing is changed
  preflight SPEC   check the servers and say what stands in the way
  apply SPEC       do it; doing it again changes nothing
  check SPEC       say what differs from the spec; exit code 3 when something does
  undo SPEC        take away what was made for this scope on these servers
  rotate SPEC      give every service a new key and certificate
  remove SPEC      take a server out of the cluster (to add one: write it into the spec and apply)
  convert SPEC     make the PostgreSQL that runs by itself on a server the leader of the cluster
  resume RUN       go on with a run that failed or was stopped
  runs             list the runs
  bundle SPEC      collect the packages that the servers miss into one file, for servers without a network

Options:
  --secrets FILE       read passwords from FILE (mode 0600: "name: password" lines) and keep new ones there;
                       "ssh:NAME" and "sudo:NAME" hold the login and sudo passwords of a server; without it, the app's vault
                       has them, and plan, preflight, check and bundle do without
  --data DIRECTORY     keep the journals here instead of the app's own directory
  --yes                do not ask before doing it
  --keep-data          undo: leave PostgreSQL's and etcd's data where it is
  --accept-host-keys   trust host keys that were never seen; a changed key is always refused
  --json               print results as JSON
  --out FILE           bundle: the file to write (SCOPE-packages.tar)
  --from NAME          bundle: the server to collect on (the spec's first), or "workstation" for this computer
  --server NAME        remove, convert: the server of the spec; --out FILE takes the spec as it is afterwards
                       (give --out to resume, too, when such a run is resumed)
  --purge              remove: take away what was made on that server, its data too
  --authority          rotate: a new authority first; the old one is trusted until nobody shows its certificates
  --through            bundle: that server has no network either; its packages come through this computer`;

/** Words, values and flags of a command line, before they are understood. */
interface Split {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly problem: string | null;
}

const valued: readonly string[] = ['--secrets', '--data', '--out', '--from', '--server'];
const known: readonly string[] = [
  '--yes',
  '--keep-data',
  '--accept-host-keys',
  '--json',
  '--through',
  '--purge',
  '--authority',
];

function split(argv: readonly string[]): Split {
  const words: string[] = [];
  const values = new Map<string, string>();
  const flags = new Set<string>();
  let waiting: string | null = null;
  let problem: string | null = null;
  for (const word of argv) {
    if (waiting !== null) {
      values.set(waiting, word);
      waiting = null;
    } else if (valued.includes(word)) waiting = word;
    else if (known.includes(word)) flags.add(word);
    else if (word.startsWith('--')) problem = word === '--help' ? '' : `There is no option ${word}.`;
    else words.push(word);
  }
  return { words, values, flags, problem: waiting === null ? problem : `${waiting} needs a value.` };
}

/** Reads the arguments; wrong ones answer how it is used. */
export function readDeployArguments(argv: readonly string[]): DeployArguments | { readonly usage: string } {
  const { words, values, flags, problem } = split(argv);
  if (problem !== null) return { usage: problem === '' ? usage : `${problem}\n\n${usage}` };
  const command = commands.find((name) => name === words[0]);
  const subject = words[1] ?? '';
  if (command === undefined || words.length > 2 || (subject === '' && command !== 'runs')) return { usage };
  return {
    command,
    subject,
    secretsFile: values.get('--secrets') ?? null,
    dataDirectory: values.get('--data') ?? null,
    yes: flags.has('--yes'),
    keepData: flags.has('--keep-data'),
    acceptHostKeys: flags.has('--accept-host-keys'),
    json: flags.has('--json'),
    out: values.get('--out') ?? null,
    from: values.get('--from') ?? null,
    through: flags.has('--through'),
    server: values.get('--server') ?? null,
    purge: flags.has('--purge'),
    authority: flags.has('--authority'),
  };
}
