const jupyter = require('@jupyter/eslint-plugin');
const typescript = require('typescript-eslint');

module.exports = typescript.config(
  { ignores: ['lib/', 'node_modules/', '*.js'] },
  {
    files: ['**/*.ts'],
    extends: [...typescript.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true }
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Lumino's idiom is signal.connect(this.method, this); prefer-signal-this-arg checks it.
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 60]
    }
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' } // describe() holds many short tests
  },
  {
    files: ['src/charts/**/*.ts'],
    rules: {
      // Data in, SVG out: shared with the anywidget, which knows no JupyterLab.
      'no-restricted-imports': ['error', { patterns: ['react*', '@jupyter*', '@lumino/*'] }]
    }
  },
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  {
    rules: {
      // The whole extension is smaller than the round trip that a second chunk would cost.
      'jupyter/prefer-lazy-imports': 'off'
    }
  },
  {
    files: ['src/wire.ts'],
    rules: { 'max-lines': 'off' } // written by a program
  },
  {
    files: ['src/wire.ts', 'test/**/*.ts'],
    rules: { 'jupyter/no-untranslated-string': 'off' } // field names and test data, not texts
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'jupyter/require-disposable-ownership': 'off' } // a test's models go with it
  }
);
