import type { ByActivity } from '../../activity-types/index.ts';
import type { Disposition } from '../../activity-types/definition.ts';
import type { Anywhere } from '../../domain/people/address-proof.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';

/** A user row that will be anonymized, with what its site says about that. */
export interface PlannedRow {
  readonly user: User;
  /** null: the site is gone. */
  readonly site: Site | null;
  readonly votingIsActive: boolean;
  readonly dispositions: ByActivity<Disposition>;
  /** By what rows of side tables that have no site name them, too. */
  readonly anywhere: Anywhere;
}
