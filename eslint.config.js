import tseslint from 'typescript-eslint';
import reactHooks from 'eslint-plugin-react-hooks';

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

/** Rules that a review would otherwise have to repeat. Types are checked by tsc; this holds what tsc does not. */
export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'test/results/'] },
  ...tseslint.configs.recommended,
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
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
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
    },
  },
  {
    files: ['renderer/**/*.tsx'],
    rules: {
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'What a server sends is text, never HTML.',
        },
      ],
    },
  },
  { files: ['test/**'], rules: { 'max-lines-per-function': 'off' } },
);
