/**
 * The unit of an etcd that is no package. It reads the same settings as the package's; how it comes back stands in the
 * settings beside it, as with the package.
 */
export function etcdUnit(directory: string): string {
  return `# Written by Matriarch.
[Unit]
Description=etcd, a key-value store that agrees
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
EnvironmentFile=/etc/default/etcd
ExecStart=${directory}/etcd
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The unit of a Patroni that is no package. PostgreSQL goes on when Patroni alone is stopped hard, so only Patroni's
 * own process is ended.
 */
export function patroniUnit(program: string, config: string): string {
  return `# Written by Matriarch.
[Unit]
Description=Patroni, PostgreSQL with automatic failover
Documentation=https://patroni.readthedocs.io/
Wants=network-online.target
After=network-online.target

[Service]
Type=simple
User=postgres
Group=postgres
ExecStart=${program} ${config}
ExecReload=/bin/kill -s HUP $MAINPID
KillMode=process

[Install]
WantedBy=multi-user.target
`;
}
