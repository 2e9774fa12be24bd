import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { YamlRemark } from '../../../shared/rules/configure/yaml/config-yaml';

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--m-surface)', color: 'var(--m-text)', maxHeight: '60vh', minHeight: '240px' },
  '.cm-content': { fontFamily: 'var(--m-mono)', fontSize: '12px', caretColor: 'var(--m-text)' },
  '.cm-gutters': { backgroundColor: 'var(--m-sunken)', color: 'var(--m-muted)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--m-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--m-accent-soft)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--m-surface)', color: 'var(--m-text)' },
  '.cm-content span': { color: 'inherit' },
});

function diagnosticsOf(state: EditorState, remarks: readonly YamlRemark[]): Diagnostic[] {
  return remarks.map(({ line, column, severity, sentence }) => {
    const at = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
    const from = Math.min(at.from + Math.max(0, column - 1), at.to);
    return { from, to: at.to, severity, message: sentence };
  });
}

/** A text as YAML with its remarks at their places. Tab indents; Escape, then Tab leaves the editor. */
export default function YamlEditor(props: {
  readonly text: string;
  /** What it is called for a screen reader. */
  readonly label: string;
  readonly remarks: readonly YamlRemark[];
  readonly readOnly: boolean;
  readonly onText: (text: string) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          lineNumbers(),
          history(),
          yaml(),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          lintGutter(),
          search(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
          EditorState.readOnly.of(latest.current.readOnly),
          EditorView.contentAttributes.of({ 'aria-label': latest.current.label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onText(update.state.doc.toString());
          }),
          theme,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    if (editor.state.doc.toString() !== props.text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.text } });
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, props.remarks)));
  }, [props.text, props.remarks]);
  return <div ref={place} className="m-config-editor" data-testid="yaml-editor" />;
}
