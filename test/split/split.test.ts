import { readYourWritesStory } from '../e2e/stories/read-your-writes.js';
import { stories } from '../e2e/stories/index.js';
import { tell } from '../support/tell.js';

describe('Millrace with a process per module', () => {
  tell('split', [...stories, readYourWritesStory]);
});
