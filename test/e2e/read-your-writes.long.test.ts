import { tell } from '../support/tell.js';
import { readYourWritesStory } from './stories/read-your-writes.js';

describe('Millrace in one process', () => {
  tell('together', [readYourWritesStory]);
});
