/** What failed in a run of the tests, in few words: the end of a long output is what people read. */

/** Lines of one failure's message, and failures in all, that are printed. */
const mostLines = 4;
const mostFailures = 40;
const widest = 300;

/** Colours of a terminal, which only disturb in a file. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The first lines of a message that say something: no colours, no empty lines, no lines of a stack. */
export function firstLines(message) {
  const lines = message.replace(colours, '').split('\n').map((line) => line.trimEnd()).filter((line) => line.trim() !== '' && !/^\s*at .+[:(]/.test(line));
  return lines.slice(0, mostLines).map((line) => (line.length > widest ? `${line.slice(0, widest)} ...` : line));
}

/** The tests that failed in a report of vitest, and the files that could not be run, each with the first lines of why. */
export function failuresOf(report) {
  return report.testResults.flatMap((file) => {
    const bad = file.assertionResults.filter((test) => test.status === 'failed');
    const name = file.name.replace(/^.*\/test\//, 'test/');
    if (bad.length === 0) return file.status === 'failed' ? [{ name, lines: firstLines(file.message ?? '') }] : [];
    return bad.map((test) => ({ name: `${name} > ${test.fullName}`, lines: firstLines(test.failureMessages.join('\n')) }));
  });
}

/** Failures as text, one after the other; the empty list gives no line. */
export function failureText(failures) {
  const shown = failures.slice(0, mostFailures).flatMap(({ name, lines }) => [`FAILED ${name}`, ...lines.map((line) => `    ${line}`)]);
  return failures.length > mostFailures ? [...shown, `and ${failures.length - mostFailures} more`] : shown;
}
