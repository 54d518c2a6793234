import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

// A feature may use app-wide code, never another feature: what two of them need belongs in src/api, src/components or src/lib.
const features = readdirSync(new URL('./src/features', import.meta.url));
const boundaries = features.map((feature) => ({
  files: [`src/features/${feature}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: ['@/features/*', `!@/features/${feature}`], message: 'Features do not import each other.' },
          { group: ['../../*'], message: 'Leave a feature only through an alias.' },
          { group: ['@/routes/*', '@/app/*'], message: 'Features do not know the app around them.' },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report', 'src/api/schema.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { files: ['*.js'], languageOptions: { globals: { URL: 'readonly' } } },
  jsxA11y.flatConfigs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Dialogs and wizards put the focus where the reader needs it.
      'jsx-a11y/no-autofocus': 'off',
    },
  },
  {
    files: ['src/{api,lib,components}/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@/features/*', '@/routes/*', '@/app/*'], message: 'Shared code does not know features.' }] },
      ],
    },
  },
  ...boundaries,
);
