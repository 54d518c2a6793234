import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = [
  '#e9f7f3',
  '#d3ebe4',
  '#a5d7c9',
  '#73c2ac',
  '#4ab094',
  '#2f9d81',
  '#1b846b',
  '#0f6f5a',
  '#0d5c4b',
  '#06483a',
];
const ember: MantineColorsTuple = [
  '#fff3e6',
  '#ffe4cc',
  '#fbc799',
  '#f7a964',
  '#f49038',
  '#ef7f1b',
  '#d96c0c',
  '#b45505',
  '#8f4304',
  '#6b3203',
];
/** Greys with a breath of green, from text to the darkest ground. */
const dark: MantineColorsTuple = [
  '#d5dedb',
  '#b3c0bc',
  '#8e9d98',
  '#65756f',
  '#3b4a45',
  '#2b3834',
  '#1d2826',
  '#151f1d',
  '#0f1715',
  '#0a100e',
];
const gray: MantineColorsTuple = [
  '#f6f8f7',
  '#eef2f0',
  '#e2e8e5',
  '#d3dbd7',
  '#b8c3be',
  '#98a5a0',
  '#71807a',
  '#54615c',
  '#394440',
  '#1d2522',
];

export const theme = createTheme({
  colors: { pine, ember, dark, gray },
  primaryColor: 'pine',
  primaryShade: 7,
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  fontFamily: "'Hanken Grotesk Variable', ui-sans-serif, system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: {
    fontFamily: "'Bricolage Grotesque Variable', ui-sans-serif, system-ui, sans-serif",
    fontWeight: '650',
  },
  radius: { xs: '4px', sm: '6px', md: '9px', lg: '14px', xl: '22px' },
  components: {
    Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } },
    Paper: { defaultProps: { radius: 'lg' } },
    Badge: {
      defaultProps: { variant: 'light', radius: 'sm' },
      styles: { label: { textTransform: 'none', fontWeight: 600, letterSpacing: 0 } },
    },
    Modal: { defaultProps: { centered: true, radius: 'lg', overlayProps: { blur: 3, backgroundOpacity: 0.45 } } },
    Drawer: { defaultProps: { position: 'right', overlayProps: { blur: 2, backgroundOpacity: 0.4 } } },
    Table: { defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'md' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
  },
});

/** On a dark ground a light variant is a veil of its colour, with bright text. */
const veils = Object.fromEntries(
  ['pine', 'ember', 'blue', 'red', 'yellow', 'grape', 'gray'].flatMap((color) => [
    [`--mantine-color-${color}-light`, `color-mix(in srgb, var(--mantine-color-${color}-5) 20%, transparent)`],
    [`--mantine-color-${color}-light-hover`, `color-mix(in srgb, var(--mantine-color-${color}-5) 30%, transparent)`],
    [`--mantine-color-${color}-light-color`, `var(--mantine-color-${color}-2)`],
  ]),
);

export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--wm-nav': '#0b3b33', '--wm-nav-text': '#d9ebe5', '--wm-nav-dim': '#9cc4b8', '--wm-nav-active': 'rgb(255 255 255 / 11%)' },
  light: { '--mantine-color-body': '#f4f6f3', '--wm-surface': '#ffffff', '--wm-line': '#dfe6e2', '--mantine-color-dimmed': '#5c6964' },
  dark: {
    ...veils,
    '--mantine-color-body': '#0f1715',
    '--wm-surface': '#17211f',
    '--wm-line': '#2b3834',
    '--wm-nav': '#0a1512',
    '--mantine-color-dimmed': '#93a49e',
  },
});
