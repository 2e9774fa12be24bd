import { Button } from '@blueprintjs/core';
import { ChevronDownIcon, ChevronUpIcon, CrossIcon } from '@blueprintjs/icons';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { searchMarks } from './terminal-theme';
import type { XtermScreen } from './screen';

/** Searches what a terminal has shown, newest first. */
export function SearchBar(props: {
  readonly screen: XtermScreen;
  readonly dark: boolean;
  readonly onClose: () => void;
}) {
  const { search } = props.screen;
  const [text, setText] = useState('');
  const [found, setFound] = useState({ resultIndex: -1, resultCount: 0 });
  useEffect(() => {
    const listener = search.onDidChangeResults(setFound);
    return () => {
      listener.dispose();
      search.clearDecorations();
    };
  }, [search]);
  const options = { decorations: searchMarks(props.dark) };
  const older = (word = text) => search.findPrevious(word, options);
  const newer = () => search.findNext(text, options);
  const type = (word: string) => {
    setText(word);
    if (word === '') search.clearDecorations();
    else older(word);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.shiftKey) newer();
    else if (event.key === 'Enter') older();
    else if (event.key === 'Escape') props.onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="m-terminal-search" role="search">
      <input
        className="bp6-input"
        autoFocus
        aria-label="Search in the terminal"
        placeholder="Search"
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="m-small m-muted m-nowrap" role="status">
        {countWords(text, found)}
      </span>
      <Button variant="minimal" icon={<ChevronUpIcon />} aria-label="Older match" onClick={() => older()} />
      <Button variant="minimal" icon={<ChevronDownIcon />} aria-label="Newer match" onClick={newer} />
      <Button variant="minimal" icon={<CrossIcon />} aria-label="Close the search" onClick={props.onClose} />
    </div>
  );
}

function countWords(text: string, found: { readonly resultIndex: number; readonly resultCount: number }): string {
  if (text === '') return '';
  if (found.resultCount === 0) return 'No matches';
  return found.resultIndex < 0 ? `${found.resultCount} matches` : `${found.resultIndex + 1} of ${found.resultCount}`;
}
