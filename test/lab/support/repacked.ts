import type { Lab, LabNode, NodeName } from './lab';

const MINUTE = 60_000;
const PORT = 8090;

/** What is changed in a repacked package besides its version: a script of the shell that runs in its unpacked directory. */
export interface Repacked {
  readonly name: string;
  readonly suffix: string;
  readonly change?: string;
}

/** A package repository on one of the lab's servers, with the servers' own packages in higher versions. */
export class RepackedSite {
  private constructor(
    readonly lab: Lab,
    readonly home: LabNode,
    readonly nodes: readonly NodeName[],
  ) {}

  /** Makes it, serves it on the lab's bridge, and adds it to the package sources of the servers. */
  static async open(lab: Lab, home: NodeName, nodes: readonly NodeName[]): Promise<RepackedSite> {
    const site = new RepackedSite(lab, lab.node(home), nodes);
    await site.home.console(
      `mkdir -p /srv/repacked; touch /srv/repacked/Packages
systemd-run --quiet --collect --unit=repacked python3 -m http.server ${PORT} --directory /srv/repacked`,
    );
    const line = `deb [trusted=yes] http://${site.home.ip}:${PORT} ./`;
    await Promise.all(
      nodes.map((name) => lab.node(name).console(`echo '${line}' > /etc/apt/sources.list.d/repacked.list`)),
    );
    return site;
  }

  /** Repacks the installed version of each package with a suffix behind its version, and lets every server read its lists again. */
  async offer(packages: readonly Repacked[]): Promise<void> {
    for (const { name, suffix, change = 'true' } of packages)
      await this.home.console(
        `cd /srv; mkdir -p own; cd own
[ -e ${name}.deb ] || { apt-get download -q ${name}=$(cat ${name}.version 2>/dev/null || dpkg-query -W -f '\${Version}' ${name} |
  tee ${name}.version) >/dev/null; mv ${name}_*.deb ${name}.deb; }
rm -rf new; dpkg-deb -R ${name}.deb new
sed -i "s/^Version: .*/Version: $(cat ${name}.version)${suffix}/" new/DEBIAN/control
cd new; ${change}; cd ..
dpkg-deb -Zgzip -z1 -b new /srv/repacked/${name}${suffix}.deb >/dev/null; rm -rf new`,
        { timeoutMs: 5 * MINUTE },
      );
    await this.home.console(
      `cd /srv/repacked; for file in *.deb; do dpkg-deb -f "$file"
printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$file" "$(stat -c %s "$file")" "$(sha256sum < "$file" | cut -d' ' -f1)"
done > Packages.new; mv Packages.new Packages`,
    );
    await Promise.all(
      this.nodes.map((name) => this.lab.node(name).console('apt-get update -q >/dev/null', { timeoutMs: 3 * MINUTE })),
    );
  }

  /** The installed version of a package, by dpkg. */
  installed(node: NodeName, name: string): Promise<string> {
    return this.lab.node(node).console(`dpkg-query -W -f '\${Version}' ${name}`);
  }
}
