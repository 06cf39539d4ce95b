import { errorText } from '../../src/messages/errors.ts';
import { setErrorWords } from '../../src/shared/errors.ts';

// As the composition roots do: errors that cross a border carry words.
setErrorWords((body) => errorText(body));
