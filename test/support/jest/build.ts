import { buildOnce } from '../compiled.ts';

export default buildOnce;
