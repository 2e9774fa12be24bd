/** Where something is collected from: the member that it is about, or what stands for it, and `host:port`. */
export interface ScrapeTarget {
  readonly member: string;
  readonly address: string;
}

/** A program whose metrics are collected. `version` is the lowest of those that run; null: not known. */
export interface MonitoredProgram {
  readonly version: string | null;
  readonly targets: readonly ScrapeTarget[];
  readonly tls: boolean;
  /** It wants a client certificate for its metrics too. */
  readonly certificate: boolean;
}

/** A cluster as a Prometheus sees it. A program that is not collected is null. */
export interface MonitoredCluster {
  /** The value of the label `cluster`. */
  readonly name: string;
  readonly patroni: MonitoredProgram;
  readonly etcd: MonitoredProgram | null;
  readonly postgres: MonitoredProgram | null;
  readonly node: MonitoredProgram | null;
  readonly haproxy: MonitoredProgram | null;
  /** Whether a commit waits for a replica, so that it is worth a word when there is none. */
  readonly synchronous: boolean;
}

/** What the user chooses of it. Ports are those on the servers of the members. */
export interface MonitoringChoice {
  /** postgres_exporter; null: it is not collected. */
  readonly postgresPort: number | null;
  /** node_exporter. */
  readonly nodePort: number | null;
  /** HAProxy's own exporter. */
  readonly haproxyPort: number | null;
  /** `restapi.verify_client` is `required`. */
  readonly restCertificate: boolean;
  /** `client-cert-auth` of etcd. */
  readonly etcdCertificate: boolean;
}

/** A file for Prometheus or Grafana. */
export interface MonitoringFile {
  readonly fileName: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Where it goes. */
  readonly goesTo: string;
  readonly text: string;
}

/** Something that the files speak of and that must be there beside them. */
export interface MonitoringNeed {
  readonly what: string;
  readonly where: string;
}

/** An alert or a panel that is left out, and why. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** All files for a cluster. */
export interface MonitoringFiles {
  readonly files: readonly MonitoringFile[];
  readonly needs: readonly MonitoringNeed[];
  readonly leftOut: readonly LeftOut[];
}
