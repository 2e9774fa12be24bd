/** The layer rules of docs/architecture.md, section "Arrows", in the form dependency-cruiser checks. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** What is started by itself: by Electron, by Node, or by the page. electron/build.mjs and renderer/index.html name them. */
const programs =
  '^(electron/(main/(main|core-main)|preload/preload|headless/(main|deploy-main))\\.ts|electron/[\\w-]+\\.mjs|' +
  'renderer/(main\\.tsx|vite\\.config\\.ts|features/cluster/logs/match-worker\\.ts))$';

module.exports = {
  forbidden: [
    rule('no-circles', 'A circle has no order in which it can be read.', {}, { circular: true }),
    {
      ...rule(
        'no-folder-circles',
        'A circle of folders has no order either: each can be read only together with the others.',
        { path: '^(shared|renderer|electron/core)/' },
        { circular: true },
      ),
      scope: 'folder',
    },
    rule(
      'shared-stands-alone',
      'shared is used by both sides and imports neither.',
      { path: '^shared/' },
      { path: '^(electron|renderer|test)/' },
    ),
    rule(
      'shared-needs-only-zod-and-yaml',
      'shared depends on zod, yaml and the contract builder.',
      { path: '^shared/' },
      { dependencyTypes: ['npm', 'npm-dev'], pathNot: 'node_modules/(zod|yaml|@orpc/contract)/' },
    ),
    rule('shared-has-no-node', 'shared runs in the page too.', { path: '^shared/' }, { dependencyTypes: ['core'] }),
    rule(
      'page-knows-only-shared',
      'The page has no Node and no core.',
      { path: '^renderer/', pathNot: '^renderer/vite\\.config' },
      { path: '^(electron|test)/' },
    ),
    rule(
      'page-has-no-node',
      'The page is sandboxed.',
      { path: '^renderer/', pathNot: '^renderer/vite\\.config' },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'page-roof-is-not-imported',
      'app puts the features together; what they need of each other lies in a lower folder.',
      { path: '^renderer/(?!app/|main\\.tsx$)' },
      { path: '^renderer/app/' },
    ),
    rule(
      'features-stand-beside-each-other',
      'What two features share lies in a folder below them.',
      { path: '^renderer/features/([^/]+)/' },
      { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    ),
    rule(
      'page-lower-folders-know-no-feature',
      'What several features share knows none of them.',
      { path: '^renderer/(?!app/|features/)' },
      { path: '^renderer/features/' },
    ),
    rule(
      'ui-knows-no-page',
      'Components of ui show what they are given: they neither call the core nor navigate.',
      { path: '^renderer/ui/' },
      { path: '^renderer/(?!ui/)' },
    ),
    rule(
      'core-never-imports-electron',
      'The core is plain Node: the same program runs without Electron.',
      { path: '^electron/(core|headless)/' },
      { path: 'node_modules/electron/' },
    ),
    rule(
      'core-knows-no-rim',
      'The shells know the core, never the reverse.',
      { path: '^electron/core/' },
      { path: '^(electron/(main|preload|headless)|renderer|test)/' },
    ),
    rule(
      'shells-do-not-mix',
      'The Electron shell and the headless host meet only in the core.',
      { path: '^electron/main/' },
      { path: '^electron/headless/' },
    ),
    rule(
      'headless-is-not-electron',
      'The headless host needs no Electron part.',
      { path: '^electron/headless/' },
      { path: '^electron/(main|preload)/' },
    ),
    rule(
      'rules-are-pure',
      'Rules decide on models; they know no contract.',
      { path: '^shared/(rules|model)/' },
      { path: '^shared/contract/' },
    ),
    rule('model-is-the-ground', 'The model knows no rules.', { path: '^shared/model/' }, { path: '^shared/rules/' }),
    rule(
      'only-rpc-binds-the-contract',
      'Services of the core do not know who calls them.',
      { path: '^electron/core/(?!rpc/)' },
      { path: '^shared/contract/' },
    ),
    rule(
      'no-orphans',
      'What imports nothing and is imported by nothing is left over.',
      { orphan: true, pathNot: '\\.(test|bench)\\.tsx?$|\\.config\\.[tj]s$|^test/[\\w-]+\\.(mjs|cjs)$' },
      {},
    ),
    rule(
      'only-what-runs',
      'No program reaches it: it is left over, or belongs to the tests.',
      { path: programs },
      { path: '^(shared|electron|renderer)/', pathNot: programs, reachable: false },
    ),
    rule(
      'shipped-packages-are-dependencies',
      'The programs of the Node side load their packages from node_modules: a development package is not there.',
      { path: '^electron/(core|headless|main|preload)/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/electron/' },
    ),
    rule(
      'packages-are-named',
      'A package that package.json does not name comes and goes with another one.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    ),
    rule('all-can-be-found', 'An import leads somewhere.', {}, { couldNotResolve: true, pathNot: '^virtual:' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/results)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.cjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
