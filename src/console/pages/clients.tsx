import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CivitasUnreachable, type Client } from '../../client/index.ts';
import { api } from '../api.ts';
import { Failure, useAsking, Waiting } from '../asking.tsx';
import { keepFocus } from '../here.ts';
import { MakeClient } from '../parts/new-client.tsx';
import { NotForYou, Page } from '../parts/page.tsx';
import { Secret, type GivenSecret } from '../parts/secret.tsx';
import { TextField } from '../parts/text-field.tsx';
import { Wide } from '../parts/wide.tsx';
import { isPlatformAdmin, siteTitle } from '../session.ts';
import { goTo, isSameText, typedIn } from '../typed.ts';
import { isolated, listOf, momentOf, t, wordOr } from '../words/index.ts';

/** The clients of the management API: made, given another secret, and revoked. */
export const ClientsPage = (): JSX.Element => (isPlatformAdmin() ? <All /> : <NotForYou title={t('clients.title')} />);

/** What is to be done to one of them, once it was confirmed. */
interface Deed {
  readonly kind: 'rotate' | 'revoke';
  readonly client: Client;
}

const All = (): JSX.Element => {
  const asked = useAsking((signal) => api.call('listClients', { signal }), 'clients');
  const clients = asked.state === 'answered' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  const [given, setGiven] = useState<GivenSecret | null>(null);
  const [deed, setDeed] = useState<Deed | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const choose = (chosen: Deed, button: HTMLButtonElement): void => {
    opener.current = button;
    setSaid(null);
    setDeed(chosen);
  };
  const done = (secret: GivenSecret | null, sentence: string | null): void => {
    setDeed(null);
    setGiven(secret);
    setSaid(sentence);
    asked.again();
  };
  return (
    <Page title={t('clients.title')}>
      <p>{t('clients.text')}</p>
      {given === null ? null : (
        <Secret
          given={given}
          forget={() => {
            setGiven(null);
            setTimeout(keepFocus);
          }}
        />
      )}
      {said === null ? null : <Said>{said}</Said>}
      {clients === undefined && asked.state === 'asking' ? <Waiting>{t('clients.asking')}</Waiting> : null}
      {asked.state === 'failed' ? <Failure error={asked.error} again={asked.again} /> : null}
      {clients?.length === 0 ? <p>{t('clients.none')}</p> : null}
      {clients === undefined || clients.length === 0 ? null : <Table clients={clients} choose={choose} />}
      {deed === null ? null : (
        <Confirm
          key={`${deed.kind} ${deed.client.id}`}
          deed={deed}
          done={done}
          failed={asked.again}
          cancel={() => {
            setDeed(null);
            opener.current?.focus();
          }}
        />
      )}
      <details>
        <summary>{t('clients.make')}</summary>
        <MakeClient
          made={({ name, key, secret }) => {
            done({ name, key, secret, previousUntil: null }, null);
          }}
          failed={asked.again}
        />
      </details>
    </Page>
  );
};

const Table = ({
  clients,
  choose,
}: {
  readonly clients: readonly Client[];
  readonly choose: (deed: Deed, button: HTMLButtonElement) => void;
}): JSX.Element => (
  <Wide label={t('clients.title')}>
    <table>
      <thead>
        <tr>
          <th scope="col">{t('field.name')}</th>
          <th scope="col">{t('clients.key')}</th>
          <th scope="col">{t('sites.title')}</th>
          <th scope="col">{t('clients.scopes')}</th>
          <th scope="col">{t('clients.used')}</th>
          <th scope="col">{t('clients.change')}</th>
        </tr>
      </thead>
      <tbody>
        {clients.map((client) => (
          <tr key={client.id}>
            <th scope="row">{client.name}</th>
            <td>
              <code>{client.key}</code>
            </td>
            <td>{listOf(client.siteIds.map(siteTitle))}</td>
            <td>{wordOr(`scope.${client.scopes.at(-1) ?? ''}`, client.scopes.at(-1) ?? '')}</td>
            <td>{client.lastUsedAt === null ? t('clients.never') : momentOf(client.lastUsedAt)}</td>
            <td>
              <p class="buttons first">
                {(['rotate', 'revoke'] as const).map((kind) => (
                  <button
                    key={kind}
                    type="button"
                    class="nl-button nl-button--secondary"
                    onClick={(event) => {
                      choose({ kind, client }, event.currentTarget);
                    }}
                  >
                    {t(`clients.${kind}`)}
                    <span class="unseen"> ({isolated(client.name)})</span>
                  </button>
                ))}
              </p>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Wide>
);

/** Says what will happen, and asks. What cannot be taken back asks for the name. */
const Confirm = ({
  deed: { kind, client },
  done,
  failed,
  cancel,
}: {
  readonly deed: Deed;
  readonly done: (given: GivenSecret | null, sentence: string | null) => void;
  readonly failed: () => void;
  readonly cancel: () => void;
}): JSX.Element => {
  const { id: clientId, name, key } = client;
  const heading = useRef<HTMLHeadingElement>(null);
  const [isWrong, setIsWrong] = useState(false);
  const [isDoing, setIsDoing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const act = async (): Promise<void> => {
    setIsDoing(true);
    setError(null);
    try {
      if (kind === 'revoke') {
        await api.call('revokeClient', { path: { clientId } });
        done(null, t('clients.revoked', { name }));
        return;
      }
      const { secret, previousExpiresAt } = await api.call('rotateClient', { path: { clientId } });
      done({ name, key, secret, previousUntil: previousExpiresAt }, null);
    } catch (failure) {
      setError(failure);
      setIsDoing(false);
      failed();
    }
  };
  return (
    <section aria-labelledby="deed">
      <h2 class="nl-heading nl-heading--level-2" id="deed" tabIndex={-1} ref={heading}>
        {t(`clients.${kind}Title`, { name })}
      </h2>
      <p>{t(`clients.${kind}Text`)}</p>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const isRight = kind === 'rotate' || isSameText(typedIn(form, 'typed'), name);
          setIsWrong(!isRight);
          if (!isRight) goTo(form, 'typed');
          else if (!isDoing) void act();
        }}
      >
        {kind === 'rotate' ? null : (
          <>
            <p>
              <strong>{t('confirm.final')}</strong>
            </p>
            <TextField
              name="typed"
              label={t('confirm.name', { name })}
              wrong={isWrong ? t('confirm.nameWrong', { name }) : null}
            />
          </>
        )}
        {isDoing ? <Waiting>{t('run.working')}</Waiting> : null}
        {error === null ? null : <Failure error={error} />}
        {kind === 'rotate' && error instanceof CivitasUnreachable ? <p>{t('clients.unsure')}</p> : null}
        <p class="buttons">
          <button
            type="submit"
            class={`nl-button nl-button--primary${kind === 'revoke' ? ' nl-button--negative' : ''}`}
          >
            {t(`clients.${kind}Now`)}
          </button>
          <button type="button" class="nl-button nl-button--secondary" onClick={cancel}>
            {t('clients.cancel')}
          </button>
        </p>
      </form>
    </section>
  );
};

/** What was done, in place of what had the focus. */
const Said = ({ children }: { readonly children: ComponentChildren }): JSX.Element => {
  const sentence = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    sentence.current?.focus();
  }, [children]);
  return (
    <p class="waiting" role="status" tabIndex={-1} ref={sentence}>
      {children}
    </p>
  );
};
