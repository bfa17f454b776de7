import { tell } from '../support/tell.js';
import { stories } from './stories/index.js';

describe('Millrace in one process', () => {
  tell('together', stories);
});
