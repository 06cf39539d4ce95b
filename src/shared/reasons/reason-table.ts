/**
 * What a parameter of a reason is: text (names, paths, other data, never a sentence), a number, several texts, another
 * error, or one of a few words by which the sentence differs. With a question mark it may be missing.
 */
export type ParamKind = 'text' | 'text?' | 'number' | 'number?' | 'texts' | 'error' | readonly string[];
