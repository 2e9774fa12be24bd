/** A short summary of what failed in a run of the tests, for the end of its output. */

/** Lines of one failure's message, and failures in all, that are printed. */
const mostLines = 4;
const mostFailures = 40;
const widest = 600;
const narrow = 160;

/** Colours of a terminal, which make a file unreadable. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The first meaningful lines of a message: no colours, no empty lines, no lines of a stack. */
export function firstLines(message) {
  const lines = message
    .replace(colours, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !/^\s*at .+[:(]/.test(line));
  return lines.slice(0, mostLines).map((line) => (line.length > widest ? `${line.slice(0, widest)} ...` : line));
}

/** The tests that failed in a report of vitest, and the files that could not be run, each with the first lines of its reason. */
export function failuresOf(report) {
  return report.testResults.flatMap((file) => {
    const bad = file.assertionResults.filter((test) => test.status === 'failed');
    const name = file.name.replace(/^.*\/test\//, 'test/');
    if (bad.length === 0) return file.status === 'failed' ? [{ name, lines: firstLines(file.message ?? '') }] : [];
    return bad.map((test) => ({
      name: `${name} > ${test.fullName}`,
      lines: firstLines(test.failureMessages.join('\n')),
    }));
  });
}

/** The file that a failure's name begins with. */
const fileOf = (name) => name.split(' > ')[0];

/** One failure as text: the first of a file with its lines, later ones of the same file with their first words only. */
function describeFailure({ name, lines }, isFirst) {
  if (isFirst) return [`FAILED ${name}`, ...lines.map((line) => `    ${line}`)];
  const words = `${name.slice(fileOf(name).length)}: ${lines[0] ?? ''}`;
  return [`  then${words.length > narrow ? `${words.slice(0, narrow)} ...` : words}`];
}

/** Failures as text; no failure gives no line. A later failure of a file is mostly a consequence of the first. */
export function failureText(failures) {
  const first = new Set(failures.map(({ name }) => fileOf(name)));
  const shown = failures
    .slice(0, mostFailures)
    .flatMap((failure) => describeFailure(failure, first.delete(fileOf(failure.name))));
  return failures.length > mostFailures ? [...shown, `and ${failures.length - mostFailures} more`] : shown;
}
