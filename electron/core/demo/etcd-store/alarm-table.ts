/** An alarm as etcd names it; `memberID` is decimal. */
export interface StoredAlarm {
  readonly memberID: string;
  readonly alarm: 'Nospace' | 'Corrupt';
}

/** The alarms of one simulated etcd. */
export class AlarmTable {
  #raised: readonly StoredAlarm[] = [];

  all(): readonly StoredAlarm[] {
    return this.#raised;
  }

  raise(alarm: StoredAlarm): StoredAlarm {
    this.disarm(alarm);
    this.#raised = [...this.#raised, alarm];
    return alarm;
  }

  /** Ends a member's alarm, and answers it; none where there was none. */
  disarm({ memberID, alarm }: StoredAlarm): readonly StoredAlarm[] {
    const isIt = (one: StoredAlarm): boolean => one.alarm === alarm && one.memberID === memberID;
    const ended = this.#raised.filter(isIt);
    this.#raised = this.#raised.filter((one) => !isIt(one));
    return ended;
  }
}
