/**
 * A CodeMirror editor as a field. It lives in a shadow root: there CodeMirror adopts its style sheets instead
 * of writing style elements, so the page works under a policy that forbids inline styles.
 */
import {
  closeBrackets,
  closeBracketsKeymap,
  autocompletion,
  completionKeymap,
  acceptCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from "@codemirror/commands";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import type { TextPosition } from "../api/api-error.ts";
import { errorMark, setErrorMark } from "./error-mark.ts";
import { codeColors, fieldTheme } from "./field-theme.ts";
import "./code-field.css";

export interface CodeFieldProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** Language, completion, linting. A new value replaces the old one. */
  readonly language: Extension;
  /** Where the server found a mistake in the text that it was sent. */
  readonly errorAt?: TextPosition | undefined;
  readonly isSearch?: boolean;
  readonly onChange: (text: string) => void;
  readonly onRun: (text: string) => void;
}

export default function CodeField(props: CodeFieldProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const viewRef = useRef<EditorView | undefined>(undefined);
  const latest = useRef(props);
  const language = useRef(new Compartment());

  useLayoutEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    const element = host.current!;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const run = (view: EditorView): boolean => {
      latest.current.onRun(view.state.doc.toString());
      return true;
    };
    const view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false, maxRenderedOptions: 80 }),
          EditorView.lineWrapping,
          placeholder(latest.current.placeholder),
          syntaxHighlighting(codeColors),
          fieldTheme,
          errorMark,
          language.current.of(latest.current.language),
          EditorView.contentAttributes.of({ "aria-label": latest.current.label }),
          Prec.high(
            keymap.of([
              { key: "Tab", run: acceptCompletion },
              { key: "Mod-Enter", run },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...historyKeymap, ...completionKeymap]),
          keymap.of([
            { key: "Enter", run },
            { key: "Shift-Enter", run: insertNewlineAndIndent },
            {
              key: "Escape",
              run: (self) => {
                self.contentDOM.blur();
                return true;
              },
            },
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    viewRef.current = view;
    return () => {
      viewRef.current = undefined;
      view.destroy();
    };
  }, []);

  useEffect(() => {
    viewRef.current?.dispatch({ effects: language.current.reconfigure(props.language) });
  }, [props.language]);

  // What the URL says wins over the text, but typing must not be echoed back as a change.
  useEffect(() => {
    const view = viewRef.current;
    if (view === undefined || view.state.doc.toString() === props.value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: props.value } });
  }, [props.value]);

  useEffect(() => {
    viewRef.current?.dispatch({ effects: setErrorMark.of(props.errorAt) });
  }, [props.errorAt]);

  return (
    <div className="code-field" ref={host} data-shortcut={props.isSearch === true ? "search" : undefined} />
  );
}
