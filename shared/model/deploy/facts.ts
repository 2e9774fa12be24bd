import type { PatroniRole } from '../cluster/member';
import type { DeployManifest } from './manifest';

/** A file system that matters to the cluster; sizes in bytes. */
export interface DiskFacts {
  readonly path: string;
  readonly device: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** A port somebody listens on. `process` is known only with root. */
export interface PortFacts {
  readonly address: string;
  readonly port: number;
  readonly process: string | null;
}

/** A network interface and one address it has. */
export interface InterfaceFacts {
  readonly name: string;
  readonly address: string;
  readonly prefix: number;
}

/** A systemd unit as it stands. `fresh` is false when its configuration changed after it last read it. */
export interface UnitFacts {
  readonly load: 'loaded' | 'masked' | 'not-found' | 'other';
  readonly enabled: string;
  readonly active: string;
  readonly fresh: boolean;
}

/** A path as it stands. `content` is read only for configuration files of the plan. */
export interface PathFacts {
  readonly kind: 'absent' | 'file' | 'directory' | 'other';
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  /** For directories: nothing inside. */
  readonly empty: boolean;
  readonly content: string | null;
}

/** What installations of this deployment brought to a server. `pending`: one was begun and not brought to its end. */
export interface MadeFacts {
  readonly packages: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly pending: boolean;
}

/** A repository as apt on a server knows it. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly file: string;
}

/** What one look at a server found. Nothing is changed by looking. */
export interface ServerFacts {
  readonly server: string;
  /** Workstation time, ms. */
  readonly at: number;
  readonly root: boolean;
  readonly hostname: string;
  /** Addresses that the server's own name resolves to on the server. */
  readonly hostnameAddresses: readonly string[];
  readonly addresses: readonly string[];
  /** One entry for each address of each interface. */
  readonly interfaces: readonly InterfaceFacts[];
  readonly os: { readonly id: string; readonly version: string; readonly codename: string; readonly title: string };
  readonly architecture: string;
  readonly systemd: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly disks: readonly DiskFacts[];
  readonly ports: readonly PortFacts[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Installed versions of the packages asked for. */
  readonly packages: Readonly<Record<string, string>>;
  /**
   * What apt would install now; an empty text means apt knows the package but not from where. Empty on a server that was set up and
   * lacks nothing, where apt is not asked.
   */
  readonly candidates: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, UnitFacts>>;
  readonly paths: Readonly<Record<string, PathFacts>>;
  readonly locales: readonly string[];
  /** The server's clock minus the workstation's, ms; the round trip is taken out. */
  readonly clockOffsetMs: number;
  readonly apt: {
    readonly lockedBy: string | null;
    readonly interrupted: boolean;
    readonly listsAgeSeconds: number | null;
    readonly hosts: readonly string[];
    /** Repositories that apt is set to, and the file that names each; asked only when the spec adds some. */
    readonly sources: readonly AptSource[];
  };
  /** PostgreSQL data directories found, with their major version. */
  readonly postgresClusters: readonly {
    readonly directory: string;
    readonly version: string;
    readonly running: boolean;
  }[];
  /** etcd data directories found. */
  readonly etcdDirectories: readonly string[];
  readonly security: { readonly selinux: string; readonly apparmor: string };
  readonly watchdogDevice: boolean;
  /** Whether the kernel has the module softdog and this server may load it (a container may not). */
  readonly softdog: boolean;
  readonly manifest: DeployManifest | null;
  readonly made: MadeFacts;
}

/** What the cluster itself answers, asked through the servers. */
export interface ScopeFacts {
  /** etcd members by server name: whether `/health` says true. */
  readonly etcdHealthy: Readonly<Record<string, boolean>>;
  /** Members of the etcd cluster as it knows them, by name; null when etcd could not be asked. */
  readonly etcdMembers:
    | readonly {
        readonly id: string;
        readonly name: string;
        readonly peerUrls: readonly string[];
        readonly started: boolean;
        readonly learner: boolean;
      }[]
    | null;
  /** The scope's `initialize` key: the system identifier, or null when there is none or etcd could not be asked. */
  readonly initialize: string | null;
  /** GET /patroni by server name; null when nobody answered. */
  readonly patroni: Readonly<Record<string, PatroniFacts | null>>;
  readonly sql: SqlFacts | null;
  /** GET /config of the leader; null when nobody answered. */
  readonly config: Readonly<Record<string, unknown>> | null;
}

/** What a member's REST API says. */
export interface PatroniFacts {
  readonly state: string;
  readonly role: PatroniRole;
  readonly version: string;
  readonly scope: string;
  readonly timeline: number | null;
  readonly streaming: readonly string[];
  /** When it last read the DCS, by its own clock, ms; null where it does not say (Patroni before 2.1.2). */
  readonly dcsLastSeen: number | null;
  readonly systemIdentifier: string | null;
}

/** Roles, databases and the pooler's function on the primary. `passwordMatches` compares against the secret without showing it. */
export interface SqlFacts {
  readonly roles: Readonly<Record<string, { readonly passwordMatches: boolean; readonly options: readonly string[] }>>;
  readonly databases: Readonly<Record<string, string>>;
  /** Databases that hold the pooler's look-up function. */
  readonly poolerFunctionIn: readonly string[];
}

/** Whether one server reaches a port of another. `refused` means the way is open and nobody listens yet. */
export interface ReachFacts {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly verdict: 'open' | 'refused' | 'blocked';
}

/** Whether somebody answers at the virtual address when asked from one server. */
export interface VipFacts {
  readonly from: string;
  readonly verdict: 'silent' | 'answers' | 'unknown';
  /** The hardware address that answers, or null. */
  readonly hardware: string | null;
}

/** What an address of the followed cluster says to one server of the cluster that is to follow, when it logs in as a standby would. */
export interface FollowedFacts {
  readonly from: string;
  readonly host: string;
  /** `refused`: it let a role not in; `silent`: it did not answer; `words` says more. */
  readonly verdict: 'primary' | 'replica' | 'refused' | 'silent';
  readonly words: string;
  /** Major version of PostgreSQL. */
  readonly version: number | null;
  readonly systemIdentifier: string | null;
  /** `not_known` before PostgreSQL 15, which does not tell a standby. */
  readonly slot: 'there' | 'missing' | 'not_known';
}

/** A certificate found on a server, judged against the cluster's authority. */
export interface CertificateFacts {
  readonly ours: boolean;
  readonly names: readonly string[];
  /** ms since the epoch */
  readonly notAfter: number;
  /** The authority's file beside it is the present one. */
  readonly authorityCurrent: boolean;
}

/** Everything known before a plan is made. */
export interface DeployFacts {
  readonly servers: Readonly<Record<string, ServerFacts>>;
  readonly cluster: ScopeFacts;
  /** By server and path of the certificate; null where the cluster's authority is not known here, so that none can be judged. */
  readonly certificates: Readonly<Record<string, Readonly<Record<string, CertificateFacts>>>> | null;
  /** When the facts were taken, ms since the epoch. */
  readonly at: number;
}
