import { createHmac } from 'node:crypto';
import type { LabNode } from './lab';

/** What the shells of these servers print whenever they start: a word that no output of the app may contain. */
export const BANNER = 'maintained by the operations team';

/** How root's .bashrc ends: with a line break or in the middle of a line. */
export type BannerEnd = 'with a final newline' | 'without a final newline';

/** Gives root a .bashrc that prints before every command on both outputs, and lets nobody else read what root makes. */
export async function makeRootTalk(node: LabNode, end: BannerEnd): Promise<void> {
  const last = end === 'with a final newline' ? `printf '* ${BANNER} *\\n'` : `printf '* ${BANNER} *'`;
  await node.console(`cat > /root/.bashrc <<'END_OF_BASHRC'
echo '*** ${BANNER} ***'
printf '{"changes": "announce them"}\\n'
echo '0 updates can be applied' >&2
umask 077
alias cat='cat -n' ls='ls -F'
${last}
END_OF_BASHRC`);
}

/** Gives the login user admin the shell fish, which prints as well. */
export async function giveFish(node: LabNode): Promise<void> {
  await node.console(
    `export DEBIAN_FRONTEND=noninteractive
command -v fish >/dev/null || { apt-get -qq update; apt-get -qq -y install --no-install-recommends fish; } >/dev/null 2>&1
usermod -s /usr/bin/fish admin
install -d -o admin -g admin /home/admin/.config /home/admin/.config/fish
cat > /home/admin/.config/fish/config.fish <<'END_OF_CONFIG'
echo '><> ${BANNER}'
echo -n 'no end of this line'
umask 077
END_OF_CONFIG
chown admin: /home/admin/.config/fish/config.fish`,
    { timeoutMs: 5 * 60_000 },
  );
}

/** How the configuration of a Patroni is written. */
export type ConfigStyle = 'directory' | 'environment' | 'flow';

/** What Patroni reads from its unit's environment where the style says so: passwords, certificates, etcd. */
const REWRITE = `
import json, os, pathlib, pwd, sys, yaml
style, old = sys.argv[1], pathlib.Path('/etc/patroni/config.yml')
config = yaml.safe_load(old.read_text())
owner = pwd.getpwnam('postgres')
def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.chmod(path, 0o600)
    os.chown(path, owner.pw_uid, owner.pw_gid)
    os.chown(path.parent, owner.pw_uid, owner.pw_gid)
def flow(value):
    return ''.join("'%s': %s\\n" % (key, json.dumps(one)) for key, one in value.items())
def unit(lines):
    write('/etc/systemd/system/patroni.service.d/style.conf', '[Unit]\\nConditionPathExists=\\n[Service]\\n' + '\\n'.join(lines) + '\\n')
if style == 'flow':
    write(old, '---\\n# "quoted": keys\\n' + flow(config))
elif style == 'directory':
    accounts = config['postgresql'].pop('authentication')
    rest = config.pop('restapi')
    write('/etc/patroni/conf.d/10-base.yml', yaml.safe_dump({**config, 'scope': 'overruled'}))
    write('/etc/patroni/conf.d/20-rest.yaml', flow({'restapi': rest}))
    write('/etc/patroni/conf.d/30-accounts.yml', yaml.safe_dump({'scope': config['scope'],
      'postgresql': {'authentication': accounts}}))
    write('/etc/patroni/conf.d/notes.txt', 'scope: notes\\n')
    old.unlink()
    unit(['ExecStart=', 'ExecStart=/usr/bin/patroni /etc/patroni/conf.d'])
else:
    variables = {'PATRONI_ETCD3_' + key.upper(): value for key, value in config.pop('etcd3').items()}
    for name, account in config['postgresql'].pop('authentication').items():
        for key, value in account.items():
            variables['PATRONI_%s_%s' % (name.upper(), key.upper())] = value
    for section in ('restapi', 'ctl'):
        for key in ('cafile', 'cacert', 'certfile', 'keyfile'):
            if key in config.get(section, {}):
                variables['PATRONI_%s_%s' % (section.upper(), key.upper())] = config[section].pop(key)
    for key, value in config['restapi'].pop('authentication').items():
        variables['PATRONI_RESTAPI_' + key.upper()] = value
    write(old, yaml.safe_dump(config))
    secret = [name for name in variables if 'PASSWORD' in name]
    write('/etc/patroni_secrets.env', '# read by systemd\\n' + ''.join('%s="%s"\\n' % (n, variables.pop(n)) for n in secret))
    unit(['EnvironmentFile=/etc/patroni_secrets.env'] + ['Environment="%s=%s"' % one for one in variables.items()])
`;

/** Has the Patroni of this server run on the same configuration, written in another style. */
export async function rewriteConfig(node: LabNode, style: ConfigStyle): Promise<void> {
  await node.console(`cat > /root/rewrite.py <<'END_OF_PROGRAM'
${REWRITE}
END_OF_PROGRAM
python3 /root/rewrite.py ${style}
rm /root/rewrite.py
systemctl daemon-reload
systemctl restart patroni`);
}

/** The secret of the second factor of dba, in Base32, as an authenticator app knows it. */
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** The one-time password that is right at this time (RFC 6238: SHA-1, six digits, 30 s). */
export function oneTimePassword(atMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const digest = createHmac('sha1', fromBase32(TOTP_SECRET)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** In which order the server asks for the two. */
export type FactorOrder = 'code first' | 'password first';

/** Lets dba in with the password and a one-time password alone, both asked for through PAM; others log in as before. */
export async function wantOneTimePasswords(node: LabNode, order: FactorOrder): Promise<void> {
  const code = 'auth required pam_google_authenticator.so nullok';
  await node.console(
    `export DEBIAN_FRONTEND=noninteractive
dpkg -s libpam-google-authenticator >/dev/null 2>&1 ||
  { apt-get -qq update; apt-get -qq -y install --no-install-recommends libpam-google-authenticator; } >/dev/null 2>&1
printf '%s\\n' ${TOTP_SECRET} '" WINDOW_SIZE 3' '" TOTP_AUTH' > /home/dba/.google_authenticator
chown dba: /home/dba/.google_authenticator; chmod 400 /home/dba/.google_authenticator
sed -i '/pam_google_authenticator/d' /etc/pam.d/sshd
${order === 'code first' ? `sed -i '1i ${code}' /etc/pam.d/sshd` : `sed -i '/@include common-auth/a ${code}' /etc/pam.d/sshd`}
printf '%s\\n' 'Match User dba' '  AuthenticationMethods keyboard-interactive' '  KbdInteractiveAuthentication yes' \\
  > /etc/ssh/sshd_config.d/90-factors.conf
systemctl restart ssh`,
    { timeoutMs: 5 * 60_000 },
  );
}
