import { Button } from '@blueprintjs/core';
import { Component, type ReactNode } from 'react';
import { Notice } from '../../ui/notice';

interface State {
  readonly message: string | null;
}

/** Keeps a mistake in one page from taking the whole window: says so and offers to show the page again. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { message: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { message: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override render() {
    if (this.state.message === null) return this.props.children;
    return (
      <div className="m-page">
        <Notice
          tone="crit"
          alert
          tools={<Button size="small" text="Try again" onClick={() => this.setState({ message: null })} />}
        >
          <div className="m-strong">This page could not be shown.</div>
          <div>{this.state.message}</div>
          <div className="m-muted">Jobs keep running, and the rest of the window works.</div>
        </Notice>
      </div>
    );
  }
}
