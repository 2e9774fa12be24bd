import {
  CircleIcon,
  ErrorIcon,
  HelpIcon,
  InfoSignIcon,
  RefreshIcon,
  TickCircleIcon,
  TimeIcon,
  WarningSignIcon,
} from '@blueprintjs/icons';
import type { HealthLevel } from '../../shared/model/cluster/cluster-state';
import type { MemberCondition } from '../../shared/model/cluster/member';
import { conditionTone, conditionWords, healthWords, type Tone } from './wording/words';

/** The shape that goes with a tone, so that colour is never the only sign. */
export function ToneIcon(props: { readonly tone: Tone; readonly size?: number }) {
  const size = props.size ?? 14;
  switch (props.tone) {
    case 'good':
      return <TickCircleIcon size={size} aria-hidden />;
    case 'warn':
      return <WarningSignIcon size={size} aria-hidden />;
    case 'crit':
      return <ErrorIcon size={size} aria-hidden />;
    case 'unknown':
      return <HelpIcon size={size} aria-hidden />;
    case 'busy':
      return <RefreshIcon size={size} aria-hidden />;
    case 'info':
      return <InfoSignIcon size={size} aria-hidden />;
    case 'idle':
      return <CircleIcon size={size} aria-hidden />;
    case 'old':
      return <TimeIcon size={size} aria-hidden />;
  }
}

/** An icon and a word in a tone. */
export function Mark(props: { readonly tone: Tone; readonly word: string; readonly title?: string }) {
  return (
    <span className={`m-mark m-tone-${props.tone}`} title={props.title}>
      <ToneIcon tone={props.tone} />
      <span className="m-mark-word">{props.word}</span>
    </span>
  );
}

/** A small label in a tone. */
export function Chip(props: {
  readonly tone: Tone;
  readonly word: string;
  readonly title?: string;
  readonly icon?: boolean;
}) {
  return (
    <span className={`m-chip m-chip-${props.tone}`} title={props.title}>
      {props.icon === true ? <ToneIcon tone={props.tone} size={12} /> : null}
      <span className="m-clip">{props.word}</span>
    </span>
  );
}

/** A cluster's health as a mark. */
export function HealthMark(props: { readonly level: HealthLevel }) {
  const { word, tone } = healthWords[props.level];
  return <Mark tone={tone} word={word} />;
}

/** A member's condition as a mark, explained on hover. What is `stale` is said to be the last that is known. */
export function ConditionMark(props: { readonly condition: MemberCondition; readonly stale?: boolean }) {
  const { condition, stale = false } = props;
  const { word, explain } = conditionWords[condition];
  const title = stale ? `When it was last seen: ${explain}` : explain;
  return <Mark tone={conditionTone(condition, stale)} word={word} title={title} />;
}
