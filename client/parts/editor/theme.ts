/**
 * The editor's looks, from the console's own colours (style.css): they are light-dark() pairs, so the editor follows the colour
 * scheme without being told. Keys, texts and numbers differ in colour and in weight; everything is at least 4.5 : 1 on paper.
 */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "0.8125rem", height: "100%" },
  // The ring is around the whole panel (editor.css).
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-faint)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px 0 8px", minWidth: "28px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--hover) 70%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#d8e6fb, #2a3f5f)",
  },
  ".cm-selectionMatch": { backgroundColor: "light-dark(#e9e5dd, #38332e)" },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "light-dark(#e2ded6, #45413c)", outline: "none" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--red-wash)" },
  ".cm-searchMatch": { backgroundColor: "var(--glow)", outline: "none" },
  ".cm-searchMatch.cm-searchMatch-selected": { outline: "2px solid var(--focus)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", borderColor: "var(--line-strong)", color: "var(--ink-soft)" },
  ".cm-foldGutter .cm-gutterElement": { color: "var(--ink-faint)", cursor: "pointer" },
  ".cm-snippetField": { backgroundColor: "light-dark(#e4ecfa, #1f2f49)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panels.cm-panels-top, .cm-panels.cm-panels-bottom": { borderColor: "var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "4px", color: "var(--ink)" },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
    color: "var(--ink)",
  },
  ".cm-panel.cm-search": { padding: "6px 8px", fontFamily: "var(--mantine-font-family)" },
  ".cm-panel.cm-search label, .cm-panel.cm-search .cm-textfield, .cm-panel.cm-search .cm-button": { fontSize: "0.8125rem" },
  ".cm-panel.cm-search button[name=close]": { color: "var(--ink)" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    color: "var(--ink)",
    boxShadow: "0 4px 16px rgb(0 0 0 / 12%)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em", maxWidth: "min(420px, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "light-dark(#e1ebfb, #223753)", color: "var(--ink)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--ink-soft)", fontStyle: "normal", fontFamily: "inherit" },
  ".cm-completionIcon": { display: "none" },
  ".cm-tooltip.cm-completionInfo": { padding: "8px 12px", maxWidth: "340px", width: "max-content" },
  ".cm-about": { padding: "8px 12px", maxWidth: "380px", fontFamily: "var(--mantine-font-family)", fontSize: "0.8125rem", lineHeight: "1.45" },
  ".cm-completionInfo .cm-about": { padding: "0" },
  ".cm-about > div > code": { fontWeight: "600" },
  ".cm-about p": { marginTop: "4px" },
  ".cm-about-facts": { color: "var(--ink-soft)" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--mantine-font-family)", fontSize: "0.8125rem", maxWidth: "420px" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--red)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--amber)" },
  // A wave that is drawn as text decoration needs no picture, and takes our colours.
  ".cm-lintRange": { backgroundImage: "none !important", textDecorationLine: "underline", textDecorationStyle: "wavy", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--red)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--amber)" },
  ".cm-lintRange-active": { backgroundColor: "var(--glow)" },
  ".cm-lintPoint:after": { borderBottomColor: "var(--red)" },
  ".cm-gutter-lint": { width: "16px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0", display: "flex", alignItems: "center", justifyContent: "center" },
  ".cm-lint-marker": { width: "12px", height: "12px", content: "none" },
  ".cm-lint-marker-error": { backgroundColor: "var(--red)", clipPath: "polygon(30% 0, 70% 0, 100% 30%, 100% 70%, 70% 100%, 30% 100%, 0 70%, 0 30%)" },
  ".cm-lint-marker-warning": { backgroundColor: "var(--amber)", clipPath: "polygon(50% 4%, 100% 96%, 0 96%)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--blue)" },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: "var(--green)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--amber)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--blue)", fontWeight: "600" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.className],
    color: "var(--ink)",
    fontWeight: "600",
  },
  { tag: [tags.comment, tags.meta], color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.heading], fontWeight: "700" },
  { tag: [tags.emphasis], fontStyle: "italic" },
  { tag: [tags.strong], fontWeight: "700" },
  { tag: [tags.link, tags.url], color: "var(--blue)", textDecoration: "underline" },
  { tag: [tags.separator, tags.punctuation, tags.bracket, tags.squareBracket, tags.brace], color: "var(--ink-soft)" },
  { tag: tags.invalid, color: "var(--red)" },
]);

export const looks: Extension = [look, syntaxHighlighting(colours)];
