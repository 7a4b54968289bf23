/** How large a city is. Everything in it follows from this. */
export interface CitySize {
  /** User rows on the ordinary sites, which share them evenly. */
  readonly users: number;
  readonly sites: number;
  /** User rows of one site more; 0: there is none. */
  readonly big: number;
  readonly votes: number;
  readonly seed: number;
}

/** The arithmetic of a city. Ids begin at 1; rows come in the order in which people came, so that a site's are spread over the table. */
export interface Shape {
  readonly size: CitySize;
  readonly sites: number;
  readonly users: number;
  readonly persons: number;
  readonly ideas: number;
  readonly articles: number;
  readonly arguments: number;
  /** The site of 'big'; null where there is none. */
  readonly bigSite: number | null;
  readonly siteOfUser: (user: number) => number;
  /** How many came to the site before. */
  readonly placeOfUser: (user: number) => number;
  readonly personOfUser: (user: number) => number;
  readonly usersAt: (site: number) => number;
  readonly userAt: (site: number, place: number) => number;
  readonly ideasAt: (site: number) => number;
  readonly ideaAt: (site: number, place: number) => number;
  readonly siteOfIdea: (idea: number) => number;
}

/** Of five rows in a row three are one person's, on three sites: a third of the people are on several. */
const rowsOfFive = [0, 0, 0, 1, 2] as const;
const peopleOfFive = 3;
export const fewestSites = 5;

export const shapeOf = (size: CitySize): Shape => {
  const { users, sites, big } = size;
  const ordinaryPersons = users === 0 ? 0 : personOf(users);
  const ordinaryIdeas = sites * Math.max(20, Math.ceil(users / sites / 20));
  const bigIdeas = big === 0 ? 0 : 200;
  const bigSite = big === 0 ? null : sites + 1;
  const even = (site: number): number => Math.floor(users / sites) + (site <= users % sites ? 1 : 0);
  return {
    size,
    sites: sites + (big === 0 ? 0 : 1),
    users: users + big,
    persons: ordinaryPersons + big,
    ideas: ordinaryIdeas + bigIdeas,
    articles: Math.ceil(users / 200),
    arguments: Math.ceil(users / 10),
    bigSite,
    siteOfUser: (user) => (user > users ? sites + 1 : ((user - 1) % sites) + 1),
    placeOfUser: (user) => (user > users ? user - users - 1 : Math.floor((user - 1) / sites)),
    personOfUser: (user) => (user > users ? ordinaryPersons + user - users : personOf(user)),
    usersAt: (site) => (site === bigSite ? big : even(site)),
    userAt: (site, place) => (site === bigSite ? users + place + 1 : place * sites + site),
    ideasAt: (site) => (site === bigSite ? bigIdeas : ordinaryIdeas / sites),
    ideaAt: (site, place) => (site === bigSite ? ordinaryIdeas + place + 1 : place * sites + site),
    siteOfIdea: (idea) => (idea > ordinaryIdeas ? sites + 1 : ((idea - 1) % sites) + 1),
  };
};

const personOf = (user: number): number =>
  Math.floor((user - 1) / 5) * peopleOfFive + (rowsOfFive[(user - 1) % 5] ?? 0) + 1;
