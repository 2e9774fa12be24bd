/**
 * A program for the Python that runs Patroni on a server. It lets Patroni's own loader (patroni/config.py) read the configuration named
 * by its first argument and prints one line of JSON: `{"value": ...}` with the configuration, or `{"refused": {"line", "reason"}}`
 * where PyYAML refuses the file. The environment of the service comes on standard input, each variable ended by a NUL byte,
 * so that no secret in it is seen in a list of processes. Numbers and times become what `readScalar` makes of them.
 */
export const PATRONI_LOADER = String.raw`
import json, logging, os, re, sys
logging.disable(logging.CRITICAL)
left = [100000]
def plain(value):
    left[0] -= 1
    if left[0] < 0:
        raise ValueError('more values than a configuration has')
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return {str(one): None for one in value}
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and abs(value) < 2 ** 53:
        return value
    if isinstance(value, float) and re.match(r'-?\d+\.\d*[1-9]$', str(value)):
        return value
    return str(value)
def load(path):
    from patroni.config import Config
    return Config(path, None)._local_configuration
def answer():
    for one in sys.stdin.buffer.read().split(b'\0'):
        name, _, value = one.partition(b'=')
        if name.startswith(b'PATRONI_'):
            os.environb[name] = value
    try:
        return {'value': plain(load(sys.argv[1]))}
    except Exception as error:
        mark = getattr(error, 'problem_mark', None)
        if mark is None:
            raise
        reason = re.sub('[\'"].*', '...', str(getattr(error, 'problem', '')))
        return {'refused': {'line': mark.line + 1, 'reason': reason[:200]}}
if __name__ == '__main__':
    sys.stdout.write(json.dumps(answer()) + '\n')
`;
