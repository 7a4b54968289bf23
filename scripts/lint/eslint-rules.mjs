// A rule of ESLint that oxlint has none for, as a plugin of oxlint: it is given what stands in .oxlintrc.json.
import { builtinRules } from 'eslint/use-at-your-own-risk';

export default {
  meta: { name: 'eslint-rules' },
  rules: { 'no-restricted-syntax': builtinRules.get('no-restricted-syntax') },
};
