import { FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { AssessmentChoice, AssessmentPlace } from '../../../../../shared/model/upgrade/assessment';
import { whyNotPlace } from '../../../../../shared/rules/upgrade/assessment-checks';
import { Switch } from '../../../../ui/choices';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';

/** Which version is assessed, on whose data and where the copy is made. */
export function AssessmentForm(props: {
  readonly places: readonly AssessmentPlace[];
  /** Why none can be begun now; null where one can. */
  readonly why: string | null;
  readonly onChoose: (choice: AssessmentChoice) => void;
}) {
  const able = props.places.filter(({ offers }) => offers.length > 0);
  const [chosen, setChosen] = useState<string | null>(null);
  const [wanted, setWanted] = useState<number | null>(null);
  const [directory, setDirectory] = useState('');
  const [rate, setRate] = useState('');
  const [removes, setRemoves] = useState(true);
  const id = useId();
  // The leader is copied only where somebody has chosen it.
  const place = able.find(({ member }) => member === chosen) ?? able.find(({ leads }) => !leads);
  const [first] = able;
  if (first === undefined) return <NoOffer places={props.places} />;
  const { offers, offer } = offersOf(place ?? first, wanted);
  const path = directory.trim();
  const placeComplaint = path === '' ? null : whyNotPlace(path);
  const rateComplaint = whyNotRate(rate);
  const begin = () => {
    if (offer !== undefined && place !== undefined)
      props.onChoose({
        member: place.member,
        target: offer.major,
        directory: path === '' ? null : path,
        maxRateMb: rate.trim() === '' ? null : Number(rate),
        removePackages: removes,
      });
  };
  return (
    <div className="m-stack">
      <div className="m-form-row">
        <FormGroup label="New version" labelFor={`${id}v`} helperText={offerWords(offer)}>
          <HTMLSelect
            id={`${id}v`}
            value={offer?.major ?? ''}
            onChange={(event) => setWanted(Number(event.currentTarget.value))}
          >
            {offers.map(({ major }) => (
              <option key={major} value={major}>
                PostgreSQL {major}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        <FormGroup label="On a copy of" labelFor={`${id}m`} helperText={placeWords(place)}>
          <HTMLSelect
            id={`${id}m`}
            value={place?.member ?? ''}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {place === undefined ? <option value="">Choose a member</option> : null}
            {able.map(({ member, leads, server }) => (
              <option key={member} value={member}>
                {printable(`${member} on ${server}${leads ? ', which leads' : ''}`)}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        <TextField
          label="Copy below"
          help="A directory of that server. Empty: near its data."
          complaint={placeComplaint}
          value={directory}
          onValue={setDirectory}
        />
        <TextField
          label="At most, MB a second"
          help="Empty: as fast as it can."
          complaint={rateComplaint}
          value={rate}
          onValue={setRate}
        />
      </div>
      <Switch
        label="Remove the packages at the end"
        explain="Those that are installed for it, and were not there before."
        checked={removes}
        onValue={setRemoves}
      />
      <div>
        <ReasonButton
          intent="primary"
          text="Check and assess"
          why={placeComplaint ?? rateComplaint ?? (place === undefined ? 'No member is chosen.' : props.why)}
          onClick={begin}
        />
      </div>
    </div>
  );
}

/** The offers of a place, and the wanted one of them; the newest where none is wanted. */
function offersOf({ offers }: AssessmentPlace, wanted: number | null) {
  return { offers, offer: offers.find(({ major }) => major === wanted) ?? offers.at(-1) };
}

function TextField(props: {
  readonly label: string;
  readonly help: string;
  readonly complaint: string | null;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup
      label={props.label}
      labelFor={id}
      helperText={props.complaint ?? props.help}
      intent={props.complaint === null ? 'none' : 'danger'}
    >
      <InputGroup id={id} value={props.value} autoComplete="off" spellCheck={false} onValueChange={props.onValue} />
    </FormGroup>
  );
}

function placeWords(place: AssessmentPlace | undefined): string {
  if (place === undefined) return 'No replica has or is offered a newer version; the leader has to be chosen.';
  return place.leads ? 'It leads: the copy reads all of its data beside its work.' : 'It does not lead.';
}

function whyNotRate(text: string): string | null {
  const isGood = text.trim() === '' || (/^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 1024);
  return isGood ? null : 'A whole number from 1 to 1024.';
}

function offerWords(offer: AssessmentPlace['offers'][number] | undefined): string {
  if (offer === undefined) return '';
  return offer.installed ? `${offer.version}, installed` : `${offer.version}, offered by apt`;
}

function NoOffer({ places }: { readonly places: readonly AssessmentPlace[] }) {
  const unread = places.flatMap(({ error, server }) => (error === null ? [] : [`${server}: ${error.message}`]));
  return (
    <div className="m-stack-tight">
      <p className="m-muted">
        No server of a member has or is offered a newer major version of PostgreSQL by its package sources.
      </p>
      {unread.map((text) => (
        <p key={text} className="m-tone-warn m-wrap">
          {printable(text)}
        </p>
      ))}
    </div>
  );
}
