/** The hidden argument that makes the command a background owner; on its own, so that it loads nothing. */
export const HOLD_ARGUMENT = '--hold-the-vault';
