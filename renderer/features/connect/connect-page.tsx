import '../../server-editor/server-editor.css';
import { useState } from 'react';
import { goTo, hrefOf } from '../../navigation/route';
import { useAnswer } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { Discover } from './discover';
import { ServerStep } from './server-step';
import { TestStepPanel } from './test-step';

type Step = 'server' | 'test' | 'choose';

const steps: readonly { readonly id: Step; readonly text: string }[] = [
  { id: 'server', text: 'Choose a server' },
  { id: 'test', text: 'Test the connection' },
  { id: 'choose', text: 'Choose the cluster' },
];

/** From one server to a cluster: choose the server, test the connection, find Patroni, add the cluster. */
export default function ConnectPage({ serverId }: { readonly serverId: string | null }) {
  const [chosen, setChosen] = useState(serverId);
  const [step, setStep] = useState<Step>(serverId === null ? 'server' : 'test');
  const go = (id: string) => {
    setChosen(id);
    setStep('test');
  };
  return (
    <div className="m-page m-page-narrow">
      <div className="m-page-head">
        <h1>Connect to a cluster</h1>
        <div className="m-tools">
          <a href={hrefOf({ page: 'direct' })}>Connect without SSH</a>
        </div>
      </div>
      <p className="m-muted">
        One server of the cluster is enough: Matriarch finds the others from there. Nothing is installed or changed.
      </p>
      <ol className="m-steps">
        {steps.map((each, index) => (
          <li key={each.id} aria-current={each.id === step ? 'step' : undefined}>
            <span className="m-step-number" aria-hidden>
              {index + 1}
            </span>
            {each.text}
          </li>
        ))}
      </ol>
      {step === 'server' ? <ChooseServer onServer={go} /> : null}
      {step === 'test' && chosen !== null ? (
        <TestStepPanel serverId={chosen} onBack={() => setStep('server')} onGood={() => setStep('choose')} />
      ) : null}
      {step === 'choose' && chosen !== null ? (
        <Discover
          serverId={chosen}
          onBack={() => setStep('server')}
          onAdded={(clusterId) => goTo({ page: 'cluster', clusterId, tab: 'overview' })}
        />
      ) : null}
    </div>
  );
}

function ChooseServer({ onServer }: { readonly onServer: (serverId: string) => void }) {
  const known = useAnswer('servers', (client) => client.servers.list());
  if (known.value === null && known.error === null) return <Loading what="Reading your servers." />;
  return <ServerStep known={known.value ?? []} onServer={onServer} />;
}
