/**
 * Mantine's theme: neutral ink and paper, so that colour is left to mean something (parts/status.css).
 * Colours live once, as light-dark() pairs in style.css; Mantine's own variables point at them.
 */
import { Button, createTheme, type CSSVariablesResolver, Modal, NumberInput, Select } from "@mantine/core";

const mono = 'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';
const sans = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export const theme = createTheme({
  fontFamily: sans,
  fontFamilyMonospace: mono,
  fontSizes: { xs: "0.75rem", sm: "0.875rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.33", sm: "1.43", md: "1.43", lg: "1.5", xl: "1.4" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  headings: { fontFamily: sans, fontWeight: "600" },
  defaultRadius: "md",
  radius: { sm: "0.25rem", md: "0.375rem", lg: "0.625rem" },
  primaryColor: "gray",
  // Warm, like the surfaces: Mantine takes fields, menus and borders in the dark from these.
  colors: {
    dark: ["#efebe4", "#d5d0c7", "#aea79c", "#928b80", "#45413c", "#35312d", "#242220", "#1c1a18", "#151412", "#121110"],
  },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: Button.extend({
      vars: (_theme, props) => {
        if (props.variant !== undefined && props.variant !== "filled") return { root: {} };
        const danger = props.color === "red";
        return {
          root: {
            "--button-bg": danger ? "var(--danger)" : "var(--ink)",
            "--button-hover": danger ? "var(--danger-strong)" : "var(--ink-strong)",
            "--button-color": danger ? "#fff" : "var(--surface)",
          },
        };
      },
    }),
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: { duration: 120, transition: "fade" },
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: { "aria-label": "Close" },
        // The scroll bar stays (style.css), so nothing shifts when a dialog opens.
        removeScrollProps: { removeScrollBar: false },
      },
    }),
    Select: Select.extend({ defaultProps: { allowDeselect: false, comboboxProps: { transitionProps: { duration: 0 } } } }),
    NumberInput: NumberInput.extend({ defaultProps: { clampBehavior: "none" } }),
  },
});

const both = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink-soft)",
  "--mantine-color-placeholder": "var(--ink-faint)",
  "--mantine-color-error": "var(--red)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-primary-color-filled": "var(--ink)",
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: both, dark: both });
