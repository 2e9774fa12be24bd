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

  raise(alarm: StoredAlarm): void {
    this.disarm(alarm);
    this.#raised = [...this.#raised, alarm];
  }

  /** Ends a member's alarm; member '0' stands for all. */
  disarm({ memberID, alarm }: StoredAlarm): void {
    this.#raised = this.#raised.filter((one) => one.alarm !== alarm || (memberID !== '0' && one.memberID !== memberID));
  }
}
