/**
 * The editor's look, by the page's custom properties: they reach through the shadow root, its style sheets do
 * not.
 */
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const fieldTheme = EditorView.theme({
  "&": {
    color: "var(--ink)",
    fontSize: "var(--text-3)",
    backgroundColor: "transparent",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    lineHeight: "1.55",
    fontVariantLigatures: "none",
    maxHeight: "260px",
    overflow: "auto",
  },
  ".cm-content": { padding: "6px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "1.5px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--mark)",
  },
  ".cm-matchingBracket": { backgroundColor: "transparent" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--selected)",
    outline: "1px solid var(--brass)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-wash)" },
  // The library draws its squiggle as a data: image, which the page's policy refuses.
  ".cm-lintRange-error, .cm-lintRange-warning, .cm-server-error": {
    backgroundImage: "none",
    paddingBottom: "0",
    textDecoration: "underline wavy var(--bad-fill)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn-fill)" },
  ".cm-lintPoint:after": { borderBottomColor: "var(--bad-fill)" },
  ".cm-tooltip": {
    border: "1px solid var(--rule-strong)",
    borderRadius: "6px",
    backgroundColor: "var(--paper-raised)",
    color: "var(--ink)",
    boxShadow: "var(--shadow)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mono)",
    fontSize: "var(--text-2)",
    maxHeight: "min(340px, 50vh)",
    maxWidth: "min(620px, 92vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--selected)",
    color: "var(--ink)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--brass-ink)", fontWeight: "600" },
  ".cm-completionDetail": { marginLeft: "1.2em", color: "var(--ink-3)", fontStyle: "normal", float: "right" },
  ".cm-completionInfo.cm-tooltip": {
    padding: "6px 10px",
    maxWidth: "360px",
    fontFamily: "var(--sans)",
    fontSize: "var(--text-2)",
    color: "var(--ink-2)",
  },
  ".cm-diagnostic": {
    padding: "4px 10px",
    fontSize: "var(--text-2)",
    borderLeft: "3px solid var(--bad-fill)",
  },
});

export const codeColors = HighlightStyle.define([
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: "var(--code-function)" },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.literal], color: "var(--code-number)" },
  { tag: [tags.labelName, tags.propertyName], color: "var(--code-label)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: tags.operator, color: "var(--code-keyword)" },
  { tag: [tags.punctuation, tags.paren, tags.brace, tags.squareBracket], color: "var(--ink-2)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);
