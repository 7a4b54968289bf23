import type { JSX } from 'preact';
import { mostOf, namesAfter } from '../figures.ts';
import { sitesOf, type Look } from '../looking.ts';
import { Account, SitePicture } from '../parts/picture.tsx';
import { AllFigures, BeforeAndAfter, WhichContributions } from '../parts/details.tsx';
import { Page } from '../parts/page.tsx';
import { Waiting } from '../asking.tsx';
import { sentenceOf } from '../sentence.ts';
import { t } from '../words/index.ts';

/** What would happen: in words, as a picture, and in all its parts. While another choice is looked at, what is shown is `isOld`. */
export const Preview = ({
  look,
  isOld,
  without,
  onTick,
  onNext,
}: {
  readonly look: Look;
  readonly isOld: boolean;
  readonly without: ReadonlySet<number>;
  readonly onTick: (without: ReadonlySet<number>) => void;
  readonly onNext: () => void;
}): JSX.Element => {
  const { person, plan, changes, isNothingLeft } = look;
  const name = person.displayName ?? t('person.nameless');
  const sites = sitesOf(person);
  const names = namesAfter(changes);
  const most = mostOf(plan.summary);
  const mine = sites.filter(({ may }) => may);
  const isNobody = mine.every(({ id }) => without.has(id));
  const isNoWay = isNobody || isNothingLeft;
  const tick = (id: number): void => {
    onTick(new Set(without.has(id) ? [...without].filter((one) => one !== id) : [...without, id]));
  };
  return (
    <Page title={t('preview.title', { name })} window={t('step.preview')} step="preview">
      <div aria-busy={isOld}>
        <Sentence look={look} />
        {isNothingLeft ? null : (
          <p>
            <strong>{t('preview.nothingYet')}</strong>
            {mine.length < 2 ? null : ` ${t('preview.untick')}`}
          </p>
        )}
        {mine.length > choosable ? (
          <p class="buttons first no-print">
            <button
              type="button"
              class="nl-button nl-button--secondary"
              onClick={() => {
                onTick(new Set(without.size === 0 ? mine.map(({ id }) => id) : []));
              }}
            >
              {t(without.size === 0 ? 'preview.untickAll' : 'preview.tickAll')}
            </button>
          </p>
        ) : null}
        <p class="counting" role="status">
          {isOld ? t('preview.counting') : ''}
        </p>
        <ol class="sites">
          {sites.map(({ id, title, may }) => (
            <SitePicture
              key={id}
              title={title}
              isTaken={may && !without.has(id)}
              because={may ? t('preview.left') : t('preview.notYours')}
              onTick={
                !may || mine.length === 1
                  ? undefined
                  : () => {
                      tick(id);
                    }
              }
              from={name}
              to={names.get(id) ?? null}
              site={plan.summary.sites.find((site) => site.id === id)}
              most={most}
            />
          ))}
          <Account disposition={changes.oauth.fate} isNothingLeft={isNothingLeft} />
        </ol>
        <div class="more">
          <AllFigures summary={plan.summary} />
          <BeforeAndAfter changes={changes} />
          <WhichContributions changes={changes} />
        </div>
      </div>
      {isNobody && !isNothingLeft ? (
        <Waiting>{t(mine.length === 0 ? 'preview.nowhere' : 'preview.selectOne')}</Waiting>
      ) : null}
      <p class="buttons">
        <button
          type="button"
          class={`nl-button nl-button--primary${isOld || isNoWay ? ' nl-button--disabled' : ''}`}
          aria-disabled={isOld || isNoWay}
          onClick={() => {
            if (!isOld && !isNoWay) onNext();
          }}
        >
          {t('preview.next')}
        </button>
      </p>
    </Page>
  );
};

/** Of more sites all are ticked, or none, at once. */
const choosable = 5;

/** Who, at how many sites, and what becomes of it all. */
export const Sentence = ({ look: { person, plan, changes, isNothingLeft } }: { readonly look: Look }): JSX.Element => (
  <p class="lead" id="sentence">
    <strong>
      <bdi>{person.displayName ?? t('person.nameless')}</bdi>
    </strong>
    {isNothingLeft
      ? `: ${t('preview.nothingLeft')}`
      : `: ${t('many.sites', { n: plan.summary.sites.length })}. ${sentenceOf(plan.summary, changes).join(' ')}`}
  </p>
);
