import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';

type Slots = ClusterSpec['patroni']['slots'];
type Options = ClusterSpec['postgres']['basebackup'];
type Methods = ClusterSpec['postgres']['replicaMethods'];

/** Slots a line each: `name`, or `name database plugin` for a logical one. */
export function slotLines(slots: Slots): readonly string[] {
  return Object.entries(slots).map(([name, slot]) =>
    slot.type === 'physical' ? name : `${name} ${slot.database} ${slot.plugin}`.trimEnd(),
  );
}

/** What lines say of slots; half a line is a logical slot that lacks something. */
export function slotsOf(lines: readonly string[]): Slots {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', database, ...plugin] = line.split(/\s+/);
      return [
        name,
        database === undefined
          ? { type: 'physical' as const }
          : { type: 'logical' as const, database, plugin: plugin.join(' ') },
      ];
    }),
  );
}

/** Options a line each: `name`, or `name=value`. */
export function optionLines(options: Options): readonly string[] {
  return Object.entries(options).map(([name, value]) => (value === true ? name : `${name}=${value}`));
}

/** What lines say of options. */
export function optionsOf(lines: readonly string[]): Options {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value] = /^([^=]*)(?:=(.*))?$/.exec(line) ?? [];
      return [name.trim(), value === undefined ? true : value.trim()];
    }),
  );
}

/** Ways to make a replica a line each: `basebackup`, or `name: command`. */
export function methodLines(methods: Methods): readonly string[] {
  return methods.map(({ name, command }) => (command === '' ? name : `${name}: ${command}`));
}

/** What lines say of the ways; what only the file can say of one that keeps its name stays. */
export function methodsOf(lines: readonly string[], before: Methods): Methods {
  return lines.map((line) => {
    const [, name = '', command = ''] = /^([^:]*)(?::(.*))?$/.exec(line) ?? [];
    const known = before.find((method) => method.name === name.trim());
    return { withoutLeader: false, keepData: false, ...known, name: name.trim(), command: command.trim() };
  });
}
