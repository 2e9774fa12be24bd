#!/usr/bin/env python3
"""
Asks a scratch PostgreSQL what it makes of pg_hba rules and of parameters' values: JSON on stdin, JSON on stdout.

    {"rules": [LINE], "sets": [{"lines": [LINE], "clients": [CLIENT]}], "values": [[NAME, TEXT]], "local": [[NAME, TEXT]]}

The server is made anew in a directory of its own, with the newest release that is installed, and ends with the script. Run
it as root under `unshare -n`: it takes addresses on the loopback interface of its network namespace.
"""
import glob, json, os, shutil, socket, ssl, struct, subprocess, sys, tempfile, time

BIN = sorted(glob.glob('/usr/lib/postgresql/*/bin'), key=lambda path: int(path.split('/')[-2]))[-1]
PORT = 6543
OWN = ['10.1.0.11/16', '2001:db8:0:1::11/64']
ROUTED = ['10.0.0.0/8', '192.168.0.0/16', '2001:db8::/32', 'fd00::/8']
ROLES = '''
CREATE ROLE staff; CREATE ROLE lead IN ROLE staff; CREATE ROLE anna LOGIN IN ROLE staff; CREATE ROLE bob LOGIN;
CREATE ROLE carl LOGIN IN ROLE lead; CREATE ROLE dora LOGIN SUPERUSER; CREATE ROLE "all" LOGIN; CREATE ROLE "weird name" LOGIN;
CREATE ROLE replication LOGIN; CREATE ROLE standby LOGIN REPLICATION NOINHERIT IN ROLE staff;
'''
DATABASES = ['shop', 'staff', 'anna', 'bob', 'my db', 'all', 'replication', 'db12']


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options).stdout


def psql(sql, separator='\t', check=True):
    words = ['psql', '-XAtq', '-F', separator, '-h', home, '-p', str(PORT), '-U', 'postgres', '-v', f'ON_ERROR_STOP={int(check)}']
    return subprocess.run(words + ['postgres'], input=sql, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=check).stdout


def network():
    run('ip', 'link', 'set', 'lo', 'up')
    for address in OWN:
        run('ip', 'addr', 'add', address, 'dev', 'lo', *(['nodad'] if ':' in address else []))
    for net in ROUTED:
        run('ip', *(['-6'] if ':' in net else []), 'route', 'add', 'local', net, 'dev', 'lo')


def make():
    data = f'{home}/data'
    shutil.chown(home, 'postgres')
    run('runuser', '-u', 'postgres', '--', f'{BIN}/initdb', '-D', data, '-A', 'trust', '-N', '-U', 'postgres')
    run('runuser', '-u', 'postgres', '--', 'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=scratch',
        '-keyout', f'{data}/server.key', '-out', f'{data}/server.crt')
    with open(f'{data}/postgresql.conf', 'a') as conf:
        conf.write(f"port={PORT}\nlisten_addresses='*'\nunix_socket_directories='{home}'\nfsync=off\nssl=on\n"
                   "password_encryption=md5\nmax_connections=60\nshared_buffers=16MB\n")
    for name, words in {'dbs': 'shop, anna\n', 'users': 'anna bob\n'}.items():
        with open(f'{data}/{name}', 'w') as file:
            file.write(words)
    log = open(f'{home}/log', 'w')
    os.chmod(f'{home}/log', 0o666)
    return subprocess.Popen(['runuser', '-u', 'postgres', '--', f'{BIN}/postgres', '-D', data], stdout=log, stderr=log)


def wait(what, seen):
    for _ in range(300):
        if seen():
            return
        time.sleep(0.05)
    raise SystemExit(f'{what} did not come: ' + open(f'{home}/log').read()[-2000:])


def is_up():
    return subprocess.run([f'{BIN}/pg_isready', '-q', '-h', home, '-p', str(PORT)]).returncode == 0


def startup(client):
    words = [b'user', client['user'].encode()]
    words += [b'replication', b'true'] if client['replication'] else [b'database', client['database'].encode()]
    body = struct.pack('!i', 196608) + b'\0'.join(words) + b'\0\0'
    return struct.pack('!i', len(body) + 4) + body


def connect(client):
    address = client['address']
    if address is None:
        one = socket.socket(socket.AF_UNIX)
        one.connect(f'{home}/.s.PGSQL.{PORT}')
        return one
    family, to = (socket.AF_INET6, '2001:db8:0:1::11') if ':' in address else (socket.AF_INET, '10.1.0.11')
    one = socket.socket(family)
    one.settimeout(5)
    one.setsockopt(socket.SOL_IP, 15, 1)  # IP_FREEBIND: routed addresses are bound too, those of IPv6 only with this
    one.bind((address, 0))
    one.connect((to, PORT))
    if not client['tls']:
        return one
    one.sendall(struct.pack('!ii', 8, 80877103))
    if one.recv(1) != b'S':
        raise SystemExit('no TLS')
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(one)


def ask(client):
    """The method that the server asks for, `reject`, `none` where no rule matches, or its message."""
    one = connect(client)
    try:
        one.sendall(startup(client))
        answer = b''
        while len(answer) < 9:
            part = one.recv(4096)
            if part == b'':
                return 'closed'
            answer += part
        if answer[:1] == b'R':
            return {0: 'trust', 3: 'password', 5: 'md5', 10: 'scram-sha-256'}.get(struct.unpack('!i', answer[5:9])[0], 'other')
        text = answer.decode('utf8', 'replace')
        if 'pg_hba.conf rejects' in text:
            return 'reject'
        return 'none' if 'no pg_hba.conf entry' in text else text
    finally:
        one.close()


def put_rules(lines):
    with open(f'{home}/data/pg_hba.conf', 'w') as file:
        file.write('local all postgres trust\n' + '\n'.join(lines) + '\n')


def rules(lines):
    """Each line as pg_hba_file_rules shows it; the lines are written one after the other, so that numbers tell them apart."""
    put_rules(lines)
    found = psql('''SELECT json_build_array(line_number - 2, type, database, user_name, address, netmask, auth_method, error)
      FROM pg_hba_file_rules WHERE line_number > 1 ORDER BY 1::text''')
    return [json.loads(line) for line in found.splitlines()]


def sets(wanted):
    answers = []
    for number, one in enumerate(wanted):
        marker = {'user': f'marker{number}', 'database': 'none', 'address': '10.9.9.9', 'tls': False, 'replication': False}
        put_rules([f'host none marker{number} 10.9.9.9/32 reject'] + one['lines'])
        psql('SELECT pg_reload_conf()')
        wait(f'set {number}', lambda: ask(marker) == 'reject')
        answers.append([ask(client) for client in one['clients']])
    return answers


def values(wanted):
    """What ALTER SYSTEM says of each value: null, or the message."""
    psql('CREATE TABLE IF NOT EXISTS asked(id int, name text, value text)')
    script = ''
    for number, (name, text) in enumerate(wanted):
        quoted = "'" + text.replace("'", "''") + "'"
        script += f'\\echo @@{number}\nALTER SYSTEM SET {name} = {quoted};\n'
    said = {}
    for part in psql('\\set VERBOSITY terse\n' + script, check=False).split('@@')[1:]:
        number, _, text = part.partition('\n')
        said[int(number)] = text.strip() or None
    with open(f'{home}/data/postgresql.auto.conf', 'w'):
        pass
    return [said.get(number) for number in range(len(wanted))]


def shown(wanted):
    """What a value is once a session has set it, as pg_settings shows it; null where it is refused."""
    script = ''
    for number, (name, text) in enumerate(wanted):
        quoted = "'" + text.replace("'", "''") + "'"
        script += (f"\\echo @@{number}\nBEGIN;\nSET LOCAL {name} = {quoted};\n"
                   f"SELECT '=' || setting FROM pg_settings WHERE name = '{name}';\nROLLBACK;\n")
    found = {}
    for part in psql(script, check=False).split('@@')[1:]:
        number, _, text = part.partition('\n')
        lines = [line[1:] for line in text.splitlines() if line.startswith('=')]
        found[int(number)] = lines[0] if lines else None
    return [found.get(number) for number in range(len(wanted))]


def definitions():
    found = psql('''SELECT json_build_array(name, vartype, unit, context, min_val, max_val, enumvals, boot_val) FROM pg_settings
      WHERE name !~ '[.]' ORDER BY name''')
    return [json.loads(line) for line in found.splitlines()]


home = tempfile.mkdtemp(prefix='scratch-postgres-')
server = None
try:
    asked = json.load(sys.stdin)
    network()
    server = make()
    wait('the server', is_up)
    psql(ROLES + ''.join(f'CREATE DATABASE "{name}";\n' for name in DATABASES))
    answer = {'version': int(psql('SHOW server_version_num')), 'definitions': definitions()}
    answer['values'] = values(asked.get('values', []))
    answer['local'] = shown(asked.get('local', []))
    answer['rules'] = rules(asked.get('rules', []))
    answer['sets'] = sets(asked.get('sets', []))
    json.dump(answer, sys.stdout)
finally:
    if server is not None:
        subprocess.run(['runuser', '-u', 'postgres', '--', f'{BIN}/pg_ctl', '-D', f'{home}/data', '-m', 'immediate', 'stop'],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.wait(10)
    shutil.rmtree(home, ignore_errors=True)
