import { implement } from '@orpc/server';
import { appError } from '../../../shared/model/app-error';
import { contract } from '../../../shared/contract';

/** The deployment's part of the double: it sets nothing up and says so. */
export function deployDouble() {
  const os = implement(contract).deploy;
  const none = () => Promise.reject(appError('demo.not_here', 'The double sets up no clusters.'));
  return {
    parse: os.parse.handler(none), print: os.print.handler(none), validate: os.validate.handler(() => []), presets: os.presets.handler(() => []), look: os.look.handler(none), available: os.available.handler(none),
    suggest: os.suggest.handler(() => []), preflight: os.preflight.handler(none), fix: os.fix.handler(none), plan: os.plan.handler(none), apply: os.apply.handler(none), rotateCertificates: os.rotateCertificates.handler(none), check: os.check.handler(none), undo: os.undo.handler(none),
    secretNames: os.secretNames.handler(() => []), setSecret: os.setSecret.handler(() => null), revealSecret: os.revealSecret.handler(none),
    runs: { list: os.runs.list.handler(() => []), spec: os.runs.spec.handler(none), watch: os.runs.watch.handler(none), watchAll: os.runs.watchAll.handler(async function* () { yield []; }), resume: os.runs.resume.handler(none), stop: os.runs.stop.handler(() => null) },
    day2: { spec: os.day2.spec.handler(none), preview: os.day2.preview.handler(none), apply: os.day2.apply.handler(none), standalones: os.day2.standalones.handler(() => []), adopt: os.day2.adopt.handler(none), keep: os.day2.keep.handler(() => null) },
    bundle: { make: os.bundle.make.handler(none), check: os.bundle.check.handler(none) },
    drafts: { list: os.drafts.list.handler(() => []), save: os.drafts.save.handler(() => null), remove: os.drafts.remove.handler(() => null) },
  };
}
