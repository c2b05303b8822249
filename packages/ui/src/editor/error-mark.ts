/** A wavy line under the place that the server complained of; it goes with the next change. */
import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import { offsetOf, type TextPosition } from "../api/api-error.ts";

export const setErrorMark = StateEffect.define<TextPosition | undefined>();

const mark = Decoration.mark({ class: "cm-server-error" });

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(setErrorMark)) next = markAt(transaction.state, effect.value);
    }
    return next;
  },
  provide: (self) => EditorView.decorations.from(self),
});

export const errorMark: Extension = field;

function markAt(state: EditorState, position: TextPosition | undefined): DecorationSet {
  if (position === undefined || state.doc.length === 0) return Decoration.none;
  const span = errorSpan(state.doc.toString(), position);
  return Decoration.set([mark.range(span.from, span.to)]);
}

/** From a position to the end of its word; at least one character, since a line under nothing is not seen. */
export function errorSpan(text: string, position: TextPosition): { from: number; to: number } {
  const at = offsetOf(text, position);
  const word = /^[\w:.]+/.exec(text.slice(at))?.[0] ?? "";
  const to = Math.min(text.length, at + Math.max(1, word.length));
  return { from: Math.min(at, Math.max(0, to - 1)), to };
}
