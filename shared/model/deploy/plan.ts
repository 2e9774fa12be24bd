import type { DeployManifest } from './manifest';
import type { PasswordName } from './secret-name';

/** A file as it shall be. `content` holds secrets; `shown` is the same text, line by line, with every secret masked. */
export interface FileResource {
  readonly kind: 'file';
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly content: string;
  readonly shown: string;
  /** The program that reads the new text before it takes the place of the old. */
  readonly checkedBy?: FileChecker;
  /** What to do where somebody else has the file: it is refused then. Without it a copy of theirs is kept. */
  readonly ifForeign?: string;
  /** What stands in the file later is the users' own. */
  readonly onlyFirst?: true;
}

/** Programs that say whether a file is right. */
export type FileChecker = 'promtool check config' | 'promtool check rules' | 'amtool check-config';

/** A directory as it shall be. A `data` directory must be absent, empty, or made by this deployment. */
export interface DirectoryResource {
  readonly kind: 'directory';
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly holds: 'configuration' | 'data';
}

/** Packages that shall be installed. `units` are kept from starting while that happens and at a reboot in between. */
export interface PackagesResource {
  readonly kind: 'packages';
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly refresh: boolean;
}

/** A release archive whose programs shall lie in a directory of their own; `user` is made where it is missing. */
export interface ArchiveResource {
  readonly kind: 'archive';
  /** An address the server fetches it from, or null when the workstation sends it. */
  readonly url: string | null;
  /** The name of the file, as it is sent and as people know it. */
  readonly file: string;
  readonly sha256: string;
  readonly directory: string;
  /** Holds the SHA-256 of what was unpacked; written last. */
  readonly stamp: string;
  readonly programs: readonly string[];
  readonly links: readonly ProgramLink[];
  readonly user: string;
  readonly home: string;
}

/** A name in the search path that leads to a program; a name that is taken is left alone. */
export interface ProgramLink {
  readonly path: string;
  readonly to: string;
}

/** A virtual environment of Python with what pip installed into it. */
export interface VirtualenvResource {
  readonly kind: 'virtualenv';
  readonly directory: string;
  readonly requirements: readonly string[];
  /** Where pip looks; `wheels` are sent by the workstation, `own` is what the server's pip is set to. */
  readonly from:
    { readonly kind: 'index'; readonly url: string } | { readonly kind: 'wheels' } | { readonly kind: 'own' };
  /** Says what was asked for; written last, so that a half-made environment is known. */
  readonly stamp: { readonly path: string; readonly content: string };
  readonly links: readonly ProgramLink[];
}

/** A unit as it shall stand. `configuration` are the files whose change makes it restart or reload. */
export interface UnitResource {
  readonly kind: 'unit';
  readonly unit: string;
  readonly wanted: 'on' | 'off';
  readonly configuration: readonly string[];
  readonly onChange: 'restart' | 'reload';
  /** Do not wait until it is started: etcd is ready only when a majority is. */
  readonly noBlock: boolean;
  /** A file that holds the process id of a PostgreSQL that must read its certificate again, too. */
  readonly alsoReload: string | null;
}

/** Files of the manifest, written before anything is made. */
export interface ManifestResource {
  readonly kind: 'manifest';
  readonly manifest: DeployManifest;
}

/** Wait until etcd has a leader and takes writes. */
export interface QuorumResource {
  readonly kind: 'quorum';
  readonly members: readonly Endpoint[];
}

/**
 * Wait, after a member of a living etcd was started again, until all members answer and the leader of the scope has
 * read etcd since: the next one starts again only then. `after` is the step that started it.
 */
export interface DcsContactResource {
  readonly kind: 'dcs_contact';
  readonly after: string;
  readonly etcd: readonly Endpoint[];
  readonly members: readonly Endpoint[];
  readonly scope: string;
  readonly restUser: string;
}

/** An address of a service and the server it is on. */
export interface Endpoint {
  readonly server: string;
  readonly address: string;
  readonly port: number;
}

/** `patroni --validate-config` on the server. */
export interface ValidateResource {
  readonly kind: 'validate';
  readonly path: string;
  /** The program that checks: a name in the search path, or a path. */
  readonly program: string;
  /** The ports are held by a PostgreSQL that Patroni will take over. */
  readonly occupied: boolean;
}

/** Wait until this member is the running primary of the scope, or (`claim`) until it alone may become it. */
export interface LeaderResource {
  readonly kind: 'leader';
  readonly awaits: 'claim' | 'lead';
  readonly rest: Endpoint;
  readonly scope: string;
  readonly members: readonly Endpoint[];
  /** What to clear when the making of the cluster was interrupted; null where the data was there before the deployment. */
  readonly bootstrap: Bootstrap | null;
  /** It copies the cluster that it follows, which may take as long as the copy of any replica. */
  readonly copies: boolean;
}

/** The data directory that Patroni fills when it makes the cluster, the key that is empty meanwhile, and the client addresses of etcd. */
export interface Bootstrap {
  readonly dataDirectory: string;
  readonly initializeKey: string;
  readonly via: readonly Endpoint[];
}

/**
 * Wait until this member streams from the leader on the leader's timeline. `copiesInto`: its data directory, where it
 * comes from the leader and from nowhere else; null for a member that others set up.
 */
export interface ReplicaResource {
  readonly kind: 'replica';
  readonly copiesInto: string | null;
  readonly member: string;
  readonly rest: Endpoint;
  readonly members: readonly Endpoint[];
  readonly scope: string;
  readonly restUser: string;
}

/** A role to make, and the name of its password. */
export interface SqlRole {
  readonly name: string;
  readonly secret: PasswordName;
  readonly options: readonly string[];
}

/**
 * Roles, databases and the pooler's function, on the primary. Passwords are secrets by name. `accounts` are the roles
 * that Patroni makes when it makes the cluster, and never again: a power cut in between leaves a cluster that nobody
 * can replicate from.
 */
export interface SqlResource {
  readonly kind: 'sql';
  readonly accounts: readonly SqlRole[];
  readonly roles: readonly SqlRole[];
  readonly databases: readonly { readonly name: string; readonly owner: string }[];
  readonly poolerUser: string | null;
  readonly superuser: string;
  readonly port: number;
  readonly members: readonly Endpoint[];
}

/** The dynamic configuration as the spec wants it. What it does not name is left as somebody set it. */
export interface DynamicConfigResource {
  readonly kind: 'dynamic_config';
  readonly config: Readonly<Record<string, unknown>>;
  readonly members: readonly Endpoint[];
  readonly restUser: string;
}

/** See that applications get in: a PostgreSQL greeting through every port. */
export interface VerifyResource {
  readonly kind: 'verify';
  readonly entryPoints: readonly (Endpoint & {
    readonly label: string;
    readonly user: string;
    readonly database: string;
  })[];
}

/** See that a Prometheus collects from every target, each `host:port` on a server, and has read its rules. */
export interface TargetsResource {
  readonly kind: 'targets';
  readonly prometheus: Endpoint;
  readonly targets: readonly Endpoint[];
}

/**
 * A key of this server's own and its certificate from the cluster's authority. The key is made when the step is done,
 * and kept nowhere else.
 */
export interface CertificateResource {
  readonly kind: 'certificate';
  readonly commonName: string;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly owner: string;
  readonly group: string;
}

/** The device by which the kernel restarts a server whose Patroni hangs. `load`: softdog is loaded where there is no device yet. */
export interface WatchdogResource {
  readonly kind: 'watchdog';
  readonly device: string;
  readonly owner: string;
  readonly group: string;
  readonly load: boolean;
  /** Without the device the member could never lead; otherwise it goes on without. */
  readonly required: boolean;
}

/** Stop units that this deployment set up. */
export interface StopResource {
  readonly kind: 'undo';
  readonly part: 'stop';
  readonly units: readonly string[];
}

/** Take away what the manifest of a server says this deployment made there. */
export interface RemoveResource {
  readonly kind: 'undo';
  readonly part: 'remove';
  readonly manifest: DeployManifest;
  readonly packages: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** PostgreSQL's and etcd's data stay where they are, with the users they belong to. */
  readonly keepData: boolean;
  /** Files that somebody changed after they were written; a copy stays beside. */
  readonly changed: readonly string[];
}

/**
 * Forget a scope in an etcd of others: all keys below `prefix`, as long as its `initialize` key says what this deployment's
 * PostgreSQL says, and nobody but `members` is in it. `via`: client addresses, each asked from the server it names.
 */
export interface ForgetScopeResource {
  readonly kind: 'undo';
  readonly part: 'scope';
  readonly prefix: string;
  readonly initialize: string;
  readonly members: readonly string[];
  readonly via: readonly Endpoint[];
}

/** A member joins or leaves etcd. It joins as a learner, which cannot cost the majority, and is promoted once it follows. */
export interface EtcdMemberResource {
  readonly kind: 'etcd_member';
  readonly part: 'add' | 'promote' | 'remove';
  readonly member: string;
  readonly peerUrl: string;
  /** The id of a member of the same name whose data is lost: it is removed first. */
  readonly forget: string | null;
  readonly dataDirectory: string;
  /** Client addresses of the members that stay. */
  readonly via: readonly Endpoint[];
}

/** A PostgreSQL that ran by itself is handed to Patroni: roles are made while it runs, then it is stopped and started by Patroni. */
export interface TakeoverResource {
  readonly kind: 'adopt';
  readonly part: 'roles' | 'restart';
  readonly cluster: StandalonePostgres;
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
}

/** A PostgreSQL that runs without Patroni, as Debian names it: `postgresql@17-main.service`. */
export interface StandalonePostgres {
  readonly version: number;
  readonly name: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly configDirectory: string;
}

/** Everything a deployment can make or wait for. */
export type Resource =
  | FileResource
  | DirectoryResource
  | PackagesResource
  | ArchiveResource
  | VirtualenvResource
  | UnitResource
  | ManifestResource
  | QuorumResource
  | DcsContactResource
  | ValidateResource
  | LeaderResource
  | ReplicaResource
  | SqlResource
  | DynamicConfigResource
  | VerifyResource
  | TargetsResource
  | CertificateResource
  | WatchdogResource
  | StopResource
  | RemoveResource
  | ForgetScopeResource
  | EtcdMemberResource
  | TakeoverResource;

/** The resources of one kind. */
export type ResourceOf<K extends Resource['kind']> = Extract<Resource, { readonly kind: K }>;

/** A step of the graph: what, where, and after what. */
export interface Step {
  readonly id: string;
  readonly server: string;
  readonly label: string;
  readonly dependsOn: readonly string[];
  readonly resource: Resource;
}

/** The whole plan. Steps are in an order in which each stands after what it depends on. */
export interface DeployPlan {
  readonly scope: string;
  readonly postgresVersion: number;
  readonly steps: readonly Step[];
}
