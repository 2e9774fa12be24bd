import { describe, expect, it } from 'vitest';
import { PATRONI_LOADER } from '../../../electron/core/patroni/config/loader';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { askPython, pythonMissing } from '../../support/patroni/python';
import { YAML_CORPUS } from '../../support/patroni/yaml-corpus';

const ASK_PYYAML = `${PATRONI_LOADER.replace("if __name__ == '__main__':", 'if False:')}
import yaml
def read(text):
    try:
        return {'value': plain(yaml.safe_load(text))}
    except Exception:
        return {'refused': True}
print(json.dumps([read(text) for text in json.load(sys.stdin)]))
`;

describe('a YAML text', () => {
  const missing = pythonMissing(['yaml']);
  if (missing !== null) {
    it.skip(`(skipped: ${missing})`, () => undefined);
    return;
  }
  const answers = askPython(
    ASK_PYYAML,
    YAML_CORPUS.map(([, text]) => text),
  ) as readonly unknown[];

  it.each(YAML_CORPUS.map(([about, text], index) => [about, text, answers[index]] as const))(
    'with %s is read as PyYAML reads it',
    (_about, text, theirs) => {
      const ours = readYaml(text);
      expect(ours.kind === 'value' ? { value: ours.value } : { refused: true }).toEqual(theirs);
    },
  );
});
