import tseslint from 'typescript-eslint';
import reactHooks from 'eslint-plugin-react-hooks';
import prettier from 'eslint-config-prettier';

/** An export is read by people who do not read the file: a comment says what it is for. */
const documentedExports = {
  create: (context) => ({
    'ExportNamedDeclaration[declaration]'(node) {
      const comment = context.sourceCode.getCommentsBefore(node).at(-1);
      if (comment?.type !== 'Block' || !comment.value.startsWith('*'))
        context.report({ node, message: 'An export says in a doc comment what it is for.' });
    },
  }),
};

/** Syntax that is never wanted; a list, because a later block of the same rule replaces an earlier one. */
const unwanted = [
  {
    selector:
      ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"], TSParameterProperty)[accessibility="private"]',
    message: 'What is private to a class is a #name: the language itself keeps it.',
  },
];

const unwantedInThePage = [
  ...unwanted,
  {
    selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
    message: 'What a server sends is text, never HTML.',
  },
];

/** How names are written. Keys of objects are free: many are the words of a protocol. */
const names = (constants, functions) => [
  'error',
  { selector: 'default', format: ['camelCase'], leadingUnderscore: 'allow' },
  { selector: 'import', format: null },
  { selector: 'function', format: functions },
  { selector: 'variable', modifiers: ['const', 'global'], format: constants },
  { selector: ['variable', 'parameter'], modifiers: ['destructured'], format: null },
  { selector: 'typeLike', format: ['PascalCase'] },
  { selector: ['objectLiteralProperty', 'objectLiteralMethod', 'typeProperty', 'typeMethod'], format: null },
];

/** Rules that a review would otherwise have to repeat. Types are checked by tsc; this holds what tsc does not. */
export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'test/results/'] },
  ...tseslint.configs.recommended,
  { rules: { 'no-nested-ternary': 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['renderer/vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { matriarch: { rules: { 'documented-exports': documentedExports } } },
    rules: {
      'matriarch/documented-exports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/naming-convention': names(['camelCase', 'UPPER_CASE'], ['camelCase']),
      'no-restricted-syntax': ['error', ...unwanted],
      'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }],
      // Statements, not lines: a formatter decides about lines.
      'max-statements': ['error', 18],
      // A flat, exhaustive switch over a union is a table: it counts as one decision.
      complexity: ['error', { max: 15, variant: 'modified' }],
    },
  },
  {
    files: ['renderer/**/*.tsx', 'renderer/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // It warns of what only the React compiler, which this page does not use, would get wrong.
      'react-hooks/incompatible-library': 'off',
      'no-restricted-syntax': ['error', ...unwantedInThePage],
    },
  },
  {
    files: ['renderer/features/**/*.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@blueprintjs/core',
              importNames: ['Dialog'],
              message:
                'Use FocusedDialog of renderer/ui: it gives the focus to the first field, or to the safe button.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['renderer/**/*.ts', '**/*.tsx'],
    rules: {
      // A component is PascalCase: JSX takes a name that begins with a small letter for an element of HTML.
      '@typescript-eslint/naming-convention': names(
        ['camelCase', 'UPPER_CASE', 'PascalCase'],
        ['camelCase', 'PascalCase'],
      ),
    },
  },
  { files: ['test/**'], rules: { 'max-statements': 'off' } },
  // After all other rules: it switches off those that a formatter decides.
  prettier,
  // Not among them: what holds two statements on one line may come from a template, which the formatter leaves alone.
  { rules: { 'max-statements-per-line': ['error', { max: 1 }] } },
);
