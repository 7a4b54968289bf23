import { signal } from '@preact/signals';

/** Whether the last answer said that nobody is logged in. */
export const isSignedOut = signal(false);

/** The session has ended, or there was none: what is shown gives way to the way in. */
export const signedOut = (): void => {
  isSignedOut.value = true;
};

/** Where a login begins; it leads back to the console. */
export const loginAddress = '/oauth/console/login';
